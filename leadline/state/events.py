"""Engagement as events, one row for each person record that took part.

Events belong to CRM records, not to persons, so that joining or splitting people rewrites nothing. A running total that grew
becomes that many events with ordinal ids: seeing the same total again, in any order, adds none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from connectors.records import EngagementRecord, PersonRecord, Ref, RollUp
from leadline.clock import stamp
from leadline.state import tables
from leadline.state.database import Row, upsert

MAX_STEPS = 10_000
"""A total that grows by more than this between two pulls was set, not counted; its newest steps stand for it."""


class ChangedEvents(Struct, frozen=True):
    """The engagements that were new or different, and the person records that took part, before or now."""

    engagements: frozenset[Ref]
    participants: frozenset[Ref]


class Grown(Struct, frozen=True):
    """A person record that came in anew, what it was before, and the totals of the records that just went into it.

    `taken_in` holds the totals of merged records, by name: their steps are events already.
    """

    person: PersonRecord
    before: PersonRecord | None = None
    taken_in: Mapping[str, int] = {}


def save_engagements(tx: Connection, connection: str, engagements: Sequence[EngagementRecord]) -> ChangedEvents:
    """Store engagements; what is already there in the same words is left alone."""
    before = _rows_of(tx, connection, [engagement.ref for engagement in engagements])
    changed: set[Ref] = set()
    participants: set[Ref] = set()
    rows: list[Row] = []
    for engagement in engagements:
        new = {_event_row(connection, engagement, person) for person in engagement.people}
        old = before.get(engagement.ref, set())
        if _said(new) == _said(old):
            rows.extend(sorted(new - old, key=_participant))
            continue
        changed.add(engagement.ref)
        participants |= {Ref(str(row[3]), str(row[4])) for row in new | old}
        if _said(old) - _said(new):
            _delete(tx, connection, engagement.ref)
            rows.extend(sorted(new, key=_participant))
        else:
            rows.extend(sorted(new - old, key=_participant))
    upsert(tx, tables.events, rows)
    return ChangedEvents(frozenset(changed), frozenset(participants))


def remove_engagements(tx: Connection, connection: str, engagements: Sequence[Ref]) -> ChangedEvents:
    """Forget engagements that the CRM no longer has; those that were never stored are left out of the answer."""
    before = _rows_of(tx, connection, engagements)
    for ref in before:
        _delete(tx, connection, ref)
    participants = {Ref(str(row[3]), str(row[4])) for rows in before.values() for row in rows}
    return ChangedEvents(frozenset(before), frozenset(participants))


def save_rollups(tx: Connection, connection: str, people: Sequence[Grown]) -> None:
    """Turn grown totals into events dated by the total's last time.

    Of a total seen for the first time only one step has a known time, so only that one becomes an event: dating years of
    page views to yesterday would make everybody hot.
    """
    rows: list[Row] = []
    for grown in people:
        for rollup in grown.person.rollups:
            if rollup.last_at is None or rollup.total <= 0:
                continue
            first = max(_first_new_step(grown, rollup), rollup.total - MAX_STEPS + 1)
            rows.extend(_rollup_row(connection, grown.person.ref, rollup, step) for step in range(first, rollup.total + 1))
    upsert(tx, tables.events, rows)


def _first_new_step(grown: Grown, rollup: RollUp) -> int:
    """The first step that is no event yet. Whether a CRM adds up the totals of what it merges or not, steps that merged
    records had are not taken for news.
    """
    taken_in = grown.taken_in.get(rollup.name, 0)
    if grown.before is None:
        return taken_in + 1 if taken_in else rollup.total
    return {held.name: held.total for held in grown.before.rollups}.get(rollup.name, 0) + taken_in + 1


def _event_row(connection: str, engagement: EngagementRecord, person: Ref) -> Row:
    fields = msgspec.json.encode(engagement.fields, order="sorted").decode()
    ref = engagement.ref
    at, modified_at = stamp(engagement.at), stamp(engagement.modified_at)
    return (connection, ref.object, ref.id, person.object, person.id, engagement.type, at, fields, modified_at)


def _rollup_row(connection: str, person: Ref, rollup: RollUp, step: int) -> Row:
    assert rollup.last_at is not None
    fields = msgspec.json.encode(rollup.fields, order="sorted").decode()
    event_id = f"{person.id}:{step}"
    return (
        connection,
        rollup.name,
        event_id,
        person.object,
        person.id,
        rollup.event_type,
        stamp(rollup.last_at),
        fields,
        None,
    )


def _said(rows: set[Row]) -> set[Row]:
    """What the rows say, without when they were touched last."""
    return {row[:-1] for row in rows}


def _participant(row: Row) -> tuple[str, str]:
    return str(row[3]), str(row[4])


def _rows_of(tx: Connection, connection: str, refs: Sequence[Ref]) -> dict[Ref, set[Row]]:
    by_object: dict[str, list[str]] = {}
    for ref in refs:
        by_object.setdefault(ref.object, []).append(ref.id)
    found: dict[Ref, set[Row]] = {}
    for name, ids in by_object.items():
        rows: Any = tx.execute(
            select(tables.events).where(
                tables.events.c.connection == connection,
                tables.events.c.object == name,
                tables.events.c.id.in_(ids),
            )
        )
        for row in rows:
            found.setdefault(Ref(name, row.id), set()).add(tuple(row))
    return found


def _delete(tx: Connection, connection: str, ref: Ref) -> None:
    table = tables.events
    tx.execute(table.delete().where(table.c.connection == connection, table.c.object == ref.object, table.c.id == ref.id))
