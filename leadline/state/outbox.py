"""What is still to be told to a CRM.

States of a row: `waiting` (not told yet, or told to come back later) and `sending` (stored before the call goes out). A row
found `sending` by a later claim is one whose reply was never stored: values may simply be sent again, a task must be looked
for first, a change or a closing looks at the task anyway. A row that the CRM answered is deleted: what it took is kept in
`delivered` or `tasks`, what it refused in `parked`. `docs/reference/delivery.md` draws every move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, delete, select, tuple_, update

from connectors.records import Ref, Scalar
from connectors.tasks import TaskChange
from leadline.clock import stamp
from leadline.closing import Closing, Settled, Told, closing_of, whole
from leadline.state import opened, tables
from leadline.state.database import chunks, upsert
from leadline.state.opened import TaskPayload

Kind = Literal["values", "task", "change", "closing"]
State = Literal["waiting", "sending"]
KINDS: tuple[Kind, ...] = get_args(Kind)
STATES: tuple[State, ...] = get_args(State)


class Lane(IntEnum):
    """Which rows go first. Hand-raisers never wait behind a bulk of scores."""

    FIRST = 0
    TASKS = 1
    SCORES = 2
    BACKFILL = 3


LOOK_AGAIN_AFTER = timedelta(minutes=1)
"""When a closing looks again whether its task was opened."""


class ValuesRow(Struct, frozen=True):
    """Values on their way to one record. `version` tells a confirmed row from one replaced meanwhile."""

    id: str
    ref: Ref
    values: dict[str, Scalar]
    version: int
    attempts: int


class TaskRow(Struct, frozen=True):
    """A claimed task. `attempts` is how often it was put off or sent on to another record."""

    id: str
    payload: TaskPayload
    attempts: int


class Changing(Struct, frozen=True):
    """What is to become of an open task; `told` is what its new words were written from."""

    key: str
    change: TaskChange
    told: Told | None = None


class ChangeRow(Struct, frozen=True):
    """A claimed change of a task, and how the task may read before it. `version` as with values."""

    id: str
    changing: Changing
    closing: Closing
    version: int
    attempts: int


class ClosingRow(Struct, frozen=True):
    """A claimed closing of a task."""

    id: str
    closing: Closing
    attempts: int


_decode_values = msgspec.json.Decoder(dict[str, Scalar]).decode
_decode_task = msgspec.json.Decoder(TaskPayload).decode
_decode_changing = msgspec.json.Decoder(Changing).decode
_decode_closing = msgspec.json.Decoder(Closing).decode


def values_id(connection: str, ref: Ref) -> str:
    """The outbox id of a record's values: one row a record, so that a newer intent replaces an unsent older one."""
    return f"values|{connection}|{ref.object}|{ref.id}"


def task_id(key: str) -> str:
    """The outbox id of a task."""
    return f"task|{key}"


def crossing_of_task(row_id: str) -> str:
    """The crossing that a task's row belongs to: a task's key is its crossing."""
    return row_id.removeprefix("task|")


def put_values(
    tx: Connection, connection: str, intents: Mapping[Ref, Mapping[str, Scalar]], lane: Lane, now: datetime
) -> None:
    """Queue values, replacing what is queued for the same records; they keep their place, and wait if it was put off."""
    table, at = tables.outbox, stamp(now)
    ids = {values_id(connection, ref): ref for ref in intents}
    columns = (table.c.id, table.c.version, table.c.attempts, table.c.not_before, table.c.created_at)
    queued = {row.id: row for chunk in chunks(ids) for row in tx.execute(select(*columns).where(table.c.id.in_(chunk)))}
    rows = []
    for row_id, ref in ids.items():
        before = queued.get(row_id)
        place = (before.version + 1, before.attempts, before.not_before, before.created_at) if before else (1, 0, at, at)
        payload = msgspec.json.encode(intents[ref]).decode()
        rows.append((row_id, connection, int(lane), "values", ref.object, ref.id, payload, "waiting", *place))
    upsert(tx, table, rows)


def unsent_values(tx: Connection, row_ids: Sequence[str]) -> dict[str, dict[str, Scalar]]:
    """The values among these rows that no answer has confirmed, by row."""
    table = tables.outbox
    found: dict[str, dict[str, Scalar]] = {}
    for chunk in chunks(row_ids):
        rows = tx.execute(select(table.c.id, table.c.payload).where(table.c.id.in_(chunk), table.c.kind == "values"))
        found |= {row.id: _decode_values(row.payload) for row in rows}
    return found


