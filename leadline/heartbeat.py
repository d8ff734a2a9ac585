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
    """How long ago a connection's last good cycle ended. `last_good_at` is None when there was none; times are aware UTC."""

    connection: str
    last_good_at: datetime | None
    silent: bool


def pulse(connection: str, every: timedelta, last_good_at: datetime | None, watched_since: datetime, now: datetime) -> Pulse:
    """Whether a connection is silent. It is given two intervals from the moment somebody began to watch. Pure."""
    heard_at = watched_since if last_good_at is None else max(watched_since, last_good_at)
    return Pulse(connection, last_good_at, silent=now - heard_at > MISSED_INTERVALS * every)


class Heartbeat:
    """Watches the connections of one workspace from the moment it is made.

    `every` is each connection's interval.
    """

    def __init__(self, every: Mapping[str, timedelta], database: Database, problems: Problems, clock: Clock) -> None:
        self._every = dict(every)
        self._database = database
        self._problems = problems
        self._clock = clock
        self._since = clock.now()

    def pulses(self) -> tuple[Pulse, ...]:
        """The pulse of every connection.

        Raises:
            DatabaseUnavailable: it cannot be asked.
        """
        now = self._clock.now()
        with self._database.begin() as tx:
            last_good = {name: runs.last_success(tx, name) for name in self._every}
        return tuple(pulse(name, every, last_good[name], self._since, now) for name, every in self._every.items())

    def heard(self, one: Pulse) -> bool:
        """Whether the connection had a good cycle since the watch began."""
        return one.last_good_at is not None and one.last_good_at >= self._since

    def beat(self) -> None:
        """Open a problem for every silent connection, and end it for those that are heard again."""
        for one in self.pulses():
            problem = f"{one.connection}:silent"
            if one.silent:
                self._problems.open(problem, _told(one, self._every[one.connection]), FIX)
            else:
                self._problems.end(problem)


FIX = "The other problems of this connection say why. If there are none, look for its last line in the log, and restart."


def _told(one: Pulse, every: timedelta) -> str:
    minutes = round(MISSED_INTERVALS * every.total_seconds() / 60, 1)
    last = "ever" if one.last_good_at is None else f"since {one.last_good_at:%Y-%m-%d %H:%M} UTC"
    return f"{one.connection} has had no good cycle {last}, though one is due within {minutes:g} minutes"
