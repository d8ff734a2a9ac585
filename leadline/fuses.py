"""Fuses: too many changes at once are more often a mistake than news, so they wait for a person's word."""

from __future__ import annotations

from sqlalchemy import Connection

from connectors.records import Stream
from leadline.clock import Clock
from leadline.problems import Problems
from leadline.settings import model as settings
from leadline.state import backlog, delivered, fuses
from leadline.state.database import Database
from leadline.state.fuses import FuseKind
from leadline.state.outbox import Lane

KINDS: tuple[FuseKind, ...] = ("values", "tasks")

Held = frozenset[FuseKind]
"""The kinds of delivery that wait."""

STREAM_AT_LEAST = 20
"""A stream with fewer live records may vanish whole."""

FIX = "Look at what changed; if it is meant, run: python -m leadline approve"


def too_many_grades(moving: int, told: int, limits: settings.Fuses) -> str | None:
    """Why so many grade changes are too much, None when they are not. `told` is how many records show a grade. Pure."""
    if moving < limits.at_least or moving * 100 <= told * limits.grade_changes:
        return None
    return f"{moving} of {told} grades would change at once ({moving * 100 // told} %, fuse at {limits.grade_changes} %)"


def too_many_gone(leaving: int, live: int, stream: str) -> str | None:
    """Why so many records cannot be believed to be gone, None when they can. Pure.

    Credentials of another account, a filter or a view show an account that is suddenly empty.
    """
    if live < STREAM_AT_LEAST or leaving * 2 <= live:
        return None
    return f"{leaving} of {live} {stream} would leave at once (fuse at half of them)"


def too_many_tasks(wanted: int, limits: settings.Fuses) -> str | None:
    """Why so many tasks are too much, None when they are not. Pure."""
    return f"{wanted} tasks would open at once (fuse at {limits.tasks})" if wanted > limits.tasks else None


class FuseBox:
    """Looks, before anything is delivered to one connection, at how much wants to go."""

    def __init__(
        self, connection: str, limits: settings.Fuses, database: Database, problems: Problems, clock: Clock
    ) -> None:
        self._connection = connection
        self._limits = limits
        self._database = database
        self._problems = problems
        self._clock = clock

    def check(self) -> Held:
        """What has to wait now. A problem is open as long as something does.

        While its people seem to have vanished, everything waits: it may be another account altogether.
        """
        holding: dict[FuseKind, str] = {}
        with self._database.begin() as tx:
            waiting = {fuse.kind for fuse in fuses.held(tx) if fuse.connection == self._connection}
            people_vanished = fuses.vanished(Stream.CONTACTS) in waiting
            for kind, size, why in self._too_much(tx):
                if why is None:
                    fuses.mend(tx, self._connection, kind)
                elif fuses.blow(tx, self._connection, kind, why, size, self._clock.now()).holds:
                    holding[kind] = why
        for kind in KINDS:
            problem = f"{self._connection}:fuse:{kind}"
            if kind in holding:
                self._problems.open(problem, f"{self._connection}: {holding[kind]}; {kind} wait", FIX)
            else:
                self._problems.end(problem)
        return frozenset(KINDS) if people_vanished else frozenset(holding)

    def _too_much(self, tx: Connection) -> tuple[tuple[FuseKind, int, str | None], ...]:
        """For each kind how much wants to go, and why that is too much, None when it is not."""
        limits = self._limits
        tasks = backlog.waiting(tx, self._connection, "task", Lane.TASKS)
        moving = told = 0
        if backlog.waiting(tx, self._connection, "values", Lane.FIRST) >= limits.at_least:
            moving, told = delivered.grade_moves(tx, self._connection)
        return (
            ("values", moving, too_many_grades(moving, told, limits)),
            ("tasks", tasks, too_many_tasks(tasks, limits)),
        )
