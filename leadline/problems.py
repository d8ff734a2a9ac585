"""Problems: what a person should know, told once when it begins and once when it is over."""

from __future__ import annotations

from typing import Any, Literal

import structlog

from leadline.clock import Clock
from leadline.state import runs
from leadline.state.database import Database


class Problems:
    """Records problems in the database and tells the log of their beginnings and ends. Safe to use from several threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._log: Any = structlog.get_logger()

    def open(self, problem: str, what: str, fix: str, severity: Literal["error", "warning"] = "error") -> None:
        """Record that `problem` (its id) troubles us, or still does; only the first time is told."""
        with self._database.begin() as tx:
            is_new = runs.open_problem(tx, problem, severity, what, fix, self._clock.now())
        if is_new:
            self._log.error("problem", id=problem, what=what, fix=fix)

    def end(self, problem: str) -> None:
        """Record that `problem` is over, if it was there."""
        with self._database.begin() as tx:
            ended = runs.end_problem(tx, problem, self._clock.now())
        if ended:
            self._log.info("problem over", id=problem)
