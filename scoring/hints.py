"""Hints: single changes that would lift a grade, found by trying them.

A candidate is one more event that a signal listens to, or an unknown field taking a value that the model
asks for. Each is put through the model itself, so the points are those it would really bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Literal, NamedTuple

from scoring.breakdown import Hint
from scoring.conditions import Condition, Test, compile_condition
from scoring.core import FULL, KNOCKED_OUT, CompiledModel, Draft, Outcome, WhatIf
from scoring.exact import hundredths
from scoring.facts import Event
from scoring.lists import Lists
from scoring.model import Band, Fit, Rule, Signal
from scoring.reading import Fields, Value, as_text, is_known
from scoring.saying import render
from scoring.signals import ByType
from scoring.touches import touch

_MOST_HINTS = 3
_MOST_VALUES = 12
_EVENT_ID = "hint"


class _Deed(NamedTuple):
    """One more event that would feed a signal; `most` is what it can bring at best, in hundredths."""

    signal: Signal
    kind: str
    fields: Fields
    most: int


class _Answer(NamedTuple):
    """A value that an unknown field might turn out to have; `most` as for a deed."""

    field: str
    value: Value
    most: int


class Advisor:
    """Finds hints for drafts of one compiled model."""

    def __init__(self, compiled: CompiledModel, lists: Lists) -> None:
        self._compiled = compiled
        model = compiled.model
        deeds = _deeds(model.engagement.signals(), lists)
        self._deeds = sorted(deeds, key=lambda one: -one.most)  # the best first, so that the rest can be left out
        fits: dict[str | None, Fit] = {None: model.fit, **{one.id: one.fit for one in model.personas}}
        self._answers = {name: self._answers_of(fit, lists) for name, fit in fits.items()}

    def _answers_of(self, fit: Fit, lists: Lists) -> list[_Answer]:
        most = _most_by_field(fit)
        answers = [
            _Answer(field, value, FULL if self._compiled.is_decisive(field) else most[field])
            for field, value in _values_by_field(fit, lists)
        ]
        return sorted(answers, key=lambda one: -one.most)

    def hints(self, draft: Draft) -> tuple[Hint, ...]:
        """Up to three changes that lift the grade, the most valuable first; none for grade X."""
        if draft.grade == KNOCKED_OUT:
            return ()
        best = _Best(draft)
        what_if = self._compiled.what_if(draft)
        self._try_deeds(draft, what_if, best)
        self._try_answers(draft, what_if, best)
        return best.hints()

    def _try_deeds(self, draft: Draft, what_if: WhatIf, best: _Best) -> None:
        gap = self._compiled.digits.gap(draft.engagement.points)
        for deed in self._deeds:
            if gap is None or deed.most < max(gap, best.bar):
                continue
            lifted = what_if.events(deed.kind, _with_event(draft, deed))
            say = f"One more: {render(deed.signal.say, deed.signal.id, {})}"
            best.add("behaviour", deed.signal.id, lifted, say)

    def _try_answers(self, draft: Draft, what_if: WhatIf, best: _Best) -> None:
        gap = self._compiled.letters(draft.scorer).gap(draft.fit.points)
        for answer in self._answers[draft.persona]:
            if gap is None or answer.most < max(gap, best.bar) or is_known(draft.given.fields.get(answer.field)):
                continue
            lifted = what_if.field(answer.field, answer.value)
            say = f"If {_named(answer.field)} turns out to be {_worded(answer.value)}"
            best.add("field", answer.field, lifted, say)


class _Best:
    """The best hints so far, one for each signal or field."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._found: dict[tuple[str, str], Hint] = {}
        self.bar = 0
        """Points below which a further hint would not be among the best."""

    def add(self, kind: Literal["behaviour", "field"], name: str, lifted: Outcome, say: str) -> None:
        """Keep the change if it lifts the grade, and by more than the same thing did before."""
        points = lifted.total - self._draft.total
        known = self._found.get((kind, name))
        if not _lifts(self._draft.grade, lifted.grade) or (known is not None and known.points >= points):
            return
        self._found[kind, name] = Hint(kind, name, points, lifted.grade, say)
        best = self.hints()
        self.bar = best[-1].points if len(best) == _MOST_HINTS else 0

    def hints(self) -> tuple[Hint, ...]:
        """The best ones, the most valuable first."""
        ordered = sorted(self._found.values(), key=lambda one: (-one.points, one.kind, one.id))
        return tuple(ordered[:_MOST_HINTS])


