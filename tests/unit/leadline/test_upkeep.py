"""Open tasks are kept true: what a rep reads is brought up to date, and nobody is called who said no."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.memory_crm import MemoryCrm
from connectors.records import OwnerRecord, PersonRecord, Ref, Scalar
from connectors.tasks import Task
from leadline.closing import Told
from leadline.state.database import Database
from leadline.upkeep import is_due
from scoring.qualification import Qualification, parse_qualification
from tests.engine import START, TwoCrms, asks_for_a_demo, hot, shipped_qualification, writes

CALL: dict[str, Any] = {"id": "ring", "on": {"enter": "sql"}, "kind": "call", "due": "2 working hours"}
EMAIL: dict[str, Any] = {"id": "write", "on": {"enter": "sql"}, "kind": "email", "due": "2 working hours"}
TODO: dict[str, Any] = {"id": "look", "on": {"enter": "sql"}, "due": "2 working hours"}


def with_tasks(*rules: dict[str, Any]) -> Qualification:
    """The shipped qualification with these tasks instead of its own."""
    plain = shipped_qualification()
    tasks = parse_qualification(
        {
            "framework": "bant",
            "elements": {"need": {"ask": "Which?"}},
            "stages": [{"id": "lead"}, {"id": "sql", "enter": {"total": {"at_least": 1}}, "leave": {"total": {"below": 1}}}],
            "tasks": list(rules),
        }
    ).tasks
    return plain.model_copy(update={"tasks": tasks})


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    world = TwoCrms(sqlite)
    world.sales.put(OwnerRecord(ref=Ref("owners", "o2"), name="Pia Park", email="pia@seller.example"))
    world.qualification = with_tasks(TODO)
    return world


def the_task(world: TwoCrms) -> Task:
    (task,) = world.sales.tasks.all()
    return task


def told(world: TwoCrms, number: str = "1", /, **fields: Scalar) -> None:
    """The record says something else now, and we read it."""
    world.sales.set_fields(Ref("contacts", number), **fields)
    world.run()


def the_contact(crm: MemoryCrm, number: str) -> PersonRecord:
    record = crm.get(Ref("contacts", number))
    assert isinstance(record, PersonRecord)
    return record


def given_to(world: TwoCrms, owner: str) -> None:
    world.sales.put(replace(the_contact(world.sales, "1"), owner_id=owner))
    world.run()


def crossing(world: TwoCrms, line: str = "sql") -> tuple[str, str]:
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql(f"SELECT outcome, why FROM crossings WHERE line = '{line}'").all()
    ((outcome, why),) = rows
    return outcome, why


@pytest.mark.parametrize(
    ("written_from", "due"),
    [
        (None, True),
        (Told("as now", "o1"), False),
        (Told("other", "o1"), True),
        (Told("other", "o1", changed_at=START.replace(hour=1)), False),
        (Told("other", "o1", changed_at=START.replace(day=17, hour=23)), True),
    ],
)
def test_a_task_is_written_again_when_it_would_say_something_else_and_not_twice_a_day(
    written_from: Told | None, due: bool
) -> None:
    assert is_due(written_from, "as now", START) is due


def test_an_untouched_task_is_brought_up_to_date_when_something_material_was_learnt(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    assert "- Timeline: confirmed (purchase timeframe: this quarter" in the_task(world).body
    told(world, purchase_timeframe="none")
    after = the_task(world)
    assert "- Timeline: contradicted (purchase timeframe: none" in after.body
    assert (after.open, after.owner_id) == (True, "o1")


def test_a_newer_strong_signal_is_the_new_why(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    asks_for_a_demo(world, "1")
    world.run()
    assert the_task(world).body.startswith("Why now: Asked for a demo")


def test_a_point_up_or_down_rewrites_nothing(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    before = the_task(world)
    told(world, phone="+49 30 5550199")
    assert the_task(world) == before


def test_an_unchanged_world_costs_no_write(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    world.run()
    before = writes(world)
    for _ in range(5):
        world.later(minutes=10)
        world.run()
    assert writes(world) == before


def test_a_task_changes_once_a_day_and_says_the_rest_the_day_after(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    told(world, purchase_timeframe="none")
    told(world, budget=None, budget_status="frozen")
    assert "- Budget: confirmed" in the_task(world).body
    world.later(days=1)
    world.run()
    assert "- Budget: contradicted" in the_task(world).body


@pytest.mark.parametrize(
    "touched",
    [
        {"subject": "Call Ana on Monday"},
        {"body": "Left a message"},
        {"owner_id": "o2"},
        {"due_at": datetime(2026, 12, 1, 9, tzinfo=START.tzinfo)},
        {"open": False},
    ],
)
def test_what_a_rep_has_touched_is_left_to_the_rep(world: TwoCrms, touched: dict[str, Any]) -> None:
    hot(world, "1")
    world.run()
    world.sales.tasks.put(replace(the_task(world), **touched))
    before = the_task(world)
    told(world, purchase_timeframe="none")
    world.later(days=1)
    told(world, budget=None, budget_status="frozen")
    assert the_task(world) == before


def test_a_deleted_task_stays_deleted(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    world.sales.tasks.remove(the_task(world).ref)
    told(world, purchase_timeframe="none")
    assert world.sales.tasks.all() == ()


def test_a_task_goes_to_the_new_owner_of_the_record(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    given_to(world, "o2")
    assert the_task(world).owner_id == "o2"


def test_a_task_is_not_given_to_somebody_who_left(world: TwoCrms) -> None:
    world.sales.put(OwnerRecord(ref=Ref("owners", "gone"), name="Gus Gone", active=False))
    hot(world, "1")
    world.run()
    given_to(world, "gone")
    assert the_task(world).owner_id == "o1"


def test_no_text_of_ours_is_kept(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    told(world, purchase_timeframe="none")
    with world.database.begin() as tx:
        kept = tx.exec_driver_sql("SELECT content FROM tasks").all()
        under_way = tx.exec_driver_sql("SELECT payload FROM outbox WHERE kind IN ('task', 'change')").all()
    assert not [word for word in ("Sato", "Acme", "contradicted") if word in repr(kept)]
    assert under_way == []


def test_who_opted_out_of_calls_gets_the_next_kind_of_task(world: TwoCrms) -> None:
    world.qualification = with_tasks(CALL, EMAIL)
    hot(world, "1")
    world.sales.set_fields(Ref("contacts", "1"), do_not_call=True)
    world.run()
    assert the_task(world).subject.startswith("E-mail Ana Sato")


def test_who_opted_out_of_all_of_it_gets_none_and_the_crossing_says_so(world: TwoCrms) -> None:
    world.qualification = with_tasks(CALL)
    hot(world, "1")
    world.sales.set_fields(Ref("contacts", "1"), do_not_call=True)
    world.run()
    assert world.sales.tasks.all() == ()
    assert crossing(world) == ("no task", "opted out of calls")


def test_an_opt_out_in_one_crm_counts_in_the_other(world: TwoCrms) -> None:
    world.qualification = with_tasks(CALL, EMAIL)
    hot(world, "1")
    hot(world, "9", world.marketing)
    for number, crm in (("1", world.sales), ("9", world.marketing)):
        crm.set_fields(Ref("contacts", number), do_not_call=crm is world.marketing)
        crm.put(replace(the_contact(crm, number), email="ana@acme.example"))
    world.run()
    assert the_task(world).subject.startswith("E-mail")


@pytest.mark.parametrize(
    ("rule", "opt_out", "why"), [(CALL, "do_not_call", "opted out of calls"), (EMAIL, "opted_out", "opted out of e-mail")]
)
def test_opting_out_closes_an_untouched_task_with_a_note(
    world: TwoCrms, rule: dict[str, Any], opt_out: str, why: str
) -> None:
    world.qualification = with_tasks(rule)
    hot(world, "1")
    world.run()
    told(world, "1", **{opt_out: True})
    task = the_task(world)
    assert not task.open
    assert task.body.endswith(f"Closed by Leadline on 18 Nov 2026: {why}.")
    assert crossing(world)[0] == "task closed"


def test_opting_out_leaves_a_task_that_a_rep_has_touched(world: TwoCrms) -> None:
    world.qualification = with_tasks(CALL)
    hot(world, "1")
    world.run()
    world.sales.tasks.put(replace(the_task(world), subject="I am on it"))
    told(world, do_not_call=True)
    assert the_task(world).open


def test_a_task_that_was_held_back_opens_by_what_is_allowed_when_there_is_room(world: TwoCrms) -> None:
    plain = with_tasks(CALL, EMAIL)
    world.qualification = plain.model_copy(update={"calm": plain.calm.model_copy(update={"per_owner_per_day": 1})})
    for number in ("1", "2"):
        hot(world, number)
    world.run()
    (first,) = world.sales.tasks.all()
    waits = "2" if first.person.id == "1" else "1"
    told(world, waits, do_not_call=True)
    world.later(days=1)
    world.run()
    subjects = {task.person.id: task.subject.split()[0] for task in world.sales.tasks.all()}
    assert subjects == {first.person.id: "Call", waits: "E-mail"}
