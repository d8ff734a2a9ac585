"""A model compiled, and many people put through it at once: sections, totals and grades, in columns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Flags, Points, Rows, Table
from scoring.exact import hundredths
from scoring.facts import Override
from scoring.fit import FitScorer
from scoring.folding import Folds
from scoring.lists import Lists
from scoring.machines import MachineJudge
from scoring.model import Fit, Model
from scoring.population import Asked, Population
from scoring.saying import asked_by
from scoring.signals import EngagementScorer
from scoring.truths import compile_columns, holds

FULL = 10_000  # the highest total, in hundredths
KNOCKED_OUT = "X"
GRADES = (*(letter + digit for letter in "ABCD" for digit in "1234"), KNOCKED_OUT)
"""Every grade, by its code."""
_BEYOND_REACH = 2**62


class Ladder:
    """The bands of one section: from hundredths to a letter or digit."""

    def __init__(self, steps: Sequence[tuple[str, Decimal]], limit: int) -> None:
        self.names = tuple(name for name, _ in steps)
        self._least = [math.ceil(Fraction(threshold) * limit / 100) for _, threshold in steps]
        self._limit = limit

    def places(self, points: Points) -> Rows:
        """For each row the place, from the best, of the highest band whose threshold is at most 100 × points / limit."""
        last = len(self.names) - 1
        found = np.full(len(points), last, dtype=np.int64)
        if self._limit:
            for place in range(last, -1, -1):
                found[points >= self._least[place]] = place
        return found

    def gaps(self, points: Points) -> Points:
        """For each row the hundredths missing to the next better band; beyond reach in the best one."""
        found = np.full(len(points), _BEYOND_REACH, dtype=np.int64)
        for least in sorted(self._least, reverse=True):
            found = np.where(least > points, least - points, found)
        return found


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of many people, a row each. `personas` are places in the model's list, -1 for none.

    `fit`, `engagement` and `total` are hundredths; `letters` and `digits` are places in the ladders; `knocked_out` says of
    each knock-out for whom it is true.
    """

    personas: Rows
    fit: Points
    engagement: Points
    total: Points
    letters: Rows
    digits: Rows
    knocked_out: tuple[Flags, ...]

    def out(self, row: int) -> bool:
        """Whether any knock-out is true of the row."""
        return any(flags[row] for flags in self.knocked_out)

    def grades(self) -> NDArray[np.uint8]:
        """Each row's grade, as its place in `GRADES`."""
        codes = (self.letters * 4 + self.digits).astype(np.uint8)
        for flags in self.knocked_out:
            codes[flags] = len(GRADES) - 1
        return codes


@dataclass(frozen=True, slots=True)
class Kept:
    """All that many people's scores follow from, and no more: what can be kept for another day. `given` as by overrides."""

    fields: Table
    folds: Folds
    given: Points

    @property
    def rows(self) -> int:
        """How many people."""
        return self.fields.rows

    def part(self, low: int, high: int) -> Kept:
        """The people from one row to another."""
        folds = {name: folded.part(low, high) for name, folded in self.folds.items()}
        return Kept(self.fields.part(low, high), folds, self.given[low:high])


@dataclass(frozen=True, slots=True)
class Cohort:
    """People scored together, with all that the scores came from. `human` are the events that no machine made."""

    population: Population
    human: Flags
    folds: Folds
    given: Points
    scores: Scores

    @property
    def machine_events(self) -> Rows:
        """How many events of each row a machine made."""
        return np.bincount(self.population.touches.who[~self.human], minlength=self.population.rows)


