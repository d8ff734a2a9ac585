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
from numpy.typing import NDArray

from scoring.breakdown import Hint
from scoring.columns import Column, Flags, Points, Rows, Table
from scoring.conditions import Condition, Test, compile_condition
from scoring.core import FULL, GRADES, Cohort, CompiledModel, Scores
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


class _Change(NamedTuple):
    """A candidate in words. `rank` is its place among what hints can be about, in the order of kind and id."""

    kind: Literal["behaviour", "field"]
    id: str
    say: str
    rank: int


class Advisor:
    """Finds hints for cohorts of one compiled model."""

    def __init__(self, compiled: CompiledModel, lists: Lists) -> None:
        self._compiled = compiled
        model = compiled.model
        self._deeds = tuple(_deeds(model.engagement.signals(), lists))
        fits = (*(one.fit for one in model.personas), model.fit)
        self._answers = tuple(tuple(self._answers_of(fit, lists)) for fit in fits)
        self._changes = tuple(_changes(self._deeds, self._answers))
        self._ranks = np.array([one.rank for one in self._changes], dtype=np.int64)

    def _answers_of(self, fit: Fit, lists: Lists) -> Iterator[_Answer]:
        most = _most_by_field(fit)
        for field, value in _values_by_field(fit, lists):
            yield _Answer(field, value, FULL if field in self._compiled.decisive else most[field])

    def hints(self, cohort: Cohort) -> list[tuple[Hint, ...]]:
        """For each row up to three changes that lift the grade, the most valuable first; none for grade X."""
        scores = cohort.scores
        may: Flags = ~np.logical_or.reduce([*scores.knocked_out, np.zeros(cohort.population.rows, dtype=np.bool_)])
        answers = (self._answers_that_lift(cohort, int(place), may) for place in np.unique(scores.personas))
        found = [self._deeds_that_lift(cohort, may), *answers]
        hints: list[list[Hint]] = [[] for _ in range(cohort.population.rows)]
        for row, number, points, grade in _most_valuable(found, self._ranks):
            change = self._changes[number]
            hints[row].append(Hint(change.kind, change.id, points, GRADES[grade], change.say))
        return [tuple(some) for some in hints]

    def _deeds_that_lift(self, cohort: Cohort, may: Flags) -> _Lifts:
        gaps = np.where(may, self._compiled.digits.gaps(cohort.scores.engagement), FULL + 1)
        tried = Tried.where([gaps <= deed.most for deed in self._deeds])
        if not len(tried.rows):
            return _Lifts.none()
        today = cohort.population.today
        touches = _with_deeds(cohort, self._deeds, tried)
        everybody = np.ones(len(touches.who), dtype=np.bool_)
        folds = self._compiled.engagement.fold(touches, everybody, today)
        engagement = self._compiled.engagement.points(folds, len(tried.rows), today)
        return _Lifts.of(cohort.scores, tried, _rescored(self._compiled, cohort, tried.rows, engagement), 0)

    def _answers_that_lift(self, cohort: Cohort, place: int, may: Flags) -> _Lifts:
        answers, fields = self._answers[place], cohort.population.fields
        gaps = self._compiled.letters[place].gaps(cohort.scores.fit)
        gaps = np.where(may & (cohort.scores.personas == place), gaps, FULL + 1)
        unknown = {one.field: ~fields.column(one.field).known() for one in answers}
        tried = Tried.where([(gaps <= one.most) & unknown[one.field] for one in answers])
        if not len(tried.rows):
            return _Lifts.none()
        told = _with_answers(fields.take(tried.rows), answers, tried)
        given, engagement = cohort.given[tried.rows], cohort.scores.engagement[tried.rows]
        after = self._compiled.scores(told, given, engagement, cohort.population.today)
        before_these = len(self._deeds) + sum(map(len, self._answers[: place % len(self._answers)]))  # place -1 is the last
        return _Lifts.of(cohort.scores, tried, after, before_these)


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


@dataclass(frozen=True, slots=True)
class _Lifts:
    """Changes that lift a grade, a row each: whose, which change, the hundredths it brings, and the grade's code then."""

    rows: Rows
    changes: Rows
    points: Points
    grades: NDArray[np.uint8]

    @classmethod
    def none(cls) -> _Lifts:
        """No change at all."""
        nothing = np.zeros(0, dtype=np.int64)
        return cls(nothing, nothing, nothing, np.zeros(0, dtype=np.uint8))

    @classmethod
    def of(cls, before: Scores, tried: Tried, after: Scores, first: int) -> _Lifts:
        """Those of the tries that lift. `first` is the number of the change that is the first candidate."""
        rows = tried.rows
        letters, digits = after.letters - before.letters[rows], after.digits - before.digits[rows]
        # The best letter and digit have the smallest place. Better in one half at least, and in none worse.
        lifted: Flags = (letters <= 0) & (digits <= 0) & ((letters < 0) | (digits < 0))
        for out in after.knocked_out:
            lifted = lifted & ~out
        brought = (after.total - before.total[rows])[lifted]
        return cls(rows[lifted], first + tried.candidates[lifted], brought, after.grades()[lifted])


def _most_valuable(found: Sequence[_Lifts], ranks: Rows) -> Iterator[tuple[int, int, int, int]]:
    """The best for each row, the most valuable first: of several values of one field, or deeds of one name, only one."""
    rows, changes, points, grades = (
        np.concatenate(columns)
        for columns in zip(*((one.rows, one.changes, one.points, one.grades) for one in found), strict=True)
    )
    names = ranks[changes]
    best = np.lexsort((-points, names, rows))
    best = best[_first_of_each(rows[best], names[best])]
    best = best[np.lexsort((names[best], -points[best], rows[best]))]
    of_row = np.arange(len(best)) - np.searchsorted(rows[best], rows[best])
    best = best[of_row < _MOST_HINTS]
    return zip(*(column[best].tolist() for column in (rows, changes, points, grades)), strict=True)


def _first_of_each(rows: Rows, names: Rows) -> Flags:
    """The first of each pair, where equal ones follow each other."""
    flags = np.ones(len(rows), dtype=np.bool_)
    flags[1:] = (np.diff(rows) != 0) | (np.diff(names) != 0)
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


def _changes(deeds: Sequence[_Deed], answers: Sequence[Sequence[_Answer]]) -> Iterator[_Change]:
    """The deeds, then the answers of each fit section."""
    told: list[tuple[Literal["behaviour", "field"], str, str]] = [("behaviour", one.signal.id, one.say) for one in deeds]
    told += [("field", one.field, one.say) for some in answers for one in some]
    ranks = {name: rank for rank, name in enumerate(sorted({(kind, about) for kind, about, _ in told}))}
    return (_Change(kind, about, say, ranks[kind, about]) for kind, about, say in told)


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
