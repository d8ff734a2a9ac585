"""The engagement section: signals over what a person did, fading with time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from heapq import merge

from scoring.breakdown import Line
from scoring.conditions import compile_condition
from scoring.exact import divided_half_away, exact, half_away, half_life_factor, half_up, hundredths
from scoring.fit import band_points
from scoring.lists import Lists
from scoring.model import Decay, Engagement, Signal
from scoring.reading import Value, as_number, is_known
from scoring.saying import event_fields, render, with_count
from scoring.sections import Group, Limits, Section, Tally, cut, settle
from scoring.touches import Touch

FULL_WEIGHT = 1000
_MILLIONTHS = 1_000_000
_PER_HUNDREDTH = FULL_WEIGHT * _MILLIONTHS // 100
_SHOWN_EVENTS = 3

ByType = Mapping[str, Sequence[Touch]]
"""One person's events by type, each list newest first."""


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


def by_type(touches: Iterable[Touch]) -> dict[str, list[Touch]]:
    """Events by type, order kept."""
    found: dict[str, list[Touch]] = {}
    for one in touches:
        found.setdefault(one.event.type, []).append(one)
    return found


def _bucket(one: Touch, per: str) -> object:
    day = one.event.at.date()
    if per == "day":
        return day
    return day.isocalendar()[:2] if per == "week" else (day.year, day.month)


def _value_key(value: Value) -> object:
    # 1, 1.0 and true are one dictionary key to Python, but not one value to an admin.
    if not is_known(value):
        return None
    return (isinstance(value, bool), value)


class SignalScorer:
    """One signal, compiled."""

    def __init__(self, group: str, signal: Signal, lists: Lists) -> None:
        self.signal = signal
        self._group = group
        self._where = compile_condition(signal.where, lists) if signal.where is not None else None
        self._limit = None if signal.limit is None else hundredths(signal.limit)
        self._bands = band_points(signal.bands)
        self._kinds = tuple(dict.fromkeys(signal.on))
        self._worth_by_age: dict[int, int] = {}

    def lines(self, touches: ByType, today: date) -> tuple[Line, ...]:
        """The signal's line and, where it cuts, its limit's; none when it gives nothing."""
        taken = self._taken(touches, today)
        points = self._points(taken)
        if not points:
            return ()
        line = self._line(taken, points)
        over = self._beyond_limit(points)
        return (line,) if over is None else (line, over)

    def points(self, touches: ByType, today: date) -> int:
        """What the lines sum to, in hundredths."""
        points = self._points(self._taken(touches, today))
        return points if self._limit is None else max(-self._limit, min(self._limit, points))

    def _taken(self, touches: ByType, today: date) -> list[Touch]:
        taken = self._distinct(self._matching(touches, today))
        return self._frequency(taken) if self.signal.measure is None else taken

    def _points(self, taken: Sequence[Touch]) -> int:
        if self.signal.measure is not None:
            return self._bands(_MEASURES[self.signal.measure](taken))
        return 0 if len(taken) < (self.signal.at_least or 0) else self._weighted_sum(taken)

    def _matching(self, touches: ByType, today: date) -> list[Touch]:
        lists = [touches[kind] for kind in self._kinds if kind in touches]
        if len(lists) > 1:
            newest_first = list(merge(*lists, key=lambda one: one.key, reverse=True))
        else:
            newest_first = list(lists[0]) if lists else []
        window, where = self.signal.window, self._where
        return [
            one
            for one in newest_first
            if (window is None or one.age_days <= window) and (where is None or where(one.fields, today) is True)
        ]

    def _distinct(self, touches: list[Touch]) -> list[Touch]:
        field = self.signal.distinct
        if field is None:
            return touches
        newest: dict[object, Touch] = {}
        for one in touches:
            newest.setdefault(_value_key(one.fields.get(field)), one)
        return list(newest.values())

    def _frequency(self, touches: list[Touch]) -> list[Touch]:
        cap = self.signal.at_most
        if cap is None:
            return touches
        seen: Counter[object] = Counter()
        kept: list[Touch] = []
        for one in touches:
            bucket = _bucket(one, cap.per)
            seen[bucket] += 1
            if seen[bucket] <= cap.times:
                kept.append(one)
        return kept

    def _weighted_sum(self, touches: Sequence[Touch]) -> int:
        total = sum(self._weight(one) * self._worth(one.age_days) for one in touches)
        return divided_half_away(total, _PER_HUNDREDTH)

    def _weight(self, one: Touch) -> int:
        seconds = as_number(one.fields.get("seconds")) if self.signal.full_at is not None else None
        if seconds is None or self.signal.full_at is None or seconds >= self.signal.full_at:
            return FULL_WEIGHT
        return half_up(FULL_WEIGHT * exact(seconds) / self.signal.full_at)

    def _worth(self, age_days: int) -> int:
        worth = self._worth_by_age.get(age_days)
        if worth is None:
            points = Fraction(self.signal.points or 0)
            worth = half_away(points * decay_factor(self.signal.decay, age_days) * _MILLIONTHS)
            self._worth_by_age[age_days] = worth
        return worth

    def _line(self, taken: Sequence[Touch], points: int) -> Line:
        newest = taken[0] if taken else None
        fields = event_fields(newest.fields if newest else {}, count=len(taken))
        text = render(self.signal.say, self.signal.id, fields)
        return Line(
            section="engagement",
            group=self._group,
            rule=self.signal.id,
            points=points,
            say=text if self.signal.measure or "{count}" in (self.signal.say or "") else with_count(text, len(taken)),
            count=len(taken),
            last_at=newest.event.at if newest else None,
            events=tuple(one.event.id for one in taken[:_SHOWN_EVENTS]),
            strong=self.signal.kind == "direct",
        )

    def _beyond_limit(self, points: int) -> Line | None:
        if self._limit is not None and points < -self._limit:
            say = f"Limit of {self.signal.id}: -{self._limit / 100:g}"
            return Line("engagement", self._group, "limit", -self._limit - points, say, of=self.signal.id)
        return cut("engagement", self._group, self.signal.id, points, self._limit)


