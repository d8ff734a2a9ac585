"""Stored times that lie ahead of the clock, because it was set back since: found, and brought back to the present."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from leadline.clock import from_stamp, stamp
from leadline.state import tables

_OURS = (
    tables.runs.c.started_at,
    tables.runs.c.finished_at,
    tables.outbox.c.not_before,
    tables.outbox.c.created_at,
    tables.delivered.c.at,
    tables.cursors.c.updated_at,
    tables.cursors.c.completed_at,
    tables.cursors.c.first_completed_at,
)
"""Times that say when we did something or will. When something happened in a CRM is the CRM's to say."""
_NEVER = "1970-01-01T00:00:00.000000Z"


def newest_work(tx: Connection) -> datetime | None:
    """When the newest cycle began, by the clock of that moment; None before the first."""
    at = tx.execute(select(func.max(tables.runs.c.started_at))).scalar()
    return from_stamp(at) if at else None


def bring_back(tx: Connection, now: datetime) -> None:
    """Let no time of ours lie ahead of `now`, and let every stream be audited once more.

    What was put off until a moment of the old clock is tried now: once too early costs one call, too late a day. Passes over
    changes may have looked beyond what the CRM had to show, which the audit repairs.
    """
    for column in _OURS:
        tx.execute(update(column.table).where(column > stamp(now)).values({column: stamp(now)}))
    tx.execute(update(tables.audits).values(at=_NEVER))
