"""Silence is an alarm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.memory_wire import Fault
from leadline.heartbeat import Heartbeat, age, is_silent
from leadline.problems import Problems
from leadline.state import runs
from leadline.state.database import Database
from tests.engine import START, TwoCrms, contact

EVERY = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("quiet", "silent"),
    [(timedelta(minutes=10), False), (timedelta(minutes=10, seconds=1), True)],
    ids=["two intervals are still fine", "a second longer is silence"],
)
def test_a_connection_is_silent_after_two_intervals(quiet: timedelta, silent: bool) -> None:
    assert is_silent(quiet.total_seconds(), EVERY) is silent


def test_a_time_that_lies_ahead_is_no_age() -> None:
    assert age(START - timedelta(seconds=5), START) == 5
    assert age(START + timedelta(hours=1), START) == 0


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    world = TwoCrms(sqlite)
    world.sales.put(contact("1", "ana@acme.example"))
    return world


def watch(world: TwoCrms) -> Heartbeat:
    clock = world.time.clock()
    return Heartbeat({"marketing": EVERY, "sales": EVERY}, world.database, Problems(world.database, clock), clock)


def run(world: TwoCrms, heartbeat: Heartbeat) -> None:
    for report in world.run():
        if report.failed is None:
            heartbeat.hear(report.connection)


def troubles(world: TwoCrms) -> dict[str, str]:
    with world.database.begin() as tx:
        return {problem.id: problem.what for problem in runs.open_problems(tx)}


def test_silence_is_a_problem_and_a_good_cycle_ends_it(world: TwoCrms) -> None:
    heartbeat = watch(world)
    run(world, heartbeat)
    heartbeat.beat()
    assert troubles(world) == {}
    world.later(minutes=11)
    heartbeat.beat()
    assert sorted(troubles(world)) == ["marketing:silent", "sales:silent"]
    run(world, heartbeat)
    heartbeat.beat()
    assert troubles(world) == {}


def test_after_a_restart_the_first_cycle_may_still_be_on_its_way_but_not_for_ever(world: TwoCrms) -> None:
    world.run()
    world.later(days=9)
    heartbeat = watch(world)
    heartbeat.beat()
    assert troubles(world) == {}
    world.later(minutes=11)
    heartbeat.beat()
    assert sorted(troubles(world)) == ["marketing:silent", "sales:silent"]


@pytest.mark.parametrize("hours", [-1, 24], ids=["an hour back", "a day forward"])
def test_a_clock_that_is_set_neither_hides_silence_nor_makes_it(world: TwoCrms, hours: int) -> None:
    heartbeat = watch(world)
    run(world, heartbeat)
    world.time.set(hours=hours)
    heartbeat.beat()
    assert troubles(world) == {}
    world.later(minutes=11)
    heartbeat.beat()
    assert sorted(troubles(world)) == ["marketing:silent", "sales:silent"]
    run(world, heartbeat)
    heartbeat.beat()
    assert troubles(world) == {}


def test_a_failing_cycle_is_no_sign_of_life(world: TwoCrms) -> None:
    heartbeat = watch(world)
    run(world, heartbeat)
    world.later(minutes=11)
    for _ in range(8):
        world.sales.wire.declare(Fault(401))
    run(world, heartbeat)
    heartbeat.beat()
    assert troubles(world)["sales:silent"] == (
        "sales has had no good cycle since 2026-11-18 09:00 UTC, though one is due within 10 minutes"
    )
    assert "marketing:silent" not in troubles(world)
