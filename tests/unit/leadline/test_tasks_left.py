"""Tasks end with what they were opened for, and what is held back is looked at when something can have changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from connectors.records import Ref
from connectors.tasks import Task
from leadline.state import outbox, people
from leadline.state.database import Database
from leadline.state.scores import crossings_of
from leadline.tasks import REVIEW_EVERY
from tests.engine import TwoCrms, contact, hot, shipped_qualification

BUYER = Ref("contacts", "1")


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """A workspace that has gone live, with a buyer who is ready for sales and has a task."""
    world = TwoCrms(sqlite)
    world.sales.put(contact("0", "first@acme.example"))
    world.run()
    world.later(days=1)
    hot(world, "1")
    world.run()
    assert [task.open for task in tasks(world)] == [True]
    return world


def tasks(world: TwoCrms) -> tuple[Task, ...]:
    return world.sales.tasks.of(BUYER)


def cools_off(world: TwoCrms) -> None:
    """All that made the buyer ready is gone."""
    for part in ("meeting", "visit0", "visit1"):
        world.sales.archive(Ref("activities", f"1-{part}"))
    world.sales.set_fields(BUYER, title=None, buying_role=None)
    world.run()


def history(world: TwoCrms) -> list[str]:
    with world.database.begin() as tx:
        ids = [row[0] for row in tx.exec_driver_sql("SELECT id FROM persons").all()]
        return [str(one) for person in ids for one in crossings_of(tx, person)]


def test_the_task_for_a_line_is_closed_when_the_line_is_left(world: TwoCrms) -> None:
    cools_off(world)
    (task,) = tasks(world)
    assert not task.open
    assert "Closed by Leadline on 19 Nov 2026: sql does not hold any more" in task.body
    assert any("entered sql: task closed" in line for line in history(world))


@pytest.mark.parametrize("changes", [{"subject": "Call back on Monday"}, {"body": "Left a message"}, {"open": False}])
def test_a_task_that_a_rep_made_their_own_outlasts_the_line(world: TwoCrms, changes: dict[str, str | bool]) -> None:
    (task,) = tasks(world)
    theirs = replace(task, **changes)
    world.sales.tasks.put(theirs)
    cools_off(world)
    assert tasks(world) == (theirs,)


def test_a_closed_task_costs_nothing_afterwards(world: TwoCrms) -> None:
    cools_off(world)
    before = len(world.sales.wire.journal)
    world.run()
    quiet = world.sales.wire.journal[before:]
    assert not [call for call in quiet if "tasks" in call or not call.startswith("GET ")]


def test_a_task_that_waits_for_its_line_is_withdrawn_when_the_line_is_left(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    world.sales.put(contact("0", "first@acme.example"))
    world.run()
    world.later(days=1)
    world.fuses = world.fuses.model_copy(update={"tasks": 0})
    hot(world, "1")
    world.run()
    assert tasks(world) == ()
    cools_off(world)
    world.fuses = world.fuses.model_copy(update={"tasks": 10})
    world.run()
    assert tasks(world) == ()
    with world.database.begin() as tx:
        assert outbox.queued_tasks(tx) == []


class TestReview:
    """What is held back is not read again with every cycle."""

    def test_nobody_is_read_while_nothing_changes(self, sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        world = held_back(sqlite)
        cycle = world.cycle()
        cycle.once(lambda: None)
        read: list[datetime] = []
        load = people.load_people

        def noted(tx: Connection, ids: list[str]) -> list[people.PersonView]:
            read.append(world.time.now)
            return load(tx, ids)

        monkeypatch.setattr(people, "load_people", noted)
        for _ in range(9):
            world.later(minutes=1)
            cycle.once(lambda: None)
        assert read == []
        world.later(minutes=1)
        cycle.once(lambda: None)
        assert len(read) == 1

    def test_who_is_held_back_gets_the_task_soon_after_there_is_room(self, sqlite: Database) -> None:
        world = held_back(sqlite)
        cycle = world.cycle()
        cycle.once(lambda: None)
        world.time.now = world.time.now.replace(hour=23, minute=59) + timedelta(minutes=1)
        cycle.once(lambda: None)
        assert len(tasks(world)) == 1, "a new day is no review late"

    def test_a_review_is_soon_enough_for_a_cool_down(self) -> None:
        assert timedelta() < REVIEW_EVERY <= timedelta(minutes=15)


def held_back(sqlite: Database) -> TwoCrms:
    """A buyer found when a workspace goes live that opens no task on the first day."""
    world = TwoCrms(sqlite)
    shipped = shipped_qualification()
    launch = shipped.calm.at_launch.model_copy(update={"open_top": 0})
    calm = shipped.calm.model_copy(update={"at_launch": launch})
    world.qualification = shipped.model_copy(update={"calm": calm})
    hot(world, "1")
    world.run()
    assert tasks(world) == ()
    return world
