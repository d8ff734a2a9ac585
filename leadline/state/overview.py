"""How much of everything there is, by connection: what `status` prints and `/metrics` tells."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, func, select

from leadline.state import tables
from leadline.state.outbox import Lane


class Waiting(Struct, frozen=True):
    """Rows of the outbox that lie in one lane, by what they are and how far they are."""

    connection: str
    lane: str
    kind: str
    state: str
    rows: int


def waiting(tx: Connection) -> list[Waiting]:
    """What lies in the outbox, first lane first."""
    table = tables.outbox
    place = (table.c.connection, table.c.lane, table.c.kind, table.c.state)
    found = tx.execute(select(*place, func.count()).group_by(*place).order_by(*place))
    return [Waiting(row[0], Lane(row[1]).name.lower(), row[2], row[3], row[4]) for row in found]


def live_records(tx: Connection) -> dict[tuple[str, str], int]:
    """Records that are not gone, by connection and stream."""
    table = tables.records
    held = select(table.c.connection, table.c.stream, func.count()).where(table.c.removed_at.is_(None))
    return {(row[0], row[1]): row[2] for row in tx.execute(held.group_by(table.c.connection, table.c.stream))}


def open_tasks(tx: Connection) -> Counter[str]:
    """Tasks that we opened and that are not known to be done or gone, by connection."""
    table = tables.tasks
    return _counted(tx, select(table.c.connection, func.count()).where(table.c.settled_at.is_(None)))


def held_back(tx: Connection) -> list[tuple[str, int]]:
    """Why tasks are held back, and how many for each reason, most first."""
    table = tables.crossings
    waiting = select(table.c.why, func.count().label("tasks")).where(table.c.outcome == "held back").group_by(table.c.why)
    return [(row[0], row[1]) for row in tx.execute(waiting.order_by(func.count().desc(), table.c.why))]


def parked(tx: Connection) -> Counter[str]:
    """Refusals, by connection."""
    return _counted(tx, select(tables.parked.c.connection, func.count()))


def _counted(tx: Connection, query: Select[Any]) -> Counter[str]:
    return Counter({row[0]: row[1] for row in tx.execute(query.group_by(query.selected_columns[0]))})
