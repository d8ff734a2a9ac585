"""What a CRM refused for good: what was to be told, its reason, and what the refusal holds for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, delete, exists, select, update

from connectors.contract import Rejected
from connectors.records import PersonRecord, Ref
from connectors.stages import CRM_STAGE
from leadline.clock import from_stamp, stamp
from leadline.state import outbox, tables
from leadline.state.database import chunks, upsert
from leadline.state.outbox import Kind, Lane, ValuesRow, values_id

LANES: dict[Kind, Lane] = {"task": Lane.TASKS, "change": Lane.TASKS, "closing": Lane.TASKS, "values": Lane.SCORES}
"""Where a refusal goes that is to be told again."""


ParkedKind = Kind | Literal["stage"]
"""What can be refused: a row of the outbox, or of a row of values only the stage in the CRM's own field."""


class ParkedRow(Struct, frozen=True):
    """A refusal: what was to be told, the CRM's reason, and the state of record and settings it was refused for."""

    id: str
    connection: str
    kind: ParkedKind
    ref: Ref
    code: str
    reason: str
    refused_for: str
    parked_at: datetime


def park(tx: Connection, row_id: str, refusal: Rejected, refused_for: str, now: datetime) -> None:
    """Move a refused row out of the way, with the CRM's reason."""
    row = tx.execute(select(tables.outbox).where(tables.outbox.c.id == row_id)).one()
    what = (row.id, row.connection, row.kind, row.object, row.record_id, row.payload)
    upsert(tx, tables.parked, [(*what, refusal.code, refusal.reason, refused_for, stamp(now))])
    outbox.drop(tx, [row_id])


def stage_id(connection: str, ref: Ref) -> str:
    """The id of a refusal of the stage in the CRM's own field; the record's other values are told without it."""
    return f"stage|{connection}|{ref.object}|{ref.id}"


def park_stage(tx: Connection, connection: str, row: ValuesRow, refusal: Rejected, refused_for: str, now: datetime) -> None:
    """Put a refused stage out of the way, and let the other values go out again without it."""
    what = (stage_id(connection, row.ref), connection, "stage", row.ref.object, row.ref.id)
    payload = msgspec.json.encode({CRM_STAGE: row.values[CRM_STAGE]}).decode()
    upsert(tx, tables.parked, [(*what, payload, refusal.code, refusal.reason, refused_for, stamp(now))])
    unsent = outbox.unsent_values(tx, [row.id]).get(row.id, {})  # newer ones, if some came in meanwhile
    if unsent.get(CRM_STAGE) == row.values[CRM_STAGE]:
        rest = {name: value for name, value in unsent.items() if name != CRM_STAGE}
        outbox.put_values(tx, connection, {row.ref: rest}, LANES["values"], now)


def unpark(tx: Connection, row_ids: Sequence[str]) -> None:
    """Forget refusals, so that the next decision may queue the same again."""
    for chunk in chunks(row_ids):
        tx.execute(delete(tables.parked).where(tables.parked.c.id.in_(chunk)))


def requeue(tx: Connection, row_ids: Sequence[str], now: datetime) -> None:
    """Move refusals back into the outbox, to be sent again as they were; a stage is decided upon anew."""
    table, at = tables.parked, stamp(now)
    for chunk in chunks(row_ids):
        found = tx.execute(select(table).where(table.c.id.in_(chunk))).all()
        for row in found:
            if row.kind == "stage":
                _score_anew(tx, row)
        rows = [row for row in found if row.kind != "stage"]
        upsert(
            tx,
            tables.outbox,
            [
                (
                    row.id,
                    row.connection,
                    int(LANES[row.kind]),
                    row.kind,
                    row.object,
                    row.record_id,
                    row.payload,
                    "waiting",
                    1,
                    0,
                    at,
                    at,
                )
                for row in rows
            ],
        )
        unpark(tx, chunk)


def parked(tx: Connection, row_ids: Sequence[str] | None = None) -> list[ParkedRow]:
    """Refusals, all of them or those with these ids, oldest first."""
    table = tables.parked
    query = select(table).order_by(table.c.parked_at, table.c.id)
    if row_ids is None:
        return [_parked_row(row) for row in tx.execute(query)]
    return [_parked_row(row) for chunk in chunks(row_ids) for row in tx.execute(query.where(table.c.id.in_(chunk)))]


def of_kind(tx: Connection, kind: Literal["task", "change", "closing"]) -> list[ParkedRow]:
    """Refusals of one kind, oldest first."""
    table = tables.parked
    query = select(table).where(table.c.kind == kind).order_by(table.c.parked_at, table.c.id)
    return [_parked_row(row) for row in tx.execute(query)]


def forget_values_of_removed(tx: Connection) -> None:
    """Drop refused values whose record is not there any more: there is nobody left to tell."""
    table, records = tables.parked, tables.records
    removed = exists().where(
        records.c.connection == table.c.connection,
        records.c.object == table.c.object,
        records.c.id == table.c.record_id,
        records.c.removed_at.is_not(None),
    )
    tx.execute(delete(table).where(table.c.kind.in_(("values", "stage")), removed))


def lift_touched(tx: Connection, connection: str, people: Sequence[PersonRecord]) -> None:
    """Forget refused values of people whose records were touched since: what the CRM objected to may be in no mapped field.

    To be called before the records are stored. Their own write touched none of them: it was refused.
    """
    table, records = tables.parked, tables.records
    refused = (table.c.connection == connection, table.c.kind == "values")
    if tx.execute(select(table.c.id).where(*refused).limit(1)).first() is None:
        return
    this = (
        records.c.connection == table.c.connection,
        records.c.object == table.c.object,
        records.c.id == table.c.record_id,
    )
    touched = {values_id(connection, one.ref): stamp(one.modified_at) for one in people}
    for chunk in chunks(touched):
        stale = [
            row
            for row in tx.execute(select(table, records.c.modified_at).where(*refused, *this, table.c.id.in_(chunk)))
            if row.modified_at < touched[row.id]
        ]
        unpark(tx, [row.id for row in stale])
        for row in stale:
            _score_anew(tx, row)


def _score_anew(tx: Connection, row: Row[Any]) -> None:
    records = tables.records
    its = (records.c.connection == row.connection, records.c.object == row.object, records.c.id == row.record_id)
    tx.execute(update(records).where(*its).values(unresolved=1))


def _parked_row(row: Row[Any]) -> ParkedRow:
    return ParkedRow(
        row.id,
        row.connection,
        row.kind,
        Ref(row.object, row.record_id),
        row.code,
        row.reason,
        row.content_hash,
        from_stamp(row.parked_at),
    )
