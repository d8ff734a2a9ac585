"""What is stated about records being the same human, and being kept apart; and who takes part in a deal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection, delete, select, tuple_, update

from connectors.records import DealRecord, PersonRecord, Ref
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import chunks, upsert

Reason: TypeAlias = Literal["conversion", "merge", "native_sync", "email"]


class Key(Struct, frozen=True, order=True):
    """One person record in the workspace. Written `connection:object/id`."""

    connection: str
    object: str
    id: str

    def __str__(self) -> str:
        return f"{self.connection}:{self.object}/{self.id}"


class Edge(Struct, frozen=True, order=True):
    """A reason to hold two records for one human: `a` says so of `b`, except for an e-mail address, which both have.

    `since` is a stored time (`leadline.clock.stamp`), None when nobody noted it.
    """

    a: Key
    b: Key
    reason: Reason
    since: str | None = None


class Separation(Struct, frozen=True, order=True):
    """Two records that a person wants kept apart, and since when (aware UTC). `a` sorts before `b`."""

    a: Key
    b: Key
    since: datetime


def save_deal_people(tx: Connection, connection: str, deals: Sequence[DealRecord]) -> None:
    """Store who takes part in these deals, in place of what was stored."""
    table = tables.deal_people
    for deal in deals:
        tx.execute(
            table.delete().where(
                table.c.connection == connection,
                table.c.deal_object == deal.ref.object,
                table.c.deal_id == deal.ref.id,
            )
        )
    upsert(
        tx,
        table,
        [
            (connection, deal.ref.object, deal.ref.id, part.person.object, part.person.id, part.role)
            for deal in deals
            for part in deal.people
        ],
    )


def save_links(tx: Connection, connection: str, people: Sequence[PersonRecord], now: datetime) -> None:
    """Store what these records state, in place of what they stated; what they go on stating keeps its time.

    `other_connection` holds `type:NAME` while it names a kind of CRM, not an account.
    """
    table = tables.links
    since: dict[tuple[Any, ...], str] = {}
    for chunk in chunks(people):
        own = tuple_(table.c.connection, table.c.object, table.c.id).in_(
            [(connection, person.ref.object, person.ref.id) for person in chunk]
        )
        since |= {tuple(row)[:-1]: row.since for row in tx.execute(select(table).where(own))}
        tx.execute(delete(table).where(own))
    stated = [_link(connection, person.ref, same) for person in people for same in person.same_as]
    upsert(tx, table, [(*link, since.get(link, stamp(now))) for link in stated])


def _link(connection: str, ref: Ref, same: Any) -> tuple[str, ...]:
    other = f"type:{same.crm}" if same.crm else connection
    return (connection, ref.object, ref.id, other, same.ref.object, same.ref.id, same.reason)


def separate(tx: Connection, record: Key, others: Iterable[Key], now: datetime) -> None:
    """Keep a record apart from others, whatever would join them; the next scoring draws the consequence."""
    pairs = [sorted((record, other)) for other in others]
    upsert(tx, tables.separations, [(*_columns(a), *_columns(b), stamp(now)) for a, b in pairs])
    _resolve_again(tx, {key for pair in pairs for key in pair})


def rejoin(tx: Connection, record: Key) -> list[Key]:
    """Let go of every separation of a record; returns from whom it was kept apart."""
    found = separations_of(tx, [record])
    table = tables.separations
    tx.execute(delete(table).where(_first(record) | _second(record)))
    _resolve_again(tx, {key for one in found for key in (one.a, one.b)})
    return sorted({key for one in found for key in (one.a, one.b)} - {record})


def separations_of(tx: Connection, records: Iterable[Key]) -> list[Separation]:
    """The separations that one of these records takes part in, sorted."""
    table = tables.separations
    first = tuple_(table.c.connection, table.c.object, table.c.id)
    second = tuple_(table.c.other_connection, table.c.other_object, table.c.other_id)
    found: set[Separation] = set()
    for chunk in chunks(sorted(set(records))):
        keys = [_columns(key) for key in chunk]
        for row in tx.execute(select(table).where(first.in_(keys) | second.in_(keys))):
            other = Key(row.other_connection, row.other_object, row.other_id)
            found.add(Separation(Key(row.connection, row.object, row.id), other, from_stamp(row.since)))
    return sorted(found)


def any_separations(tx: Connection) -> bool:
    """Whether anything is kept apart at all."""
    return tx.execute(select(tables.separations.c.since).limit(1)).first() is not None


def _resolve_again(tx: Connection, records: Iterable[Key]) -> None:
    table = tables.records
    for chunk in chunks(sorted(records)):
        keys = [_columns(key) for key in chunk]
        tx.execute(
            update(table).where(tuple_(table.c.connection, table.c.object, table.c.id).in_(keys)).values(unresolved=1)
        )


def _columns(key: Key) -> tuple[str, str, str]:
    return key.connection, key.object, key.id


def _first(key: Key) -> Any:
    table = tables.separations
    return (table.c.connection == key.connection) & (table.c.object == key.object) & (table.c.id == key.id)


def _second(key: Key) -> Any:
    table = tables.separations
    return (table.c.other_connection == key.connection) & (table.c.other_object == key.object) & (table.c.other_id == key.id)
