"""The market's days: working hours, and the 180 days before `as_of` in which things happen."""

import random
from datetime import datetime, timedelta

import msgspec

from sandbox.market.draw import between

WINDOW_DAYS = 180


class Calendar(msgspec.Struct, frozen=True):
    """The span of time that a market tells of, up to `as_of`."""

    as_of: datetime

    @property
    def start(self) -> datetime:
        """The earliest moment an event can have."""
        return self.as_of - timedelta(days=WINDOW_DAYS)

    def moment(self, rng: random.Random, days_ago: float) -> datetime:
        """A second about so many days ago, in working hours and seldom at a weekend, always within the window."""
        day = (self.as_of - timedelta(days=days_ago)).replace(hour=0, minute=0, second=0, microsecond=0)
        if day.weekday() >= 5 and rng.random() < 0.8:
            day -= timedelta(days=day.weekday() - 4)
        at = day + timedelta(seconds=7 * 3600 + int(rng.random() * 12 * 3600))
        if at > self.as_of:
            return between(rng, self.as_of - timedelta(hours=12), self.as_of)
        earliest = self.start + timedelta(hours=1)
        return at if at >= earliest else between(rng, earliest, earliest + timedelta(days=3))

    def days_ago(self, at: datetime) -> float:
        """How many days before `as_of` a moment lies."""
        return (self.as_of - at) / timedelta(days=1)
