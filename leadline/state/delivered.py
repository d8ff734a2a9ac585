"""What a CRM confirmed of our values, and what it has shown in their place since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, select, update

from connectors.records import PersonRecord, Ref, Scalar
from connectors.stages import CRM_STAGE
from leadline.clock import from_stamp, stamp
from leadline.state import outbox, tables
from leadline.state.database import chunks, upsert
from leadline.state.outbox import ValuesRow, values_id

SURELY_NEWER = timedelta(hours=1)
"""A CRM's clock may differ from ours, and its search may be this late; a record touched later has surely seen our write."""

_NOT_ALWAYS_SHOWN = frozenset({"breakdown", CRM_STAGE})
"""A long text, which Salesforce leaves out of a page beside another one: its absence says nothing. And what is not ours."""

_decode_values = msgspec.json.Decoder(dict[str, Scalar]).decode


class Delivered(Struct, frozen=True):
    """Values a CRM confirmed, and when (aware UTC)."""

    values: dict[str, Scalar]
    at: datetime


class Foreign(Struct, frozen=True):
    """How many records show values in our fields that we did not write, and which fields."""

    records: int
    fields: tuple[str, ...]


def confirm_values(tx: Connection, connection: str, rows: Sequence[ValuesRow], now: datetime) -> None:
    """The CRM took these values: remember them, and drop the rows unless newer values came in meanwhile.

    The stage told last in the CRM's own field is remembered until another is told.
    """
    at = stamp(now)
    before = delivered(tx, connection, [row.ref for row in rows if CRM_STAGE not in row.values])
    found = []
    for row in rows:
        told = before[row.ref].values if row.ref in before else {}
        values = {name: value for name, value in told.items() if name == CRM_STAGE} | row.values
        found.append((connection, row.ref.object, row.ref.id, msgspec.json.encode(values).decode(), at, None, None))
    upsert(tx, tables.delivered, found)
    outbox.drop_sent(tx, rows)


def delivered(tx: Connection, connection: str, refs: Iterable[Ref]) -> dict[Ref, Delivered]:
    """The last confirmed values of these records."""
    return {ref: _told(row) for ref, row in _rows(tx, connection, refs).items()}


def forget(tx: Connection, connection: str, refs: Iterable[Ref]) -> None:
    """Nobody knows any more what these records show: they are scored again, and what is wanted there will be told."""
    table, records = tables.delivered, tables.records
    for ref in refs:
        known = (records.c.connection == connection, records.c.object == ref.object, records.c.id == ref.id)
        tx.execute(update(records).where(*known, records.c.removed_at.is_(None)).values(unresolved=1))
        tx.execute(update(table).where(*_this(connection, ref)).values(content="{}", overwritten_at=None, overwritten=None))


def overwritten_fields(told: Delivered, record: PersonRecord) -> tuple[str, ...] | None:
    """Which of our fields show something else than we told; None when the record may be shown as it was before. Pure.

    All values go out in one call with their `scored_at`, so what shows that same time has our last write in it. Another
    time is somebody else's only if it is later than ours; a missing one, if the record was touched long after we wrote.
    """
    written, shown = _comparable(told.values), _comparable(record.ours)
    differing = tuple(sorted(name for name, value in written.items() if shown.get(name) != value))
    if not differing or not shown or "scored_at" not in written:
        return None if differing else ()
    as_of = shown.get("scored_at")
    if as_of is None:
        return differing if record.modified_at > told.at + SURELY_NEWER else None
    return differing if as_of >= written["scored_at"] else None


def compare(tx: Connection, connection: str, people: Iterable[PersonRecord], now: datetime) -> None:
    """Hold what a page shows of people against what we told, and note who writes there beside us."""
    records = {record.ref: record for record in people}
    rows = _rows(tx, connection, records)
    under_way = outbox.unsent_values(tx, [values_id(connection, ref) for ref in rows])
    for ref, row in rows.items():
        if values_id(connection, ref) in under_way:
            continue
        fields = overwritten_fields(_told(row), records[ref])
        if fields is None or ",".join(fields) == (row.overwritten or ""):
            continue
        noted = (stamp(now), ",".join(fields)) if fields else (None, None)
        table = tables.delivered
        tx.execute(update(table).where(*_this(connection, ref)).values(overwritten_at=noted[0], overwritten=noted[1]))


def foreign_writes(tx: Connection, connection: str) -> Foreign:
    """What somebody else has written into our fields of records that are still there."""
    table, records = tables.delivered, tables.records
    rows = tx.execute(
        select(table.c.overwritten)
        .join(
            records,
            (records.c.connection == table.c.connection)
            & (records.c.object == table.c.object)
            & (records.c.id == table.c.record_id),
        )
        .where(table.c.connection == connection, table.c.overwritten.is_not(None), records.c.removed_at.is_(None))
    ).all()
    return Foreign(len(rows), tuple(sorted({name for row in rows for name in row.overwritten.split(",")})))


def grade_moves(tx: Connection, connection: str) -> tuple[int, int]:
    """How many waiting values change a grade that a record shows, and how many records show one."""
    shown = {
        (row.object, row.record_id): grade
        for row in tx.execute(select(tables.delivered).where(tables.delivered.c.connection == connection))
        if (grade := _decode_values(row.content).get("grade")) is not None
    }
    table = tables.outbox
    waiting = tx.execute(select(table).where(table.c.connection == connection, table.c.kind == "values"))
    moving = 0
    for row in waiting:
        was = shown.get((row.object, row.record_id))
        moving += was is not None and _decode_values(row.payload).get("grade") != was
    return moving, len(shown)


def _rows(tx: Connection, connection: str, refs: Iterable[Ref]) -> dict[Ref, Row[Any]]:
    table = tables.delivered
    by_object: dict[str, list[str]] = {}
    for ref in refs:
        by_object.setdefault(ref.object, []).append(ref.id)
    found: dict[Ref, Row[Any]] = {}
    for name, ids in by_object.items():
        for chunk in chunks(ids):
            rows = tx.execute(
                select(table).where(table.c.connection == connection, table.c.object == name, table.c.record_id.in_(chunk))
            )
            found |= {Ref(name, row.record_id): row for row in rows}
    return found


def _this(connection: str, ref: Ref) -> tuple[Any, ...]:
    table = tables.delivered
    return table.c.connection == connection, table.c.object == ref.object, table.c.record_id == ref.id


def _comparable(values: Mapping[str, Scalar]) -> dict[str, Any]:
    """Values so that equal ones compare equal: a CRM may write the same time in another way, and trims text."""
    return {
        name: _moment(value) if name == "scored_at" else value.strip() if isinstance(value, str) else value
        for name, value in values.items()
        if value is not None and value != "" and name not in _NOT_ALWAYS_SHOWN
    }


def _moment(value: Scalar) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _told(row: Row[Any]) -> Delivered:
    return Delivered(_decode_values(row.content), from_stamp(row.at))
