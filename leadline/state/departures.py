"""Records leave: they count for nobody any more, and the tasks about them end.

What is known of an archived record is kept, in case it is restored; of one that was erased for privacy nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from connectors.records import PersonRecord, Ref, Removed, Stream
from leadline.clock import stamp
from leadline.state import outbox, tables
from leadline.state.events import remove_engagements
from leadline.state.purge import purge
from leadline.state.records import stored_from_row
from leadline.state.touched import Touched

NOTE = "Closed by Leadline: the CRM no longer has this person."
"""What a task says that was closed because its person left."""


def leave(tx: Connection, connection: str, stream: Stream, removed: Sequence[Removed], now: datetime) -> int:
    """Let these records go and mark whom it concerns; returns how many were there or had something left to erase."""
    touched = Touched()
    if stream is Stream.ENGAGEMENTS:
        forgotten = remove_engagements(tx, connection, [gone.ref for gone in removed])
        touched.participants |= forgotten.participants
        count = len(forgotten.engagements)
    else:
        count = sum(_leave(tx, connection, gone, touched, now) for gone in removed)
    touched.mark(tx, connection, now)
    return count


def _leave(tx: Connection, connection: str, gone: Removed, touched: Touched, now: datetime) -> int:
    table = tables.records
    this = (table.c.connection == connection, table.c.object == gone.ref.object, table.c.id == gone.ref.id)
    row = tx.execute(select(table).where(*this)).first()
    if row is None:
        return 0
    stored = stored_from_row(row)
    if gone.reason != "merged":
        # Tasks of a merged record go on: the CRM moves them to the survivor.
        _end_tasks(tx, connection, gone.ref, now)
    if gone.reason == "privacy":
        touched.by(stored.record)
        purge(tx, connection, gone.ref, now)
        return 1
    into = str(gone.into) if gone.into else None
    if stored.removed and (into is None or row.merged_into == into):
        return 0
    touched.by(stored.record)
    unresolved = 1 if isinstance(stored.record, PersonRecord) else 0
    tx.execute(update(table).where(*this).values(removed_at=stamp(gone.at), merged_into=into, unresolved=unresolved))
    return 1


def _end_tasks(tx: Connection, connection: str, ref: Ref, now: datetime) -> None:
    opened = tables.tasks
    of_record = (opened.c.connection == connection, opened.c.object == ref.object, opened.c.record_id == ref.id)
    keys = {row.key for row in tx.execute(select(opened.c.key).where(*of_record, opened.c.settled.is_(None)))}
    for table in (tables.outbox, tables.parked):
        about = (table.c.connection == connection, table.c.object == ref.object, table.c.record_id == ref.id)
        rows = tx.execute(select(table.c.id).where(*about, table.c.kind == "task"))
        keys |= {outbox.crossing_of_task(row.id) for row in rows}
    for key in sorted(keys):
        outbox.put_closing(tx, connection, key, NOTE, now)
