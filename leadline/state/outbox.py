"""What is still to be told to a CRM, what it confirmed, and what it refused for good.

States of an outbox row: `waiting` (not told yet, or told to come back later) and `sending` (stored before the call goes
out). A row found `sending` by a later claim is one whose reply was never stored: values may simply be sent again, a task
must be looked for first. A row that the CRM confirmed is deleted; what it confirmed is kept in `delivered` or `tasks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, delete, func, select, tuple_, update

from connectors.contract import Rejected
from connectors.records import Ref, Scalar
from connectors.tasks import TaskDraft
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import chunks, upsert


class Lane(IntEnum):
    """Which rows go first. Hand-raisers never wait behind a bulk of scores."""

    FIRST = 0
    TASKS = 1
    SCORES = 2
    BACKFILL = 3


class ValuesRow(Struct, frozen=True):
    """Values on their way to one record. `version` tells a confirmed row from one replaced meanwhile."""

    id: str
    ref: Ref
    values: dict[str, Scalar]
    version: int


class TaskPayload(Struct, frozen=True):
    """A task on its way, with the crossing it belongs to."""

    draft: TaskDraft
    crossing_id: str


class TaskRow(Struct, frozen=True):
    """A claimed task."""

    id: str
    payload: TaskPayload


class ParkedRow(Struct, frozen=True):
    """A refusal: what was to be told, the CRM's reason, and the state of record and settings it was refused for."""

    id: str
    connection: str
    kind: str
    ref: Ref
    code: str
    reason: str
    refused_for: str
    parked_at: datetime


_decode_values = msgspec.json.Decoder(dict[str, Scalar]).decode
_decode_task = msgspec.json.Decoder(TaskPayload).decode


def values_id(connection: str, ref: Ref) -> str:
    """The outbox id of a record's values: one row a record, so that a newer intent replaces an unsent older one."""
    return f"values|{connection}|{ref.object}|{ref.id}"


def put_values(
    tx: Connection, connection: str, intents: Mapping[Ref, Mapping[str, Scalar]], lane: Lane, now: datetime
) -> None:
    """Queue values, replacing what is queued for the same records."""
    table = tables.outbox
    ids = {values_id(connection, ref): ref for ref in intents}
    versions = {
        row.id: row.version for row in tx.execute(select(table.c.id, table.c.version).where(table.c.id.in_(list(ids))))
    }
    at = stamp(now)
    upsert(
        tx,
        table,
        [
            (
                row_id,
                connection,
                int(lane),
                "values",
                ref.object,
                ref.id,
                msgspec.json.encode(intents[ref]).decode(),
                "waiting",
                versions.get(row_id, 0) + 1,
                0,
                at,
                at,
            )
            for row_id, ref in ids.items()
        ],
    )


def unsent_values(tx: Connection, row_ids: Sequence[str]) -> dict[str, dict[str, Scalar]]:
    """The values among these rows that no answer has confirmed, by row."""
    table = tables.outbox
    rows = tx.execute(select(table.c.id, table.c.payload).where(table.c.id.in_(row_ids), table.c.kind == "values"))
    return {row.id: _decode_values(row.payload) for row in rows}


def crossing_of_task(row_id: str) -> str:
    """The crossing that a task's row belongs to: a task's key is its crossing."""
    return row_id.removeprefix("task|")


def put_task(tx: Connection, connection: str, payload: TaskPayload, lane: Lane, now: datetime) -> bool:
    """Queue a task once; a task queued, opened or refused under the same key before is left as it is: False."""
    row_id = f"task|{payload.draft.key}"
    known = (
        select(tables.outbox.c.id)
        .where(tables.outbox.c.id == row_id)
        .union_all(
            select(tables.tasks.c.key).where(tables.tasks.c.key == payload.draft.key),
            select(tables.parked.c.id).where(tables.parked.c.id == row_id),
        )
    )
    if tx.execute(known).first():
        return False
    at = stamp(now)
    encoded = msgspec.json.encode(payload).decode()
    ref = payload.draft.person
    row = (row_id, connection, int(lane), "task", ref.object, ref.id, encoded, "waiting", 1, 0, at, at)
    upsert(tx, tables.outbox, [row])
    return True


