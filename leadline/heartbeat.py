"""Silence is an alarm: a connection without a good cycle for two of its intervals is unhealthy, visibly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from leadline.clock import Clock
from leadline.problems import Problems
from leadline.state import runs
from leadline.state.database import Database

MISSED_INTERVALS = 2


class Pulse(Struct, frozen=True):
    """How long ago a connection's last good cycle ended: None when there was none. `last_good_at` is aware UTC."""

    connection: str
    last_good_at: datetime | None
    age_seconds: float | None
    silent: bool


class Heartbeat:
    """Watches the connections of one workspace from the moment it is made. Safe to use from several threads.

    `every` is each connection's interval. Silence is counted by a clock that nobody can set; a connection is given two
    intervals from the moment somebody began to watch.
    """

    def __init__(self, every: Mapping[str, timedelta], database: Database, problems: Problems, clock: Clock) -> None:
        self._every = dict(every)
        self._database = database
        self._problems = problems
        self._clock = clock
        self._since = clock.ticks()
        self._heard: dict[str, float] = {}

    def hear(self, connection: str) -> None:
        """Note that a good cycle ended just now."""
        self._heard[connection] = self._clock.ticks()

    def pulses(self) -> tuple[Pulse, ...]:
        """The pulse of every connection.

        Raises:
            DatabaseUnavailable: it cannot be asked.
        """
        with self._database.begin() as tx:
            last_good = {name: runs.last_success(tx, name) for name in self._every}
        return tuple(self._pulse(name, every, last_good[name]) for name, every in self._every.items())

    def _pulse(self, name: str, every: timedelta, last_good_at: datetime | None) -> Pulse:
        ticks, heard = self._clock.ticks(), self._heard.get(name)
        if heard is not None:
            age_seconds: float | None = ticks - heard
        else:
            age_seconds = None if last_good_at is None else age(last_good_at, self._clock.now())
        quiet_seconds = ticks - (self._since if heard is None else heard)
        return Pulse(name, last_good_at, age_seconds, silent=is_silent(quiet_seconds, every))

    def heard(self, one: Pulse) -> bool:
        """Whether the connection had a good cycle since the watch began."""
        return one.connection in self._heard

    def beat(self) -> None:
        """Open a problem for every silent connection, and end it for those that are heard again."""
        for one in self.pulses():
            problem = f"{one.connection}:silent"
            if one.silent:
                self._problems.open(problem, _told(one, self._every[one.connection]), FIX)
            else:
                self._problems.end(problem)


def is_silent(quiet_seconds: float, every: timedelta) -> bool:
    """Whether a connection of this interval has been quiet for too long. Pure."""
    return quiet_seconds > MISSED_INTERVALS * every.total_seconds()


def age(at: datetime, now: datetime) -> float:
    """Seconds since a stored time: none when it lies ahead, because the clock was set back. Pure."""
    return max(0.0, (now - at).total_seconds())


FIX = "The other problems of this connection say why. If there are none, look for its last line in the log, and restart."


def _told(one: Pulse, every: timedelta) -> str:
    minutes = round(MISSED_INTERVALS * every.total_seconds() / 60, 1)
    last = "ever" if one.last_good_at is None else f"since {one.last_good_at:%Y-%m-%d %H:%M} UTC"
    return f"{one.connection} has had no good cycle {last}, though one is due within {minutes:g} minutes"
