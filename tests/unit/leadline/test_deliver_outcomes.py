"""What became of values: put off ever longer, refused until something changed, gone elsewhere, overwritten by others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.contract import Gone, Outcome, Page, RetryAt, Update
from connectors.records import PersonRecord, Ref, Scalar, Stream
from leadline.channel import try_again_at
from leadline.deliver import Delivered
from leadline.state import delivered, outbox, records
from leadline.state.database import Database
from leadline.state.delivered import overwritten_fields
from tests.engine import BUYER, START, TwoCrms, contact
from tests.unit.leadline.delivery_bench import Bench

ONE = Ref("contacts", "1")
TOLD: dict[str, Scalar] = {"score": 50, "grade": "B2", "reasons": None, "scored_at": "2026-11-18T09:00:00Z"}


def busy(updates: Sequence[Update]) -> list[Outcome]:
    return [RetryAt(update.ref, "locked") for update in updates]


@pytest.fixture
def bench(sqlite: Database) -> Bench:
    return Bench(sqlite)


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 2), (3, 8), (5, 32), (6, 60), (1000, 60)])
def test_what_is_put_off_again_waits_longer_up_to_an_hour(attempts: int, minutes: int) -> None:
    assert try_again_at(attempts, None, START) == START + timedelta(minutes=minutes)


def test_the_moment_that_the_crm_names_counts_unless_it_has_passed() -> None:
    assert try_again_at(9, START + timedelta(seconds=5), START) == START + timedelta(seconds=5)
    assert try_again_at(0, START - timedelta(seconds=5), START) == START + timedelta(minutes=1)


def test_a_record_that_stays_locked_is_tried_ever_more_rarely_and_after_a_day_told_of(database: Database) -> None:
    bench = Bench(database)
    bench.queue("1")
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        bench.crm.answers.append(busy)
        assert bench.deliver() == Delivered(postponed=1)
        bench.time.now += timedelta(minutes=minutes, seconds=-1)
        assert bench.deliver() == Delivered()
        bench.time.now += timedelta(seconds=1)
    assert bench.problems() == {}
    bench.time.now += timedelta(days=1)
    bench.crm.answers.append(busy)
    bench.deliver()
    assert "more than a day, such as contacts/1" in bench.problems()["crm:overdue"]
    bench.time.now += timedelta(hours=1)
    assert bench.deliver() == Delivered(written=1)
    assert bench.problems() == {}


def test_newer_values_of_a_locked_record_wait_as_long_as_the_older_ones(bench: Bench) -> None:
    bench.queue("1", score=50)
    bench.crm.answers.append(busy)
    bench.deliver()
    bench.queue("1", score=60)
    assert bench.deliver() == Delivered()
    bench.time.now += timedelta(minutes=1)
    assert bench.deliver() == Delivered(written=1)
    assert bench.crm.values == {"1": {"score": 60}}


def test_what_a_record_went_into_is_scored_and_told_anew(bench: Bench) -> None:
    store(bench, contact("2", "ana@acme.example"))
    bench.queue("2", score=50)
    bench.deliver()
    with bench.database.begin() as tx:
        tx.exec_driver_sql("UPDATE records SET unresolved = 0")
    bench.queue("1", score=20)
    bench.crm.answers.append(lambda _: [Gone(ONE, into=Ref("contacts", "2"))])
    assert bench.deliver() == Delivered(gone=1)
    assert bench.table("delivered", "record_id, content") == [("2", "{}")]
    assert bench.table("records", "id, unresolved") == [("2", 1)]


class TestForeignWrites:
    """Others who write into our fields are told of, and not fought."""

    @pytest.mark.parametrize(
        ("shown", "touched", "found"),
        [
            ({}, {}, ()),
            ({"scored_at": "2026-11-18T09:00:00.000+00:00"}, {}, ()),
            ({"score": 51}, {}, ("score",)),
            ({"score": 51, "grade": None}, {}, ("grade", "score")),
            ({"score": 51, "scored_at": "2026-11-17T09:00:00Z"}, {"days": 1}, None),
            ({"score": 51, "scored_at": "2026-11-18T09:05:00Z"}, {}, ("score", "scored_at")),
            ({"scored_at": None}, {"minutes": 59}, None),
            ({"scored_at": None}, {"minutes": 61}, ("scored_at",)),
            ({"score": None, "grade": None, "scored_at": None}, {"days": 1}, None),
        ],
        ids=[
            "as told",
            "the same time in other words",
            "another score",
            "a grade taken away",
            "as it was before we wrote, shown late",
            "written by somebody with our fields",
            "not yet surely read after our write",
            "the time taken away long after our write",
            "our fields are not shown at all",
        ],
    )
    def test_a_record_shows_what_we_told_or_what_somebody_else_wrote(
        self, shown: dict[str, Scalar], touched: dict[str, Any], found: tuple[str, ...] | None
    ) -> None:
        ours = {name: value for name, value in (TOLD | shown).items() if value is not None}
        record = replace(contact("1"), ours=ours, modified_at=START + timedelta(**touched))
        assert overwritten_fields(delivered.Delivered(TOLD, START), record) == found

    def test_it_is_a_problem_that_names_fields_and_no_values(self, database: Database) -> None:
        bench = Bench(database)
        tell(bench, TOLD)
        show(bench, TOLD | {"score": 99})
        assert bench.deliver() == Delivered(), "it is not fought"
        what = bench.problems()["crm:foreign_writes"]
        assert "(score); records: 1" in what
        assert "99" not in what

    @pytest.mark.parametrize("end", ["put back", "told anew", "removed"])
    def test_the_problem_ends_when_no_record_shows_foreign_values(self, bench: Bench, end: str) -> None:
        tell(bench, TOLD)
        show(bench, TOLD | {"score": 99})
        bench.deliver()
        if end == "put back":
            show(bench, TOLD)
        elif end == "told anew":
            tell(bench, TOLD | {"score": 60, "scored_at": "2026-11-18T10:00:00Z"})
        else:
            with bench.database.begin() as tx:
                tx.exec_driver_sql("UPDATE records SET removed_at = '2026-11-18T10:00:00.000000Z'")
        bench.deliver()
        assert bench.problems() == {}

    def test_what_is_under_way_is_compared_with_nothing(self, bench: Bench) -> None:
        tell(bench, TOLD)
        bench.queue("1", score=60)
        show(bench, TOLD | {"score": 60, "scored_at": "2026-11-18T10:00:00Z"})
        bench.crm.answers.append(busy)
        bench.deliver()
        assert bench.problems() == {}

    def test_a_score_that_somebody_wrote_over_is_written_again_when_it_changes(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        world.sales.put(contact("1", "ana@acme.example"))
        world.run()
        told = dict(world.sales.ours(ONE))
        world.sales.write([Update(ONE, {"grade": "A1"})])
        world.run()
        world.run()
        assert world.sales.ours(ONE)["grade"] == "A1"
        assert open_problems(world) == {"sales:foreign_writes"}
        world.sales.set_fields(ONE, **BUYER)
        world.run()
        assert world.sales.ours(ONE)["grade"] not in {"A1", told["grade"]}
        assert open_problems(world) == set()


def test_what_was_refused_is_tried_again_when_somebody_touched_the_record(sqlite: Database) -> None:
    """What the CRM objected to may lie in a field that is not mapped."""
    world = TwoCrms(sqlite)
    world.sales.put(contact("1", "ana@acme.example"))
    world.sales.refuse(ONE, "the territory is locked")
    world.run()
    world.sales.refuse(ONE, None)
    world.run()
    assert world.sales.ours(ONE) == {}, "nothing has changed"
    world.later(minutes=1)
    world.sales.put(replace(contact("1", "ana@acme.example"), modified_at=world.time.now))
    world.run()
    assert world.sales.ours(ONE)["grade"]


def test_what_was_refused_is_forgotten_with_its_record(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    world.sales.put(contact("1", "ana@acme.example"))
    world.sales.put(contact("2", "bo@birch.example"))
    world.sales.refuse(ONE, "the territory is locked")
    world.run()
    assert count(world, "parked") == 1
    world.sales.archive(ONE)
    world.run()
    assert count(world, "parked") == 0


def store(bench: Bench, record: PersonRecord) -> None:
    with bench.database.begin() as tx:
        records.save_page(tx, "crm", Stream.CONTACTS, Page((record,), "c"), bench.time.now)


def tell(bench: Bench, values: dict[str, Scalar]) -> None:
    with bench.database.begin() as tx:
        outbox.put_values(tx, "crm", {ONE: values}, outbox.Lane.SCORES, bench.time.now)
    assert bench.deliver().written == 1


def show(bench: Bench, ours: dict[str, Scalar]) -> None:
    shown = {name: value for name, value in ours.items() if value is not None}
    store(bench, replace(contact("1"), ours=shown, modified_at=bench.time.now + timedelta(seconds=1)))


def count(world: TwoCrms, table: str) -> int:
    with world.database.begin() as tx:
        return int(tx.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def open_problems(world: TwoCrms) -> set[str]:
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql("SELECT id FROM problems WHERE ended_at IS NULL").all()
    return {row[0] for row in rows}
