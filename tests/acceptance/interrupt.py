"""Moments at which a process is killed, placed exactly.

A call in flight is held open by the twin while the process dies, and then takes effect: the reply is lost. A call that
never arrives is one that the twin refuses until the process is dead. Scoring makes no calls; its
progress is watched in the database.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from tests.acceptance.crm import Crm, wait_until
from tests.acceptance.world import Started, World

HELD_SECONDS = 3.0
REFUSED_IN_A_ROW = 8


class Moment(Protocol):
    """A point on the way of a cycle."""

    def kill_there(self, world: World) -> None:
        """Run one cycle and kill it at this moment."""
        ...


@dataclass(frozen=True, slots=True)
class InFlight:
    """While the nth call to an endpoint is on its way; its effect happens, its reply is never read."""

    crm: str
    endpoint: str
    nth: int = 1

    def kill_there(self, world: World) -> None:
        crm = _named(world, self.crm)
        since = crm.last_number()
        crm.plan_faults({"endpoint": self.endpoint, "occurrence": self.nth, "kind": "slow", "seconds": HELD_SECONDS})
        process = _run_into_fault(world, crm, f"call {self.nth} to {self.endpoint} arrived")
        process.kill()
        wait_until("the call in flight took effect", lambda: any(entry.fault for entry in crm.journal(since)))
        crm.plan_faults()
        newest = crm.journal(since)[-1]
        assert newest.fault, f"the process was killed too late, after {newest.endpoint}"


@dataclass(frozen=True, slots=True)
class NeverArrived:
    """Before the nth call to an endpoint had any effect, though the process was about to make it."""

    crm: str
    endpoint: str
    nth: int = 1

    def kill_there(self, world: World) -> None:
        crm = _named(world, self.crm)
        crm.plan_faults(
            *(
                {"endpoint": self.endpoint, "occurrence": self.nth + later, "kind": "status", "status": 503}
                for later in range(REFUSED_IN_A_ROW)
            )
        )
        process = _run_into_fault(world, crm, f"call {self.nth} to {self.endpoint} was refused")
        process.kill()
        crm.plan_faults()


@dataclass(frozen=True, slots=True)
class WhileScoring:
    """Between two transactions of the scorer, once at least this many persons have a score."""

    scored: int

    def kill_there(self, world: World) -> None:
        process = world.start("once")
        wait_until(f"{self.scored} persons were scored", lambda: self._reached(world) or not process.running)
        assert process.running, "the process ended before it was killed"
        process.kill()
        assert self._reached(world), "the process was killed too late: it had begun to deliver"

    def _reached(self, world: World) -> bool:
        if not world.database.exists():
            return False
        with closing(sqlite3.connect(f"file:{world.database}?mode=ro", uri=True, timeout=30)) as read:
            try:
                phase = read.execute("SELECT phase FROM runs ORDER BY started_at DESC LIMIT 1").fetchone()
                scored = read.execute("SELECT count(*) FROM scores").fetchone()
            except sqlite3.OperationalError:
                return False  # the tables are not made yet
        return phase == ("score",) and int(scored[0]) >= self.scored


def _named(world: World, name: str) -> Crm:
    return next(crm for crm in world.crms if crm.name == name)


def _run_into_fault(world: World, crm: Crm, what: str) -> Started:
    """Start a cycle and return once the planned fault was met."""
    before = crm.faults_injected()
    process = world.start("once")
    wait_until(what, lambda: crm.faults_injected() > before or not process.running)
    assert process.running, f"the process ended before {what}"
    return process
