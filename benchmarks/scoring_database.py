"""What scoring costs when people come out of a database: the sidecar built, news folded in, some people scored."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from benchmarks.scoring_market import AS_OF, Market, facts
from benchmarks.scoring_model import LISTS
from benchmarks.scoring_model import model as benchmark_model
from benchmarks.table import Line, Spent, best, spent
from connectors.records import CompanyRecord, PersonRecord, Ref
from leadline.clock import stamp
from leadline.facts import facts_of
from leadline.identity import founded_by
from leadline.sidecar import build
from leadline.sidecar.shelf import Shelf
from leadline.state import people, tables
from leadline.state.database import Database, Row, upsert
from leadline.state.links import Key
from leadline.state.migrate import migrate
from scoring.core import GRADES, CompiledModel, Scores
from scoring.engine import Engine
from scoring.lists import Lists
from scoring.model import Model, parse_model

RULES = "rules"
PEOPLE = 200_000
MILLION = 1_000_000
NEW_EVENTS = 10_000
CHANGED = 1_000
_PREFERRED = ("crm",)


def database_lines(model: Model, lists: Lists) -> Iterator[Line]:
    """The lines of the table that a database has a part in. A smaller market; the time for a million follows from it."""
    compiled, engine = CompiledModel(model, lists), Engine(model, lists)
    with tempfile.TemporaryDirectory() as scratch:
        database = Database(f"sqlite:///{scratch}/leadline.db")
        migrate(database)
        persons, shelf = _filled(database), Shelf(Path(scratch) / "columns")
        built = _built_apart(Path(scratch))
        cost = Spent(*built["spent"]).times(MILLION / PEOPLE)
        yield Line(f"sidecar built from the database, a million people (from {PEOPLE:,})", str(cost), "≤ 30 s")
        yield Line(f"memory at its peak, for {PEOPLE:,} people", f"{built['megabytes']:,.0f} MB")
        some = Random(1).sample(persons, NEW_EVENTS)
        _one_event_each(database, some)

        def on_top() -> None:
            with database.begin() as tx:
                shelf.add(RULES, build.of_persons(tx, compiled, _PREFERRED, [_person(one) for one in some], AS_OF))

        yield Line(f"{NEW_EVENTS:,} new events of as many people folded in", str(spent(on_top)), "≤ 500 ms")
        few = [_person(one) for one in some[:CHANGED]]
        yield Line(
            f"{CHANGED:,} changed people read from the database and scored",
            str(best(lambda: _scored(database, compiled, few), 3)),
            "≤ 100 ms",
        )
        explained = best(lambda: _explained(database, engine, few), 3)
        yield Line("the same with breakdowns and hints, as the daemon does it", str(explained))
        database.close()


def main() -> None:
    """Build the sidecar of the database in a folder, and tell the cost as JSON."""
    folder = Path(sys.argv[1])
    compiled, shelf = CompiledModel(parse_model(benchmark_model()), Lists.of(LISTS)), Shelf(folder / "columns")
    database = Database(f"sqlite:///{folder}/leadline.db")

    def everybody() -> None:
        shelf.replace(RULES, build.everybody(database, compiled, _PREFERRED, AS_OF))

    cost = spent(everybody)
    print(json.dumps({"spent": (cost.clock, cost.processor), "megabytes": _peak_megabytes()}))


def _peak_megabytes() -> float:
    """Of this process alone: what `resource` tells begins with the peak of the one that started it. Linux only."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return float(told.partition("VmHWM:")[2].split()[0]) / 1024


def _built_apart(folder: Path) -> dict[str, Any]:
    """In a process of its own: the peak of its memory is to be that of the building."""
    command = [sys.executable, "-m", "benchmarks.scoring_database", str(folder)]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def _scored(database: Database, compiled: CompiledModel, persons: Sequence[str]) -> Scores:
    with database.begin() as tx:
        layer = build.of_persons(tx, compiled, _PREFERRED, persons, AS_OF)
    return compiled.scored(layer.kept, AS_OF.date())


def _explained(database: Database, engine: Engine, persons: Sequence[str]) -> None:
    with database.begin() as tx:
        views = people.load_people(tx, persons)
    list(engine.score_many([facts_of(view, _PREFERRED) for view in views], AS_OF))


def _filled(database: Database) -> list[str]:
    """A market in the database, as a daemon would have left it; gives the records' ids.

    Persons' ids are in no order of their records; what they did lies there in the order of time, 50,000 people's at once.
    """
    market, found = Market(PEOPLE), []
    fields = market.fields()
    for low, touches in market.touches():
        some = fields.part(low, min(low + 50_000, PEOPLE))
        lines = [{**facts(some, touches, row), "id": f"person-{low + row:08d}"} for row in range(some.rows)]
        events = [_event(line["id"], event) for line in lines for event in line["events"]]
        with database.begin() as tx:
            upsert(tx, tables.persons, [(_person(line["id"]), stamp(AS_OF), None, None) for line in lines])
            upsert(tx, tables.records, [row for line in lines for row in _records(line)])
            upsert(tx, tables.delivered, [_told(line["id"], place) for place, line in enumerate(lines)])
            upsert(tx, tables.events, sorted(events, key=itemgetter(6)))
        found += [line["id"] for line in lines]
    return found


def _person(number: str) -> str:
    return founded_by(Key("crm", "contacts", number))


def _told(number: str, place: int) -> Row:
    values = {"score": place % 100, "grade": GRADES[place % 16], "reasons": "Pricing page; VP Sales", "fit": 30}
    return ("crm", "contacts", number, msgspec.json.encode(values).decode(), stamp(AS_OF), None, None)


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
    yield _row("contacts", number, "contacts", body, dates, email, str(company), _person(number))
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
    at, content = stamp(datetime.fromisoformat(event["at"])), msgspec.json.encode(rest).decode()
    return ("crm", "engagements", f"{person}-{event['id']}", "contacts", person, event["type"], at, content, None)


def _one_event_each(database: Database, persons: Sequence[str]) -> None:
    at = stamp(AS_OF - timedelta(hours=1))
    visit = {"id": "new", "type": "page_view", "at": at, "url": "/pricing/1"}
    with database.begin() as tx:
        upsert(tx, tables.events, [_event(person, visit) for person in persons])


if __name__ == "__main__":
    main()
