"""While the database cannot be used: told once when it begins and once when it is over, and kept as a problem afterwards."""

from __future__ import annotations

from datetime import datetime
from threading import Lock
from typing import Any

import structlog

from leadline.clock import Clock
from leadline.state import runs
from leadline.state.database import Database, DatabaseUnavailable

PROBLEM = "database"


class Outage:
    """What keeps one process from its database, if anything. It is over when all work that met it was done after all.

    A problem cannot be stored while the database is away, so it is kept here until then. Safe to use from several threads.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = Lock()
        self._kept_waiting: set[str] = set()
        self._since: datetime | None = None
        self._log: Any = structlog.get_logger()
        self.trouble: DatabaseUnavailable | None = None
        """What the first work that met it was told; None while all is well."""

    def met(self, work: str, trouble: DatabaseUnavailable) -> None:
        """Note that this work could not be done for it."""
        with self._lock:
            self._kept_waiting.add(work)
            if self._since is not None:
                return
            self._since, self.trouble = self._clock.now(), trouble
        self._log.error("the database cannot be used", what=trouble.what, fix=trouble.fix, next="it is tried again")

    def passed(self, work: str) -> None:
        """Note that this work was done; the last that had to wait ends the outage."""
        if self.trouble is None:
            return
        with self._lock:
            self._kept_waiting.discard(work)
            since, trouble = self._since, self.trouble
            if self._kept_waiting or since is None or trouble is None:
                return
            now = self._clock.now()
            what = f"{trouble.what} (from {since:%Y-%m-%d %H:%M:%S} to {now:%H:%M:%S} UTC)"
            try:
                with self._database.begin() as tx:
                    runs.keep_past_problem(tx, runs.Problem(PROBLEM, "error", what, trouble.fix, since, now))
            except DatabaseUnavailable:
                return  # not over after all; the next work that is done tries again
            self._since = self.trouble = None
        self._log.info("the database can be used again", away_seconds=round((now - since).total_seconds()))
