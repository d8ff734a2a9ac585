"""The reasons of a score: every line of its sum, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import TypeAlias

import numpy as np

from scoring.breakdown import Line
from scoring.columns import Column, Points, Rows, Table, Whole
from scoring.core import FULL, Cohort, CompiledModel
from scoring.exact import hundredths, plain
from scoring.fit import FitScorer
from scoring.reading import Value
from scoring.saying import asked_by, render, with_count
from scoring.sections import Bounds, Part
from scoring.signals import EngagementScorer, SignalScorer

_SHOWN_EVENTS = 3

Told: TypeAlias = Mapping[str, Sequence[Callable[[], Whole]]]
"""By group: each call tells the lines of one rule or signal, and returns the hundredths it gave each row."""


def lines_of(compiled: CompiledModel, cohort: Cohort) -> list[tuple[Line, ...]]:
    """Each row's lines; their points sum to its total."""
    story = _Story(cohort)
    for place in np.unique(cohort.scores.personas):
        story.tell_fit(compiled.fits[place], np.flatnonzero(cohort.scores.personas == place))
    story.tell_engagement(compiled.engagement)
    story.tell_total(compiled)
    return [tuple(lines) for lines in story.lines]


class _Story:
    """The lines of one cohort, told rule after rule: each for all whom it gives points."""

    def __init__(self, cohort: Cohort) -> None:
        self.lines: list[list[Line]] = [[] for _ in range(cohort.population.rows)]
        self._cohort = cohort
        self._population = cohort.population

    def tell_fit(self, scorer: FitScorer, rows: Rows) -> None:
        """The lines of those of one persona."""
        fields = self._population.fields.take(rows)
        told: dict[str, list[Callable[[], Whole]]] = {}
        for part in scorer.parts(fields, self._population.today):
            told.setdefault(part.group, []).append(partial(self._tell_rule, part, rows, scorer.rules[part.rule].say, fields))
        self._tell_section("fit", scorer.bounds, rows, told)

    def tell_engagement(self, scorer: EngagementScorer) -> None:
        """The lines of signals."""
        told: dict[str, list[Callable[[], Whole]]] = {}
        for one in scorer.signals:
            told.setdefault(one.group, []).append(partial(self._tell_signal, one))
        self._tell_section("engagement", scorer.bounds, np.arange(self._population.rows), told)

    def tell_total(self, compiled: CompiledModel) -> None:
        """What was added by hand, the bounds of the total, and knock-outs."""
        scores = self._cohort.scores
        for row, overrides in enumerate(self._population.given):
            for one in overrides:
                if points := hundredths(one.points):
                    self.lines[row].append(_total("override", points, one.why or "Set by hand", one.by or None))
        raw = scores.fit + scores.engagement + self._cohort.given
        left = np.clip(raw, 0, FULL)
        self._adjust(np.arange(len(raw)), left - raw, lambda over: _total("clamp", over, "Total stays between 0 and 100"))
        for (knockout, _), flags in zip(compiled.knockouts, scores.knocked_out, strict=True):
            saying = _Saying(knockout.say, knockout.id, self._population.fields.columns)
            for row in np.flatnonzero(flags).tolist():
                self.lines[row].append(_total("knock-out", -int(left[row]), saying.of(row), knockout.id))
            left = np.where(flags, 0, left)

    def _tell_rule(self, part: Part, rows: Rows, say: str | None, fields: Table) -> Whole:
        there = np.flatnonzero(part.points)
        if len(there):
            says = _Saying(say, part.rule, fields.columns).of_each(there.tolist())
            for row, points, said in zip(rows[there].tolist(), part.points[there].tolist(), says, strict=False):
                line = Line(section="fit", group=part.group, rule=part.rule, points=points, say=said)
                self.lines[row].append(line)
        return part.points

    def _tell_signal(self, one: SignalScorer) -> Points:
        folded, touches = self._cohort.folds[one.signal.id], self._population.touches
        points = one.gives(folded, self._population.rows, self._population.today)
        rows = np.flatnonzero(points)
        told_of = {f"event.{name}": column for name, column in touches.fields.columns.items()}
        saying = _Saying(one.signal.say, one.signal.id, told_of)
        counted = one.signal.measure is None and "{count}" not in (one.signal.say or "")
        spans = folded.spans(rows, one.oldest_day(self._population.today))
        for row, given, first, end in zip(rows.tolist(), points[rows].tolist(), *map(np.ndarray.tolist, spans), strict=True):
            events = folded.taken[max(first, end - _SHOWN_EVENTS) : end].tolist()[::-1]
            newest = events[0] if events else None
            say = saying.of(newest, count=end - first)
            line = Line(
                section="engagement",
                group=one.group,
                rule=one.signal.id,
                points=given,
                say=with_count(say, end - first) if counted else say,
                count=end - first,
                last_at=None if newest is None else touches.moment(newest),
                events=tuple([touches.ids[event] for event in events]),
                strong=one.signal.kind == "direct",
            )
            self.lines[row].append(line)
        left = one.within_limit(points)
        self._adjust(rows, (left - points)[rows], partial(_limit, "engagement", one.group, one.limit or 0, one.signal.id))
        return left

    def _tell_section(self, section: str, bounds: Bounds, rows: Rows, told: Told) -> None:
        total = np.zeros(len(rows), dtype=np.int64)
        for group, limit in bounds.groups.items():
            points = np.zeros(len(rows), dtype=np.int64)
            for tell in told.get(group, ()):
                points += tell()
            left = points if limit is None else np.minimum(points, limit)
            self._adjust(rows, left - points, partial(_limit, section, group, limit or 0, None))
            total += left
        say = f"Limit of {section}: {plain(bounds.section)}"
        self._adjust(rows, np.maximum(0, -total), lambda points: Line(section, None, "floor", points, "Not below 0"))
        self._adjust(rows, np.minimum(0, bounds.section - total), lambda points: Line(section, None, "clamp", points, say))

    def _adjust(self, rows: Rows, points: Points, line: Callable[[int], Line]) -> None:
        """A line for each row whose sum something corrects."""
        there = np.flatnonzero(points)
        for row, given in zip(rows[there].tolist(), points[there].tolist(), strict=True):
            self.lines[row].append(line(given))


def _limit(section: str, group: str, limit: int, of: str | None, points: int) -> Line:
    """What a limit takes back from a sum above it, or gives to one below its opposite."""
    say = f"Limit of {of or group}: {plain(limit if points < 0 else -limit)}"
    return Line(section=section, group=group, rule="limit", points=points, say=say, of=of)


def _total(rule: str, points: int, say: str, of: str | None = None) -> Line:
    return Line(section="total", group=None, rule=rule, points=points, say=say, of=of)


class _Saying:
    """What a rule says, worked out once where it is the same of all."""

    def __init__(self, template: str | None, rule: str, fields: Mapping[str, Column]) -> None:
        asked = asked_by(template)
        self._template, self._rule = template, rule
        self._always = None if asked else render(template, rule, {})
        self._columns = {name: fields[name] for name in asked if name in fields}

    def of(self, row: int | None, **more: Value) -> str:
        """What it says of one row of the fields, or of none."""
        if self._always is not None:
            return self._always
        known = {name: column.value(row) for name, column in self._columns.items()} if row is not None else {}
        return render(self._template, self._rule, {**known, **more})

    def of_each(self, rows: Iterable[int]) -> Iterable[str]:
        """What it says of each of some rows; without an end where it is the same of all."""
        return map(self.of, rows) if self._always is None else repeat(self._always)
