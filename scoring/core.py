"""A model compiled, and one person put through it: sections, total, grade, and every line of the sum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from scoring.breakdown import Line
from scoring.conditions import Check, compile_condition
from scoring.exact import hundredths
from scoring.fit import FitScorer
from scoring.lists import Lists
from scoring.model import Knockout, Model
from scoring.reading import Fields, Value
from scoring.saying import render
from scoring.sections import Section, Tally
from scoring.signals import ByType, EngagementScorer

FULL = 10_000  # the highest total, in hundredths
KNOCKED_OUT = "X"


@dataclass(frozen=True, slots=True)
class Input:
    """What decides a person's score: fields, events by type (newest first), the UTC day, lines of overrides."""

    fields: Fields
    touches: ByType
    today: date
    overrides: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A score before it is dressed up. `total` is in hundredths; the points of `lines` sum to it."""

    given: Input
    persona: str | None
    scorer: FitScorer
    fit: Section
    engagement: Section
    lines: tuple[Line, ...]
    total: int
    grade: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a score comes to: total in hundredths, and grade."""

    total: int
    grade: str


class Ladder:
    """The bands of one section: from hundredths to a letter or digit."""

    def __init__(self, steps: Sequence[tuple[str, Decimal]], limit: int) -> None:
        self._steps = [(name, math.ceil(Fraction(threshold) * limit / 100)) for name, threshold in steps]
        self._lowest = steps[-1][0]
        self._limit = limit

    def name(self, points: int) -> str:
        """The highest band whose threshold is at most 100 × points / limit; the lowest when there is none."""
        if self._limit == 0:
            return self._lowest
        return next((name for name, least in self._steps if points >= least), self._lowest)

    def gap(self, points: int) -> int | None:
        """Hundredths missing to the next better band; None in the best one."""
        above = [least - points for _, least in self._steps if least > points]
        return min(above, default=None)


class CompiledModel:
    """All rules as functions. Raises MissingListError when the model names a list that is not there."""

    def __init__(self, model: Model, lists: Lists) -> None:
        self.model = model
        self.fit = FitScorer(model.fit, lists)
        self.personas = [(one.id, compile_condition(one.when, lists), FitScorer(one.fit, lists)) for one in model.personas]
        self.engagement = EngagementScorer(model.engagement, lists)
        self._knockouts: list[tuple[Knockout, Check]] = [
            (one, compile_condition(one.when, lists)) for one in model.knockouts
        ]
        deciders = [*(one.when for one in model.personas), *(one.when for one in model.knockouts)]
        self._decisive = frozenset(field for condition in deciders for field in condition.fields())
        self.digits = Ladder(model.bands.engagement.steps(), self.engagement.limit)
        self._letters = {
            scorer.limit: Ladder(model.bands.fit.steps(), scorer.limit)
            for scorer in (self.fit, *(scorer for _, _, scorer in self.personas))
        }

    def letters(self, scorer: FitScorer) -> Ladder:
        """The fit bands at the limit of a persona's fit section."""
        return self._letters[scorer.limit]

    def draft(self, given: Input) -> Draft:
        """Everything that follows from the input, from scratch."""
        engagement = self.engagement.score(given.touches, given.today)
        return self._with_fit(given, engagement)

    def what_if(self, draft: Draft) -> WhatIf:
        """Questions about the same person had one thing been different."""
        return WhatIf(self, draft)

    def is_decisive(self, field: str) -> bool:
        """Whether a persona or a knock-out asks the field."""
        return field in self._decisive

    def outcome(self, draft: Draft, fit: int, engagement: int) -> Outcome:
        """What the score would come to with other sections (hundredths), persona and overrides unchanged."""
        raw = fit + engagement + sum(line.points for line in draft.given.overrides)
        return Outcome(max(0, min(FULL, raw)), self._grade(draft.scorer, fit, engagement))

    def with_fields(self, draft: Draft, fields: Fields) -> Draft:
        """The same events, had other things been known."""
        return self._with_fit(replace(draft.given, fields=fields), draft.engagement)

    def _grade(self, scorer: FitScorer, fit: int, engagement: int) -> str:
        return self.letters(scorer).name(fit) + self.digits.name(engagement)

    def _with_fit(self, given: Input, engagement: Section) -> Draft:
        persona, scorer = self._persona_of(given.fields, given.today)
        return self._finished(given, persona, scorer, scorer.score(given.fields, given.today), engagement)

    def _persona_of(self, fields: Fields, today: date) -> tuple[str | None, FitScorer]:
        for name, check, scorer in self.personas:
            if check(fields, today) is True:
                return name, scorer
        return None, self.fit

    def _finished(self, given: Input, persona: str | None, scorer: FitScorer, fit: Section, engagement: Section) -> Draft:
        raw = fit.points + engagement.points + sum(line.points for line in given.overrides)
        total = max(0, min(FULL, raw))
        lines = [*fit.lines, *engagement.lines, *given.overrides]
        if total != raw:
            lines.append(_total_line("clamp", total - raw, "Total stays between 0 and 100", None))
        grade = self._grade(scorer, fit.points, engagement.points)
        for knockout, check in self._knockouts:
            if check(given.fields, given.today) is True:
                say = render(knockout.say, knockout.id, given.fields)
                lines.append(_total_line("knock-out", -total, say, knockout.id))
                total, grade = 0, KNOCKED_OUT
        return Draft(given, persona, scorer, fit, engagement, tuple(lines), total, grade)


class WhatIf:
    """One person's score had one thing been different; only what listens to that thing is asked again."""

    def __init__(self, compiled: CompiledModel, draft: Draft) -> None:
        self._compiled = compiled
        self._draft = draft
        self._fit = Tally.of(draft.fit.lines)
        self._engagement = Tally.of(draft.engagement.lines)

    def events(self, kind: str, touches: ByType) -> Outcome:
        """The outcome had other events of one kind happened."""
        draft = self._draft
        engagement = self._compiled.engagement.points_if(kind, touches, draft.given.today, self._engagement)
        return self._compiled.outcome(draft, draft.fit.points, engagement)

    def field(self, name: str, value: Value) -> Outcome:
        """The outcome had one field had that value."""
        draft = self._draft
        fields = {**draft.given.fields, name: value}
        if self._compiled.is_decisive(name):
            other = self._compiled.with_fields(draft, fields)
            return Outcome(other.total, other.grade)
        fit = draft.scorer.points_if(name, fields, draft.given.today, self._fit)
        return self._compiled.outcome(draft, fit, draft.engagement.points)


def override_line(points: Decimal, why: str, by: str) -> Line:
    """The line of points that a person added by hand."""
    return _total_line("override", hundredths(points), why or "Set by hand", by or None)


def _total_line(rule: str, points: int, say: str, of: str | None) -> Line:
    return Line(section="total", group=None, rule=rule, points=points, say=say, of=of)
