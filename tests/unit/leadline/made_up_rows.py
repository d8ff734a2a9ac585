"""Made-up rows of a database, as cycles leave it and worse: several records, merges, deals, ties, the same event twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import msgspec
from sqlalchemy import Table

from connectors.records import CompanyRecord, DealRecord, DealRole, PersonRecord, Ref, Stream
from leadline.clock import stamp
from leadline.state import tables
from leadline.state.database import Database, Row, upsert
from tests.engine import START

PREFERRED = ("sales", "marketing")
_CONNECTIONS = ("marketing", "other", "sales")
_MOSTLY_ONE = ("sales", "sales", "sales", *_CONNECTIONS)
_VALUES: dict[str, Sequence[Any]] = {
    "title": ["VP Sales", "CEO", "Praktikant", "Zauberer", "", None, 7],
    "seniority": ["vp", "", None, "intern"],
    "function": ["sales", None],
    "opted_out": [True, False, None, "yes"],
    "buying_role": ["champion", "", None],
    "email": ["own@field.example", ""],
    "budget": [1, True, 1.0, "1", None, "", 0, False, 900],
    "company_employees": [5, None, "12"],
    "company_industry": ["retail", ""],
    "unasked": ["x"],
}
_OF_COMPANY: dict[str, Sequence[Any]] = {"employees": [300, "", None], "industry": ["software"], "company_size": [1]}
_OF_EVENT: dict[str, Sequence[Any]] = {
    "url": ["/pricing", "/blog", None, True, 1],
    "name": ["guide", "sheet", "", 1],
    "seconds": [10, "20", 0.5, None],
    "campaign": ["spring"],
    "machine": [True, 1],
    "type": ["meeting"],
    "unasked": [1],
}
_TYPES = ("page_view", "content_download", "email_click", "meeting", "call")


def fill(database: Database, random: Random) -> list[str]:
    """Leave such rows in an empty database; the ids of all persons, and one that is nobody's."""
    found = _World(random)
    with database.begin() as tx:
        for name in ("persons", "records", "events", "links", "deal_people", "delivered"):
            tx.execute(tables.metadata.tables[name].delete())
            upsert(tx, tables.metadata.tables[name], found.rows[name])
    return [*(str(row[0]) for row in found.rows["persons"]), "nobody"]


class _World:
    def __init__(self, random: Random) -> None:
        self._random = random
        self.rows: dict[str, list[Row]] = {"links": [], "deal_people": [], "delivered": [], "events": [], "persons": []}
        self.rows["records"] = []
        self._keys: list[tuple[str, Ref]] = []
        for number in range(4):
            for connection in _CONNECTIONS:
                self._add_company(connection, number)
        for number in range(random.randint(1, 7)):
            self._add_person(f"p{number:02}")
        for number in range(random.randint(0, 6)):
            self._add_deal(number)
        for number in range(random.randint(0, 25)):
            self._add_event(number)

    def _some(self, values: dict[str, Sequence[Any]]) -> dict[str, Any]:
        return {name: self._random.choice(of) for name, of in values.items() if self._random.random() < 0.5}

    def _add_company(self, connection: str, number: int) -> None:
        record = CompanyRecord(ref=Ref("companies", f"c/{number}"), modified_at=START, fields=self._some(_OF_COMPANY))
        self._add_record(connection, Stream.COMPANIES, record, None, removed=self._random.random() < 0.2)

    def _add_person(self, person: str) -> None:
        self.rows["persons"].append(_row(tables.persons, person, stamp(START)))
        for number in range(self._random.choice((1, 1, 2, 3))):
            connection = self._random.choice(_MOSTLY_ONE)
            ref = Ref(self._random.choice(("Lead", "contacts")), f"{person}-{number}")
            record = PersonRecord(
                ref=ref,
                modified_at=START,
                email=self._random.choice((None, "", f"{person}@acme.example")),
                company=self._random.choice((None, Ref("companies", f"c/{self._random.randint(0, 4)}"))),
                fields=self._some(_VALUES),
                writable=self._random.random() < 0.8,
            )
            known = [key for place, key in self._keys if place == connection]
            self._keys.append((connection, ref))
            removed = self._random.random() < 0.15
            self._add_record(connection, Stream.CONTACTS, record, person, removed=removed)
            if self._random.random() < 0.2:
                lost = self._random.choice([Ref(ref.object, f"lost-{person}"), *known])
                self._keys.append((connection, lost))
                self.rows["links"].append(
                    (connection, ref.object, ref.id, connection, lost.object, lost.id, "merge", stamp(START))
                )
            if self._random.random() < 0.4:
                told = {"score": self._random.choice((7, 8.0, None)), "grade": self._random.choice(("A1", "?")), "fit": 1}
                content = msgspec.json.encode(told).decode()
                self.rows["delivered"].append(_row(tables.delivered, connection, ref.object, ref.id, content, stamp(START)))

    def _add_deal(self, number: int) -> None:
        connection, ref = self._random.choice(_MOSTLY_ONE), Ref("deals", f"d{number}")
        there = sorted({key for place, key in self._keys if place == connection})
        people = tuple(
            DealRole(one, self._random.choice((None, "champion", "blocker"))) for one in there if self._random.random() < 0.8
        )
        record = DealRecord(
            ref=ref, modified_at=START, stage="s", open=self._random.random() < 0.7, won=False, people=people
        )
        self._add_record(connection, Stream.DEALS, record, None, removed=self._random.random() < 0.2)
        self.rows["deal_people"] += [
            (connection, ref.object, ref.id, part.person.object, part.person.id, part.role) for part in people
        ]

    def _add_event(self, number: int) -> None:
        connection = self._random.choice(_MOSTLY_ONE)
        ref = Ref(self._random.choice(("activities", "activity", "call")), str(number % 12))
        at = START + timedelta(seconds=self._random.choice((0, 0, 1, -90_000, -400_000, 3_600)))
        fields = [msgspec.json.encode(self._some(_OF_EVENT)).decode() for _ in range(self._random.choice((1, 1, 1, 2)))]
        kind = self._random.choice(_TYPES)
        there = sorted({key for place, key in self._keys if place == connection})
        for one in there:
            if self._random.random() < 0.4:
                row = (
                    connection,
                    ref.object,
                    ref.id,
                    one.object,
                    one.id,
                    kind,
                    stamp(at),
                    self._random.choice(fields),
                    None,
                )
                self.rows["events"].append(row)

    def _add_record(self, connection: str, stream: Stream, record: Any, person: str | None, *, removed: bool) -> None:
        company = getattr(record, "company", None)
        known: dict[str, str | int | None] = {
            "connection": connection,
            "object": record.ref.object,
            "id": record.ref.id,
            "stream": stream.value,
            "body": msgspec.json.encode(record).decode(),
            "content_hash": "",
            "modified_at": stamp(START),
            "first_seen_at": stamp(START),
            "field_dates": "{}",
            "told_dates": "{}",
            "dated_for": "",
            "company": str(company) if company else None,
            "person_id": person,
            "removed_at": stamp(START) if removed else None,
            "merged_into": self._random.choice((None, "contacts/x")) if removed else None,
            "unresolved": 0,
        }
        self.rows["records"].append(tuple(known.get(column.name) for column in tables.records.columns))


def _row(table: Table, *first: str | None) -> Row:
    """A row that begins so, and has nothing in its other columns."""
    return (*first, *(None for _ in range(len(table.columns) - len(first))))
