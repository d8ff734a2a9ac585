"""Somebody responds to a lead that was handed over, or nobody does, and then people hear of it: through whole cycles."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.memory_wire import Fault
from connectors.records import OwnerRecord, Ref
from connectors.tasks import Task
from leadline.cli.status import response_words
from leadline.followup import Followup
from leadline.notify import SalesNotifier, address_of
from leadline.settings.model import WorkspaceSettings
from leadline.state import followups, runs
from leadline.state.database import Database
from leadline.state.records import owners_of
from scoring.qualification import Escalation
from scoring.routing import Routing
from tests.engine import START, TwoCrms, asks_for_a_demo, contact, engagement, hot, writes

WHERE = "env:SALES_CHANNEL"


class Heard:
    """Somebody at the end of each channel, who for a while may not listen."""

    def __init__(self) -> None:
        self.messages: list[tuple[str | None, str, str]] = []
        self.listens = True

    def __call__(self, reference: str, address: str | None, title: str, body: str) -> bool:
        assert reference == WHERE
        if self.listens:
            self.messages.append((address, title, body))
        return self.listens


@pytest.fixture
def world(database: Database) -> TwoCrms:
    """A team of a rep and her manager, and a lead who was handed over at nine: due at eleven."""
    world = TwoCrms(database)
    world.settings = WorkspaceSettings(sales_home="sales", notify_sales={"owner": WHERE})
    boss = OwnerRecord(ref=Ref("owners", "boss"), name="Bo Birch", email="bo@seller.example")
    rep = OwnerRecord(ref=Ref("owners", "o1"), name="Olga Okoye", email="olga@seller.example", manager_id="boss")
    for owner in (boss, rep):
        world.sales.put(owner)
    hot(world, "1")
    world.run()
    assert task(world).due_at == following(world).due_at
    return world


@pytest.fixture
def heard() -> Heard:
    return Heard()


def task(world: TwoCrms) -> Task:
    (found,) = world.sales.tasks.all()
    return found


def following(world: TwoCrms) -> Followup:
    with world.database.begin() as tx:
        (found,) = followups.of_persons(tx, [row[0] for row in tx.exec_driver_sql("SELECT id FROM persons").all()])
    return found


def tell(world: TwoCrms, heard: Heard) -> list[tuple[str | None, str, str]]:
    SalesNotifier(world.database, world.settings.notify_sales, world.qualification.escalate, heard).tell()
    return heard.messages


def problems(world: TwoCrms) -> set[str]:
    with world.database.begin() as tx:
        return {one.id for one in runs.open_problems(tx)}


def responds(world: TwoCrms, number: str, at: datetime, kind: str = "call", **fields: Any) -> None:
    world.sales.put(engagement(f"{number}-{at:%H%M}", kind, at, number, owner_id="o1", **fields))


def until(world: TwoCrms, hour: int, minute: int = 0) -> None:
    """Let it become that time of the day, and run a cycle."""
    world.time.now = datetime(2026, 11, 18, hour, minute, tzinfo=UTC)
    world.run()


class TestResponse:
    def test_a_call_after_the_crossing_is_kept_with_its_time(self, world: TwoCrms) -> None:
        called_at = START + timedelta(minutes=20)
        responds(world, "1", called_at, "call_attempt", status="no_answer")
        until(world, 9, 30)
        row = following(world)
        assert (row.response, row.responded_at, row.breach) == ("call of owner o1", called_at, None)

    def test_an_earlier_one_that_comes_in_later_corrects_the_time(self, world: TwoCrms) -> None:
        responds(world, "1", START + timedelta(hours=3))
        until(world, 12, 30)
        assert following(world).breach == "ignored"
        responds(world, "1", START + timedelta(minutes=40), "email", direction="outbound")
        until(world, 13)
        row = following(world)
        assert (row.response, row.responded_at, row.breach) == ("email of owner o1", START + timedelta(minutes=40), None)

    def test_the_leads_own_call_is_none(self, world: TwoCrms) -> None:
        responds(world, "1", START + timedelta(minutes=20), direction="inbound")
        until(world, 10)
        assert following(world).responded_at is None

    def test_a_response_in_the_other_crm_counts(self, world: TwoCrms) -> None:
        world.marketing.put(contact("m1", "buyer1@acme.example"))
        world.marketing.put(
            engagement("mail", "email", START + timedelta(minutes=9), "m1", owner_id="o1", direction="outbound")
        )
        until(world, 10)
        assert following(world).response == "email of owner o1"

    def test_what_came_before_the_task_was_opened_counts_too(self, database: Database) -> None:
        world = TwoCrms(database)
        hot(world, "1")
        asks_for_a_demo(world, "1")
        responds(world, "1", START - timedelta(minutes=2))
        world.run()
        world.run()
        assert following(world).responded_at == START - timedelta(minutes=2)

    def test_a_task_that_the_rep_completed_is_one_from_when_it_was(self, world: TwoCrms) -> None:
        done_at = START + timedelta(minutes=50)
        world.sales.tasks.put(replace(task(world), open=False, done_at=done_at))
        until(world, 11, 1)
        row = following(world)
        assert (row.response, row.responded_at, row.breach) == ("task of owner o1", done_at, None)

    def test_a_rep_who_left_since_is_still_of_our_side(self, world: TwoCrms) -> None:
        responds(world, "1", START + timedelta(minutes=20))
        world.sales.put(OwnerRecord(ref=Ref("owners", "o1"), name="Olga Okoye", active=False))
        until(world, 10)
        assert following(world).response == "call of owner o1"

    def test_the_persons_who_join_have_it(self, world: TwoCrms) -> None:
        responds(world, "1", START + timedelta(minutes=20))
        until(world, 9, 30)
        before = following(world)
        world.sales.put(contact("9", "buyer1@acme.example"))
        until(world, 10)
        assert following(world) == replace(before, person_id=following(world).person_id)


class TestEscalation:
    def test_the_owner_is_told_at_the_due_time_and_the_manager_gets_the_task_two_hours_later(
        self, world: TwoCrms, heard: Heard
    ) -> None:
        until(world, 10, 59)
        assert tell(world, heard) == []
        until(world, 11, 1)
        title, body = "Leadline: 1 lead waits for an answer", "contacts/1 in sales: due 2026-11-18 11:00 UTC"
        assert tell(world, heard) == [("olga@seller.example", title, f"{body}, with owner o1 (ignored)")]
        until(world, 12, 59)
        assert task(world).owner_id == "o1"
        until(world, 13, 1)
        assert task(world).owner_id == "boss"
        assert len(tell(world, heard)) == 1

    def test_each_step_is_taken_once_however_many_cycles_follow(self, world: TwoCrms, heard: Heard) -> None:
        until(world, 13, 1)
        before = writes(world)
        for _ in range(5):
            world.later(minutes=5)
            world.run()
            tell(world, heard)
        assert (writes(world), len(heard.messages), following(world).escalated) == (before, 1, 2)

    def test_whoever_has_responded_is_left_alone(self, world: TwoCrms, heard: Heard) -> None:
        responds(world, "1", START + timedelta(hours=1))
        until(world, 16)
        assert (tell(world, heard), task(world).owner_id, following(world).breach) == ([], "o1", None)

    def test_a_response_before_anybody_could_be_told_needs_no_telling(self, world: TwoCrms, heard: Heard) -> None:
        until(world, 11, 1)
        responds(world, "1", START + timedelta(hours=2, minutes=2))
        until(world, 11, 5)
        assert tell(world, heard) == []

    @pytest.mark.parametrize(
        "touched",
        [{"subject": "Call Ana on Friday"}, {"owner_id": "boss"}, {"open": False}],
    )
    def test_a_task_that_a_rep_touched_is_not_escalated(self, world: TwoCrms, heard: Heard, touched: dict[str, Any]) -> None:
        world.sales.tasks.put(replace(task(world), **touched))
        until(world, 16)
        assert (tell(world, heard), following(world).escalated) == ([], 0)

    def test_a_task_that_a_rep_deleted_is_not_either(self, world: TwoCrms, heard: Heard) -> None:
        world.sales.tasks.remove(task(world).ref)
        until(world, 16)
        assert (tell(world, heard), following(world).look_at) == ([], None)

    def test_nobody_is_judged_by_what_was_not_read(self, world: TwoCrms, heard: Heard) -> None:
        world.sales.wire.declare(Fault(503, "GET *", times=40))
        until(world, 11, 1)
        assert (tell(world, heard), following(world).breach) == ([], None)

    def test_a_channel_that_does_not_take_it_hears_it_later_once(self, world: TwoCrms, heard: Heard) -> None:
        until(world, 11, 1)
        heard.listens = False
        assert tell(world, heard) == []
        heard.listens = True
        tell(world, heard)
        assert len(tell(world, heard)) == 1

    def test_without_anybody_to_tell_a_problem_says_so(self, world: TwoCrms, heard: Heard) -> None:
        world.settings = WorkspaceSettings(sales_home="sales")
        until(world, 11, 1)
        assert "followup:nobody:owner" in problems(world)
        world.settings = WorkspaceSettings(sales_home="sales", notify_sales={"owner": WHERE})
        assert tell(world, heard) == []

    def test_a_record_that_nobody_active_owned_is_a_breach_of_that_kind(self, database: Database) -> None:
        world = TwoCrms(database)
        hot(world, "1", owner="left")
        world.run()
        until(world, 11, 1)
        assert following(world).breach == "no owner"
        assert task(world).owner_id == "o1"

    def test_reading_tasks_costs_one_call_for_all_that_are_due(self, world: TwoCrms) -> None:
        for number in ("2", "3", "4"):
            hot(world, number)
        world.run()
        before = len(world.sales.wire.journal)
        until(world, 11, 5)
        assert [call for call in world.sales.wire.journal[before:] if "tasks" in call] == ["GET /tasks/read"]


class TestSuccession:
    """Who gets a task that nobody responded to: whom the step means, else the fallback, else it stays."""

    @pytest.fixture
    def rules(self, world: TwoCrms) -> Any:
        def change(to: str, **routing: Any) -> None:
            step = {"after": "due", "reassign_to": to}
            world.qualification = world.qualification.model_copy(
                update={"escalate": (Escalation.model_validate(step),), "routing": Routing.model_validate(routing)}
            )

        for number in ("2", "3"):
            owner = OwnerRecord(ref=Ref("owners", f"o{number}"), name=f"Owner {number}", email=f"o{number}@seller.example")
            world.sales.put(owner)
        return change

    def test_whose_address_it_is(self, world: TwoCrms, rules: Any) -> None:
        rules("o2@seller.example")
        until(world, 11, 1)
        assert task(world).owner_id == "o2"

    def test_one_of_a_pool_in_turn_but_never_who_has_it(self, world: TwoCrms, rules: Any) -> None:
        hot(world, "2")
        hot(world, "3")
        world.run()
        rules("sdr", pools={"sdr": ["olga@seller.example", "o2@seller.example", "o3@seller.example"]})
        until(world, 11, 1)
        given = Counter(one.owner_id for one in world.sales.tasks.all())
        assert (set(given), max(given.values())) == ({"o2", "o3"}, 2)

    def test_the_fallback_where_no_manager_is_known(self, world: TwoCrms, rules: Any) -> None:
        world.sales.put(OwnerRecord(ref=Ref("owners", "o1"), name="Olga Okoye", email="olga@seller.example"))
        rules("manager", fallback="o3@seller.example")
        until(world, 11, 1)
        assert task(world).owner_id == "o3"

    def test_nobody_where_none_of_them_is(self, world: TwoCrms, rules: Any) -> None:
        world.sales.put(OwnerRecord(ref=Ref("owners", "o1"), name="Olga Okoye", email="olga@seller.example"))
        rules("manager")
        before = writes(world)
        until(world, 11, 1)
        assert (task(world).owner_id, following(world).escalated, writes(world)) == ("o1", 1, before)


class TestTelling:
    def test_half_of_the_responses_were_faster_and_breaches_are_counted_by_reason(self, world: TwoCrms) -> None:
        for number in ("2", "3", "4"):
            hot(world, number)
        world.run()
        for number, minutes in (("1", 10), ("2", 30), ("3", 140)):
            responds(world, number, START + timedelta(minutes=minutes))
        until(world, 12)
        with world.database.begin() as tx:
            (found,) = followups.responses(tx, START - timedelta(days=30)).values()
            assert followups.responses(tx, START + timedelta(days=1)) == {}
        assert response_words(found) == (
            "tasks of 30 days: 3 of 4 responded to, half of them within 30 min; breaches: 2 ignored"
        )

    def test_nothing_that_was_responded_to_has_no_median(self) -> None:
        found = followups.Responses(opened=1, answered=0, median_seconds=None, breaches={})
        assert response_words(found) == "tasks of 30 days: 0 of 1 responded to; breaches: none"

    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("owner", "olga@seller.example"),
            ("manager", "bo@seller.example"),
            ("chief@seller.example", "chief@seller.example"),
            ("sales-desk", None),
        ],
    )
    def test_who_is_meant_has_an_address(self, world: TwoCrms, name: str, address: str | None) -> None:
        row = following(world)
        with world.database.begin() as tx:
            assert address_of(name, row, owners_of(tx, "sales")) == address