def put_task(tx: Connection, connection: str, payload: TaskPayload, lane: Lane, now: datetime) -> bool:
    """Queue a task once; a task queued, opened or refused under the same key before is left as it is: False."""
    row_id = task_id(payload.draft.key)
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
    _put(tx, (row_id, connection, int(lane), "task"), payload.draft.person, payload, now)
    return True


def put_change(
    tx: Connection, connection: str, key: str, change: TaskChange, now: datetime, told: Told | None = None
) -> None:
    """Let an open task be brought up to date; a task that still waits simply goes out with other words.

    Words come with subject and body. A newer change goes over what is queued, part by part. Nothing is done about a task
    that was settled, is to be closed, or that nobody knows, nor while the CRM refuses such a change of it.
    """
    queued = _task_row(tx, task_id(key))
    if queued is not None and queued.state == "waiting":
        _rewrite(tx, queued, whole(change), told)
        return
    known = opened.unsettled(tx, connection, key)
    person = Ref(queued.object, queued.record_id) if queued is not None else known[0].person if known and known[0] else None
    row_id, parked = f"change|{key}", tables.parked
    stopped = select(parked.c.id).where(parked.c.id == row_id)
    if person is None or _task_row(tx, f"closing|{key}") is not None or tx.execute(stopped).first():
        return
    earlier = _task_row(tx, row_id)
    version = 1
    if earlier is not None:
        before = _decode_changing(earlier.payload)
        change, told, version = _over(change, before.change), told or before.told, earlier.version + 1
    _put(tx, (row_id, connection, int(Lane.TASKS), "change"), person, Changing(key, whole(change), told), now, version)


def put_closing(tx: Connection, connection: str, task_key: str, note: str, now: datetime) -> None:
    """Let a task end: one that waits or was refused is dropped, an open one is queued to be closed with the note.

    Nothing is done about a task that was settled before, or that nobody knows. The note must say nothing personal.
    """
    row_id = task_id(task_key)
    queued = _task_row(tx, row_id)
    if queued is not None and queued.state == "waiting":
        drop(tx, [row_id])
        _lapse(tx, queued.payload, note)
        return
    refused = tx.execute(select(tables.parked).where(tables.parked.c.id == row_id)).first()
    if refused is not None:
        tx.execute(delete(tables.parked).where(tables.parked.c.id == row_id))
        _lapse(tx, refused.payload, note)
        return
    if queued is not None:
        _put_closing(tx, connection, closing_of(_decode_task(queued.payload).draft, None, note), now)
    elif (known := opened.unsettled(tx, connection, task_key)) is not None:
        closing, _ = known
        if closing is None:
            opened.settle_task(tx, task_key, Settled.UNKNOWN, now)
        else:
            _put_closing(tx, connection, msgspec.structs.replace(closing, note=note), now)


def claim_values(tx: Connection, connection: str, now: datetime, limit: int) -> list[ValuesRow]:
    """The next values to send, marked `sending`."""
    rows = _claim(tx, connection, "values", now, limit)
    return [
        ValuesRow(row.id, Ref(row.object, row.record_id), _decode_values(row.payload), row.version, row.attempts)
        for row in rows
    ]


def claim_task(tx: Connection, connection: str, now: datetime, last_lane: Lane) -> TaskRow | None:
    """The next task to open from the lanes up to `last_lane`, marked `sending`."""
    rows = _claim(tx, connection, "task", now, 1, last_lane)
    return TaskRow(rows[0].id, _decode_task(rows[0].payload), rows[0].attempts) if rows else None


def claim_changes(tx: Connection, connection: str, now: datetime, limit: int) -> list[ChangeRow]:
    """The next changes of open tasks, marked `sending`; without those whose task was settled meanwhile or never opened."""
    claimed: list[ChangeRow] = []
    for row in _claim(tx, connection, "change", now, limit):
        changing = _decode_changing(row.payload)
        known = opened.unsettled(tx, connection, changing.key)
        if known is not None and known[0] is not None:
            closing = opened.expect_change(tx, known[0], changing.change)
            claimed.append(ChangeRow(row.id, changing, closing, row.version, row.attempts))
        elif known is None and _task_row(tx, task_id(changing.key)) is not None:
            postpone(tx, [row.id], now + LOOK_AGAIN_AFTER)
        else:
            drop(tx, [row.id])
    return claimed


def claim_closings(tx: Connection, connection: str, now: datetime, limit: int) -> list[ClosingRow]:
    """The next tasks to close, marked `sending`; without those whose opening came to nothing."""
    claimed: list[ClosingRow] = []
    for row in _claim(tx, connection, "closing", now, limit):
        closing = _decode_closing(row.payload)
        known = opened.unsettled(tx, connection, closing.key)
        if known is not None and known[0] is not None:
            closing = msgspec.structs.replace(known[0], task=known[1], note=closing.note)
        elif closing.task is None:
            _give_up_closing(tx, connection, row.id, closing, now)
            continue
        claimed.append(ClosingRow(row.id, closing, row.attempts))
    return claimed