def claim_values(tx: Connection, connection: str, now: datetime, limit: int) -> list[ValuesRow]:
    """The next values to send, marked `sending`."""
    rows = _claim(tx, connection, "values", now, limit)
    return [ValuesRow(row.id, Ref(row.object, row.record_id), _decode_values(row.payload), row.version) for row in rows]


def claim_task(tx: Connection, connection: str, now: datetime, last_lane: Lane) -> TaskRow | None:
    """The next task to open from the lanes up to `last_lane`, marked `sending`."""
    rows = _claim(tx, connection, "task", now, 1, last_lane)
    return TaskRow(rows[0].id, _decode_task(rows[0].payload)) if rows else None


def confirm_values(tx: Connection, connection: str, rows: Sequence[ValuesRow], now: datetime) -> None:
    """The CRM took these values: remember them, and drop the rows unless newer values came in meanwhile."""
    at = stamp(now)
    upsert(
        tx,
        tables.delivered,
        [(connection, row.ref.object, row.ref.id, msgspec.json.encode(row.values).decode(), at, None) for row in rows],
    )
    drop_values(tx, rows)


def drop_values(tx: Connection, rows: Iterable[ValuesRow]) -> None:
    """Forget claimed rows, unless newer values came in meanwhile."""
    sent = [(row.id, row.version) for row in rows]
    if sent:
        tx.execute(delete(tables.outbox).where(tuple_(tables.outbox.c.id, tables.outbox.c.version).in_(sent)))


def confirm_task(tx: Connection, connection: str, row: TaskRow, task: Ref, now: datetime) -> None:
    """The task is open in the CRM: remember where."""
    draft = row.payload.draft
    crossings = tables.crossings
    tx.execute(
        update(crossings)
        .where(crossings.c.id == row.payload.crossing_id)
        .values(outcome="task opened", why=f"{task} in {connection}")
    )
    upsert(
        tx,
        tables.tasks,
        [
            (
                draft.key,
                row.payload.crossing_id,
                connection,
                draft.person.object,
                draft.person.id,
                task.object,
                task.id,
                draft.owner_id,
                stamp(now),
                msgspec.json.encode(draft).decode(),
                None,
                None,
            )
        ],
    )
    drop(tx, [row.id])


def postpone(tx: Connection, row_ids: Sequence[str], until: datetime) -> None:
    """Send these rows again, not before `until`."""
    table = tables.outbox
    if row_ids:
        tx.execute(
            update(table)
            .where(table.c.id.in_(row_ids))
            .values(state="waiting", attempts=table.c.attempts + 1, not_before=stamp(until))
        )


def drop(tx: Connection, row_ids: Sequence[str]) -> None:
    """Forget these rows: there is nobody left to tell."""
    if row_ids:
        tx.execute(delete(tables.outbox).where(tables.outbox.c.id.in_(row_ids)))


def park(tx: Connection, row_id: str, refusal: Rejected, refused_for: str, now: datetime) -> None:
    """Move a refused row out of the way, with the CRM's reason."""
    row = tx.execute(select(tables.outbox).where(tables.outbox.c.id == row_id)).one()
    upsert(
        tx,
        tables.parked,
        [
            (
                row.id,
                row.connection,
                row.kind,
                row.object,
                row.record_id,
                row.payload,
                refusal.code,
                refusal.reason,
                refused_for,
                stamp(now),
            )
        ],
    )
    drop(tx, [row_id])


def unpark(tx: Connection, row_ids: Sequence[str]) -> None:
    """Forget refusals, so that the next decision may queue the values again."""
    if row_ids:
        tx.execute(delete(tables.parked).where(tables.parked.c.id.in_(row_ids)))


