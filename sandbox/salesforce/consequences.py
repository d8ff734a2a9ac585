"""What a write brings with it on other records: children deleted with their parent, and the day of the last activity."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.salesforce.schema import Schema
from sandbox.salesforce.store import Row, Store

_SHOWS_ACTIVITY = frozenset({"Lead", "Contact", "Account", "Opportunity"})


def with_children(row: Row, schema: Schema, store: Store) -> Iterator[Row]:
    """The row and all living rows that are deleted with it, parents first (`cascadeDelete` of recorded describes)."""
    yield row
    for child in schema.children(row.object):
        if not child.cascades:
            continue
        for other in store.matching(child.child, schema.named(child.child).fields[child.field], row.id):
            yield from with_children(other, schema, store)


def note_activity(row: Row, store: Store) -> None:
    """Move `LastActivityDate` of those whom an activity concerns: the day of an event or of a closed task, if it is past.

    It is worked out by the platform, so no time stamp of theirs moves; it never moves back (believed).
    """
    day = row.values.get("ActivityDate") or str(row.values.get("CompletedDateTime") or "")[:10]
    happened = row.object == "Event" or row.values.get("IsClosed") is True
    if not happened or not isinstance(day, str) or not "" < day <= store.now()[:10]:
        return
    for name in ("WhoId", "WhatId", "AccountId"):
        target = store.find(row.values.get(name))
        if target is None or target.object not in _SHOWS_ACTIVITY:
            continue
        if str(target.values.get("LastActivityDate") or "") < day:
            store.change(target, {"LastActivityDate": day})
