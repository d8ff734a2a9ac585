"""Tasks by routing, turns and the day of their owner, around two CRMs."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.memory_wire import Fault
from connectors.records import OwnerRecord, PersonRecord, Ref
from connectors.tasks import Task
from leadline.retry import RetryPolicy
from leadline.state import runs
from leadline.state.database import Database
from leadline.state.scores import crossings_of
from scoring.qualification import Calm
from scoring.routing import Routing
from tests.engine import TwoCrms, asks_for_a_demo, contact, hot, shipped_qualification

SDR = {"pools": {"sdr": ["ana@seller.example", "bo@seller.example", "cy@seller.example"]}}


def seller(name: str, **more: Any) -> OwnerRecord:
    return OwnerRecord(ref=Ref("owners", name), name=name.title(), email=f"{name}@seller.example", **more)


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """Two CRMs that went live with nobody in them; in that of sales Ana, Bo and Cy work beside Olga."""
    world = TwoCrms(sqlite)
    for name in ("ana", "bo", "cy"):
        world.sales.put(seller(name))
    world.run()
    return world


def ruled(world: TwoCrms, routing: dict[str, Any] | None = None, to: str = "owner", **calm: Any) -> None:
    """Whom tasks go to, and how many a day."""
    shipped = shipped_qualification()
    raw = {"cool_down": "14d", "per_owner_per_day": 15, "at_launch": {"open_top": "5 per owner"}} | calm
    world.qualification = shipped.model_copy(
        update={
            "tasks": tuple(rule.model_copy(update={"to": to}) for rule in shipped.tasks),
            "routing": Routing.model_validate(routing or {}),
            "calm": Calm.model_validate(raw),
        }
    )


def assignees(world: TwoCrms) -> list[str | None]:
    """Who got the tasks, in the order of the persons."""
    return [task.owner_id for task in sorted(tasks(world), key=lambda task: int(task.person.id))]


def tasks(world: TwoCrms) -> tuple[Task, ...]:
    return world.sales.tasks.all()


def buyers(world: TwoCrms, *numbers: int, owner: str | None = None) -> None:
    """Put persons into sales who are ready for it, in the name of an owner."""
    for number in numbers:
        ref = hot(world, str(number))
        person = world.sales.get(ref)
        assert isinstance(person, PersonRecord)
        world.sales.put(replace(person, owner_id=owner))


class TestTurns:
    """A pool takes turns."""

    def test_everyone_gets_as_many(self, world: TwoCrms) -> None:
        ruled(world, SDR, to="sdr")
        buyers(world, *range(1, 8))
        world.run()
        assert sorted(Counter(assignees(world)).values()) == [2, 2, 3]
        assert set(assignees(world)) == {"ana", "bo", "cy"}

    def test_turns_go_on_after_a_restart_and_over_days(self, world: TwoCrms) -> None:
        ruled(world, SDR, to="sdr")
        for number in range(1, 7):
            buyers(world, number)
            world.run()
            world.later(days=1)
        assert set(assignees(world)[:3]) == {"ana", "bo", "cy"}
        assert assignees(world)[3:] == assignees(world)[:3]

    def test_a_crash_before_the_answer_changes_nobodys_turn(self, world: TwoCrms) -> None:
        ruled(world, SDR, to="sdr")
        buyers(world, 1)
        world.sales.wire.declare(Fault(503, "POST /tasks", times=RetryPolicy().attempts))
        world.run()
        buyers(world, 2)
        world.run()
        assert len(set(assignees(world))) == 2

    def test_who_has_no_room_left_is_passed_over_and_a_full_pool_waits(self, world: TwoCrms) -> None:
        limits = {"ana@seller.example": 1, "bo@seller.example": 1, "cy@seller.example": 2}
        ruled(world, {**SDR, "capacity_per_day": limits}, to="sdr")
        buyers(world, *range(1, 6))
        world.run()
        assert Counter(assignees(world)) == {"ana": 1, "bo": 1, "cy": 2}
        assert sum("owner's day is full" in line for line in histories(world)) == 1
        world.later(days=1)
        world.run()
        assert len(tasks(world)) == 5

    def test_a_raised_hand_goes_to_who_is_at_work_now(self, world: TwoCrms) -> None:
        world.sales.put(seller("cy", time_zone="Asia/Tokyo"))
        ruled(world, SDR, to="sdr")
        world.time.now = datetime(2026, 11, 19, 2, tzinfo=UTC)  # late morning in Tokyo, deep night where the others are
        for number in ("1", "2"):
            world.sales.put(contact(number, f"p{number}@acme.example", owner_id=None))
            asks_for_a_demo(world, number)
        world.run()
        assert assignees(world) == ["cy", "cy"]


class TestWhoGetsIt:
    """Nobody's lead is somebody's."""

    def test_the_owner_who_works_there(self, world: TwoCrms) -> None:
        ruled(world, SDR)
        buyers(world, 1, owner="bo")
        world.run()
        assert assignees(world) == ["bo"]

    @pytest.mark.parametrize("state", [{"active": False}, {"kind": "queue"}])
    def test_a_lead_of_a_queue_or_of_who_left_goes_to_its_territory(self, world: TwoCrms, state: dict[str, Any]) -> None:
        dach = {"id": "dach", "when": {"person.country": {"in": ["DE", "AT", "CH"]}}, "to": "cy@seller.example"}
        ruled(world, {"territories": [dach], "fallback": "bo@seller.example"})
        world.sales.put(replace(seller("dee"), **state))
        buyers(world, 1, 2, owner="dee")
        world.sales.set_fields(Ref("contacts", "1"), country="AT")
        world.run()
        assert assignees(world) == ["cy", "bo"]

    def test_the_manager_of_the_owner(self, world: TwoCrms) -> None:
        world.sales.put(seller("bo", manager_id="ana"))
        ruled(world, to="manager")
        buyers(world, 1, owner="bo")
        world.run()
        assert assignees(world) == ["ana"]

    def test_without_any_active_user_the_task_waits_and_says_why(self, world: TwoCrms) -> None:
        for name in ("ana", "bo", "cy", "o1"):
            world.sales.put(seller(name, active=False))
        buyers(world, 1)
        world.run()
        assert tasks(world) == ()
        assert any("held back (nobody can take it: sales has no active user)" in line for line in histories(world))
        world.sales.put(seller("ana"))
        world.run()
        assert assignees(world) == ["ana"]


class TestTheirDay:
    """Due times and full days are those of who gets the task."""

    def test_a_task_is_due_in_the_hours_of_its_owner(self, world: TwoCrms) -> None:
        world.sales.put(seller("ana", time_zone="America/New_York"))
        world.sales.put(seller("bo", time_zone="Asia/Tokyo"))
        buyers(world, 1, owner="ana")
        buyers(world, 2, owner="bo")
        world.run()
        due = {task.owner_id: task.due_at for task in tasks(world)}
        assert due == {
            "ana": datetime(2026, 11, 18, 16, tzinfo=UTC),  # work begins there at two in the afternoon UTC
            "bo": datetime(2026, 11, 19, 2, tzinfo=UTC),  # and had ended there at eight in the morning
        }

    def test_a_full_day_ends_at_the_midnight_of_its_owner(self, world: TwoCrms) -> None:
        world.sales.put(seller("ana", time_zone="America/New_York"))
        ruled(world, per_owner_per_day=1)
        buyers(world, 1, 2, owner="ana")
        world.run()
        assert len(tasks(world)) == 1
        world.time.now = datetime(2026, 11, 19, 4, 58, tzinfo=UTC)  # two minutes before midnight in New York
        world.run()
        assert len(tasks(world)) == 1
        world.later(minutes=2)
        world.run()
        assert len(tasks(world)) == 2


class TestStrangers:
    """An address that nobody active has loses no task, and is told."""

    def test_its_tasks_go_on_and_the_problem_names_its_place_only(self, world: TwoCrms) -> None:
        pool = ["ana@seller.example", "gone@seller.example"]
        ruled(world, {"pools": {"sdr": pool}, "fallback": "gone@seller.example"}, to="sdr")
        buyers(world, 1)
        world.run()
        assert assignees(world) == ["ana"]
        (problem,) = problems(world)
        where = "qualification.yaml at routing, pools, sdr, entry 2; routing, fallback"
        assert problem.what == f"sales has no active user with the address in {where}"
        assert "gone@" not in problem.what + problem.fix

    def test_the_problem_is_over_when_they_are_at_work(self, world: TwoCrms) -> None:
        ruled(world, {"fallback": "dee@seller.example"})
        world.run()
        assert len(problems(world)) == 1
        world.sales.put(seller("dee"))
        world.run()
        assert problems(world) == []

    def test_it_is_no_problem_before_the_owners_were_read(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        ruled(world, {"fallback": "dee@seller.example"})
        world.sales.wire.declare(Fault(500, "GET *", times=RetryPolicy().attempts))
        world.run()
        assert [one.id for one in problems(world)] == ["sales:pull"]


def problems(world: TwoCrms) -> list[runs.Problem]:
    with world.database.begin() as tx:
        return runs.open_problems(tx)


def histories(world: TwoCrms) -> list[str]:
    persons = sorted(world.scores())
    with world.database.begin() as tx:
        return [str(line) for person in persons for line in crossings_of(tx, person)]
