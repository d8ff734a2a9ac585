"""What scoring costs when people come out of a database: the sidecar built, news folded in, some people scored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.scoring_market import AS_OF, Market, facts
from benchmarks.table import Line, best, spent
from connectors.records import CompanyRecord, PersonRecord, Ref
from leadline.clock import stamp
from leadline.facts import facts_of
from leadline.sidecar import build
from leadline.sidecar.layer import Layer
from leadline.sidecar.shelf import Shelf
from leadline.state import people, tables
from leadline.state.database import Database, Row, upsert
from leadline.state.migrate import migrate
from scoring.core import CompiledModel
from scoring.engine import Engine
from scoring.lists import Lists
from scoring.model import Model

PEOPLE = 50_000
MILLION = 1_000_000
NEW_EVENTS = 10_000
CHANGED = 1_000


def database_lines(model: Model, lists: Lists) -> Iterator[Line]:
    """The lines of the table that a database has a part in. A smaller market; the time for a million follows from it."""
    compiled, engine = CompiledModel(model, lists), Engine(model, lists)
    with tempfile.TemporaryDirectory() as scratch:
        database = Database(f"sqlite:///{scratch}/leadline.db")
        migrate(database)
        persons = _filled(database)
        shelf = Shelf(Path(scratch) / "columns")

        def everybody() -> None:
            with database.begin() as tx:
                shelf.replace("rules", build.everybody(tx, compiled, ("crm",), AS_OF))

        built = spent(everybody).times(MILLION / PEOPLE)
        yield Line(f"sidecar built from the database, a million people (from {PEOPLE:,})", str(built), "≤ 30 s")
        _one_event_each(database, persons[:NEW_EVENTS])

        def on_top() -> None:
            with database.begin() as tx:
                shelf.add("rules", build.of_persons(tx, compiled, ("crm",), persons[:NEW_EVENTS], AS_OF))

        yield Line(f"{NEW_EVENTS:,} new events of as many people folded in", str(spent(on_top)), "≤ 500 ms")
        some = persons[:: len(persons) // CHANGED][:CHANGED]
        yield Line(
            f"{CHANGED:,} changed people read from the database and scored",
            str(best(lambda: _scored(database, compiled, some), 3)),
            "≤ 100 ms",
        )
        explained = best(lambda: _explained(database, engine, some), 3)
        yield Line("the same with breakdowns and hints", str(explained))
        database.close()


def _scored(database: Database, compiled: CompiledModel, persons: Sequence[str]) -> Layer:
    with database.begin() as tx:
        return build.of_persons(tx, compiled, ("crm",), persons, AS_OF)


def _explained(database: Database, engine: Engine, persons: Sequence[str]) -> None:
    with database.begin() as tx:
        views = people.load_people(tx, persons)
    list(engine.score_many([facts_of(view, ("crm",)) for view in views], AS_OF))


def _filled(database: Database) -> list[str]:
    """A market in the database; gives the persons' ids."""
    market = Market(PEOPLE)
    fields, (_, touches) = market.fields(), next(islice(market.touches(), 1))
    found: list[str] = []
    for low in range(0, PEOPLE, 5_000):
        lines = [facts(fields, touches, row) for row in range(low, low + 5_000)]
        with database.begin() as tx:
            upsert(tx, tables.persons, [(line["id"], stamp(AS_OF), None) for line in lines])
            upsert(tx, tables.records, [row for line in lines for row in _records(line)])
            upsert(tx, tables.events, [_event(line["id"], event) for line in lines for event in line["events"]])
        found += [line["id"] for line in lines]
    return found


def _records(line: dict[str, Any]) -> Iterator[Row]:
    at, number = stamp(AS_OF), line["id"]
    company = Ref("companies", f"c{int(number.rpartition('-')[2]) // 5}")
    plain = {name: "; ".join(value) if isinstance(value, tuple) else value for name, value in line["company"].items()}
    own = {name: value for name, value in line["person"].items() if name != "email"}
    email = line["person"].get("email")
    record = PersonRecord(ref=Ref("contacts", number), modified_at=AS_OF, email=email, company=company, fields=own)
    held = CompanyRecord(ref=company, modified_at=AS_OF, fields=plain)
    body = msgspec.json.encode(record).decode()
    dates = msgspec.json.encode(dict.fromkeys(own, at)).decode()
    yield _row("contacts", number, "contacts", body, dates, email, str(company), number)
    yield _row("companies", company.id, "companies", msgspec.json.encode(held).decode(), "{}", None, None, None)


def _row(name: str, number: str, stream: str, body: str, dates: str, *owned: str | None) -> Row:
    at, (email, company, person) = stamp(AS_OF), owned
    known: dict[str, str | int | None] = {
        "connection": "crm",
        "object": name,
        "id": number,
        "stream": stream,
        "body": body,
        "content_hash": "",
        "modified_at": at,
        "first_seen_at": at,
        "field_dates": dates,
        "email": email,
        "company": company,
        "person_id": person,
        "unresolved": 0,
        "told_dates": "{}",
        "dated_for": "",
    }
    return tuple(known.get(column.name) for column in tables.records.columns)


def _event(person: str, event: dict[str, Any]) -> Row:
    rest = {name: value for name, value in event.items() if name not in {"id", "type", "at"}}
    at, content = event["at"].replace("+00:00", "Z"), msgspec.json.encode(rest).decode()
    return ("crm", "engagements", f"{person}-{event['id']}", "contacts", person, event["type"], at, content, None)


def _one_event_each(database: Database, persons: Sequence[str]) -> None:
    at = stamp(AS_OF - timedelta(hours=1))
    visit = {"id": "new", "type": "page_view", "at": at, "url": "/pricing/1"}
    with database.begin() as tx:
        upsert(tx, tables.events, [_event(person, visit) for person in persons])
