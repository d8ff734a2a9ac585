"""Which records are undated, on either database, without going through all of them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from connectors.contract import Page
from connectors.records import PersonRecord, Stream
from leadline.state import dates, records
from leadline.state.database import Database
from tests.engine import START, contact

WANTED = frozenset({"budget", "pain_point"})
LATER = START + timedelta(days=1)


def save(tx: Connection, *people: PersonRecord) -> None:
    records.save_page(tx, "crm", Stream.CONTACTS, Page(people, "there"), START)


def undated(tx: Connection) -> dict[str, frozenset[str]]:
    """By id what each undated record is to be asked about."""
    return {one.ref.id: one.fields for one in dates.undated(tx, "crm", Stream.CONTACTS, WANTED, 10)}


def test_a_record_is_undated_until_it_was_asked_about_and_again_for_what_changes(database: Database) -> None:
    first = contact("1", fields={"budget": 1, "title": "CEO"})
    with database.begin() as tx:
        save(tx, first, contact("2", fields={"title": "CFO"}))
        assert undated(tx) == {"1": {"budget"}, "2": frozenset()}
        some = dates.undated(tx, "crm", Stream.CONTACTS, WANTED, 10)
        told = {first.ref: {"budget": START - timedelta(days=9), "title": START - timedelta(days=9)}}
        dates.keep(tx, some, WANTED, told, LATER)
        assert undated(tx) == {}
        save(tx, contact("1", fields={"budget": 1, "title": "Chair", "pain_point": "slow"}))
        assert undated(tx) == {"1": {"pain_point"}}
        held = records.load(tx, "crm", [first.ref])[first.ref]
        assert held.told_dates.keys() == {"budget"}
        assert records.field_dates_of(held)["budget"] == START - timedelta(days=9)


def test_a_record_that_changed_while_it_was_asked_about_is_asked_about_again(database: Database) -> None:
    first = contact("1", fields={"budget": 1})
    with database.begin() as tx:
        save(tx, first)
        some = dates.undated(tx, "crm", Stream.CONTACTS, WANTED, 10)
        save(tx, contact("1", fields={"budget": 2}))
        dates.keep(tx, some, WANTED, {first.ref: {"budget": START - timedelta(days=9)}}, LATER)
        assert undated(tx) == {"1": {"budget"}}
        assert records.load(tx, "crm", [first.ref])[first.ref].told_dates == {}


def test_looking_for_undated_records_goes_by_an_index(sqlite: Database) -> None:
    query = dates.undated_query("crm", Stream.CONTACTS, WANTED, 10)
    with sqlite.begin() as tx:
        text = str(query.compile(tx, compile_kwargs={"literal_binds": True}))
        plan = [row[-1] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    searches = [step for step in plan if "records" in step]
    assert searches
    assert all("records_undated" in step for step in searches)
