"""The engagement section: signals over what people did, fading with time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

import numpy as np

from scoring.columns import Flags, Points, Rows, Whole
from scoring.exact import divided_half_away, half_away, half_life_factor, hundredths
from scoring.fit import band_points
from scoring.folding import FULL_WEIGHT, MICRO, Folded, Folder, Folds
from scoring.lists import Lists
from scoring.model import Decay, Engagement, Signal
from scoring.population import Touches, days_since_epoch
from scoring.sections import Bounds, Part

_PER_HUNDREDTH = FULL_WEIGHT * MICRO // 100
_SAFE = 2**62
_MANY = 5_000
"""From so many folds on, a table of what each age is worth pays."""
_LONGEST_TABLE = 20_000  # days


def decay_factor(decay: Decay, age_days: int) -> Fraction:
    """What is left of an event's points at an age, from 1 down to 0 (steps may say otherwise)."""
    if decay.half_life is not None:
        return half_life_factor(age_days, decay.half_life)
    if decay.linear is not None:
        return max(Fraction(0), 1 - Fraction(age_days, decay.linear))
    if decay.steps is not None:
        reached = [bound for bound in decay.steps if age_days >= bound]
        return Fraction(decay.steps[max(reached)]) if reached else Fraction(1)
    return Fraction(1)


