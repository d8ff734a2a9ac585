"""A database that goes away for a while: the daemon says so once, goes on when it can, and nothing is lost or doubled."""

from __future__ import annotations

import resource
import signal
import socket
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from leadline.state.database import TURN_NUMBER
from leadline.state.lease import LEASE_NUMBER
from tests.acceptance.crm import wait_until
from tests.acceptance.end_state import State, assert_same, task_keys, timeless
from tests.acceptance.world import LEADLINE_YAML, Started, World
from tests.acceptance.worlds import opened
from tests.databases import Server, stoppable_server

AWAY_SECONDS = 2.0
HELD_SECONDS = 1.0
LONG_SECONDS = 6.0
"""Long enough for another worker to start, look, and wait."""
PATIENCE_SECONDS = 150.0
"""A whole first cycle, on a machine that has much else to do."""
UPDATE = "POST /crm/objects/2026-03/contacts/batch/update"


HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {} AND granted"


RUNS = "SELECT id, phase, outcome, finished_at FROM runs WHERE finished_at IS NULL"
"""Cycles that are under way, which only the worker that began them would carry on."""


class Trouble(ABC):
    """A way in which a database cannot be used for a while, and how that is told."""

    words: str

    @abstractmethod
    def begin(self, daemon: Started) -> None:
        """Let it begin for a running daemon."""

    @abstractmethod
    def end(self) -> None:
        """Let it be over."""


class Stopped(Trouble):
    """The server is stopped."""

    words = "connection"

    def __init__(self, server: Server) -> None:
        self._server = server

    def begin(self, daemon: Started) -> None:
        self._server.stop()

    def end(self) -> None:
        self._server.start()


class Locked(Trouble):
    """Another process holds the file."""

    words = "another process holds it"

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, daemon: Started) -> None:
        self._other = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        self._other.execute("ROLLBACK")
        self._other.close()


class NoRoom(Trouble):
    """The system lets the process's files grow no further."""

    words = "its disk fails"

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, daemon: Started) -> None:
        self._process = daemon.process_id
        self._before = resource.prlimit(self._process, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process, resource.RLIMIT_FSIZE, (32 * 1024, self._before[1]))

    def end(self) -> None:
        resource.prlimit(self._process, resource.RLIMIT_FSIZE, self._before)


@pytest.fixture(params=[Stopped, Locked, NoRoom], ids=["a server that is stopped", "a file that is locked", "no room"])
def troubled(request: pytest.FixtureRequest, tmp_path: Path, as_of: datetime) -> Iterator[tuple[World, Trouble]]:
    """A world and the trouble that its database will have."""
    if request.param is Stopped:
        with stoppable_server() as server, opened(tmp_path, as_of, server.url) as world:
            yield world, Stopped(server)
    else:
        path = tmp_path / "leadline.db"
        patience = "?timeout=3" if request.param is Locked else ""
        with opened(tmp_path, as_of, f"sqlite:///{path}{patience}") as world:
            yield world, request.param(path)


def test_the_daemon_says_so_once_and_goes_on_with_nothing_lost_or_doubled(
    troubled: tuple[World, Trouble], undisturbed: State
) -> None:
    world, trouble = troubled
    port = free_port()
    world.file("config/leadline.yaml").write_text(LEADLINE_YAML + f"monitoring: {{port: {port}}}\n", encoding="utf-8")
    world.connect(hubspot_every="1s", salesforce_every="1s")
    world.hubspot.plan_faults({"endpoint": UPDATE, "occurrence": 1, "kind": "slow", "seconds": HELD_SECONDS})
    daemon = world.start("run")
    wait_until("a batch is on its way", lambda: world.hubspot.faults_injected() or not daemon.running, PATIENCE_SECONDS)

    trouble.begin(daemon)
    wait_until("it is told", lambda: told(daemon, "the database cannot be used") or not daemon.running)
    asked = httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False, timeout=30)
    assert (asked.status_code, asked.json()) == (503, {"status": "the database cannot be used"})
    time.sleep(AWAY_SECONDS)
    trouble.end()

    wait_until("it is over", lambda: told(daemon, "the database can be used again") or not daemon.running)
    for name in ("hubspot", "salesforce"):
        world.wait_for_cycles(daemon, name, len(world.cycles(daemon, name)) + 2)
    assert httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False, timeout=30).status_code == 200
    assert daemon.stop().code == 0
    assert [trouble.words in line["what"] for line in told(daemon, "the database cannot be used")] == [True]
    assert len(told(daemon, "the database can be used again")) == 1
    assert not [line for line in daemon.lines() if "exception" in line]
    assert trouble.words in world.command("problems", "--all").out
    assert_nothing_lost_or_doubled(world, undisturbed)


@pytest.fixture
def on_a_server(tmp_path: Path, as_of: datetime) -> Iterator[tuple[World, Server]]:
    with stoppable_server() as server, opened(tmp_path, as_of, server.url) as world:
        yield world, server


def test_a_worker_that_slept_through_the_loss_of_its_right_writes_no_more(
    on_a_server: tuple[World, Server], undisturbed: State
) -> None:
    world, server = on_a_server
    world.connect(hubspot_every="1s", salesforce_every="1s")
    world.hubspot.plan_faults({"endpoint": UPDATE, "occurrence": 1, "kind": "slow", "seconds": LONG_SECONDS})
    first = world.start("run")
    wait_until("a batch is on its way", lambda: world.hubspot.faults_injected() or not first.running, PATIENCE_SECONDS)
    second = world.start("run")
    wait_until("the second waits", lambda: told(second, "another worker is at this database"))

    freeze_within_a_cycle(first, server)
    left = server.execute(RUNS)
    ((session,),) = server.execute(HOLDERS.format(LEASE_NUMBER))
    assert server.execute(f"SELECT pg_terminate_backend({session}, 5000)") == [(True,)]
    wait_until("the second works", lambda: told(second, "started"))
    first.send(signal.SIGCONT)

    wait_until("the first knows", lambda: told(first, "another worker is at this database") or not first.running)
    for name in ("hubspot", "salesforce"):
        world.wait_for_cycles(second, name, 2)
    assert set(left) <= set(server.execute(RUNS))
    assert (first.stop().code, second.stop().code) == (0, 0)
    assert_nothing_lost_or_doubled(world, undisturbed)


def freeze_within_a_cycle(worker: Started, server: Server) -> None:
    """At a moment between two transactions, so that others are not kept waiting by one that is open."""
    worker.send(signal.SIGSTOP)
    while server.execute(HOLDERS.format(TURN_NUMBER)) or not server.execute(RUNS):
        worker.send(signal.SIGCONT)
        time.sleep(0.05)
        worker.send(signal.SIGSTOP)


def assert_nothing_lost_or_doubled(world: World, undisturbed: State) -> None:
    state = world.state()
    assert len(set(task_keys(state))) == len(task_keys(state))
    assert_same(undisturbed, timeless(state))
    if world.database.exists():
        with closing(sqlite3.connect(world.database)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def told(daemon: Started, event: str) -> list[dict[str, Any]]:
    return [line for line in daemon.lines() if line["event"] == event]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
