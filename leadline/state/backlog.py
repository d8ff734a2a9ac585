"""How much is still to be told to a CRM, and what has been put off for too long."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, func, select

from connectors.records import Ref
from leadline.clock import stamp
from leadline.state import tables
from leadline.state.outbox import Kind, Lane


class Overdue(Struct, frozen=True):
    """Rows that were put off for too long: how many, and some of the records they are for."""

    count: int
    examples: tuple[Ref, ...]


def overdue(tx: Connection, connection: str, before: datetime) -> Overdue:
    """Rows that were put off again and again since before then."""
    table = tables.outbox
    late = (table.c.connection == connection, table.c.attempts > 0, table.c.created_at < stamp(before))
    count = tx.execute(select(func.count()).where(*late)).scalar_one()
    first = select(table.c.object, table.c.record_id).where(*late).order_by(table.c.created_at, table.c.id).limit(3)
    return Overdue(count, tuple(Ref(row.object, row.record_id) for row in tx.execute(first)))


def waiting(tx: Connection, connection: str, kind: Kind, first_lane: Lane) -> int:
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