class EngagementScorer:
    """The engagement section, compiled. Raises MissingListError when it names a list that is not there."""

    def __init__(self, engagement: Engagement, lists: Lists) -> None:
        self.limit = hundredths(engagement.limit)
        self._groups = [
            (
                name,
                None if group.limit is None else hundredths(group.limit),
                [SignalScorer(name, signal, lists) for signal in group.signals],
            )
            for name, group in engagement.groups.items()
        ]
        self._limits = Limits({name: limit for name, limit, _ in self._groups}, self.limit)
        self._by_kind: dict[str, list[tuple[str, SignalScorer]]] = {}
        for name, _, signals in self._groups:
            for one in signals:
                for kind in dict.fromkeys(one.signal.on):
                    self._by_kind.setdefault(kind, []).append((name, one))

    def score(self, touches: ByType, today: date) -> Section:
        """The section for these events, a machine's already left out, on this UTC day."""
        groups = [
            Group(name, limit, tuple(line for one in signals for line in one.lines(touches, today)))
            for name, limit, signals in self._groups
        ]
        return settle("engagement", groups, self.limit)

    def points_if(self, kind: str, touches: ByType, today: date, before: Tally) -> int:
        """The section's hundredths when only events of `kind` differ from what gave `before`."""
        return self._limits.points_after(
            before,
            (
                (group, one.points(touches, today) - before.by_rule.get(one.signal.id, 0))
                for group, one in self._by_kind.get(kind, ())
            ),
        )


def _seconds(touches: Sequence[Touch]) -> float | None:
    try:
        # fsum rounds once, at the end: the order of events cannot matter.
        return math.fsum(as_number(one.fields.get("seconds")) or 0 for one in touches)
    except OverflowError:
        return None


_MEASURES: Mapping[str, Callable[[Sequence[Touch]], float | None]] = {
    "count": len,
    "distinct": len,
    "active_days": lambda touches: len({one.event.at.date() for one in touches}),
    "seconds": _seconds,
    "days_since_last": lambda touches: touches[0].age_days if touches else None,
}
