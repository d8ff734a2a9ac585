"""Walking a stream: windows of modification time, paged by (stamp, Id), resumable at every page by another process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta

import msgspec

from connectors.contract import Page
from connectors.salesforce import cursor as cursors
from connectors.salesforce.cursor import Cursor, Place
from connectors.salesforce.org import Org
from connectors.salesforce.overlap import Met, Overlap
from connectors.salesforce.paths import QUERY, QUERY_ALL
from connectors.salesforce.reader import Reader, readable
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema
from connectors.salesforce.source import RowSource, Step

SETTLED_AFTER = timedelta(minutes=1)
"""Stamps are whole seconds: only of a row that was left alone for a while is it sure that its stamp tells all. The time
allows for clocks that differ."""


class Walk:
    """One stream of one org: its readers, walked one after the other."""

    def __init__(self, org: Org, readers: Sequence[Reader], overlap: Overlap) -> None:
        self._org = org
        self._readers = tuple(readers)
        self._overlap = overlap
        self._reach_back = timedelta(minutes=org.settings.overlap_minutes)

    def pages(self, stored: str | None) -> Iterator[Page]:
        """The pages of the window that `stored` is in the middle of, or of the next one."""
        started_at = self._org.context.now()
        window, until = self._window(cursors.read(stored), started_at)
        steps = self._steps(window, until)
        place = window.place
        names = [step.name for step in steps]
        first = names.index(place.step) if place and place.step in names else 0
        again_from = until - self._reach_back
        source, known, met = RowSource(self._org, started_at), self._overlap.before(stored), set[Met]()
        following = [*(Place(name) for name in names[first + 1 :]), None]
        for step, then in zip(steps[first:], following, strict=True):
            start = place if place and place.step == step.name else Place(step.name)
            for batch in source.batches(step, start):
                place = batch.then or then
                fresh = _unmet(step, batch.rows, known)
                met |= {_mark(step, row) for row in batch.rows if again_from <= row.modified_at < until - SETTLED_AFTER}
                if batch.rows or batch.then or place is None:
                    cursor = cursors.write(self._after(window, place))
                    if place is None and cursor != stored:
                        self._overlap.keep(cursor, met)
                    yield Page(step.read(step.schema, fresh), cursor)

    def _window(self, cursor: Cursor, now: datetime) -> tuple[Cursor, datetime]:
        """The window under way, or the next: from the watermark, less an overlap, up to now, frozen from here on."""
        if cursor.until is not None:
            return cursor, cursor.until
        until = max(now, cursor.watermark) if cursor.watermark else now
        shapes = {reader.object: reader.shape(schema) for reader, schema in readable(self._readers)}
        return msgspec.structs.replace(cursor, until=until, place=None, begun=shapes), until

    def _after(self, window: Cursor, place: Place | None) -> Cursor:
        if place is not None:
            return msgspec.structs.replace(window, place=place)
        return Cursor(watermark=window.until, shapes=window.begun)

    def _steps(self, window: Cursor, until: datetime) -> list[Step]:
        found = list(readable(self._readers))
        if window.watermark is None:
            return [_first(reader, schema, until) for reader, schema in found if not reader.follow_up]
        since = window.watermark - self._reach_back
        changed = [_changed(reader, schema, window, since, until) for reader, schema in found]
        removed = [_removed(reader, schema, since, until) for reader, schema in found if schema.field("IsDeleted")]
        return changed + removed


def _mark(step: Step, row: Row) -> Met:
    return step.name, row.id, row.modified_at


def _unmet(step: Step, rows: Sequence[Row], known: Set[Met]) -> Sequence[Row]:
    """The rows that may say something new. One that a new column is read for does, however often it was met."""
    if not step.remembered or step.since is None:
        return rows
    return [row for row in rows if _mark(step, row) not in known]


def _first(reader: Reader, schema: Schema, until: datetime) -> Step:
    return Step(
        reader.object,
        schema,
        reader.columns(schema),
        (reader.condition(schema), reader.live),
        None,
        until,
        QUERY,
        reader.records,
        reader.stamp_tells_all,
    )


def _changed(reader: Reader, schema: Schema, window: Cursor, since: datetime, until: datetime) -> Step:
    same_shape = reader.follow_up or window.shapes.get(reader.object) == window.begun.get(reader.object)
    return Step(
        reader.object,
        schema,
        reader.columns(schema),
        (reader.condition(schema),),
        since if same_shape else None,
        until,
        QUERY,
        reader.changes,
        reader.stamp_tells_all,
    )


def _removed(reader: Reader, schema: Schema, since: datetime, until: datetime) -> Step:
    columns = schema.only("MasterRecordId") + (reader.columns(schema) if reader.follow_up else ())
    return Step(
        f"{reader.object} removed",
        schema,
        columns,
        ("IsDeleted = true",),
        since,
        until,
        QUERY_ALL,
        reader.removals,
        reader.stamp_tells_all,
    )
