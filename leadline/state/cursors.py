"""How far each stream of each connection is read, and since when a connection is live."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, select, update

from connectors.records import Stream
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import upsert


def cursor_of(tx: Connection, connection: str, stream: Stream) -> str | None:
    """The cursor from which the stream goes on, None before the first page that has one."""
    row = tx.execute(
        select(tables.cursors.c.cursor).where(
            tables.cursors.c.connection == connection, tables.cursors.c.stream == stream.value
        )
    ).first()
    return row[0] or None if row else None


def streams_pulled_once(tx: Connection, connection: str) -> frozenset[Stream]:
    """The streams that were read to their end at least once."""
    found = tx.execute(
        select(tables.cursors.c.stream).where(
            tables.cursors.c.connection == connection, tables.cursors.c.completed_at.is_not(None)
        )
    )
    return frozenset(Stream(row[0]) for row in found)


class Launch(Struct, frozen=True):
    """A connection's going live (aware UTC). Records seen up to `people_at` were there; what it held was known at `all_at`.

    `people_at` is None until the contacts were read to their end once.
    """

    people_at: datetime | None
    all_at: datetime


def launches(tx: Connection) -> dict[str, Launch]:
    """Each connection's going live. Of a stream that was never read to its end, its last page so far counts."""
    people_at: dict[str, datetime] = {}
    all_at: dict[str, datetime] = {}
    table = tables.cursors
    for row in tx.execute(select(table.c.connection, table.c.stream, table.c.first_completed_at, table.c.updated_at)):
        at = from_stamp(row.first_completed_at or row.updated_at)
        all_at[row.connection] = max(at, all_at.get(row.connection, at))
        if row.stream == Stream.CONTACTS.value and row.first_completed_at:
            people_at[row.connection] = at
    return {name: Launch(people_at.get(name), at) for name, at in all_at.items()}


def complete_stream(tx: Connection, connection: str, stream: Stream, now: datetime) -> None:
    """Note that the stream was read to its end, be it empty."""
    table = tables.cursors
    this = (table.c.connection == connection, table.c.stream == stream.value)
    if not tx.execute(update(table).where(*this).values(completed_at=stamp(now))).rowcount:
        upsert(tx, table, [(connection, stream.value, "", stamp(now), stamp(now), None)])
    tx.execute(update(table).where(*this, table.c.first_completed_at.is_(None)).values(first_completed_at=stamp(now)))


def first_completed(tx: Connection, connection: str, stream: Stream) -> datetime:
    """When the stream was read to its end the first time.

    Raises:
        sqlalchemy.exc.NoResultFound: it never was.
    """
    table = tables.cursors
    row = tx.execute(
        select(table.c.completed_at, table.c.first_completed_at)
        .where(table.c.connection == connection, table.c.stream == stream.value)
        .where(table.c.completed_at.is_not(None))
    ).one()
    return from_stamp(row.first_completed_at or row.completed_at)