class CompiledModel:
    """All rules over columns. Raises MissingListError when the model names a list that is not there."""

    def __init__(self, model: Model, lists: Lists) -> None:
        self.model = model
        self.engagement = EngagementScorer(model.engagement, lists)
        self.machines = MachineJudge(model.machine, lists)
        self.fits = (*(FitScorer(one.fit, lists) for one in model.personas), FitScorer(model.fit, lists))
        """The personas' in their order, then the one for all others: place -1."""
        self._personas = [compile_columns(one.when, lists) for one in model.personas]
        self.knockouts = [(one, compile_columns(one.when, lists)) for one in model.knockouts]
        deciders = [*(one.when for one in model.personas), *(one.when for one in model.knockouts)]
        self.decisive = frozenset(field for condition in deciders for field in condition.fields())
        self.digits = Ladder(model.bands.engagement.steps(), self.engagement.limit)
        self.letters = tuple(Ladder(model.bands.fit.steps(), one.limit) for one in self.fits)
        self.asked = Asked(self._asked_of_people(), self._asked_of_events())
        self.folds_anew_daily = any(condition.asks_the_day() for _, condition in model.event_conditions())
        """Whether which events count depends on the day, so that folds are good for a day only."""

    def cohort(self, population: Population) -> Cohort:
        """These people scored."""
        touches, today = population.touches, population.today
        human = ~self.machines.flags(touches, today)
        folds = self.engagement.fold(touches, human, today)
        kept = Kept(population.fields, folds, given_by_hand(population.given))
        return Cohort(population, human, kept.folds, kept.given, self.scored(kept, today))

    def scored(self, kept: Kept, today: date) -> Scores:
        """The scores on a UTC day."""
        engagement = self.engagement.points(kept.folds, kept.rows, today)
        return self.scores(kept.fields, kept.given, engagement, today)

    def scores(self, fields: Table, given: Points, engagement: Points, today: date) -> Scores:
        """Everything that follows from fields, the points given by hand, and those of the engagement section."""
        personas = self.personas(fields, today)
        fit = np.zeros(fields.rows, dtype=np.int64)
        letters = np.zeros(fields.rows, dtype=np.int64)
        for place in range(-1, len(self._personas)):
            rows = np.flatnonzero(personas == place)
            if not len(rows):
                continue
            scorer, table = self.fits[place], fields if len(rows) == fields.rows else fields.take(rows)
            fit[rows] = scorer.bounds.points(scorer.parts(table, today), len(rows))
            letters[rows] = self.letters[place].places(fit[rows])
        knocked_out = tuple(holds(check, fields, today) for _, check in self.knockouts)
        total = np.clip(fit + engagement + given, 0, FULL)
        for flags in knocked_out:
            total[flags] = 0
        return Scores(personas, fit, engagement, total, letters, self.digits.places(engagement), knocked_out)

    def ask(self, fields: Table, today: date) -> None:
        """Put every question to every distinct value, so that the columns keep the answers."""
        self.personas(fields.part(0, 0), today)
        for scorer in self.fits:
            list(scorer.parts(fields.part(0, 0), today))
        for _, check in self.knockouts:
            check(fields.part(0, 0), today)

    def personas(self, fields: Table, today: date) -> Rows:
        """The first persona that is true of each row, -1 where none is."""
        found = np.full(fields.rows, -1, dtype=np.int64)
        for place, check in reversed(list(enumerate(self._personas))):
            found[holds(check, fields, today)] = place
        return found

    def grade(self, scores: Scores, row: int) -> str:
        """One row's grade."""
        return GRADES[-1 if scores.out(row) else int(scores.letters[row]) * 4 + int(scores.digits[row])]

    def _fits(self) -> Iterable[Fit]:
        return (self.model.fit, *(one.fit for one in self.model.personas))

    def _asked_of_people(self) -> frozenset[str]:
        said = (rule.say for fit in self._fits() for _, rule in fit.rules())
        named = {name for say in (*said, *(one.say for one, _ in self.knockouts)) for name in asked_by(say)}
        return frozenset(named).union(self.decisive, *(one.asked for one in self.fits))

    def _asked_of_events(self) -> frozenset[str]:
        named = {name for one in self.engagement.signals for name in asked_by(one.signal.say)}
        said = {name.removeprefix("event.") for name in named if name.startswith("event.")}
        return frozenset(said | self.engagement.asked | self.machines.asked)


def given_by_hand(given: Sequence[tuple[Override, ...]]) -> Points:
    """The hundredths that overrides add to each row."""
    sums = [sum(hundredths(one.points) for one in overrides) for overrides in given]
    return np.array(sums, dtype=np.int64)
