"""Silence is an alarm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.memory_wire import Fault
from leadline.heartbeat import Heartbeat, pulse
from leadline.problems import Problems
from leadline.state import runs
from leadline.state.database import Database
from tests.engine import START, TwoCrms, contact

EVERY = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("last_good", "watched_since", "silent"),
    [
        (timedelta(minutes=10), timedelta(hours=1), False),
        (timedelta(minutes=10, seconds=1), timedelta(hours=1), True),
        (None, timedelta(minutes=10), False),
        (None, timedelta(minutes=11), True),
        (timedelta(days=9), timedelta(minutes=2), False),
    ],
    ids=[
        "two intervals ago is still fine",
        "a second longer is silence",
        "a new connection is given two intervals",
        "and no more",
        "after a restart the first cycle may still be on its way",
    ],
)
def test_a_connection_is_silent_after_two_intervals(
    last_good: timedelta | None, watched_since: timedelta, silent: bool
) -> None:
    at = None if last_good is None else START - last_good
    assert pulse("sales", EVERY, at, START - watched_since, START).silent is silent


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    world = TwoCrms(sqlite)
    world.sales.put(contact("1", "ana@acme.example"))
    return world


def watch(world: TwoCrms) -> Heartbeat:
    clock = world.time.clock()
    return Heartbeat({"marketing": EVERY, "sales": EVERY}, world.database, Problems(world.database, clock), clock)


def troubles(world: TwoCrms) -> dict[str, str]:
    with world.database.begin() as tx:
        return {problem.id: problem.what for problem in runs.open_problems(tx)}


def test_silence_is_a_problem_and_a_good_cycle_ends_it(world: TwoCrms) -> None:
    heartbeat = watch(world)
    world.run()
    heartbeat.beat()
    assert troubles(world) == {}
    world.later(minutes=11)
    heartbeat.beat()
    assert sorted(troubles(world)) == ["marketing:silent", "sales:silent"]
    world.run()
    heartbeat.beat()
    assert troubles(world) == {}


def test_a_failing_cycle_is_no_sign_of_life(world: TwoCrms) -> None:
    heartbeat = watch(world)
    world.run()
    world.later(minutes=11)
    for _ in range(8):
        world.sales.wire.declare(Fault(401))
    world.run()
    heartbeat.beat()
    assert troubles(world)["sales:silent"] == (
        "sales has had no good cycle since 2026-11-18 09:00 UTC, though one is due within 10 minutes"
    )
    assert "marketing:silent" not in troubles(world)
