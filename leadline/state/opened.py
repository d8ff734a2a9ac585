"""Tasks that a CRM has taken: where they are, what became of them, and how to tell whether a rep has touched them.

Their words are not kept: they name colleagues, who may be erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, literal, select, update

from connectors.records import Ref
from connectors.tasks import TaskChange, TaskDraft, TaskKind
from leadline.clock import stamp
from leadline.closing import Closing, Settled, Told, changed, closing_of, expecting
from leadline.state import tables
from leadline.state.database import chunks, upsert

_decode_closing = msgspec.json.Decoder(Closing).decode


class OpenTask(Struct, frozen=True):
    """A task of ours that waits or is open, as far as we know untouched: whose it is, on which record, written from what."""

    key: str
    person_id: str
    connection: str
    record: Ref
    kind: TaskKind
    told: Told | None


class TaskPayload(Struct, frozen=True):
    """A task on its way, with the crossing it belongs to, and what it was written from."""

    draft: TaskDraft
    crossing_id: str
    told: Told | None = None


_decode_payload = msgspec.json.Decoder(TaskPayload).decode


def remember_task(tx: Connection, connection: str, payload: TaskPayload, task: Ref, now: datetime) -> None:
    """The task is open in the CRM: remember how it was written, from what, and where it is."""
    crossings, draft, crossing_id = tables.crossings, payload.draft, payload.crossing_id
    tx.execute(
        update(crossings).where(crossings.c.id == crossing_id).values(outcome="task opened", why=f"{task} in {connection}")
    )
    content = msgspec.json.encode(closing_of(draft, task, note="", told=payload.told)).decode()
    whose = (draft.key, crossing_id, connection, draft.person.object, draft.person.id)
    row = (*whose, task.object, task.id, draft.owner_id, stamp(now), content, None, None)
    upsert(tx, tables.tasks, [row])


def unsettled(tx: Connection, connection: str, key: str) -> tuple[Closing | None, Ref] | None:
    """What is to be known to close a task, and where it is; None when it was never opened here, or is settled.

    Of tasks that an earlier release opened nobody knows how they were written.
    """
    table = tables.tasks
    row = tx.execute(
        select(table).where(table.c.key == key, table.c.connection == connection, table.c.settled.is_(None))
    ).first()
    if row is None:
        return None
    return _decode_closing(row.content) if row.content else None, Ref(row.task_object, row.task_id)


def open_tasks(tx: Connection, persons: Sequence[str]) -> list[OpenTask]:
    """The tasks of these persons that are open and not settled, or wait to be opened."""
    table, crossings, queued = tables.tasks, tables.crossings, tables.outbox
    opened = (
        select(crossings.c.person_id, table)
        .join(table, table.c.crossing_id == crossings.c.id)
        .where(table.c.settled.is_(None), table.c.content.is_not(None))
    )
    waiting = (
        select(crossings.c.person_id, queued)
        .join(queued, queued.c.id == literal("task|").concat(crossings.c.id))
        .where(queued.c.state == "waiting")
    )
    found: list[OpenTask] = []
    for chunk in chunks(persons):
        theirs = crossings.c.person_id.in_(chunk)
        for row in tx.execute(opened.where(theirs).order_by(table.c.key)):
            held, record = _decode_closing(row.content), Ref(row.object, row.record_id)
            found.append(OpenTask(row.key, row.person_id, row.connection, record, held.kind, held.told))
        for row in tx.execute(waiting.where(theirs).order_by(queued.c.id)):
            payload, record = _decode_payload(row.payload), Ref(row.object, row.record_id)
            key, kind = payload.draft.key, payload.draft.kind
            found.append(OpenTask(key, row.person_id, row.connection, record, kind, payload.told))
    return found


def expect_change(tx: Connection, closing: Closing, change: TaskChange) -> Closing:
    """A call that changes the task is about to go out, and its answer may be lost: from now on the task may read so too."""
    expected = expecting(closing, change)
    if expected != closing:
        _keep(tx, expected)
    return expected


def remember_change(tx: Connection, closing: Closing, change: TaskChange, told: Told | None) -> None:
    """The task reads so now."""
    after = changed(closing, change)
    _keep(tx, msgspec.structs.replace(after, told=told or closing.told))


def has_task_on_line(tx: Connection, connection: str, person: Ref, crossing_id: str) -> bool:
    """Whether the record has a task, open, settled or queued, for the line of this crossing."""
    table, queued, crossings = tables.tasks, tables.outbox, tables.crossings
    of_record = select(table.c.crossing_id).where(
        table.c.connection == connection, table.c.object == person.object, table.c.record_id == person.id
    )
    waiting = select(queued.c.id).where(
        queued.c.connection == connection,
        queued.c.kind == "task",
        queued.c.object == person.object,
        queued.c.record_id == person.id,
    )
    others = {row[0].removeprefix("task|") for row in tx.execute(of_record.union_all(waiting))} - {crossing_id}
    line = select(crossings.c.line).where(crossings.c.id == crossing_id).scalar_subquery()
    same = select(crossings.c.id).where(crossings.c.line == line, crossings.c.id.in_(others))
    return bool(others) and tx.execute(same).first() is not None


def settle_task(tx: Connection, key: str, settled: Settled, now: datetime) -> None:
    """Keep what became of a task, and with its crossing if it was we who closed it."""
    table, crossings = tables.tasks, tables.crossings
    tx.execute(update(table).where(table.c.key == key).values(settled_at=stamp(now), settled=settled.value))
    if settled is Settled.CLOSED:
        of_task = select(table.c.crossing_id).where(table.c.key == key)
        tx.execute(update(crossings).where(crossings.c.id.in_(of_task)).values(outcome="task closed"))


def tasks_on_line(tx: Connection, person: str, line: str) -> list[tuple[str, str]]:
    """Key and connection of the person's tasks for entering the line: queued, refused, or open and not settled."""
    crossings, queued, parked, table = tables.crossings, tables.outbox, tables.parked, tables.tasks
    entered = select(crossings.c.id).where(
        crossings.c.person_id == person, crossings.c.line == line, crossings.c.direction == "entered"
    )
    found: list[tuple[str, str]] = []
    for key in sorted(row.id for row in tx.execute(entered)):
        where = (
            select(table.c.connection)
            .where(table.c.key == key, table.c.settled.is_(None))
            .union_all(
                select(queued.c.connection).where(queued.c.id == f"task|{key}"),
                select(parked.c.connection).where(parked.c.id == f"task|{key}"),
            )
        )
        if row := tx.execute(where).first():
            found.append((key, row.connection))
    return found


def _keep(tx: Connection, closing: Closing) -> None:
    table = tables.tasks
    content = msgspec.json.encode(closing).decode()
    tx.execute(update(table).where(table.c.key == closing.key).values(content=content, owner_id=closing.owner_id))
