"""Verdicts of reps, each kept once with the breakdown that they saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, select

from connectors.records import Ref
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import chunks, upsert
from scoring.breakdown import Breakdown

TAKEN_BACK = ""


class Verdict(Struct, frozen=True):
    """What the drop-down of a record said from some time on (aware UTC); `TAKEN_BACK` when it was emptied.

    `into` is what the CRM merged the record into since.
    """

    connection: str
    record: Ref
    at: datetime
    value: str
    into: Ref | None = None


def verdicts_of(tx: Connection, persons: Sequence[str]) -> dict[str, list[Verdict]]:
    """Every verdict on a record of these persons, gone records too, by person, oldest first."""
    table, records = tables.feedback, tables.records
    of_record = (
        (records.c.connection == table.c.connection)
        & (records.c.object == table.c.object)
        & (records.c.id == table.c.record_id)
    )
    query = select(table, records.c.person_id, records.c.merged_into).join(records, of_record).order_by(table.c.at)
    found: dict[str, list[Verdict]] = {}
    for chunk in chunks(persons):
        for row in tx.execute(query.where(records.c.person_id.in_(chunk))):
            kind, _, number = (row.merged_into or "").rpartition("/")
            into = Ref(kind, number) if number else None
            verdict = Verdict(row.connection, Ref(row.object, row.record_id), from_stamp(row.at), row.value, into)
            found.setdefault(row.person_id, []).append(verdict)
    return found


def keep(tx: Connection, verdicts: Mapping[Verdict, Breakdown]) -> None:
    """Keep verdicts, each with the breakdown of its moment."""
    upsert(
        tx,
        tables.feedback,
        [
            (one.connection, one.record.object, one.record.id, stamp(one.at), one.value, breakdown.encode().decode())
            for one, breakdown in verdicts.items()
        ],
    )
