"""What passes over changes miss, the nightly audit finds; and no stream is believed to have vanished."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import Reauthorise
from connectors.memory_crm import MemoryCrm
from connectors.memory_wire import Fault
from connectors.records import Ref, Stream
from leadline.audit import Count, disagrees, last_time, too_many_repairs
from leadline.state import audits, runs
from leadline.state.database import Database
from tests.engine import TwoCrms, company, contact, engaged, hot, writes

BERLIN = ZoneInfo("Europe/Berlin")
TWO = time(2)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-18T09:00", "2026-11-18T01:00"),
        ("2026-11-18T01:00", "2026-11-18T01:00"),
        ("2026-11-18T00:59", "2026-11-17T01:00"),
        ("2026-07-18T00:30", "2026-07-18T00:00"),
        ("2026-03-29T12:00", "2026-03-29T01:00"),
    ],
    ids=["later in the day", "on the dot", "not yet today", "in summer", "an hour that the clock leaves out"],
)
def test_the_hour_of_audits_is_that_of_the_clock_on_the_wall(now: str, last: str) -> None:
    found = last_time(datetime.fromisoformat(now).replace(tzinfo=UTC), TWO, BERLIN)
    assert found.astimezone(UTC) == datetime.fromisoformat(last).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("seen", "repaired", "too_many"),
    [(100, 19, False), (100, 20, True), (2_000, 20, False), (2_000, 21, True)],
    ids=["too few to matter", "enough", "one percent", "more than one percent"],
)
def test_many_repairs_are_a_sign_that_passes_miss_changes(seen: int, repaired: int, too_many: bool) -> None:
    assert too_many_repairs(seen, repaired) is too_many


@pytest.mark.parametrize(
    ("seen", "count", "differs"),
    [
        (10, Count(10, 10, 0), False),
        (9, Count(10, 10, 0), True),
        (9, Count(10, 10, 1), False),
        (11, Count(10, 12, 0), False),
        (9_990, Count(10_000, 10_000, 0), False),
        (9_989, Count(10_000, 10_000, 0), True),
    ],
    ids=["the same", "one is missing", "one changed meanwhile", "people came meanwhile", "a thousandth", "more than that"],
)
def test_a_census_is_held_against_the_count(seen: int, count: Count, differs: bool) -> None:
    assert disagrees(seen, count) is differs


def unseen(world: TwoCrms, act: Callable[[], object]) -> None:
    """Let something happen that the passes over changes do not show, and cycles go on."""
    act()
    for stream in Stream:
        skip_to_now(world, world.sales, stream)
    world.later(minutes=5)
    world.run()


def skip_to_now(world: TwoCrms, crm: MemoryCrm, stream: Stream) -> None:
    with world.database.begin() as tx:
        cursor = f'{{"seen":{crm.head()}}}'
        tx.exec_driver_sql(f"UPDATE cursors SET cursor = '{cursor}' WHERE connection = '{crm.name}' AND stream = '{stream}'")


def held(world: TwoCrms, stream: Stream = Stream.CONTACTS) -> set[str]:
    """The ids of the live records that we hold of `sales`."""
    table, live = ("events", "TRUE") if stream is Stream.ENGAGEMENTS else ("records", "removed_at IS NULL")
    of_stream = "TRUE" if stream is Stream.ENGAGEMENTS else f"stream = '{stream}'"
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql(f"SELECT id FROM {table} WHERE connection = 'sales' AND {live} AND {of_stream}")
        return {row[0] for row in rows}


def troubles(world: TwoCrms) -> dict[str, str]:
    with world.database.begin() as tx:
        return {problem.id: problem.what for problem in runs.open_problems(tx)}


def came_to(world: TwoCrms) -> dict[str, tuple[int, int, int]]:
    """Seen, repaired and removed, by stream, of an audit now."""
    return {one.stream.value: (one.seen, one.repaired, one.removed) for one in world.audit()}


@pytest.fixture
def world(database: Database) -> TwoCrms:
    """Three people, read and scored."""
    world = TwoCrms(database)
    world.sales.put(company("c1", name="Acme"))
    for number in range(3):
        world.sales.put(contact(str(number), f"p{number}@acme.example", company=Ref("companies", "c1")))
    engaged(world, "0")
    world.run()
    world.later(minutes=5)
    world.run()
    return world


class TestRepair:
    def test_an_audit_of_a_faithful_copy_changes_nothing(self, world: TwoCrms) -> None:
        told = writes(world)
        assert came_to(world) == {
            "companies": (1, 0, 0),
            "contacts": (3, 0, 0),
            "deals": (0, 0, 0),
            "engagements": (3, 0, 0),
        }
        world.run()
        assert writes(world) == told
        assert troubles(world) == {}

    def test_somebody_no_pass_showed_is_found(self, world: TwoCrms) -> None:
        unseen(world, lambda: world.sales.put(contact("new", "new@acme.example")))
        assert "new" not in held(world)
        assert came_to(world)["contacts"] == (4, 1, 0)
        assert "new" in held(world)
        world.run()
        assert any(score.breakdown for score in world.scores().values())

    def test_an_edit_no_pass_showed_is_found(self, world: TwoCrms) -> None:
        unseen(world, lambda: world.sales.set_fields(Ref("contacts", "1"), title="VP Sales"))
        assert came_to(world)["contacts"] == (3, 1, 0)
        assert came_to(world)["contacts"] == (3, 0, 0)

    def test_an_engagement_no_pass_showed_is_found(self, world: TwoCrms) -> None:
        unseen(world, lambda: engaged(world, "1"))
        assert came_to(world)["engagements"] == (6, 3, 0)
        assert held(world, Stream.ENGAGEMENTS) >= {"1-meeting", "1-visit0"}

    def test_what_changed_after_the_last_cycle_is_left_to_the_next(self, world: TwoCrms) -> None:
        world.later(minutes=1)
        world.sales.put(contact("new", "new@acme.example"))
        assert came_to(world)["contacts"] == (4, 0, 0)
        world.run()
        assert "new" in held(world)

    def test_the_copy_of_a_pull_that_came_first_is_not_undone(self, world: TwoCrms) -> None:
        """What was fetched is older than what a pull stored while it was fetched."""
        fetched = world.sales.live(Stream.CONTACTS)
        world.later(minutes=1)
        world.sales.set_fields(Ref("contacts", "1"), title="VP Sales")
        world.run()
        with world.database.begin() as tx:
            newest = audits.not_older(tx, "sales", Stream.CONTACTS, fetched)
        assert {record.ref.id for record in newest} == {"0", "2"}

    def test_a_census_that_is_cut_off_goes_on_where_it_was(self, world: TwoCrms) -> None:
        for number in range(3, 10):
            world.sales.put(contact(str(number)))
        world.run()
        world.sales.wire.declare(Fault(0, "GET /contacts/list", when="after", after_calls=2))
        before = len(world.sales.wire.journal)
        assert came_to(world)["contacts"] == (10, 0, 0)
        assert world.sales.wire.journal[before:].count("GET /contacts/list") == 6, "four parts, the end, one again"


class TestRemoval:
    @pytest.mark.parametrize("way", [MemoryCrm.archive, MemoryCrm.erase], ids=["archived", "erased"])
    def test_somebody_who_left_unseen_leaves_the_score(self, world: TwoCrms, way: Any) -> None:
        unseen(world, lambda: way(world.sales, Ref("contacts", "1")))
        assert came_to(world)["contacts"] == (2, 0, 1)
        world.run()
        assert held(world) == {"0", "2"}
        assert len(world.scores()) == 2

    def test_a_deleted_engagement_is_no_event_any_more(self, world: TwoCrms) -> None:
        unseen(world, lambda: world.sales.archive(Ref("activities", "0-visit1")))
        assert came_to(world)["engagements"] == (2, 0, 1)
        assert held(world, Stream.ENGAGEMENTS) == {"0-meeting", "0-visit0"}

    def test_who_is_not_listed_but_is_there_stays(self, world: TwoCrms, monkeypatch: pytest.MonkeyPatch) -> None:
        """A filter, an index that is late: what became of them is asked before anybody leaves."""
        monkeypatch.setattr(MemoryCrm, "listed", lambda *_, **__: ())
        assert came_to(world)["contacts"] == (0, 0, 0)
        assert held(world) == {"0", "1", "2"}

    def test_who_was_archived_and_is_erased_later_is_erased_here(self, world: TwoCrms) -> None:
        world.sales.archive(Ref("contacts", "1"))
        world.run()
        world.sales.put(contact("1"))
        world.sales.erase(Ref("contacts", "1"))
        world.audit()
        with world.database.begin() as tx:
            assert tx.exec_driver_sql("SELECT id FROM records WHERE id = '1'").all() == []

    def test_open_tasks_of_somebody_who_left_are_closed(self, world: TwoCrms) -> None:
        hot(world, "9")
        world.run()
        world.run()
        (task,) = world.sales.tasks.all()
        assert task.open
        unseen(world, lambda: world.sales.archive(Ref("contacts", "9")))
        world.audit()
        world.run()
        (task,) = world.sales.tasks.all()
        assert not task.open
        assert "no longer has this person" in task.body


class TestDue:
    def run_if_due(self, world: TwoCrms) -> int:
        """How many lists the audit asked for."""
        before = len(world.sales.wire.journal)
        world.auditor().run_if_due(TWO, BERLIN, lambda: None)
        return sum(call.endswith("/list") for call in world.sales.wire.journal[before:])

    def test_an_audit_is_due_once_a_day(self, world: TwoCrms) -> None:
        assert not self.run_if_due(world), "the first reading was whole"
        world.later(days=1)
        world.run()
        assert self.run_if_due(world)
        assert not self.run_if_due(world)

    def test_nothing_is_due_before_the_first_good_cycle(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        assert not self.run_if_due(world)
        assert world.audit() == ()

    def test_an_audit_that_fails_is_due_again_and_told(self, world: TwoCrms) -> None:
        world.later(days=1)
        world.run()
        world.sales.wire.declare(Fault(401, "GET /contacts/list", times=2))
        self.run_if_due(world)
        assert troubles(world) == {"sales:audit": "sales could not be audited: the account refuses the credentials"}
        assert self.run_if_due(world)
        assert troubles(world) == {}

    def test_a_stream_that_may_not_be_listed_does_not_stop_the_others(self, world: TwoCrms) -> None:
        world.sales.wire.declare(Fault(403, "GET /companies/list"))
        assert sorted(came_to(world)) == ["contacts", "deals", "engagements"]

    def test_an_audit_says_what_failed(self, world: TwoCrms) -> None:
        world.sales.wire.declare(Fault(401, "GET /contacts/list", times=2))
        with pytest.raises(Reauthorise):
            world.audit()


class TestWarnings:
    def test_passes_that_miss_changes_are_told_of(self, world: TwoCrms) -> None:
        unseen(world, lambda: [world.sales.put(contact(f"n{number}")) for number in range(20)])
        world.audit()
        assert troubles(world) == {
            "sales:audit:contacts": "sales: the audit had to repair 20 of 23 contacts: the passes miss changes"
        }
        world.audit()
        assert troubles(world) == {}

    def test_a_count_that_differs_is_told_of(self, world: TwoCrms, monkeypatch: pytest.MonkeyPatch) -> None:
        world.later(hours=1)
        with monkeypatch.context() as patched:
            patched.setattr("connectors.memory.MemoryConnector.count", lambda *_: 7)
            world.audit()
        assert troubles(world)["sales:count:contacts"] == "sales: the CRM lists 3 contacts and counts 7"
        world.later(seconds=timedelta(hours=1).total_seconds())
        world.audit()
        assert troubles(world) == {}