def requeue(tx: Connection, row_ids: Sequence[str], now: datetime) -> None:
    """Move refusals back into the outbox, to be sent again as they were."""
    table = tables.parked
    at = stamp(now)
    for chunk in chunks(row_ids):
        rows = tx.execute(select(table).where(table.c.id.in_(chunk))).all()
        lanes = {"task": Lane.TASKS, "values": Lane.SCORES}
        upsert(
            tx,
            tables.outbox,
            [
                (
                    row.id,
                    row.connection,
                    int(lanes[row.kind]),
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
    if row_ids is not None:
        query = query.where(table.c.id.in_(row_ids))
    return [
        ParkedRow(
            row.id,
            row.connection,
            row.kind,
            Ref(row.object, row.record_id),
            row.code,
            row.reason,
            row.content_hash,
            from_stamp(row.parked_at),
        )
        for row in tx.execute(query)
    ]


class Delivered(Struct, frozen=True):
    """Values a CRM confirmed, and when (aware UTC)."""

    values: dict[str, Scalar]
    at: datetime


def delivered(tx: Connection, connection: str, refs: Iterable[Ref]) -> dict[Ref, Delivered]:
    """The last confirmed values of these records."""
    table = tables.delivered
    by_object: dict[str, list[str]] = {}
    for ref in refs:
        by_object.setdefault(ref.object, []).append(ref.id)
    found: dict[Ref, Delivered] = {}
    for name, ids in by_object.items():
        rows = tx.execute(
            select(table).where(table.c.connection == connection, table.c.object == name, table.c.record_id.in_(ids))
        )
        found |= {Ref(name, row.record_id): Delivered(_decode_values(row.content), from_stamp(row.at)) for row in rows}
    return found


def remember_delivered(tx: Connection, connection: str, known: Mapping[Ref, Delivered]) -> None:
    """Take values found in the CRM for delivered: after the loss of our database they need no second write."""
    upsert(
        tx,
        tables.delivered,
        [
            (connection, ref.object, ref.id, msgspec.json.encode(held.values).decode(), stamp(held.at), None)
            for ref, held in known.items()
        ],
    )


def queued_tasks(tx: Connection) -> list[tuple[str, TaskPayload]]:
    """Every task that is queued and not confirmed, with its connection."""
    table = tables.outbox
    rows = tx.execute(select(table.c.connection, table.c.payload).where(table.c.kind == "task"))
    return [(row.connection, _decode_task(row.payload)) for row in rows]


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


def waiting(tx: Connection, connection: str, kind: str, first_lane: Lane) -> int:
    """How many rows of a kind lie in the outbox, in the lanes from `first_lane` on."""
    table = tables.outbox
    ours = (table.c.connection == connection) & (table.c.kind == kind) & (table.c.lane >= int(first_lane))
    return int(tx.execute(select(func.count()).where(ours)).scalar_one())


def waiting_counts(tx: Connection) -> dict[tuple[str, str, str], int]:
    """How many rows lie in the outbox, by connection, kind and state."""
    table = tables.outbox
    rows = tx.execute(
        select(table.c.connection, table.c.kind, table.c.state, func.count()).group_by(
            table.c.connection, table.c.kind, table.c.state
        )
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def _claim(
    tx: Connection, connection: str, kind: str, now: datetime, limit: int, last_lane: Lane = Lane.BACKFILL
) -> list[Any]:
    table = tables.outbox
    due = (table.c.not_before <= stamp(now)) & (table.c.lane <= int(last_lane))
    rows = list(
        tx.execute(
            select(table)
            .where(table.c.connection == connection, table.c.kind == kind, due)
            .order_by(table.c.lane, table.c.created_at, table.c.id)
            .limit(limit)
        )
    )
    tx.execute(update(table).where(table.c.id.in_([row.id for row in rows])).values(state="sending"))
    return rows
