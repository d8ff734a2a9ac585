"""Fuses as they stand: what in which connection waits for a person's word, and how much was let go.

Deliveries wait under their own kind, removals under `vanished:STREAM`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection, delete, select, update

from connectors.records import Stream
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import upsert

FuseKind = Literal["values", "tasks"]
"""Kinds of delivery."""


def vanished(stream: Stream) -> str:
    """The fuse of a stream's removals."""
    return f"vanished:{stream.value}"


class Fuse(Struct, frozen=True):
    """A blown fuse. `size` is how much wants to go, `approved_size` how much a person let go; `blown_at` is aware UTC."""

    connection: str
    kind: str
    why: str
    size: int
    approved_size: int
    blown_at: datetime

    @property
    def holds(self) -> bool:
        """Whether something waits. More than was approved is held up again."""
        return self.size > self.approved_size


def blow(tx: Connection, connection: str, kind: str, why: str, size: int, now: datetime) -> Fuse:
    """Record that this much wants to go; what was approved before stays approved."""
    table = tables.fuses
    row = tx.execute(select(table).where(table.c.connection == connection, table.c.kind == kind)).first()
    approved, since = (0, stamp(now)) if row is None else (int(row.approved_size), str(row.blown_at))
    upsert(tx, table, [(connection, kind, why, size, approved, since)])
    return Fuse(connection, kind, why, size, approved, from_stamp(since))


def mend(tx: Connection, connection: str, kind: str) -> None:
    """Forget a fuse: what wants to go is no longer too much."""
    table = tables.fuses
    tx.execute(delete(table).where(table.c.connection == connection, table.c.kind == kind))


def is_blown(tx: Connection, connection: str, kind: str) -> bool:
    """Whether the fuse is blown, be it let go or not."""
    table = tables.fuses
    return tx.execute(select(table.c.kind).where(table.c.connection == connection, table.c.kind == kind)).first() is not None


def held(tx: Connection) -> list[Fuse]:
    """The fuses that hold something up, by connection and kind."""
    table = tables.fuses
    rows = tx.execute(select(table).order_by(table.c.connection, table.c.kind))
    found = [Fuse(row.connection, row.kind, row.why, row.size, row.approved_size, from_stamp(row.blown_at)) for row in rows]
    return [fuse for fuse in found if fuse.holds]


def approve(tx: Connection, fuse: Fuse) -> None:
    """Let go what wants to go now."""
    table = tables.fuses
    tx.execute(
        update(table).where(table.c.connection == fuse.connection, table.c.kind == fuse.kind).values(approved_size=fuse.size)
    )
