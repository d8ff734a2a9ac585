"""Since when values hold, as the CRM's own history tells it, kept beside when we first saw them.

A record is undated while there are fields whose history was not asked for since they took their values: nothing else needs
to be remembered between two cycles, or over a crash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Select, bindparam, or_, select, update

from connectors.records import CompanyRecord, PersonRecord, Ref, Stream
from leadline.clock import stamp
from leadline.state import tables
from leadline.state.records import Stored, decode_names, encode_names, stored_from_row
from leadline.state.touched import Touched


class Undated(Struct, frozen=True):
    """A record with the names of those of its fields whose history is still to be asked for."""

    stored: Stored
    fields: frozenset[str]

    @property
    def ref(self) -> Ref:
        """Which record it is."""
        return self.stored.record.ref


def undated(tx: Connection, connection: str, stream: Stream, wanted: frozenset[str], limit: int) -> list[Undated]:
    """Up to `limit` live records that were not dated for all the `wanted` fields, in the order of their references."""
    rows = tx.execute(undated_query(connection, stream, wanted, limit))
    return sorted((_undated(stored_from_row(row), wanted) for row in rows), key=lambda one: one.ref)


def undated_query(connection: str, stream: Stream, wanted: frozenset[str], limit: int) -> Select[Any]:
    """Their rows in any order: asked to sort them, a database would rather go through all of the connection's."""
    table, key = tables.records, encode_names(wanted)
    return (
        select(table)
        .where(
            table.c.connection == connection,
            table.c.stream == stream.value,
            or_(table.c.dated_for < key, table.c.dated_for > key),
            table.c.removed_at.is_(None),
        )
        .limit(limit)
    )


def _undated(stored: Stored, wanted: frozenset[str]) -> Undated:
    record = stored.record
    present = record.fields.keys() if isinstance(record, (PersonRecord, CompanyRecord)) else ()
    return Undated(stored, (wanted - decode_names(stored.dated_for)) & frozenset(present))


def keep(
    tx: Connection,
    asked: Iterable[Undated],
    wanted: frozenset[str],
    told: Mapping[Ref, Mapping[str, datetime]],
    now: datetime,
) -> None:
    """Note that these records were asked about, what was told, and whom it concerns. One that changed meanwhile waits."""
    rows: list[dict[str, str]] = []
    touched: dict[str, Touched] = {}
    for one in asked:
        stored = one.stored
        dates = {name: _cut(at, stored, name, now) for name, at in told.get(one.ref, {}).items() if name in one.fields}
        if any(at != stored.field_dates[name] for name, at in dates.items()):
            _touch(touched.setdefault(stored.connection, Touched()), stored)
        rows.append(
            {
                "of": stored.connection,
                "named": one.ref.object,
                "this": one.ref.id,
                "as_asked": stored.content_hash,
                "told": msgspec.json.encode({**stored.told_dates, **dates}).decode(),
                "names": encode_names(wanted),
            }
        )
    if rows:
        tx.execute(_KEEP, rows)
    for connection, concerned in touched.items():
        concerned.mark(tx, connection, now)


_KEEP = (
    update(tables.records)
    .where(tables.records.c.connection == bindparam("of"), tables.records.c.object == bindparam("named"))
    .where(tables.records.c.id == bindparam("this"), tables.records.c.content_hash == bindparam("as_asked"))
    .values(told_dates=bindparam("told"), dated_for=bindparam("names"))
)


def _cut(at: datetime, stored: Stored, name: str, now: datetime) -> str:
    """No value is younger than the change with which we saw it, nor of tomorrow: else another one was meant."""
    return min(stamp(at), stamp(now), stored.field_dates[name])


def _touch(touched: Touched, stored: Stored) -> None:
    if isinstance(stored.record, PersonRecord):
        touched.participants.add(stored.record.ref)
    else:
        touched.by(stored.record)
