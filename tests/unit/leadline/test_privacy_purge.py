"""A privacy deletion in a CRM takes every local copy along, whatever table it lies in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.memory_crm import MemoryCrm
from connectors.records import DealRecord, DealRole, Ref
from leadline.settings.model import Fuses
from leadline.state import tables
from leadline.state.database import Database
from leadline.state.migrate import migrate
from leadline.state.purge import PURGED
from tests.engine import BUYER, START, TwoCrms, asks_for_a_demo, contact, engaged, engagement, hot, same

ANA = Ref("contacts", "4711")
VALUES = ("ana.sato@birch.example", "Annabella", "Satori", "+49 30 5550199", "my shoes hurt", "4711")
"""What is personal about Ana: what she is called, how she is reached, what she said, and who she is in the CRM."""


def ana(**more: Any) -> Any:
    address, first, last, phone, said, number = VALUES
    fields = {**BUYER, "first_name": first, "last_name": last, "phone": phone, "pain_point": said}
    return contact(number, address, fields=fields, company=Ref("companies", "c1"), **more)


@pytest.fixture
def world(database: Database) -> TwoCrms:
    """Ana is in `sales`, hot, with a deal, a task, values that are refused and a colleague who stays."""
    world = TwoCrms(database)
    hot(world, "1")
    world.sales.put(ana())
    world.sales.put(contact("4712", VALUES[0], same_as=(same("4711", "native_sync", "memory"),)))
    roles = (DealRole(ANA, "champion"), DealRole(Ref("contacts", "1")))
    world.sales.put(DealRecord(ref=Ref("deals", "d"), modified_at=START, stage="offer", open=True, won=False, people=roles))
    world.run()
    engaged(world, ANA.id)
    world.sales.put(engagement("call", "call", world.time.now, "1", ANA.id, note="talked to the colleague"))
    world.run()
    asks_for_a_demo(world, ANA.id)
    world.run()
    world.run()
    assert [task.person for task in world.sales.tasks.all() if task.person == ANA]
    world.sales.refuse(ANA, f"{VALUES[0]} is on the block list")
    world.sales.set_fields(ANA, title="Praktikant", budget=None, buying_role=None)
    world.later(minutes=5)
    world.run()
    world.later(minutes=5)
    world.sales.archive(Ref("contacts", "4712"), "merged", ANA)
    world.run()
    assert parked(world)
    return world


def parked(world: TwoCrms) -> int:
    with world.database.begin() as tx:
        return int(tx.exec_driver_sql(f"SELECT count(*) FROM parked WHERE record_id = '{ANA.id}'").scalar_one())


def found(database: Database) -> dict[str, list[str]]:
    """In which columns of which tables anything of Ana stands, with the rows."""
    places: dict[str, list[str]] = {}
    with database.begin() as tx:
        for table in tables.metadata.sorted_tables:
            for row in tx.execute(table.select()):
                for column, value in zip(table.columns.keys(), row, strict=True):
                    if any(personal in str(value) for personal in VALUES):
                        places.setdefault(f"{table.name}.{column}", []).append(str(row))
    return places


def test_ana_is_nearly_everywhere_before(world: TwoCrms) -> None:
    """Else this file would prove nothing."""
    at = {place.partition(".")[0] for place in found(world.database)}
    assert at >= {"records", "links", "deal_people", "events", "delivered", "tasks", "parked", "score_history", "scores"}


@pytest.mark.parametrize("told", ["by the pull", "to an audit"])
def test_nothing_of_her_is_left(world: TwoCrms, told: str) -> None:
    if told == "by the pull":
        world.sales.archive(ANA, "privacy")
        world.run()
    else:
        world.sales.erase(ANA)
        world.later(minutes=1)
        world.audit()
        assert found(world.database).keys() == {"outbox.record_id", "outbox.payload"}, "a task still to be closed"
        world.run()
    world.run()
    assert found(world.database) == {}
    assert all(not task.open for task in world.sales.tasks.all() if task.person == ANA)


def test_the_colleague_stays_as_she_was(world: TwoCrms) -> None:
    def kept() -> list[tuple[Any, ...]]:
        with world.database.begin() as tx:
            people = "SELECT person_id FROM records WHERE id = '1'"
            return [
                *tx.exec_driver_sql(f"SELECT * FROM crossings WHERE person_id IN ({people}) ORDER BY id"),
                *tx.exec_driver_sql("SELECT * FROM events WHERE person_record_id = '1' ORDER BY id"),
                *tx.exec_driver_sql("SELECT * FROM tasks WHERE record_id = '1' ORDER BY key"),
            ]

    before = kept()
    assert len(before) > 4
    world.sales.archive(ANA, "privacy")
    world.run()
    assert kept() == before


def test_an_archived_person_is_kept_in_case_of_a_return(world: TwoCrms) -> None:
    world.sales.archive(ANA)
    world.run()
    kept = {place.partition(".")[0] for place in found(world.database)}
    assert kept >= {"records", "events", "tasks", "score_history"}
    with world.database.begin() as tx:
        assert tx.exec_driver_sql(f"SELECT count(*) FROM tasks WHERE record_id = '{ANA.id}'").scalar_one()


def test_of_somebody_in_both_crms_only_what_one_erased_goes(world: TwoCrms) -> None:
    """The other CRM still holds her; what it says is scored without what was erased."""
    world.marketing.put(contact("m1", VALUES[0], fields={"title": "VP Sales"}))
    world.later(minutes=5)
    world.run()
    world.sales.archive(ANA, "privacy")
    world.later(minutes=5)
    world.run()
    left = "".join(row for rows in found(world.database).values() for row in rows)
    assert VALUES[0] in left
    assert [personal for personal in VALUES[1:] if personal in left] == []
    with world.database.begin() as tx:
        (person,) = tx.exec_driver_sql("SELECT person_id FROM records WHERE id = 'm1'").one()
    assert person in world.scores()


def test_a_colleagues_waiting_task_that_names_her_is_written_anew(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    world.fuses = Fuses(tasks=1)
    world.sales.put(ana())
    for number in ("1", "2"):
        hot(world, number)
    world.run()
    assert "outbox.payload" in found(sqlite)
    erase(world.sales, ANA)
    world.later(minutes=5)
    world.run()
    assert found(sqlite) == {}
    world.fuses = Fuses()
    world.run()
    assert {task.person.id for task in world.sales.tasks.all()} == {"1", "2"}


def test_her_way_through_a_merge_is_erased_too(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    world.sales.put(ana())
    world.sales.put(contact("2", "two@birch.example"))
    world.run()
    world.sales.merge(ANA, Ref("contacts", "2"))
    world.later(minutes=5)
    world.run()
    assert found(sqlite)
    erase(world.sales, Ref("contacts", "2"))
    world.later(minutes=5)
    world.run()
    assert found(sqlite) == {}


def erase(crm: MemoryCrm, ref: Ref) -> None:
    crm.archive(ref, "privacy")


def test_the_file_itself_forgets(tmp_path: Path) -> None:
    """Rows that were deleted, rows as they were before an edit, and the log of writes: no byte of them stays."""
    path = tmp_path / "leadline.db"
    database = migrated(path)
    world = TwoCrms(database)
    world.sales.put(ana())
    for number in range(40):
        world.sales.put(contact(f"n{number}", f"n{number}@acme.example"))
    world.run()
    for title in ("CEO", "CFO", "COO"):
        world.sales.set_fields(ANA, title=title)
        world.later(minutes=5)
        world.run()
    assert VALUES[0] in written(path)
    erase(world.sales, ANA)
    world.later(hours=1)
    world.run()
    assert [personal for personal in VALUES[:-1] if personal in written(path)] == []
    database.close()


def migrated(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    migrate(database)
    return database


def written(path: Path) -> str:
    """Everything that stands in the files of a database."""
    return "".join(part.read_bytes().decode("latin-1") for part in sorted(path.parent.glob(f"{path.name}*")))


def test_every_table_is_purged_or_says_nothing_of_anybody() -> None:
    """A new table has to be thought of: is anything of people in it?"""
    impersonal = {"accounts", "cursors", "budgets", "fuses", "runs", "problems", "audits"}
    assert {table.name for table in PURGED} | impersonal == set(tables.metadata.tables)
