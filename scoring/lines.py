"""The reasons of a score: every line of its sum, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from scoring.breakdown import Line
from scoring.core import FULL, Cohort, CompiledModel
from scoring.exact import hundredths
from scoring.facts import Override
from scoring.reading import Fields
from scoring.saying import render
from scoring.sections import Part


class Narrator:
    """Tells the lines of one cohort's scores, row by row."""

    def __init__(self, compiled: CompiledModel, cohort: Cohort) -> None:
        self._compiled = compiled
        self._cohort = cohort
        self._place_of = np.zeros(cohort.population.rows, dtype=np.int64)
        self._rules = {int(place): self._parts(int(place)) for place in np.unique(cohort.scores.personas)}
        self._gives = [
            one.gives(cohort.folds[one.signal.id], cohort.population.rows, cohort.population.today)
            for one in compiled.engagement.signals
        ]

    def lines(self, row: int) -> tuple[Line, ...]:
        """One row's lines; their points sum to its total."""
        cohort, compiled = self._cohort, self._compiled
        fields = cohort.population.fields.row(row)
        scorer = compiled.fits[cohort.scores.personas[row]]
        lines = [
            *scorer.bounds.lines("fit", self._fit(row, fields)),
            *compiled.engagement.bounds.lines("engagement", self._engagement(row)),
            *(_override_line(one) for one in cohort.population.given[row] if hundredths(one.points)),
        ]
        raw = sum(line.points for line in lines)
        total = max(0, min(FULL, raw))
        if total != raw:
            lines.append(_total_line("clamp", total - raw, "Total stays between 0 and 100", None))
        for (knockout, _), flags in zip(compiled.knockouts, cohort.scores.knocked_out, strict=True):
            if flags[row]:
                lines.append(_total_line("knock-out", -total, render(knockout.say, knockout.id, fields), knockout.id))
                total = 0
        return tuple(lines)

    def _parts(self, place: int) -> tuple[Part, ...]:
        """What the rules of one persona give those whom it is true of."""
        cohort = self._cohort
        rows = np.flatnonzero(cohort.scores.personas == place)
        self._place_of[rows] = np.arange(len(rows))
        return tuple(self._compiled.fits[place].parts(cohort.population.fields.take(rows), cohort.population.today))

    def _fit(self, row: int, fields: Fields) -> Mapping[str, Sequence[Line]]:
        persona = int(self._cohort.scores.personas[row])
        rules, place = self._compiled.fits[persona].rules, int(self._place_of[row])
        found: dict[str, list[Line]] = {}
        for part in self._rules[persona]:
            if points := int(part.points[place]):
                say = render(rules[part.rule].say, part.rule, fields)
                line = Line(section="fit", group=part.group, rule=part.rule, points=points, say=say)
                found.setdefault(part.group, []).append(line)
        return found

    def _engagement(self, row: int) -> Mapping[str, Sequence[Line]]:
        found: dict[str, list[Line]] = {}
        for group, lines in self._signals(row):
            found.setdefault(group, []).extend(lines)
        return found

    def _signals(self, row: int) -> Iterator[tuple[str, tuple[Line, ...]]]:
        population = self._cohort.population
        for one, gives in zip(self._compiled.engagement.signals, self._gives, strict=True):
            if points := int(gives[row]):
                events = one.events_of(self._cohort.folds[one.signal.id], row, population.today)
                yield one.group, one.lines(points, events, population.touches)


def _override_line(given: Override) -> Line:
    return _total_line("override", hundredths(given.points), given.why or "Set by hand", given.by or None)


def _total_line(rule: str, points: int, say: str, of: str | None) -> Line:
    return Line(section="total", group=None, rule=rule, points=points, say=say, of=of)
