"""The engagement section: signals over what people did, fading with time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from scoring.breakdown import Line
from scoring.columns import Flags, Points, Rows
from scoring.exact import divided_half_away, half_away, half_life_factor, hundredths
from scoring.fit import band_points
from scoring.folding import FULL_WEIGHT, MICRO, Folded, Folder, Folds
from scoring.lists import Lists
from scoring.model import Decay, Engagement, Signal
from scoring.population import Touches, days_since_epoch
from scoring.reading import Value
from scoring.saying import event_fields, render, with_count
from scoring.sections import Bounds, Part, cut

_PER_HUNDREDTH = FULL_WEIGHT * MICRO // 100
_SHOWN_EVENTS = 3
_SAFE = 2**62


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


@dataclass(frozen=True, slots=True)
class Seen:
    """One signal's folds inside its window on a day. `starts` are where each of `who` begins; ages are in whole days."""

    folded: Folded
    inside: Rows
    ages: Rows
    who: Rows
    starts: Rows

    @classmethod
    def on(cls, folded: Folded, window_days: int | None, today: date) -> Seen:
        """What the window leaves."""
        ages = days_since_epoch(today) - folded.days
        inside = np.arange(len(ages)) if window_days is None else np.flatnonzero(ages <= window_days)
        who = folded.who[inside]
        is_first = np.ones(len(inside), dtype=np.bool_)
        is_first[1:] = np.diff(who) != 0
        starts = np.flatnonzero(is_first)
        return cls(folded, inside, ages[inside], who[starts], starts)

    def sums(self, numbers: Rows) -> Rows:
        """The sum of one number a fold for each of `who`."""
        return np.add.reduceat(numbers[self.inside], self.starts) if len(self.starts) else np.zeros(0, dtype=np.int64)

    def counts(self) -> Rows:
        """How many events each of `who` has."""
        return self.sums(self.folded.counts())


class SignalScorer:
    """One signal, compiled."""

    def __init__(self, group: str, signal: Signal, lists: Lists) -> None:
        self.signal = signal
        self.group = group
        self.folder = Folder(signal, lists)
        self.limit = None if signal.limit is None else hundredths(signal.limit)
        self._bands = band_points(signal.bands)
        self._worth_by_age: dict[int, int] = {}

    def gives(self, folded: Folded, rows: int, today: date) -> Points:
        """Hundredths for each row, before the signal's limit."""
        seen = Seen.on(folded, self.signal.window, today)
        found = np.zeros(rows, dtype=np.int64)
        if self.signal.measure is not None:
            return self._measured(seen, found)
        points = self._weighted(seen)
        if self.signal.at_least is not None:
            points = np.where(seen.counts() >= self.signal.at_least, points, 0)
        found[seen.who] = points
        return found

    def part(self, folded: Folded, rows: int, today: date) -> Part:
        """Hundredths for each row, cut to the signal's limit."""
        points = self.gives(folded, rows, today)
        return Part(self.group, self.signal.id, points if self.limit is None else np.clip(points, -self.limit, self.limit))

    def lines(self, points: int, events: Rows, touches: Touches) -> tuple[Line, ...]:
        """One row's line, and its limit's where that cuts; none when it gives nothing. `events` are those in the window."""
        if not points:
            return ()
        newest = int(events[-1]) if len(events) else None
        fields: Mapping[str, Value] = {} if newest is None else touches.fields.row(newest)
        text = render(self.signal.say, self.signal.id, event_fields(fields, count=len(events)))
        line = Line(
            section="engagement",
            group=self.group,
            rule=self.signal.id,
            points=points,
            say=text if self.signal.measure or "{count}" in (self.signal.say or "") else with_count(text, len(events)),
            count=len(events),
            last_at=None if newest is None else touches.moment(newest),
            events=tuple(touches.ids[row] for row in events[: -_SHOWN_EVENTS - 1 : -1]),
            strong=self.signal.kind == "direct",
        )
        over = self._beyond_limit(points)
        return (line,) if over is None else (line, over)

    def events_of(self, folded: Folded, row: int, today: date) -> Rows:
        """The events that count for one row on a day, oldest first."""
        low, high = np.searchsorted(folded.who, (row, row + 1))
        if self.signal.window is not None:
            oldest = days_since_epoch(today) - self.signal.window
            low += np.searchsorted(folded.days[low:high], oldest)
        taken: Rows = folded.taken[folded.starts[low] : folded.starts[high]]
        return taken

    def _weighted(self, seen: Seen) -> Points:
        ages, place = np.unique(seen.ages, return_inverse=True)
        worths = [self._worth(int(age)) for age in ages]
        weights = seen.folded.weights[seen.inside]
        most = max(map(abs, worths), default=0) * int(np.abs(weights).max(initial=0)) * max(1, len(weights))
        if most >= _SAFE:
            return self._weighted_exactly(seen, worths, place)
        sums = _reduced(np.array(worths, dtype=np.int64)[place] * weights, seen.starts)
        rounded: Points = np.sign(sums) * ((2 * np.abs(sums) + _PER_HUNDREDTH) // (2 * _PER_HUNDREDTH))
        return rounded

    def _weighted_exactly(self, seen: Seen, worths: list[int], place: Rows) -> Points:
        """The same with numbers of any size, for models whose points would not fit."""
        terms = [worths[at] * int(weight) for at, weight in zip(place, seen.folded.weights[seen.inside], strict=True)]
        ends = [*seen.starts[1:].tolist(), len(terms)]
        sums = [sum(terms[start:end]) for start, end in zip(seen.starts.tolist(), ends, strict=True)]
        return np.array([divided_half_away(one, _PER_HUNDREDTH) for one in sums], dtype=np.int64)

    def _worth(self, age_days: int) -> int:
        worth = self._worth_by_age.get(age_days)
        if worth is None:
            points = Fraction(self.signal.points or 0)
            worth = half_away(points * decay_factor(self.signal.decay, age_days) * MICRO)
            self._worth_by_age[age_days] = worth
        return worth

    def _measured(self, seen: Seen, found: Points) -> Points:
        """Every row has a value of most measures, also one without events; only the time since the last is unknown then."""
        if self.signal.measure == "days_since_last":
            last = np.append(seen.starts[1:], len(seen.ages)) - 1
            values = seen.ages[last] if len(seen.starts) else seen.ages
        else:
            found[:] = self._bands(0.0)
            values = _MEASURES[self.signal.measure or ""](seen)
        unique, place = np.unique(values, return_inverse=True)
        scale = MICRO if self.signal.measure == "seconds" else 1
        table = np.array([self._bands(int(value) / scale) for value in unique], dtype=np.int64)
        found[seen.who] = table[place] if len(unique) else 0
        return found

    def _beyond_limit(self, points: int) -> Line | None:
        if self.limit is not None and points < -self.limit:
            say = f"Limit of {self.signal.id}: -{self.limit / 100:g}"
            return Line("engagement", self.group, "limit", -self.limit - points, say, of=self.signal.id)
        return cut("engagement", self.group, self.signal.id, points, self.limit)


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


def _reduced(numbers: Rows, starts: Rows) -> Rows:
    return np.add.reduceat(numbers, starts) if len(starts) else np.zeros(0, dtype=np.int64)


_MEASURES: Mapping[str, Callable[[Seen], Rows]] = {
    "count": Seen.counts,
    "distinct": Seen.counts,
    "active_days": lambda seen: seen.sums(np.ones(len(seen.folded.days), dtype=np.int64)),
    "seconds": lambda seen: seen.sums(seen.folded.micros),
}
