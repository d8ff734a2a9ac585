"""A kill in the middle of a call: the twin holds it open while the process dies, and then carries it out."""

from __future__ import annotations

from dataclasses import dataclass

from tests.acceptance.crm import Crm, wait_until
from tests.acceptance.world import Started, World

HELD_SECONDS = 3.0


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


def _named(world: World, name: str) -> Crm:
    return next(crm for crm in world.crms if crm.name == name)


def _run_into_fault(world: World, crm: Crm, what: str) -> Started:
    """Start a cycle and return once the planned fault was met."""
    before = crm.faults_injected()
    process = world.start("once")
    wait_until(what, lambda: crm.faults_injected() > before or not process.running)
    assert process.running, f"the process ended before {what}"
    return process
