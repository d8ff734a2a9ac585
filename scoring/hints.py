"""Hints: single changes that would lift a grade, found by trying them.

A candidate is one more event that a signal listens to, or an unknown field taking a value that the model
asks for. Each is put through the model itself, so the points are those it would really bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import NamedTuple

from scoring.breakdown import Hint
from scoring.conditions import Condition, Test, compile_condition
from scoring.core import KNOCKED_OUT, CompiledModel, Draft, WhatIf
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
    """A value that an unknown field might turn out to have."""

    field: str
    value: Value


class Advisor:
    """Finds hints for drafts of one compiled model."""

    def __init__(self, compiled: CompiledModel, lists: Lists) -> None:
        self._compiled = compiled
        model = compiled.model
        self._deeds = tuple(_deeds(model.engagement.signals(), lists))
        fits: dict[str | None, Fit] = {None: model.fit, **{one.id: one.fit for one in model.personas}}
        self._answers = {name: tuple(_answers(fit, lists)) for name, fit in fits.items()}
        self._most = {name: _most_by_field(fit) for name, fit in fits.items()}

    def hints(self, draft: Draft) -> tuple[Hint, ...]:
        """Up to three changes that lift the grade, the most valuable first; none for grade X."""
        if draft.grade == KNOCKED_OUT:
            return ()
        best: dict[tuple[str, str], Hint] = {}
        what_if = self._compiled.what_if(draft)
        for hint in (*self._behaviour(draft, what_if), *self._fields(draft, what_if)):
            key = (hint.kind, hint.id)
            if key not in best or hint.points > best[key].points:
                best[key] = hint
        return tuple(sorted(best.values(), key=lambda one: (-one.points, one.kind, one.id))[:_MOST_HINTS])

    def _behaviour(self, draft: Draft, what_if: WhatIf) -> Iterator[Hint]:
        gap = self._compiled.digits.gap(draft.engagement.points)
        for deed in self._deeds:
            if gap is None or deed.most < gap:
                continue
            lifted = what_if.events(deed.kind, _with_event(draft, deed))
            if _lifts(draft.grade, lifted.grade):
                say = f"One more: {render(deed.signal.say, deed.signal.id, {})}"
                yield Hint("behaviour", deed.signal.id, lifted.total - draft.total, lifted.grade, say)

    def _fields(self, draft: Draft, what_if: WhatIf) -> Iterator[Hint]:
        gap = self._compiled.letters(draft.scorer).gap(draft.fit.points)
        fields = draft.given.fields
        most = self._most[draft.persona]
        for answer in self._answers[draft.persona]:
            if gap is None or is_known(fields.get(answer.field)) or most[answer.field] < gap:
                continue
            lifted = what_if.field(answer.field, answer.value)
            if _lifts(draft.grade, lifted.grade):
                say = f"If {_named(answer.field)} turns out to be {_worded(answer.value)}"
                yield Hint("field", answer.field, lifted.total - draft.total, lifted.grade, say)


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


def _answers(fit: Fit, lists: Lists) -> Iterator[_Answer]:
    seen: dict[str, list[Value]] = {}
    for _, rule in fit.rules():
        for field, value in _asked_values(rule, lists):
            known = seen.setdefault(field, [])
            if value not in known and len(known) < _MOST_VALUES:
                known.append(value)
                yield _Answer(field, value)


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
