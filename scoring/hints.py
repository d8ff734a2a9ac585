"""Hints: single changes that would lift a grade, found by trying them.

A candidate is one more event that a signal listens to, or an unknown field taking a value that the model
asks for. Each is put through the model itself, for all whom it could lift at once, so the points are those it would
really bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Literal, NamedTuple

import numpy as np

from scoring.breakdown import Hint
from scoring.columns import Column, Flags, Points, Rows, Table
from scoring.conditions import Condition, Test, compile_condition
from scoring.core import FULL, Cohort, CompiledModel, Scores
from scoring.exact import hundredths
from scoring.lists import Lists
from scoring.model import Band, Fit, Rule, Signal
from scoring.population import Touches, microseconds
from scoring.reading import Fields, Value, as_text
from scoring.saying import render

_MOST_HINTS = 3
_MOST_VALUES = 12
_EVENT_ID = "hint"


class _Deed(NamedTuple):
    """One more event that would feed a signal; `most` is what it can bring at best, in hundredths."""

    signal: Signal
    kind: str
    fields: Fields
    most: int

    @property
    def say(self) -> str:
        """The change in words."""
        return f"One more: {render(self.signal.say, self.signal.id, {})}"


class _Answer(NamedTuple):
    """A value that an unknown field might turn out to have; `most` as for a deed."""

    field: str
    value: Value
    most: int

    @property
    def say(self) -> str:
        """The change in words."""
        return f"If {_named(self.field)} turns out to be {_worded(self.value)}"


class Advisor:
    """Finds hints for cohorts of one compiled model."""

    def __init__(self, compiled: CompiledModel, lists: Lists) -> None:
        self._compiled = compiled
        model = compiled.model
        self._deeds = tuple(_deeds(model.engagement.signals(), lists))
        fits = (*(one.fit for one in model.personas), model.fit)
        self._answers = tuple(tuple(self._answers_of(fit, lists)) for fit in fits)

    def _answers_of(self, fit: Fit, lists: Lists) -> Iterator[_Answer]:
        most = _most_by_field(fit)
        for field, value in _values_by_field(fit, lists):
            yield _Answer(field, value, FULL if field in self._compiled.decisive else most[field])

    def hints(self, cohort: Cohort) -> list[tuple[Hint, ...]]:
        """For each row up to three changes that lift the grade, the most valuable first; none for grade X."""
        best = _Best(self._compiled, cohort.scores, cohort.population.rows)
        self._try_deeds(cohort, best)
        for place in np.unique(cohort.scores.personas):
            self._try_answers(cohort, int(place), best)
        return best.hints()

    def _try_deeds(self, cohort: Cohort, best: _Best) -> None:
        gaps = np.where(best.may, self._compiled.digits.gaps(cohort.scores.engagement), FULL + 1)
        tried = Tried.where([gaps <= deed.most for deed in self._deeds])
        if not len(tried.rows):
            return
        today = cohort.population.today
        touches = _with_deeds(cohort, self._deeds, tried)
        everybody = np.ones(len(touches.who), dtype=np.bool_)
        folds = self._compiled.engagement.fold(touches, everybody, today)
        engagement = self._compiled.engagement.points(folds, len(tried.rows), today)
        after = _rescored(self._compiled, cohort, tried.rows, engagement)
        best.add("behaviour", [one.signal.id for one in self._deeds], tried, after, [one.say for one in self._deeds])

    def _try_answers(self, cohort: Cohort, place: int, best: _Best) -> None:
        answers, fields = self._answers[place], cohort.population.fields
        may = best.may & (cohort.scores.personas == place)
        gaps = np.where(may, self._compiled.letters[place].gaps(cohort.scores.fit), FULL + 1)
        unknown = {one.field: ~fields.column(one.field).known() for one in answers}
        tried = Tried.where([(gaps <= one.most) & unknown[one.field] for one in answers])
        if not len(tried.rows):
            return
        told = _with_answers(fields.take(tried.rows), answers, tried)
        given, engagement = cohort.given[tried.rows], cohort.scores.engagement[tried.rows]
        after = self._compiled.scores(told, given, engagement, cohort.population.today)
        best.add("field", [one.field for one in answers], tried, after, [one.say for one in answers])


@dataclass(frozen=True, slots=True)
class Tried:
    """Which candidate is tried for which row: two columns, candidate after candidate."""

    rows: Rows
    candidates: Rows

    @classmethod
    def where(cls, worth_it: Sequence[Flags]) -> Tried:
        """Every candidate with the rows that it may lift."""
        rows = [np.flatnonzero(flags) for flags in worth_it]
        candidates = [np.full(len(some), place, dtype=np.int64) for place, some in enumerate(rows)]
        nothing = np.zeros(0, dtype=np.int64)
        return cls(np.concatenate([nothing, *rows]), np.concatenate([nothing, *candidates]))


class _Best:
    """The best hints so far for each row, one for each signal or field. `may` says whose grade can be lifted at all."""

    def __init__(self, compiled: CompiledModel, scores: Scores, rows: int) -> None:
        self._compiled = compiled
        self._scores = scores
        self._found: list[dict[tuple[str, str], Hint]] = [{} for _ in range(rows)]
        self.may: Flags = ~np.logical_or.reduce([*scores.knocked_out, np.zeros(rows, dtype=np.bool_)])

    def add(
        self, kind: Literal["behaviour", "field"], names: Sequence[str], tried: Tried, after: Scores, says: Sequence[str]
    ) -> None:
        """Keep each change for those whose grade it lifts, where it brings more than the same thing did before."""
        for place in np.flatnonzero(_lifted(self._scores, tried.rows, after)):
            row, candidate = int(tried.rows[place]), int(tried.candidates[place])
            name, points = names[candidate], int(after.total[place] - self._scores.total[row])
            known = self._found[row].get((kind, name))
            if known is None or known.points < points:
                grade = self._compiled.grade(after, int(place))
                self._found[row][kind, name] = Hint(kind, name, points, grade, says[candidate])

    def hints(self) -> list[tuple[Hint, ...]]:
        """The best ones of each row, the most valuable first."""
        ordered = (sorted(one.values(), key=lambda hint: (-hint.points, hint.kind, hint.id)) for one in self._found)
        return [tuple(hints[:_MOST_HINTS]) for hints in ordered]


def _lifted(before: Scores, rows: Rows, after: Scores) -> Flags:
    """Whose grade is better in one half at least, and in none worse. The best letter and digit have the smallest place."""
    letters, digits = after.letters - before.letters[rows], after.digits - before.digits[rows]
    flags: Flags = (letters <= 0) & (digits <= 0) & ((letters < 0) | (digits < 0))
    for out in after.knocked_out:
        flags = flags & ~out
    return flags


def _rescored(compiled: CompiledModel, cohort: Cohort, rows: Rows, engagement: Points) -> Scores:
    """The scores of some rows with other points for engagement, and all else unchanged."""
    before = cohort.scores
    return Scores(
        personas=before.personas[rows],
        fit=before.fit[rows],
        engagement=engagement,
        total=np.clip(before.fit[rows] + engagement + cohort.given[rows], 0, FULL),
        letters=before.letters[rows],
        digits=compiled.digits.places(engagement),
        knocked_out=tuple(flags[rows] for flags in before.knocked_out),
    )


def _with_deeds(cohort: Cohort, deeds: Sequence[_Deed], tried: Tried) -> Touches:
    """For each try what its row did, machines left out, and at the end of today one thing more. No id is needed to fold."""
    touches, today = cohort.population.touches, cohort.population.today
    human = np.flatnonzero(cohort.human)
    bounds = np.searchsorted(touches.who[human], np.arange(cohort.population.rows + 1))
    lengths = np.diff(bounds)[tried.rows]
    ends = np.cumsum(lengths)
    places = np.arange(int(lengths.sum())) + np.repeat(bounds[:-1][tried.rows] - (ends - lengths), lengths)
    kept = human[places]
    moment = datetime.combine(today, time.max, tzinfo=UTC)
    added = [{**one.fields, "type": one.kind, "id": _EVENT_ID, "at": moment.isoformat()} for one in deeds]
    columns = {
        name: column.take(kept).with_inserted(ends, Column.of([one.get(name) for one in added]).take(tried.candidates))
        for name, column in touches.fields.columns.items()
    }
    tries = np.arange(len(tried.rows))
    return Touches(
        who=np.insert(np.repeat(tries, lengths), ends, tries),
        at=np.insert(touches.at[kept], ends, microseconds(moment)),
        ids=(),
        fields=Table(len(kept) + len(tries), columns),
    )


def _with_answers(fields: Table, answers: Sequence[_Answer], tried: Tried) -> Table:
    """For each try the fields of its row, one of them answered."""
    columns = dict(fields.columns)
    for name in {one.field for one in answers}:
        told = Column.of([one.value if one.field == name else None for one in answers]).take(tried.candidates)
        columns[name] = fields.column(name).filled_with(told)
    return Table(fields.rows, columns)


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
