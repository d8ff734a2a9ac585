"""The promises of the design, held by the engine alone between two CRMs in memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy.exc import DBAPIError

from connectors.budget import Budget, RateLimit
from connectors.contract import Call, Page
from connectors.memory_wire import Fault
from connectors.records import Record, Ref, Stream
from leadline import logs
from leadline.observe import Silent
from leadline.state import cursors, records
from leadline.state.database import Database
from leadline.tally import Logging
from tests.engine import (
    BUYER,
    START,
    TwoCrms,
    asks_for_a_demo,
    company,
    contact,
    emptied,
    engaged,
    engagement,
    hot,
    market,
    writes,
)


def numbers(world: TwoCrms) -> dict[str, tuple[int, str, tuple[tuple[str, int], ...]]]:
    """Every score with its lines, by person."""
    return {
        person: (
            score.breakdown.total,
            score.breakdown.grade,
            tuple((line.rule, line.points) for line in score.breakdown.lines),
        )
        for person, score in world.scores().items()
    }


class TestSumOfReasons:
    """1. The reasons add up."""

    def test_the_lines_of_every_stored_breakdown_sum_to_its_total(self, database: Database) -> None:
        world = TwoCrms(database)
        market(world)
        world.sales.put(contact("x", "max@rankfold.example", fields=BUYER))
        world.run()
        scores = world.scores()
        assert len(scores) == 5
        assert {score.breakdown.grade for score in scores.values()} >= {"X"}
        for score in scores.values():
            assert sum(line.points for line in score.breakdown.lines) == score.breakdown.total


class TestPure:
    """2. Same input, same score."""

    def test_replaying_every_page_twice_and_shuffled_changes_no_score(self, database: Database) -> None:
        world = TwoCrms(database)
        market(world)
        world.run()
        before = numbers(world)
        random = Random(5)
        for _ in range(2):
            for crm in (world.marketing, world.sales):
                for stream in random.sample(list(Stream), len(Stream)):
                    found = list(crm.live(stream))
                    random.shuffle(found)
                    replay(world, crm.name, stream, found)
        with database.begin() as tx:
            tx.exec_driver_sql("UPDATE persons SET dirty_since = 'again'")
        world.run()
        assert numbers(world) == before

    def test_the_order_in_which_changes_arrive_does_not_matter(self, sqlite: Database) -> None:
        seen = [scores_after(TwoCrms(emptied(sqlite)), order) for order in (1, 2, 3)]
        assert len(seen[0]) == 2
        assert seen[0] == seen[1] == seen[2]


def scores_after(world: TwoCrms, order: int) -> list[tuple[int, str]]:
    steps: list[Callable[[], object]] = [
        lambda: hot(world, "1", world.marketing),
        lambda: world.sales.put(contact("s1", "buyer1@acme.example")),
        lambda: asks_for_a_demo(world, "1", world.marketing),
        lambda: hot(world, "2"),
    ]
    Random(order).shuffle(steps)
    for step in steps:
        step()
        world.run()
    return sorted((score.breakdown.total, score.breakdown.grade) for score in world.scores().values())


def replay(world: TwoCrms, connection: str, stream: Stream, found: list[Record]) -> None:
    with world.database.begin() as tx:
        cursor = cursors.cursor_of(tx, connection, stream) or ""
        for start in range(0, len(found), 2):
            records.save_page(tx, connection, stream, Page(tuple(found[start : start + 2]), cursor), world.time.now)


class TestQuiet:
    """3. Quiet when nothing changes."""

    def test_a_hundred_cycles_over_an_unchanged_crm_write_nothing(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        market(world)
        world.run()
        told, scored = writes(world), world.tally.persons
        for _ in range(100):
            world.run()
        assert writes(world) == told
        assert world.tally.persons == scored, "our own writes coming back start nothing"

    def test_a_day_that_moves_no_score_far_enough_writes_nothing(self, database: Database) -> None:
        world = TwoCrms(database)
        market(world)
        world.run()
        told, scored = writes(world), world.tally.persons
        world.later(days=1)
        world.run()
        assert writes(world) == told
        assert world.tally.persons == scored + len(world.scores()), "time moves scores, so all are looked at"

    def test_a_workspace_that_lost_its_memory_does_not_write_what_the_crm_shows_already(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        market(world)
        world.run()
        emptied(sqlite)
        told = world.tally.outcomes[("sales", "written")]
        world.run()
        assert world.tally.outcomes[("sales", "written")] == told

    def test_a_touch_that_changes_no_content_starts_nothing(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        market(world)
        world.run()
        scored = world.tally.persons
        world.sales.set_fields(Ref("contacts", "2"), title=str(BUYER["title"]))
        world.run()
        assert world.tally.persons == scored


class TestIsolation:
    """6. One bad record stops one record."""

    def refused(self, database: Database) -> TwoCrms:
        world = TwoCrms(database)
        for number in range(20):
            world.sales.put(contact(str(number), f"{number}@acme.example"))
        world.sales.refuse(Ref("contacts", "7"), "the territory is locked")
        world.run()
        return world

    def test_the_others_are_written_and_the_bad_one_is_parked_with_its_reason(self, database: Database) -> None:
        world = self.refused(database)
        without = [record.ref.id for record in world.sales.live(Stream.CONTACTS) if not world.sales.ours(record.ref)]
        assert without == ["7"]
        with database.begin() as tx:
            rows = tx.exec_driver_sql("SELECT record_id, reason FROM parked").all()
        assert [tuple(row) for row in rows] == [("7", "the territory is locked")]

    def test_it_is_not_sent_again_while_it_and_the_settings_stay(self, sqlite: Database) -> None:
        world = self.refused(sqlite)
        told = writes(world)
        engaged(world, "7")
        for _ in range(3):
            world.later(days=1)
            world.run()
        assert writes(world) == told

    def test_it_is_sent_again_when_the_record_changes(self, sqlite: Database) -> None:
        world = self.refused(sqlite)
        world.sales.refuse(Ref("contacts", "7"), None)
        world.sales.set_fields(Ref("contacts", "7"), title="CEO")
        world.run()
        assert world.sales.ours(Ref("contacts", "7"))["grade"]
        with sqlite.begin() as tx:
            assert tx.exec_driver_sql("SELECT count(*) FROM parked").scalar() == 0

    def test_it_is_sent_again_when_the_settings_change(self, sqlite: Database) -> None:
        world = self.refused(sqlite)
        world.sales.refuse(Ref("contacts", "7"), None)
        world.revision = "2"
        world.run()
        assert world.sales.ours(Ref("contacts", "7"))["grade"]

    def test_refused_once_more_it_is_parked_once_more(self, sqlite: Database) -> None:
        world = self.refused(sqlite)
        world.sales.set_fields(Ref("contacts", "7"), title="CEO")
        world.run()
        told = writes(world)
        world.run()
        assert writes(world) == told


class TestBudget:
    """8. The API budget is respected."""

    def test_no_window_of_the_accounts_limit_ever_holds_more_calls(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        market(world)
        world.budgets["sales"] = budget(world, RateLimit("requests", 3, 10.0))
        heard = Times(world)
        world.observer = heard
        world.run()
        assert len(heard.calls) > 10
        for first, fourth in zip(heard.calls, heard.calls[3:], strict=False):
            assert fourth - first >= timedelta(seconds=10)

    def test_nothing_is_called_into_the_reserve_and_the_next_day_goes_on(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        market(world)
        world.budgets["sales"] = budget(world)
        tomorrow = world.time.now + timedelta(days=1)
        world.budgets["sales"].note_daily(limit=100, remaining=45, resets_at=tomorrow)
        reports = {report.connection: report.failed for report in world.run()}
        assert reports["marketing"] is None
        assert "daily API allowance" in (reports["sales"] or "")
        assert len(world.sales.wire.journal) == 8
        world.time.now = tomorrow
        world.run()
        assert all(world.sales.ours(ref) for ref in (Ref("contacts", "2"), Ref("contacts", "4")))

    def test_who_raised_a_hand_is_served_before_tasks_and_tasks_before_scores(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        world.run()
        hot(world, "1")
        world.sales.put(contact("2", "bo@birch.example"))
        asks_for_a_demo(world, "2")
        before = len(world.sales.wire.journal)
        world.run()
        made = [endpoint for endpoint in world.sales.wire.journal[before:] if not endpoint.startswith("GET")]
        assert made == ["POST /tasks", "POST /tasks", "PATCH /people"]
        assert [task.person.id for task in world.sales.tasks.all()] == ["2", "1"]


def budget(world: TwoCrms, *limits: RateLimit) -> Budget:
    clock = world.time.clock()
    return Budget(limits, now=clock.now, sleep=clock.sleep)


class Times(Silent):
    """When each call to `sales` was made."""

    def __init__(self, world: TwoCrms) -> None:
        self.calls: list[datetime] = []
        self._world = world

    def called(self, connection: str, call: Call) -> None:
        """Noted."""
        if connection == "sales":
            self.calls.append(self._world.time.now)


class TestPrivate:
    """11. Secrets and people stay private."""

    def test_logs_of_cycles_with_every_kind_of_trouble_name_nobody(self, sqlite: Database) -> None:
        heard = io.StringIO()
        logs.configure(heard)
        world = TwoCrms(sqlite)
        world.observer = Logging()
        market(world)
        world.sales.refuse(Ref("contacts", "2"), "buyer2@acme.example is not welcome")
        world.sales.wire.declare(
            Fault(429, "PATCH *", retry_after_seconds=2),
            Fault(401, "GET /contacts"),
            Fault(403, "GET /deals"),
            Fault(418, "POST /tasks"),
        )
        world.run()
        world.run()
        text = heard.getvalue()
        assert '"event": "problem"' in text
        assert '"status": 429' in text
        for personal in ("@", "acme", "Ana", "Sato", "Olga", "5550100", "CFO", "40000", "Praktikant"):
            assert personal.casefold() not in text.casefold(), personal

    def test_an_error_of_the_database_does_not_quote_the_record_it_was_about(self, database: Database) -> None:
        world = TwoCrms(database)
        with database.begin() as tx:
            tx.exec_driver_sql("ALTER TABLE records RENAME COLUMN owner_id TO nobody")
        try:
            with pytest.raises(DBAPIError) as caught:
                world.run()
        finally:
            with database.begin() as tx:
                tx.exec_driver_sql("ALTER TABLE records RENAME COLUMN nobody TO owner_id")
        assert "owner_id" in str(caught.value)
        assert "o1" not in str(caught.value)


def test_an_event_of_a_stranger_waits_for_its_person(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    world.sales.put(engagement("m", "meeting", START, "1"))
    world.run()
    world.sales.put(company("c1", name="Acme"))
    world.sales.put(contact("1", "ana@acme.example"))
    world.run()
    (score,) = world.scores().values()
    assert "meeting" in {line.rule for line in score.breakdown.lines}
