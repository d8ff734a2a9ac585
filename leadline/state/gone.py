"""Records that a CRM says are gone, and what they went into."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, update

from connectors.contract import Gone
from leadline.clock import stamp
from leadline.state import tables


def follow(tx: Connection, connection: str, lost: Iterable[Gone], now: datetime) -> None:
    """The records leave the score until a pull brings them back; what they went into is looked at again."""
    table = tables.records
    for one in lost:
        merged_into = {"merged_into": str(one.into)} if one.into else {}
        tx.execute(
            update(table)
            .where(table.c.connection == connection, table.c.object == one.ref.object, table.c.id == one.ref.id)
            .values(removed_at=stamp(now), unresolved=1, **merged_into)
        )
        if one.into is not None:
            tx.execute(
                update(table)
                .where(table.c.connection == connection, table.c.object == one.into.object, table.c.id == one.into.id)
                .where(table.c.removed_at.is_(None))
                .values(unresolved=1)
            )
