"""Many cycles of one process over a market that keeps changing, under ten times the default rate of faults, in twin time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.acceptance.crm import ROOT
from tests.soak.budget import HUBSPOT, SALESFORCE, calls_of, over
from tests.soak.conftest import FACTOR
from tests.stage.agreement import disagreements, opened_twice, traces_of
from tests.stage.churn import Churn
from tests.stage.staged import CLOCK, StagedWorld

PEOPLE = 120
BEGINS = datetime(2026, 3, 12, 12, tzinfo=UTC)
BETWEEN_CYCLES_SECONDS = 60.0
AUDIT_EVERY = 50
QUIET_CYCLES = 4
SETTLED_AFTER_SECONDS = 7_200.0
"""By then every index of the CRMs shows what changed, and whatever was put off is due."""


@dataclass(frozen=True, slots=True)
class Endured:
    """What came of it. `resident_bytes` is by the number of the cycle."""

    cycles: int
    failed_cycles: int
    calls: int
    faults: int
    lost: list[str]
    twice: list[str]
    traces: list[str]
    over_budget: int
    resident_bytes: Mapping[int, int]
    twin_minutes: int
    seconds: int


class Worker:
    """The engine, in a process of its own that stays for all cycles."""

    def __init__(self, world: StagedWorld) -> None:
        self._said = (world.folder / "worker.log").open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.worker", str(world.folder / CLOCK)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            cwd=ROOT,
            env=world.environment,
        )

    def does(self, what: str) -> dict[str, Any]:
        """Have it do one `cycle` or one `audit`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(what + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the worker ended; {self._said.name} says why"
        found: dict[str, Any] = json.loads(line)
        return found

    def end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._said):
            if pipe is not None:
                pipe.close()
        self._process.wait(timeout=30)


def endure(folder: Path, cycles: int, seed: int) -> Endured:
    """So many cycles, then calm until everything has come to rest."""
    began = time.monotonic()
    with ExitStack() as ends:
        world = StagedWorld(folder, BEGINS, PEOPLE)
        ends.callback(world.end)
        world.prepare()
        churn = Churn(world, seed)
        worker = Worker(world)
        ends.callback(worker.end)
        world.later(BETWEEN_CYCLES_SECONDS)
        by_hand: dict[str, set[int]] = {crm.name: set(range(crm.last_number() + 1)) for crm in world.crms}
        world.trouble(FACTOR, seed)
        size, failed = {}, 0
        for cycle in range(1, cycles + 1):
            done = worker.does("cycle")
            size[cycle] = done["resident_bytes"]
            failed += bool(done["failed"])
            if cycle % AUDIT_EVERY == 0:
                worker.does("audit")
            before = {crm.name: crm.calls() for crm in world.crms}
            churn.happen()
            for crm in world.crms:
                by_hand[crm.name] |= set(range(before[crm.name] + 1, crm.calls() + 1))
            world.later(BETWEEN_CYCLES_SECONDS)
        faults = sum(crm.faults_injected() for crm in world.crms)
        world.calm()
        _come_to_rest(world, worker)
        calls = {crm.name: [one for one in calls_of(crm) if one.number not in by_hand[crm.name]] for crm in world.crms}
        refused = sum(one.refused for found in calls.values() for one in found)
        return Endured(
            cycles=cycles,
            failed_cycles=failed,
            calls=sum(map(len, calls.values())),
            faults=faults,
            lost=disagreements(world),
            twice=opened_twice(world),
            traces=[address for address in churn.erased if traces_of(world.database, address)],
            over_budget=refused + over(calls["hubspot"], HUBSPOT) + over(calls["salesforce"], SALESFORCE),
            resident_bytes=size,
            twin_minutes=round((world.clock.now() - BEGINS).total_seconds() / 60),
            seconds=round(time.monotonic() - began),
        )


def _come_to_rest(world: StagedWorld, worker: Worker) -> None:
    for _ in range(QUIET_CYCLES // 2):
        worker.does("cycle")
        world.later(SETTLED_AFTER_SECONDS)
    worker.does("audit")
    for _ in range(QUIET_CYCLES // 2):
        worker.does("cycle")
        world.later(SETTLED_AFTER_SECONDS)
