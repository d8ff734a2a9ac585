"""What followed each crossing whose task was opened: when it was due, the first response, breaches and steps taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, literal, select, update

from connectors.records import Ref, Stream
from connectors.tasks import TaskDraft
from leadline.clock import from_stamp, stamp
from leadline.followup import Followup, Verdict
from leadline.state import tables
from leadline.state.database import chunks, upsert
from leadline.state.records import owners_of

RECENT = timedelta(days=30)
"""The time over which responses are counted."""

_table, _crossings, _tasks = tables.followups, tables.crossings, tables.tasks


class Responses(Struct, frozen=True):
    """How a connection's crossings of some time were followed: half of the answered ones were faster than the median."""

    opened: int
    answered: int
    median_seconds: float | None
    breaches: dict[str, int]


def remember(tx: Connection, connection: str, draft: TaskDraft, crossing_id: str, now: datetime) -> None:
    """A task was opened for this crossing: from now on somebody is waited for. Once; a second time changes nothing."""
    crossing = tx.execute(select(_crossings.c.person_id).where(_crossings.c.id == crossing_id)).first()
    known = tx.execute(select(_table.c.crossing_id).where(_table.c.crossing_id == crossing_id)).first()
    if crossing is None or known is not None:
        return
    owner = _active_owner(tx, connection, draft.person)
    whose = (crossing_id, crossing.person_id, connection, draft.key)
    upsert(tx, _table, [(*whose, stamp(draft.due_at), owner, None, None, None, 0, 0, stamp(now))])


def _active_owner(tx: Connection, connection: str, person: Ref) -> str | None:
    records = tables.records
    that = (records.c.connection == connection, records.c.object == person.object, records.c.id == person.id)
    held = tx.execute(select(records.c.owner_id).where(*that)).first()
    owner = owners_of(tx, connection).get(held.owner_id) if held is not None and held.owner_id else None
    return owner.ref.id if owner is not None and owner.active and owner.kind == "user" else None


def of_persons(tx: Connection, persons: Iterable[str]) -> list[Followup]:
    """Everything that followed crossings of these persons, oldest first."""
    found: list[Followup] = []
    for chunk in chunks(persons):
        rows = tx.execute(_joined().where(_table.c.person_id.in_(chunk)).order_by(_tasks.c.opened_at, _table.c.crossing_id))
        found += [_followup(row) for row in rows]
    return found


def to_look_at(tx: Connection, connection: str, now: datetime, limit: int) -> list[Followup]:
    """The unanswered crossings whose task is to be looked at now and not about to be closed by us, longest waiting first."""
    closing = select(tables.outbox.c.id).where(tables.outbox.c.id == literal("closing|").concat(_table.c.task_key))
    waiting = _joined().where(
        _table.c.connection == connection,
        _table.c.look_at <= stamp(now),
        _table.c.responded_at.is_(None),
        _tasks.c.settled.is_(None),
        ~closing.exists(),
    )
    rows = tx.execute(waiting.order_by(_table.c.look_at, _table.c.crossing_id).limit(limit))
    return [_followup(row) for row in rows]


def keep(tx: Connection, crossing_id: str, verdict: Verdict) -> None:
    """Store what is known now, and that the steps are taken."""
    taken = {"escalated": max(verdict.steps) + 1} if verdict.steps else {}
    tx.execute(
        update(_table)
        .where(_table.c.crossing_id == crossing_id)
        .values(
            responded_at=stamp(verdict.responded_at) if verdict.responded_at else None,
            response=verdict.response,
            breach=verdict.breach,
            look_at=stamp(verdict.look_at) if verdict.look_at else None,
            **taken,
        )
    )


def untold(tx: Connection) -> list[Followup]:
    """The unanswered crossings with steps that nobody was told of, longest due first. Answered ones need no telling."""
    waiting = (_table.c.told < _table.c.escalated, _table.c.responded_at.is_(None), _tasks.c.settled.is_(None))
    rows = tx.execute(_joined().where(*waiting).order_by(_table.c.due_at, _table.c.crossing_id))
    return [_followup(row) for row in rows]


def mark_told(tx: Connection, row: Followup, steps: int) -> None:
    """The first so many steps were told, or nobody is to be told of them."""
    tx.execute(update(_table).where(_table.c.crossing_id == row.crossing_id).values(told=steps))


def ever_owners(tx: Connection) -> dict[str, set[str]]:
    """Everybody who is or was an owner, by connection."""
    records = tables.records
    rows = tx.execute(select(records.c.connection, records.c.id).where(records.c.stream == Stream.OWNERS.value))
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.connection, set()).add(row.id)
    return found


def responses(tx: Connection, since: datetime) -> dict[str, Responses]:
    """How the crossings whose tasks were opened since then were followed, by connection."""
    said = select(_table.c.connection, _table.c.responded_at, _table.c.breach, _crossings.c.happened_at)
    of_tasks = said.join(_crossings, _crossings.c.id == _table.c.crossing_id).join(_tasks, _tasks.c.key == _table.c.task_key)
    rows: dict[str, list[Any]] = {}
    for row in tx.execute(of_tasks.where(_tasks.c.opened_at >= stamp(since))):
        rows.setdefault(row.connection, []).append(row)
    return {connection: _responses(theirs) for connection, theirs in sorted(rows.items())}


def _responses(rows: Sequence[Any]) -> Responses:
    times = [from_stamp(row.responded_at) - from_stamp(row.happened_at) for row in rows if row.responded_at]
    seconds = [time.total_seconds() for time in times]
    breaches = Counter(row.breach for row in rows if row.breach)
    return Responses(len(rows), len(seconds), median(seconds) if seconds else None, dict(sorted(breaches.items())))


def _joined() -> Select[Any]:
    return (
        select(
            _table,
            _crossings.c.happened_at,
            _tasks.c.opened_at,
            _tasks.c.object,
            _tasks.c.record_id,
            _tasks.c.owner_id.label("assignee"),
        )
        .join(_crossings, _crossings.c.id == _table.c.crossing_id)
        .join(_tasks, _tasks.c.key == _table.c.task_key)
    )


def _followup(row: Any) -> Followup:
    return Followup(
        crossing_id=row.crossing_id,
        person_id=row.person_id,
        connection=row.connection,
        record=Ref(row.object, row.record_id),
        assignee=row.assignee,
        task_key=row.task_key,
        happened_at=from_stamp(row.happened_at),
        opened_at=from_stamp(row.opened_at),
        due_at=from_stamp(row.due_at),
        owner_id=row.owner_id,
        responded_at=from_stamp(row.responded_at) if row.responded_at else None,
        response=row.response,
        breach=row.breach,
        escalated=row.escalated,
        told=row.told,
        look_at=from_stamp(row.look_at) if row.look_at else None,
    )
