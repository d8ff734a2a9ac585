"""Records that are about to leave: what a pull was told of, and what an audit did not see.

They are kept here until it is clear that they are not the mass of a stream, which is more often a mistake than news. A
record that shows up alive meanwhile is taken off the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Select, delete, exists, func, insert, literal, null, or_, select, tuple_

from connectors.records import Ref, Removed, Stream
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import chunks, upsert


class Leaving(Struct, frozen=True):
    """The next records to leave: those a pull was told of, and `unseen` ones, of which nobody knows what became."""

    told: tuple[Removed, ...]
    unseen: tuple[Ref, ...]

    @property
    def refs(self) -> frozenset[Ref]:
        """All of them."""
        return frozenset(one.ref for one in self.told) | frozenset(self.unseen)


class Share(Struct, frozen=True):
    """How many live records of a stream are about to leave, of how many there are."""

    leaving: int
    live: int


def expect(tx: Connection, connection: str, stream: Stream, removed: Sequence[Removed]) -> None:
    """Put records on the list that the CRM says are gone."""
    rows = [
        (
            connection,
            one.ref.object,
            one.ref.id,
            stream.value,
            stamp(one.at),
            one.reason,
            str(one.into) if one.into else None,
        )
        for one in removed
    ]
    upsert(tx, tables.removals, rows)


def expect_unseen(tx: Connection, connection: str, stream: Stream, began_at: datetime, now: datetime) -> None:
    """Put the records on the list that a census begun at `began_at` did not show; what an earlier one missed is seen anew.

    Records already gone are among them, unless they were merged: the CRM may have erased them meanwhile. Records that came
    in while the census went on are not.
    """
    list_, sightings = tables.removals, tables.sightings
    forget_unseen = delete(list_).where(
        list_.c.connection == connection, list_.c.stream == stream.value, list_.c.reason.is_(None)
    )
    tx.execute(forget_unseen)
    held = _held(connection, stream, began_at).subquery()
    this = (held.c.object, held.c.id)
    known = exists().where(list_.c.connection == connection, list_.c.object == this[0], list_.c.id == this[1])
    seen = exists().where(sightings.c.connection == connection, sightings.c.object == this[0], sightings.c.id == this[1])
    columns = (literal(connection), *this, literal(stream.value), literal(stamp(now)), null(), null())
    tx.execute(insert(list_).from_select(list_.c.keys(), select(*columns).where(~known, ~seen)))


def share(tx: Connection, connection: str, stream: Stream) -> Share:
    """How much of what is live in the stream is about to leave."""
    list_ = tables.removals
    held = _live(connection, stream).subquery()
    leaving = exists().where(list_.c.connection == connection, list_.c.object == held.c.object, list_.c.id == held.c.id)
    live = tx.execute(select(func.count()).select_from(held)).scalar_one()
    return Share(tx.execute(select(func.count()).select_from(held).where(leaving)).scalar_one(), live)


def listed(tx: Connection, connection: str, stream: Stream) -> int:
    """How many records of the stream are on the list."""
    list_ = tables.removals
    of_stream = (list_.c.connection == connection) & (list_.c.stream == stream.value)
    return int(tx.execute(select(func.count()).where(of_stream)).scalar_one())


def leaving(tx: Connection, connection: str, stream: Stream, limit: int) -> Leaving:
    """The next records of the stream to leave, those first that the CRM told of."""
    list_ = tables.removals
    rows: list[Any] = list(
        tx.execute(
            select(list_)
            .where(list_.c.connection == connection, list_.c.stream == stream.value)
            .order_by(list_.c.reason.is_(None), list_.c.object, list_.c.id)
            .limit(limit)
        )
    )
    told = tuple(_removed(row) for row in rows if row.reason is not None)
    return Leaving(told, tuple(Ref(row.object, row.id) for row in rows if row.reason is None))


def take_off(tx: Connection, connection: str, refs: Iterable[Ref]) -> None:
    """Take records off the list: they have left, or are there after all."""
    list_ = tables.removals
    if tx.execute(select(list_.c.id).where(list_.c.connection == connection).limit(1)).first() is None:
        return
    for chunk in chunks(sorted(refs)):
        those = tuple_(list_.c.object, list_.c.id).in_([(ref.object, ref.id) for ref in chunk])
        tx.execute(delete(list_).where(list_.c.connection == connection, those))


def ref_of(text: str) -> Ref:
    """The reference that was written as `object/id`."""
    name, _, identity = text.rpartition("/")
    return Ref(name, identity)


def _removed(row: Any) -> Removed:
    into = ref_of(row.merged_into) if row.merged_into else None
    return Removed(ref=Ref(row.object, row.id), at=from_stamp(row.at), reason=row.reason, into=into)


def _live(connection: str, stream: Stream) -> Select[Any]:
    """Object and id of what is alive. Steps of running totals, which have no time of change, are no records of the CRM's."""
    records, events = tables.records, tables.events
    if stream is Stream.ENGAGEMENTS:
        ours = (events.c.connection == connection, events.c.modified_at.is_not(None))
        return select(events.c.object, events.c.id).where(*ours).distinct()
    of_stream = (records.c.connection == connection, records.c.stream == stream.value)
    return select(records.c.object, records.c.id).where(*of_stream, records.c.removed_at.is_(None))


def _held(connection: str, stream: Stream, began_at: datetime) -> Select[Any]:
    records, events = tables.records, tables.events
    if stream is Stream.ENGAGEMENTS:
        return _live(connection, stream).where(events.c.modified_at < stamp(began_at))
    return select(records.c.object, records.c.id).where(
        records.c.connection == connection,
        records.c.stream == stream.value,
        records.c.first_seen_at < stamp(began_at),
        or_(records.c.removed_at.is_(None), records.c.merged_into.is_(None)),
    )
