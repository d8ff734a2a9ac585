"""Which wanted tasks open now, for whom, and which wait."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from connectors.memory_wire import Fault
from connectors.records import OwnerRecord, Ref
from connectors.tasks import Task
from leadline.observe import Silent
from leadline.retry import RetryPolicy
from leadline.routing import Candidate
from leadline.state.database import Database
from leadline.state.scores import Wanted, crossings_of
from leadline.tasks import Load, held_back, is_past
from scoring.qualification import Calm, Launch, TaskRule
from tests.engine import (
    BUYER,
    START,
    TwoCrms,
    asks_for_a_demo,
    company,
    contact,
    engaged,
    engagement,
    hot,
    shipped_qualification,
)

FIRST = TaskRule.model_validate({"id": "raise", "on": {"signal": "demo-request"}, "due": "90s", "lane": "first"})
USUAL = TaskRule.model_validate({"id": "call", "on": {"enter": "sql"}, "due": "2h"})
CALM = Calm(cool_down="14d", per_owner_per_day=3, at_launch=Launch(open_top="2 per owner"))


def wanted(at_launch: bool = False, at: datetime = START) -> Wanted:
    return Wanted("p1:sql:1", "p1", "sql", "entered", at, at, "call", "wanted", at_launch, 7000)


def owner(tasks: int = 0, room: int = 3) -> Candidate:
    return Candidate("o1", taken=tasks, room=room, day_began=START.replace(hour=0))


COOLING = Load({"p1"})
READY = Load(set())


@pytest.mark.parametrize(
    ("one", "assignee", "load", "rule", "begins"),
    [
        (wanted(), owner(), READY, USUAL, None),
        (wanted(), owner(tasks=2), READY, USUAL, None),
        (wanted(), owner(tasks=3), READY, USUAL, "owner's day is full: 3 tasks"),
        (wanted(), owner(tasks=1, room=1), READY, USUAL, "owner's day is full: 1 tasks"),
        (wanted(), owner(), COOLING, USUAL, "cool-down"),
        (
            wanted(),
            owner(),
            Load(set(), awaited="crm to be read for the first time"),
            USUAL,
            "waiting for crm to be read for the first time",
        ),
        (wanted(at_launch=True), owner(tasks=1), READY, USUAL, None),
        (wanted(at_launch=True), owner(tasks=2), READY, USUAL, "at launch: only the best 2 of each owner"),
        (wanted(at_launch=True), owner(tasks=1, room=1), READY, USUAL, "at launch: only the best 1 of each owner"),
        (wanted(at_launch=True, at=START - timedelta(hours=9, seconds=1)), owner(tasks=2), READY, USUAL, None),
        (wanted(), owner(tasks=99), COOLING, FIRST, None),
        (wanted(at=START - timedelta(hours=25)), owner(tasks=99), READY, FIRST, "owner's day is full"),
        (wanted(at_launch=True), owner(tasks=2), READY, FIRST, "at launch"),
    ],
)
def test_a_task_waits_for_a_reason(one: Wanted, assignee: Candidate, load: Load, rule: TaskRule, begins: str | None) -> None:
    reason = held_back(one, assignee, load, CALM, rule, START)
    assert reason is None if begins is None else reason is not None and reason.startswith(begins)


def test_a_hand_raised_before_the_cool_down_is_history() -> None:
    raised = replace(wanted(), line="signal:demo-request", happened_at=START - timedelta(days=15))
    assert is_past(raised, CALM, START)
    assert not is_past(replace(raised, happened_at=START - timedelta(days=14)), CALM, START)
    assert not is_past(replace(raised, line="sql"), CALM, START), "a line is held, however long ago it was passed"


def test_going_live_opens_no_task_for_a_demo_asked_for_long_ago(database: Database) -> None:
    world = TwoCrms(database)
    world.sales.put(contact("1", "ana@acme.example", fields=BUYER))
    world.sales.put(engagement("1", "demo_request", START - timedelta(days=40), "1"))
    world.run()
    assert world.sales.tasks.of(Ref("contacts", "1")) == ()
    person = next(iter(world.scores()))
    with database.begin() as tx:
        told = [line for line in map(str, crossings_of(tx, person)) if "signal:demo-request" in line]
    assert len(told) == 1
    assert "lapsed (it happened on 09 Oct 2026, too long ago for a task)" in told[0]


def tasks_of(world: TwoCrms) -> list[Task]:
    return [*world.marketing.tasks.all(), *world.sales.tasks.all()]


def histories(world: TwoCrms) -> list[str]:
    persons = sorted(world.scores())
    with world.database.begin() as tx:
        return [str(one) for person in persons for one in crossings_of(tx, person)]


def launched(database: Database) -> TwoCrms:
    """Two CRMs that went live with nobody in them."""
    world = TwoCrms(database)
    world.run()
    return world


def with_calm(world: TwoCrms, **calm: object) -> None:
    raw = {"cool_down": "14d", "per_owner_per_day": 15, "at_launch": {"open_top": "5 per owner"}} | calm
    shipped = shipped_qualification()
    world.qualification = shipped.model_copy(update={"calm": Calm.model_validate(raw)})


def test_a_person_in_both_crms_gets_the_task_where_sales_works(sqlite: Database) -> None:
    world = launched(sqlite)
    hot(world, "1", world.marketing)
    world.sales.put(contact("s1", "buyer1@acme.example"))
    world.run()
    assert world.marketing.tasks.all() == ()
    assert [task.person for task in world.sales.tasks.all()] == [Ref("contacts", "s1")]


def test_the_person_who_raised_a_hand_goes_before_a_better_one_who_did_not(sqlite: Database) -> None:
    world = launched(sqlite)
    hot(world, "1")
    world.sales.put(contact("2", "bo@birch.example"))
    asks_for_a_demo(world, "2")
    world.run()
    assert [task.person.id for task in world.sales.tasks.all()] == ["2", "1"]


def test_the_best_get_the_room_of_a_full_day_and_the_others_the_next_one(sqlite: Database) -> None:
    world = launched(sqlite)
    with_calm(world, per_owner_per_day=1)
    hot(world, "1")
    hot(world, "2")
    world.sales.set_fields(Ref("contacts", "1"), phone=None)
    world.run()
    world.run()
    assert [task.person.id for task in tasks_of(world)] == ["2"]
    assert any("held back (owner's day is full: 1 tasks)" in line for line in histories(world))
    world.later(days=1)
    world.run()
    assert [task.person.id for task in tasks_of(world)] == ["2", "1"]


def test_a_second_line_within_the_cool_down_waits_until_it_is_over(sqlite: Database) -> None:
    world = launched(sqlite)
    hot(world, "1")
    world.run()
    asks_for_a_demo(world, "1")
    world.run()
    assert [task.key for task in tasks_of(world) if task.key and ":signal:" in task.key], "a raised hand never waits"
    assert len(tasks_of(world)) == 2


def test_who_does_not_qualify_any_more_when_there_is_room_gets_none(sqlite: Database) -> None:
    world = launched(sqlite)
    with_calm(world, per_owner_per_day=1)
    hot(world, "1")
    hot(world, "2")
    world.run()
    held = ({"1", "2"} - {task.person.id for task in tasks_of(world)}).pop()
    for part in ("meeting", "visit0", "visit1"):
        world.sales.archive(Ref("activities", f"{held}-{part}"))
    world.sales.set_fields(Ref("contacts", held), title=None, buying_role=None)
    world.later(days=1)
    world.run()
    assert len(tasks_of(world)) == 1
    assert any("lapsed" in line for line in histories(world))


def test_who_was_knocked_out_while_waiting_gets_none(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    with_calm(world, at_launch={"open_top": "0 per owner"})
    hot(world, "1")
    asks_for_a_demo(world, "1")
    world.run()
    assert tasks_of(world) == []
    world.sales.set_fields(Ref("contacts", "1"), lead_status="unqualified")
    world.later(days=1)
    world.run()
    assert tasks_of(world) == []


def test_a_task_for_leaving_a_stage_opens_when_it_is_left(sqlite: Database) -> None:
    world = launched(sqlite)
    rule = TaskRule.model_validate({"id": "revive", "on": {"leave": "sql"}, "due": "1d"})
    world.qualification = shipped_qualification().model_copy(update={"tasks": (rule,)})
    hot(world, "1")
    world.run()
    assert tasks_of(world) == []
    for part in ("meeting", "visit0", "visit1"):
        world.sales.archive(Ref("activities", f"1-{part}"))
    world.sales.set_fields(Ref("contacts", "1"), title=None, buying_role=None)
    world.run()
    assert len(tasks_of(world)) == 1


def test_a_task_whose_record_is_gone_goes_to_the_record_it_went_into(sqlite: Database) -> None:
    world = launched(sqlite)
    hot(world, "1")
    world.sales.wire.declare(Fault(503, "POST /tasks", times=RetryPolicy().attempts))
    world.run()
    world.sales.put(contact("2", "other@acme.example", fields=BUYER))
    world.sales.merge(Ref("contacts", "1"), Ref("contacts", "2"))
    world.run()
    world.run()
    assert [task.person.id for task in world.sales.tasks.all()] == ["2"]


class Leave(Silent):
    """Lets the owner go just before tasks are opened, and come back after that."""

    def __init__(self, world: TwoCrms) -> None:
        self._world = world

    def phase(self, connection: str, phase: str) -> None:
        """Between the pull and the delivery."""
        if connection == "sales":
            self._world.sales.put(OwnerRecord(ref=Ref("owners", "o1"), name="Olga Okoye", active=phase != "deliver"))


def refused(world: TwoCrms) -> None:
    """A cycle in which the CRM refuses the task, since its owner has left meanwhile."""
    world.observer = Leave(world)
    world.run()
    world.observer = Silent()
    world.sales.put(OwnerRecord(ref=Ref("owners", "o1"), name="Olga Okoye"))


def test_a_refused_task_is_tried_again_when_its_record_changes(sqlite: Database) -> None:
    world = launched(sqlite)
    hot(world, "1")
    refused(world)
    world.run()
    assert tasks_of(world) == []
    assert world.sales.wire.journal.count("POST /tasks") == 1
    world.sales.set_fields(Ref("contacts", "1"), phone="+49 30 5550199")
    world.run()
    assert len(tasks_of(world)) == 1


def test_a_refused_task_is_tried_again_when_the_settings_change(sqlite: Database) -> None:
    world = launched(sqlite)
    hot(world, "1")
    refused(world)
    world.revision = "2"
    world.run()
    assert len(tasks_of(world)) == 1


def test_a_task_of_an_archived_and_restored_record_is_not_opened_twice(sqlite: Database) -> None:
    world = launched(sqlite)
    hot(world, "1")
    world.run()
    world.sales.archive(Ref("contacts", "1"))
    world.run()
    hot(world, "1")
    world.run()
    assert len(tasks_of(world)) == 1
    assert not any("task queued" in line for line in histories(world))


def test_a_colleague_is_named_in_the_hand_over(sqlite: Database) -> None:
    world = launched(sqlite)
    world.sales.put(company("c1", name="Acme"))
    world.sales.put(
        contact("9", "li@acme.example", fields={"first_name": "Li", "last_name": "Chen"}, company=Ref("companies", "c1"))
    )
    hot(world, "1")
    engaged(world, "1")
    world.run()
    (task,) = tasks_of(world)
    assert "Others there: Li Chen" in task.body