class SignalScorer:
    """One signal, compiled."""

    def __init__(self, group: str, signal: Signal, lists: Lists) -> None:
        self.signal = signal
        self.group = group
        self.folder = Folder(signal, lists)
        self.limit = None if signal.limit is None else hundredths(signal.limit)
        self._bands = band_points(signal.bands)
        self._known_worths: dict[int, int] = {}
        self._worth_by_age: Rows = np.zeros(0, dtype=np.int64)

    def gives(self, folded: Folded, rows: int, today: date) -> Points:
        """Hundredths for each row, before the signal's limit."""
        ages = np.subtract(days_since_epoch(today), folded.days, dtype=np.int64)
        if self.signal.measure is not None:
            return self._measured(folded, ages, rows)
        points = self._weighted(folded, ages)
        if self.signal.at_least is not None:
            counts = folded.summed(np.where(self._inside(ages), folded.counts, 0))
            points = np.where(counts >= self.signal.at_least, points, 0)
        found = np.zeros(rows, dtype=np.int64)
        found[folded.who] = points
        return found

    def within_limit(self, points: Points) -> Points:
        """Hundredths cut to the signal's limit, on both sides of 0."""
        return points if self.limit is None else np.clip(points, -self.limit, self.limit)

    def part(self, folded: Folded, rows: int, today: date) -> Part:
        """Hundredths for each row, cut to the signal's limit."""
        return Part(self.group, self.signal.id, self.within_limit(self.gives(folded, rows, today)))

    def oldest_day(self, today: date) -> int | None:
        """The oldest day whose events count on a day; None where all do."""
        return None if self.signal.window is None else days_since_epoch(today) - self.signal.window

    def _inside(self, ages: Rows) -> Flags:
        window = self.signal.window
        flags: Flags = np.ones(len(ages), dtype=np.bool_) if window is None else ages <= window
        return flags

    def _weighted(self, folded: Folded, ages: Rows) -> Points:
        worths = self._worths(ages)
        most = _most(worths) * _most(folded.weights) * max(1, len(ages))
        if most >= _SAFE:
            return self._weighted_exactly(folded, worths)
        sums = folded.summed(worths * folded.weights)
        rounded: Points = np.sign(sums) * ((2 * np.abs(sums) + _PER_HUNDREDTH) // (2 * _PER_HUNDREDTH))
        return rounded

    def _weighted_exactly(self, folded: Folded, worths: Rows) -> Points:
        """The same with numbers of any size, for models whose points would not fit."""
        terms = [int(worth) * int(weight) for worth, weight in zip(worths, folded.weights, strict=True)]
        starts = folded.firsts.tolist()
        sums = [sum(terms[start:end]) for start, end in zip(starts, [*starts[1:], len(terms)], strict=True)]
        return np.array([divided_half_away(one, _PER_HUNDREDTH) for one in sums], dtype=np.int64)

    def _worths(self, ages: Rows) -> Rows:
        """What a full weight of each age is worth, in millionths of a point; nothing outside the window."""
        oldest = int(ages.max(initial=0))
        if oldest >= len(self._worth_by_age) and (len(ages) < _MANY or oldest > _LONGEST_TABLE):
            known, place = np.unique(ages, return_inverse=True)
            return np.array([self._worth(int(age)) for age in known], dtype=np.int64)[place]
        if oldest >= len(self._worth_by_age):
            more = [self._worth(age) for age in range(len(self._worth_by_age), oldest + 1)]
            self._worth_by_age = np.append(self._worth_by_age, np.array(more, dtype=np.int64))
        return self._worth_by_age.take(ages)

    def _worth(self, age_days: int) -> int:
        worth = self._known_worths.get(age_days)
        if worth is None:
            worth = self._known_worths.setdefault(age_days, self._worked_out(age_days))
        return worth

    def _worked_out(self, age_days: int) -> int:
        if self.signal.window is not None and age_days > self.signal.window:
            return 0
        points = Fraction(self.signal.points or 0)
        return half_away(points * decay_factor(self.signal.decay, age_days) * MICRO)

    def _measured(self, folded: Folded, ages: Rows, rows: int) -> Points:
        """Every row has a value of most measures, also one without events; only the time since the last is unknown then."""
        if self.signal.measure == "days_since_last":
            last = np.append(folded.firsts[1:], len(ages)) - 1
            newest = ages[last] if len(folded.who) else ages
            there = self._inside(newest)
            return self._banded(newest[there], folded.who[there], np.zeros(rows, dtype=np.int64))
        numbers = np.where(self._inside(ages), _MEASURED[self.signal.measure or ""](folded), 0)
        return self._banded(folded.summed(numbers), folded.who, np.full(rows, self._bands(0.0), dtype=np.int64))

    def _banded(self, values: Whole, who: Whole, found: Points) -> Points:
        scale = MICRO if self.signal.measure == "seconds" else 1
        known, place = np.unique(values, return_inverse=True)
        if len(known):
            found[who] = np.array([self._bands(int(value) / scale) for value in known], dtype=np.int64)[place]
        return found


class EngagementScorer:
    """The engagement section, compiled. Raises MissingListError when it names a list that is not there."""

    def __init__(self, engagement: Engagement, lists: Lists) -> None:
        self.bounds = Bounds.of(engagement.limit, {name: group.limit for name, group in engagement.groups.items()})
        self.signals = tuple(SignalScorer(group, signal, lists) for group, signal in engagement.signals())
        self.asked = frozenset(field for one in self.signals for field in one.folder.asked)

    @property
    def limit(self) -> int:
        """The section's limit in hundredths."""
        return self.bounds.section

    def fold(self, touches: Touches, human: Flags, today: date) -> Folds:
        """Each signal's fold of these events."""
        return {one.signal.id: one.folder.fold(touches, human, today) for one in self.signals}

    def points(self, folds: Folds, rows: int, today: date) -> Points:
        """The section's hundredths for each row on a UTC day."""
        return self.bounds.points((one.part(folds[one.signal.id], rows, today) for one in self.signals), rows)


def _most(numbers: Whole) -> int:
    """The greatest size; `abs` of a narrow number may not fit its width."""
    return max(int(numbers.max(initial=0)), -int(numbers.min(initial=0)))


_MEASURED: Mapping[str, Callable[[Folded], Whole]] = {
    "count": lambda folded: folded.counts,
    "distinct": lambda folded: folded.counts,
    "active_days": lambda folded: np.ones(len(folded.days), dtype=np.int64),
    "seconds": lambda folded: folded.micros,
}
