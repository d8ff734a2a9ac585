"""A clock that was set back: times stored before lie ahead, and what waits for them would wait for nothing."""

from __future__ import annotations

from datetime import timedelta

from leadline.clock import Clock
from leadline.problems import Problems
from leadline.state import ahead
from leadline.state.database import Database

PROBLEM = "clock"
NOTICED = timedelta(minutes=1)
"""Clocks are corrected by seconds all the time, which harms nothing."""
FIX = "Check what keeps the time of this machine. What was missed meanwhile is found by an audit, which begins by itself."


class ClockWatch:
    """Looks for stored times that lie ahead, of this process or of one before it, and brings them back to the present."""

    def __init__(self, database: Database, problems: Problems, clock: Clock) -> None:
        self._database = database
        self._problems = problems
        self._clock = clock

    def look(self) -> None:
        """Bring back what lies ahead, and tell; the problem is over with the next look that finds nothing."""
        now = self._clock.now()
        with self._database.begin() as tx:
            newest = ahead.newest_work(tx)
            was_set_back = newest is not None and newest - now > NOTICED
            if was_set_back:
                ahead.bring_back(tx, now)
        if newest is not None and was_set_back:
            minutes = round((newest - now).total_seconds() / 60)
            what = f"the clock was set back by about {minutes} minutes at {now:%Y-%m-%d %H:%M} UTC"
            self._problems.open(PROBLEM, what, FIX, "warning")
        else:
            self._problems.end(PROBLEM)
