"""The market's days: working hours, and the 180 days before `as_of` in which things happen."""

import random
from datetime import datetime, timedelta

from sandbox.market.draw import between

WINDOW_DAYS = 180

_DAY_SECONDS = 86_400
_OPENS_SECONDS = 7 * 3_600
_OPEN_SECONDS = 12 * 3_600
_SATURDAY = 5


class Calendar:
    """The span of time that a market tells of, up to `as_of`; `start` is the earliest moment an event can have."""

    def __init__(self, as_of: datetime) -> None:
        self.as_of = as_of
        self.start = as_of - timedelta(days=WINDOW_DAYS)
        # A market asks for millions of moments, so they are reckoned in seconds from the last midnight.
        self._midnight = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
        self._weekday = self._midnight.weekday()
        self._end_seconds = int((as_of - self._midnight).total_seconds())
        self._earliest = self.start + timedelta(hours=1)
        self._earliest_seconds = self._end_seconds - WINDOW_DAYS * _DAY_SECONDS + 3_600

    def moment(self, rng: random.Random, days_ago: float) -> datetime:
        """A second about so many days ago, in working hours and seldom at a weekend, always within the window."""
        day = int((self._end_seconds - days_ago * _DAY_SECONDS) // _DAY_SECONDS)
        weekday = (self._weekday + day) % 7
        if weekday >= _SATURDAY and rng.random() < 0.8:
            day -= weekday - _SATURDAY + 1
        seconds = day * _DAY_SECONDS + _OPENS_SECONDS + int(rng.random() * _OPEN_SECONDS)
        if seconds > self._end_seconds:
            return between(rng, self.as_of - timedelta(hours=12), self.as_of)
        if seconds < self._earliest_seconds:
            return between(rng, self._earliest, self._earliest + timedelta(days=3))
        return self._midnight + timedelta(seconds=seconds)

    def days_ago(self, at: datetime) -> float:
        """How many days before `as_of` a moment lies."""
        return (self.as_of - at) / timedelta(days=1)
