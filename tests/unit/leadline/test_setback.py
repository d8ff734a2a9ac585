"""A clock that is set forward or back harms nothing: no storm of tasks, nothing that waits for ever, nothing missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.records import Ref
from leadline.clock import from_stamp
from leadline.problems import Problems
from leadline.setback import ClockWatch
from leadline.state import runs, tables
from leadline.state.database import Database
from tests.engine import TwoCrms, contact, hot, market, shown, writes


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    world = TwoCrms(sqlite)
    market(world)
    for _ in range(2):
        world.run()
    return world


def look(world: TwoCrms) -> None:
    clock = world.time.clock()
    ClockWatch(world.database, Problems(world.database, clock), clock).look()


def troubles(world: TwoCrms) -> list[str]:
    with world.database.begin() as tx:
        return [problem.what for problem in runs.open_problems(tx)]


@pytest.mark.parametrize("hours", [(24, -24), (-1, 1)], ids=["a day forward and back", "an hour back and forward"])
def test_nobody_hears_of_a_clock_that_is_set_and_set_right_again(world: TwoCrms, hours: tuple[int, int]) -> None:
    before = shown(world)
    for step in hours:
        world.time.set(hours=step)
        for _ in range(3):
            look(world)
            world.run()
    assert shown(world)["sales tasks"] == before["sales tasks"]
    assert shown(world)["marketing tasks"] == before["marketing tasks"]
    made = writes(world)
    for _ in range(3):
        look(world)
        world.run()
    assert writes(world) == made


def test_new_leads_are_served_on_both_sides_of_a_jump(world: TwoCrms) -> None:
    world.time.set(hours=24)
    hot(world, "71")
    world.run()
    world.time.set(hours=-24)
    look(world)
    hot(world, "72")
    world.run()
    people = [str(task.person) for task in world.sales.tasks.all()]
    assert [people.count(f"contacts/{number}") for number in (71, 72)] == [1, 1]


def test_what_was_put_off_by_the_old_clock_is_tried_now(world: TwoCrms) -> None:
    busy = Ref("contacts", "8")
    world.time.set(days=3)
    world.sales.put(contact("8", "busy@acme.example"))
    world.sales.keep_busy(busy)
    world.run()
    world.time.set(days=-3)
    world.run()
    assert "grade" not in world.sales.ours(busy)
    look(world)
    world.run()
    assert "grade" in world.sales.ours(busy)


def test_it_is_told_once_and_over_with_the_next_look(world: TwoCrms) -> None:
    look(world)
    assert troubles(world) == []
    world.time.set(hours=-1)
    look(world)
    assert [what.split(" at ")[0] for what in troubles(world)] == ["the clock was set back by about 60 minutes"]
    look(world)
    assert troubles(world) == []


def test_a_clock_that_is_corrected_by_seconds_is_left_alone(world: TwoCrms) -> None:
    world.time.set(seconds=-30)
    look(world)
    assert troubles(world) == []


def test_every_stream_is_audited_once_more(world: TwoCrms) -> None:
    with world.database.begin() as tx:
        tx.execute(tables.audits.insert().values(
            connection="sales", stream="contacts", at="2026-11-18T09:00:00.000000Z", seen=1, repaired=0, removed=0
        ))  # fmt: skip
    world.time.set(hours=-1)
    look(world)
    with world.database.begin() as tx:
        (at,) = tx.execute(select(tables.audits.c.at)).scalars()
    assert from_stamp(at) < world.time.now - timedelta(days=300)