def drop_sent(tx: Connection, rows: Iterable[ValuesRow | ChangeRow]) -> None:
    """Forget claimed rows, unless newer values came in meanwhile."""
    sent = [(row.id, row.version) for row in rows]
    if sent:
        tx.execute(delete(tables.outbox).where(tuple_(tables.outbox.c.id, tables.outbox.c.version).in_(sent)))


def redirect_task(tx: Connection, row: TaskRow, into: Ref) -> None:
    """Let a task go to the record that the person's record went into, under the same key."""
    payload = msgspec.structs.replace(row.payload, draft=msgspec.structs.replace(row.payload.draft, person=into))
    encoded = msgspec.json.encode(payload).decode()
    table = tables.outbox
    tx.execute(
        update(table)
        .where(table.c.id == row.id)
        .values(object=into.object, record_id=into.id, payload=encoded, state="waiting", attempts=row.attempts + 1)
    )


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
    """Forget these rows: they were told, or there is nobody left to tell."""
    if row_ids:
        tx.execute(delete(tables.outbox).where(tables.outbox.c.id.in_(row_ids)))


def queued_tasks(tx: Connection) -> list[tuple[str, TaskPayload]]:
    """Every task that is queued and not confirmed, with its connection."""
    table = tables.outbox
    rows = tx.execute(select(table.c.connection, table.c.payload).where(table.c.kind == "task"))
    return [(row.connection, _decode_task(row.payload)) for row in rows]


def _put(
    tx: Connection,
    head: tuple[str, str, int, Kind],
    ref: Ref,
    payload: TaskPayload | Changing | Closing,
    now: datetime,
    version: int = 1,
) -> None:
    at = stamp(now)
    encoded = msgspec.json.encode(payload).decode()
    upsert(tx, tables.outbox, [(*head, ref.object, ref.id, encoded, "waiting", version, 0, at, at)])


def _over(newer: TaskChange, older: TaskChange) -> TaskChange:
    """What both changes come to, one after the other."""
    given = {name: value for name, value in msgspec.structs.asdict(newer).items() if value is not None}
    return msgspec.structs.replace(older, **given)


def _rewrite(tx: Connection, row: Any, change: TaskChange, told: Told | None) -> None:
    """Give a task that still waits other words, or somebody else."""
    payload = _decode_task(row.payload)
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
    draft = msgspec.structs.replace(payload.draft, **given)
    encoded = msgspec.json.encode(msgspec.structs.replace(payload, draft=draft, told=told or payload.told)).decode()
    tx.execute(update(tables.outbox).where(tables.outbox.c.id == row.id).values(payload=encoded))


def _put_closing(tx: Connection, connection: str, closing: Closing, now: datetime) -> None:
    row_id = f"closing|{closing.key}"
    table, parked = tables.outbox, tables.parked
    known = select(table.c.id).where(table.c.id == row_id).union_all(select(parked.c.id).where(parked.c.id == row_id))
    if not tx.execute(known).first():
        _put(tx, (row_id, connection, int(Lane.TASKS), "closing"), closing.person, closing, now)


def _give_up_closing(tx: Connection, connection: str, row_id: str, closing: Closing, now: datetime) -> None:
    """The task was not opened so far: withdraw it, unless the call that may have opened it is still unanswered."""
    queued = _task_row(tx, task_id(closing.key))
    if queued is not None and queued.state == "sending":
        postpone(tx, [row_id], now + LOOK_AGAIN_AFTER)
        return
    drop(tx, [row_id])
    put_closing(tx, connection, closing.key, closing.note, now)


def _task_row(tx: Connection, row_id: str) -> Any:
    return tx.execute(select(tables.outbox).where(tables.outbox.c.id == row_id)).first()


def _lapse(tx: Connection, payload: str, why: str) -> None:
    crossings = tables.crossings
    crossing = _decode_task(payload).crossing_id
    tx.execute(update(crossings).where(crossings.c.id == crossing).values(outcome="lapsed", why=why))


def _claim(
    tx: Connection, connection: str, kind: Kind, now: datetime, limit: int, last_lane: Lane = Lane.BACKFILL
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
    for chunk in chunks([row.id for row in rows]):
        tx.execute(update(table).where(table.c.id.in_(chunk)).values(state="sending"))
    return rows
