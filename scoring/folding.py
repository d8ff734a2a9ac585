"""Events folded to person × signal × day: all that a signal needs to know of them, whatever day it is scored on.

Which events count (`where`, `distinct`, `at_most`) does not depend on the day of scoring: what a window leaves out is older
than all it keeps, and these keep the newest. So the fold stands as long as no event comes in, and a score is a look-up of
what each day's weight is worth at its age.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial

import numpy as np

from scoring.columns import Flags, Rows, Whole
from scoring.exact import exact, half_up
from scoring.lists import Lists
from scoring.model import Signal
from scoring.population import Touches
from scoring.reading import Value, as_number
from scoring.truths import compile_columns, holds

FULL_WEIGHT = 1000
MICRO = 1_000_000
_LONGEST_MICROSECONDS = 10**14
"""Three years: no event lasts longer, and sums stay whole numbers."""
_NOTHING: Rows = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Folded:
    """One signal's events. A fold has a day, how many events, the sum of their weights, and their seconds in millionths.

    A person's folds come together: `who` are the persons with folds, by row; those of the i-th lie from `firsts[i]` on,
    oldest first. `taken` are the events in order of person, time and id; fold i holds those from `starts[i]` to
    `starts[i + 1]`. Both are empty where only the numbers were kept.
    """

    who: Whole
    firsts: Whole
    days: Whole
    weights: Whole
    micros: Whole
    counts: Whole
    starts: Rows
    taken: Rows

    def summed(self, numbers: Whole) -> Rows:
        """The sum of one number a fold for each of `who`."""
        return summed(numbers, self.firsts)

    def part(self, low: int, high: int) -> Folded:
        """The folds of the persons from one row to another, who are counted from the first of them. Only the numbers."""
        start, end = np.searchsorted(self.who, np.array([low, high], dtype=self.who.dtype))
        first, last = (int(self.firsts[place]) if place < len(self.firsts) else len(self.days) for place in (start, end))
        return Folded(
            who=np.subtract(self.who[start:end], low, dtype=np.int64),
            firsts=np.subtract(self.firsts[start:end], first, dtype=np.int64),
            days=self.days[first:last],
            weights=self.weights[first:last],
            micros=self.micros[first:last],
            counts=self.counts[first:last],
            starts=_NOTHING,
            taken=_NOTHING,
        )

    def spans(self, rows: Rows, oldest_day: int | None) -> tuple[Rows, Rows]:
        """Where in `taken` the events of these rows begin and end that are of a day or later."""
        ends = np.append(self.firsts, len(self.days))
        older = 0 if oldest_day is None else self.summed((self.days < oldest_day).astype(np.uint8))
        first, last = self.starts[ends[:-1] + older], self.starts[ends[1:]]
        places = np.searchsorted(self.who, rows)
        there = places < len(self.who)
        there[there] = self.who[places[there]] == rows[there]
        found = np.zeros((2, len(rows)), dtype=np.int64)
        found[:, there] = first[places[there]], last[places[there]]
        return found[0], found[1]


class Folder:
    """Folds events for one signal. Raises MissingListError when it names a list that is not there."""

    def __init__(self, signal: Signal, lists: Lists) -> None:
        self._signal = signal
        self._kinds = frozenset(signal.on)
        self._is_meant = f"one of {sorted(self._kinds)}"
        self._weighed = f"weight of {signal.full_at} s"
        self._where = compile_columns(signal.where, lists) if signal.where is not None else None
        asked = {"seconds"} | ({signal.distinct} if signal.distinct else set())
        self.asked = frozenset(asked | (signal.where.fields() if signal.where is not None else set()))

    def fold(self, touches: Touches, human: Flags, today: date) -> Folded:
        """The fold of these events, a machine's left out."""
        taken = self._frequent(touches, self._distinct(touches, self._matching(touches, human, today)))
        who, days = touches.who[taken], touches.at[taken] // (86_400 * MICRO)
        is_first = np.ones(len(taken), dtype=np.bool_)
        is_first[1:] = (np.diff(who) != 0) | (np.diff(days) != 0)
        first = np.flatnonzero(is_first)
        who, firsts = np.unique(who[first], return_index=True)
        seconds = touches.fields.column("seconds").take(taken)
        starts = np.append(first, len(taken))
        return Folded(
            who=who,
            firsts=firsts,
            days=days[first],
            weights=summed(seconds.answered(self._weighed, partial(map, self._weight)), first),
            micros=summed(seconds.answered("millionths of a second", partial(map, _micros)), first),
            counts=np.diff(starts),
            starts=starts,
            taken=taken,
        )

    def _matching(self, touches: Touches, human: Flags, today: date) -> Rows:
        kinds = touches.fields.column("type")
        flags: Flags = human & (kinds.answered(self._is_meant, partial(map, self._kinds.__contains__)) != 0)
        if self._where is not None and flags.any():
            there = np.flatnonzero(flags)
            return there[holds(self._where, touches.fields.take(there), today)]
        return np.flatnonzero(flags)

    def _distinct(self, touches: Touches, rows: Rows) -> Rows:
        """The newest event of each value."""
        if self._signal.distinct is None or not len(rows):
            return rows
        values = touches.fields.column(self._signal.distinct)
        newest_first = rows[::-1]
        key = touches.who[newest_first] * len(values.values) + values.codes[newest_first]
        _, first = np.unique(key, return_index=True)
        kept: Rows = np.sort(newest_first[first])
        return kept

    def _frequent(self, touches: Touches, rows: Rows) -> Rows:
        """Within each UTC day, ISO week or month the newest `times`."""
        cap = self._signal.at_most
        if cap is None or not len(rows):
            return rows
        who, spans = touches.who[rows], _spans(touches.at[rows] // (86_400 * MICRO), cap.per)
        is_last = np.ones(len(rows), dtype=np.bool_)
        is_last[:-1] = (np.diff(who) != 0) | (np.diff(spans) != 0)
        ends = np.flatnonzero(is_last)
        newer = ends[np.searchsorted(ends, np.arange(len(rows)))] - np.arange(len(rows))
        kept: Rows = rows[newer < cap.times]
        return kept

    def _weight(self, seconds: Value) -> int:
        full, number = self._signal.full_at, as_number(seconds)
        if full is None or number is None or number >= full:
            return FULL_WEIGHT
        return max(-_LONGEST_MICROSECONDS, half_up(FULL_WEIGHT * exact(number) / full))


def _spans(days: Rows, per: str) -> Rows:
    """A number for the span of time that each day lies in."""
    if per == "day":
        return days
    if per == "week":
        return (days + 3) // 7  # 1970 began on a Thursday
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _micros(seconds: Value) -> int:
    number = as_number(seconds)
    if number is None:
        return 0
    return max(-_LONGEST_MICROSECONDS, min(_LONGEST_MICROSECONDS, half_up(Fraction(exact(number)) * MICRO)))


def summed(numbers: Whole, first: Whole) -> Rows:
    """The sum of the numbers from each of these places to the next."""
    if not len(first):
        return _NOTHING
    # A running sum is three times as fast as a sum of each. It may wrap, and its differences are right all the same, if it
    # is wide enough for each sum: narrow numbers would be summed in their own width.
    running = np.cumsum(numbers, dtype=np.int64)
    sums = running.take(np.append(first[1:], len(numbers)).astype(np.int64) - 1)
    sums[1:] -= sums[:-1].copy()
    return sums


Folds = Mapping[str, Folded]
"""Folded events by signal."""
