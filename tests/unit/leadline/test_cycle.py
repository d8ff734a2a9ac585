"""A cycle as a whole: who is pulled, scored and told, and what is recorded of what went wrong."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from sqlalchemy.exc import SQLAlchemyError

from connectors.memory_wire import Fault
from connectors.records import Ref
from leadline import logs
from leadline.retry import RetryPolicy
from leadline.state import runs
from leadline.state.database import Database
from tests.engine import TwoCrms, asks_for_a_demo, contact, emptied, engagement, hot

OUTAGE = RetryPolicy().attempts


def nothing() -> None:
    """Nobody asked to stop."""


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    world = TwoCrms(sqlite)
    world.marketing.put(contact("1", "ana@acme.example"))
    world.sales.put(contact("2", "bo@birch.example"))
    return world


@pytest.fixture
def heard() -> io.StringIO:
    target = io.StringIO()
    logs.configure(target)
    return target


def lines(heard: io.StringIO, event: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, heard.getvalue().splitlines()) if line["event"] == event]


def troubles(world: TwoCrms) -> dict[str, str]:
    with world.database.begin() as tx:
        return {problem.id: problem.severity for problem in runs.open_problems(tx)}


def last(world: TwoCrms, name: str) -> runs.Run:
    with world.database.begin() as tx:
        return runs.last_runs(tx)[name]


def test_a_cycle_reports_what_was_read_and_told(world: TwoCrms) -> None:
    marketing, sales = world.run()
    assert (marketing.connection, sales.connection) == ("marketing", "sales")
    assert sales.pulled is not None
    assert sales.delivered is not None
    assert (sales.pulled.changed, sales.pulled.unchanged, sales.pulled.skipped) == (2, 0, {})
    assert sales.delivered.written == 1
    assert sales.failed is None


def test_a_cycle_is_recorded_with_its_counts(database: Database) -> None:
    world = TwoCrms(database)
    world.sales.put(contact("2", "bo@birch.example"))
    world.run()
    run = last(world, "sales")
    assert (run.outcome, run.phase, run.counts["written"]) == ("ok", "done", 1)
    assert run.finished_at is not None
    with database.begin() as tx:
        assert runs.last_success(tx, "sales") == run.finished_at


def test_a_process_that_stays_up_counts_each_cycle_for_itself(world: TwoCrms) -> None:
    cycle = world.cycle()
    assert [report.delivered.written for report in cycle.once(nothing) if report.delivered] == [1, 1]
    assert [report.delivered.written for report in cycle.once(nothing) if report.delivered] == [0, 0]


def test_one_crm_that_cannot_be_read_does_not_stop_the_other(world: TwoCrms) -> None:
    world.marketing.wire.declare(Fault(500, times=OUTAGE))
    marketing, sales = world.run()
    assert marketing.failed is not None
    assert sales.failed is None
    assert world.sales.ours(Ref("contacts", "2"))["grade"]
    assert last(world, "marketing").outcome == "failed"
    with world.database.begin() as tx:
        assert runs.last_success(tx, "marketing") is None


def test_one_crm_that_cannot_be_written_to_does_not_stop_the_other(world: TwoCrms) -> None:
    world.marketing.wire.declare(Fault(401, "PATCH *", times=2))
    marketing, sales = world.run()
    assert marketing.failed is not None
    assert marketing.pulled is not None
    assert sales.failed is None
    assert world.sales.ours(Ref("contacts", "2"))["grade"]


@pytest.mark.parametrize("part", ["changes", "write"])
def test_a_connector_that_breaks_fails_its_own_connection_and_is_told_by_place(
    world: TwoCrms, heard: io.StringIO, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("ana@acme.example")

    monkeypatch.setattr(world.marketing, part, broken)
    marketing, sales = world.run()
    assert marketing.failed == "its connector broke with KeyError; the log says where"
    assert sales.failed is None
    assert world.sales.ours(Ref("contacts", "2"))["grade"]
    assert list(troubles(world).values()) == ["error"]
    assert "memory.py" in lines(heard, "connector crashed")[0]["exception"]
    assert "ana@" not in heard.getvalue()


def test_a_database_that_breaks_is_no_connectors_fault(world: TwoCrms) -> None:
    with world.database.begin() as tx:
        tx.exec_driver_sql("DROP TABLE links")
    with pytest.raises(SQLAlchemyError):
        world.run()


@pytest.mark.parametrize(("endpoint", "problem"), [("GET *", "marketing:pull"), ("PATCH *", "marketing:deliver")])
def test_a_problem_is_told_once_when_it_begins_and_once_when_it_ends(
    world: TwoCrms, heard: io.StringIO, endpoint: str, problem: str
) -> None:
    world.marketing.wire.declare(Fault(500, endpoint, times=3 * OUTAGE))
    for _ in range(3):
        world.run()
    assert troubles(world) == {problem: "error"}
    assert [line["id"] for line in lines(heard, "problem")] == [problem]
    assert lines(heard, "problem over") == []
    world.run()
    world.run()
    assert troubles(world) == {}
    assert [line["id"] for line in lines(heard, "problem over")] == [problem]


def test_a_problem_that_comes_back_is_told_again(world: TwoCrms, heard: io.StringIO) -> None:
    for _ in range(2):
        world.marketing.wire.declare(Fault(500, "GET *", times=OUTAGE))
        world.run()
        world.run()
    assert len(lines(heard, "problem")) == 2
    assert len(lines(heard, "problem over")) == 2


@pytest.mark.parametrize(
    ("status", "times", "remedy"), [(401, 2, "Renew the credentials"), (418, 1, "doctor"), (503, OUTAGE, "Nothing")]
)
def test_a_problem_says_what_helps(world: TwoCrms, status: int, times: int, remedy: str) -> None:
    world.marketing.wire.declare(Fault(status, "GET *", times=times))
    world.run()
    with world.database.begin() as tx:
        (problem,) = runs.open_problems(tx)
    assert remedy in problem.fix


def test_a_stream_that_is_not_granted_is_skipped_with_a_warning_and_the_rest_goes_on(world: TwoCrms) -> None:
    world.sales.wire.declare(Fault(403, "GET /deals"))
    _, sales = world.run()
    assert sales.failed is None
    assert sales.pulled is not None
    assert list(sales.pulled.skipped) == ["deals"]
    assert troubles(world) == {"sales:stream:deals": "warning"}
    assert world.sales.ours(Ref("contacts", "2"))["grade"]
    world.run()
    assert troubles(world) == {}


def test_without_its_people_a_crm_has_failed(world: TwoCrms) -> None:
    world.sales.wire.declare(Fault(403, "GET /contacts"))
    marketing, sales = world.run()
    assert marketing.failed is None
    assert sales.failed is not None
    assert troubles(world) == {"sales:pull": "error"}


def test_nobody_is_scored_before_every_crm_was_tried(world: TwoCrms) -> None:
    cycle = world.cycle()
    cycle.of("marketing", nothing)
    assert world.scores() == {}
    cycle.of("sales", nothing)
    assert len(world.scores()) == 2
    assert world.marketing.ours(Ref("contacts", "1")) == {}
    cycle.of("marketing", nothing)
    assert world.marketing.ours(Ref("contacts", "1"))["grade"]


def test_a_crm_that_fails_was_tried(world: TwoCrms) -> None:
    cycle = world.cycle()
    world.marketing.wire.declare(Fault(500, times=OUTAGE))
    cycle.of("marketing", nothing)
    cycle.of("sales", nothing)
    assert len(world.scores()) == 1


def test_one_connections_cycle_leaves_the_other_crm_alone(world: TwoCrms) -> None:
    cycle = world.cycle()
    cycle.once(nothing)
    before = world.marketing.wire.journal
    cycle.of("sales", nothing)
    assert world.marketing.wire.journal == before


def test_a_pull_that_breaks_off_goes_on_from_its_last_page(world: TwoCrms) -> None:
    for number in range(10, 20):
        world.sales.put(contact(str(number), f"{number}@acme.example"))
    world.sales.wire.declare(Fault(500, "GET /contacts", after_calls=2, times=OUTAGE))
    world.run()
    read = world.tally.records[("sales", "contacts")]
    assert read == 6
    world.run()
    again = world.tally.records[("sales", "contacts")] - read
    assert again == 5
    assert len(world.scores()) == 12


def test_each_page_has_attempts_of_its_own(world: TwoCrms) -> None:
    for number in range(10, 19):
        world.sales.put(contact(str(number), f"{number}@acme.example"))
    for page in range(4):
        world.sales.wire.declare(Fault(500, "GET /contacts", after_calls=page, times=OUTAGE - 1))
    assert [report.failed for report in world.run()] == [None, None]


def test_what_one_crm_learns_is_told_to_the_other_in_the_same_cycle(world: TwoCrms) -> None:
    world.marketing.put(contact("3", "cy@acme.example"))
    world.sales.put(contact("3", "cy@acme.example"))
    world.run()
    before = world.sales.ours(Ref("contacts", "3"))["score"]
    world.marketing.put(engagement("m", "demo_request", world.time.now, "3"))
    world.run()
    after = world.sales.ours(Ref("contacts", "3"))["score"]
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert after > before


def test_an_empty_workspace_is_quiet(sqlite: Database) -> None:
    world = TwoCrms(emptied(sqlite))
    assert [report.failed for report in world.run()] == [None, None]
    assert world.scores() == {}


def test_a_stop_leaves_the_run_open_so_that_everybody_sees_it(world: TwoCrms) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.run(stop)
    assert last(world, "marketing").outcome is None
    assert last(world, "marketing").phase == "pull"


def test_more_than_one_page_of_everything(database: Database) -> None:
    world = TwoCrms(database)
    for number in range(10):
        hot(world, str(number))
    world.run()
    assert len(world.scores()) == 10
    assert world.tally.records[("sales", "engagements")] == 30


class TestRaisedHand:
    """A hand raised in one CRM, whose task belongs into the other."""

    @pytest.fixture
    def world(self, sqlite: Database) -> TwoCrms:
        world = TwoCrms(sqlite)
        for crm in (world.marketing, world.sales):
            crm.put(contact("1", "ana@acme.example"))
        world.run()
        return world

    def test_its_task_does_not_wait_for_the_other_crms_own_cycle(self, world: TwoCrms) -> None:
        cycle = world.cycle()
        for name in ("marketing", "sales"):
            cycle.of(name, nothing)
        asks_for_a_demo(world, "1", world.marketing)
        cycle.of("marketing", nothing)
        assert [task.person for task in world.sales.tasks.all()] == [Ref("contacts", "1")]

    def test_an_outage_of_the_other_crm_is_told_by_its_own_cycle(self, world: TwoCrms) -> None:
        cycle = world.cycle()
        for name in ("marketing", "sales"):
            cycle.of(name, nothing)
        asks_for_a_demo(world, "1", world.marketing)
        world.sales.wire.declare(Fault(503, times=OUTAGE))
        assert cycle.of("marketing", nothing).failed is None
        assert troubles(world) == {}
        cycle.of("sales", nothing)
        assert [task.person for task in world.sales.tasks.all()] == [Ref("contacts", "1")]
