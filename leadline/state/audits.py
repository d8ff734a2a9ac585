"""Audits: what a census has shown so far, how that compares with what we hold, and what each audit came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, delete, func, select

from connectors.records import OwnerRecord, Record, Ref, Removed, Sighting, Stream
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import chunks, upsert


class Audited(Struct, frozen=True):
    """What the audit of one stream came to, begun `at` (aware UTC): records seen, repaired and removed."""

    stream: Stream
    at: datetime
    seen: int
    repaired: int
    removed: int


def begin(tx: Connection, connection: str) -> None:
    """Forget what an earlier census has shown."""
    tx.execute(delete(tables.sightings).where(tables.sightings.c.connection == connection))


def sight(tx: Connection, connection: str, stream: Stream, sightings: Sequence[Sighting], before: datetime) -> list[Ref]:
    """Note what a census shows; returns what we lack of it, or hold as it was earlier.

    What changed only after `before` is left to the next pull.
    """
    upsert(tx, tables.sightings, [(connection, one.ref.object, one.ref.id) for one in sightings])
    held = _held(tx, connection, stream, [one.ref for one in sightings])
    return [one.ref for one in sightings if one.modified_at < before and held.get(one.ref, "") < stamp(one.modified_at)]


def not_older(tx: Connection, connection: str, stream: Stream, found: Sequence[Record]) -> list[Record]:
    """Those of the fetched records that say no less than what a pull may have stored since they were asked for."""
    live = [record for record in found if not isinstance(record, OwnerRecord | Removed)]
    held = _held(tx, connection, stream, [record.ref for record in live])
    return [record for record in live if held.get(record.ref, "") <= stamp(record.modified_at)]


def seen(tx: Connection, connection: str) -> int:
    """How many records the census has shown."""
    table = tables.sightings
    return int(tx.execute(select(func.count()).where(table.c.connection == connection)).scalar_one())


def conclude(tx: Connection, connection: str, audited: Audited) -> None:
    """Keep what the audit of a stream came to, in place of the one before."""
    counts = (audited.seen, audited.repaired, audited.removed)
    upsert(tx, tables.audits, [(connection, audited.stream.value, stamp(audited.at), *counts)])
    begin(tx, connection)


def last_audits(tx: Connection, connection: str) -> dict[Stream, Audited]:
    """The last audit of each stream of the connection."""
    rows = tx.execute(select(tables.audits).where(tables.audits.c.connection == connection))
    return {
        Stream(row.stream): Audited(Stream(row.stream), from_stamp(row.at), row.seen, row.repaired, row.removed)
        for row in rows
    }


def changed_since(tx: Connection, connection: str, stream: Stream, at: datetime) -> int:
    """How many records of the stream came, changed or went since then, as far as we know."""
    table, since = tables.records, stamp(at)
    late = (table.c.modified_at >= since) | (table.c.first_seen_at >= since) | (table.c.removed_at >= since)
    of_stream = (table.c.connection == connection) & (table.c.stream == stream.value)
    return int(tx.execute(select(func.count()).where(of_stream, late)).scalar_one())


def _held(tx: Connection, connection: str, stream: Stream, refs: Sequence[Ref]) -> dict[Ref, str]:
    """When each of these records that is live here was changed last; empty text where nobody knows."""
    table = tables.events if stream is Stream.ENGAGEMENTS else tables.records
    live = () if stream is Stream.ENGAGEMENTS else (table.c.removed_at.is_(None),)
    latest = func.max(table.c.modified_at).label("modified_at")
    query = select(table.c.object, table.c.id, latest).where(table.c.connection == connection, *live)
    query = query.group_by(table.c.object, table.c.id)
    by_object: dict[str, list[str]] = {}
    for ref in refs:
        by_object.setdefault(ref.object, []).append(ref.id)
    found: dict[Ref, str] = {}
    for name, ids in by_object.items():
        for chunk in chunks(ids):
            for row in tx.execute(query.where(table.c.object == name, table.c.id.in_(chunk))):
                found[Ref(name, row.id)] = row.modified_at or ""
    return found