def _lifts(before: str, after: str) -> bool:
    # Both halves sort the same way: A before B, 1 before 2.
    if KNOCKED_OUT in (before, after) or before == after:
        return False
    return after[0] <= before[0] and after[1] <= before[1]


def _with_event(draft: Draft, deed: _Deed) -> ByType:
    today = draft.given.today
    at = datetime.combine(today, time.max, tzinfo=UTC)
    event = Event(id=_EVENT_ID, type=deed.kind, at=at, fields=deed.fields)
    earlier = draft.given.touches.get(deed.kind, ())
    return {**draft.given.touches, deed.kind: [touch(event, today), *earlier]}


def _deeds(signals: Iterable[tuple[str, Signal]], lists: Lists) -> Iterator[_Deed]:
    everything = list(signals)
    for _, signal in everything:
        fields = _example(signal, lists)
        if fields is None or _worth(signal) <= 0:
            continue
        kind = signal.on[0]
        most = sum(max(0, _worth(other)) for _, other in everything if kind in other.on)
        yield _Deed(signal, kind, fields, most)


def _worth(signal: Signal) -> int:
    """The most that one event can add to a signal, in hundredths."""
    if signal.measure is not None:
        return _highest(signal.bands)
    return hundredths(signal.points or Decimal(0)) * (signal.at_least or 1)


def _highest(bands: Iterable[Band]) -> int:
    worths = [hundredths(band.points) for band in bands]
    return max(worths) - min(0, *worths) if worths else 0


def _example(signal: Signal, lists: Lists) -> Fields | None:
    """Fields of an event that satisfies `where`, or None when no example can be made up."""
    if signal.where is None:
        return {}
    fields: dict[str, Value] = {}
    for name, test in signal.where.tests.items():
        value = next(_values(test, lists), None)
        if value is not None:
            fields[name] = value
    check = compile_condition(signal.where, lists)
    today = datetime(2000, 1, 1, tzinfo=UTC).date()
    return fields if check(fields, today) is True else None


def _values_by_field(fit: Fit, lists: Lists) -> Iterator[tuple[str, Value]]:
    seen: dict[str, list[Value]] = {}
    for _, rule in fit.rules():
        for field, value in _asked_values(rule, lists):
            known = seen.setdefault(field, [])
            if value not in known and len(known) < _MOST_VALUES:
                known.append(value)
                yield field, value


def _asked_values(rule: Rule, lists: Lists) -> Iterator[tuple[str, Value]]:
    if rule.when is not None:
        yield from _condition_values(rule.when, lists)
    for band in rule.bands:
        bound = band.start if band.start is not None else (band.below or 0) - 1
        yield rule.field or "", float(bound)


def _condition_values(condition: Condition, lists: Lists) -> Iterator[tuple[str, Value]]:
    for _, field, test in condition.walk():
        for value in _values(test, lists):
            yield field, value


def _values(test: Test, lists: Lists) -> Iterator[Value]:
    """Values that satisfy a test taken alone, where one can be made up."""
    if test.equals is not None:
        yield test.equals
    yield from test.one_of or ()
    yield from (test.contains or ())[:1]
    if test.between is not None:
        yield test.between[0]
    for bound, step in ((test.at_least, 0), (test.above, 1), (test.at_most, 0), (test.below, -1)):
        if bound is not None:
            yield bound + step
    if test.listed is not None:
        yield from sorted(lists.values_of(test.listed))[:1]


def _most_by_field(fit: Fit) -> dict[str, int]:
    most: dict[str, int] = {}
    for _, rule in fit.rules():
        worth = _highest(rule.bands) if rule.points is None else abs(hundredths(rule.points))
        for field in rule.fields():
            most[field] = most.get(field, 0) + worth
    return most


def _named(field: str) -> str:
    owner, _, name = field.partition(".")
    words = name.replace("_", " ")
    return f"the company's {words}" if owner == "company" else f"the {words}"


def _worded(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return as_text(value) if isinstance(value, str | int | float) else "known"
