"""Walking a stream: windows of modification time, paged by (stamp, Id), resumable at every page by another process.

No query locator outlives a call: a page ends where the server ends it, and the next query starts behind its last row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from connectors.contract import Page
from connectors.errors import ContractBroken, Misconfigured, RetryLater
from connectors.records import Record
from connectors.salesforce import cursor as cursors
from connectors.salesforce.classify import FIELD_CODES
from connectors.salesforce.client import QueryPage
from connectors.salesforce.cursor import Cursor, Place
from connectors.salesforce.org import Org
from connectors.salesforce.paths import QUERY, QUERY_ALL, Endpoint
from connectors.salesforce.reader import Reader
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import beyond, literal, select


@dataclass(frozen=True, slots=True)
class Step:
    """One object walked once: `since` None means from the beginning."""

    name: str
    schema: Schema
    columns: tuple[str, ...]
    conditions: tuple[str, ...]
    since: datetime | None
    endpoint: Endpoint
    read: Callable[[Schema, Sequence[Row]], tuple[Record, ...]]


@dataclass(frozen=True, slots=True)
class _Batch:
    rows: tuple[Row, ...]
    more: bool


class Walk:
    """One stream of one org: its readers, walked one after the other."""

    def __init__(self, org: Org, readers: Sequence[Reader]) -> None:
        self._org = org
        self._readers = tuple(readers)

    def pages(self, stored: str | None) -> Iterator[Page]:
        """The pages of the window that `stored` is in the middle of, or of the next one."""
        started_at = self._org.context.now()
        window = self._window(cursors.read(stored), started_at)
        steps = self._steps(window)
        place = window.place
        names = [step.name for step in steps]
        first = names.index(place.step) if place and place.step in names else 0
        if place and place.step not in names:
            place = None
        following = [*(Place(name) for name in names[first + 1 :]), None]
        for step, then in zip(steps[first:], following, strict=True):
            for batch in self._batches(step, window, place, started_at):
                last = batch.rows[-1] if batch.more else None
                place = Place(step.name, last.modified_at, last.id) if last else then
                if batch.rows or place is None:
                    yield Page(step.read(step.schema, batch.rows), cursors.write(self._after(window, place)))

    def _window(self, cursor: Cursor, now: datetime) -> Cursor:
        """The window under way, or the next: from the watermark, less an overlap, up to now, frozen from here on."""
        if cursor.until is not None:
            return cursor
        until = max(now, cursor.watermark) if cursor.watermark else now
        return msgspec.structs.replace(cursor, until=until, place=None)

    def _after(self, window: Cursor, place: Place | None) -> Cursor:
        if place is not None:
            return msgspec.structs.replace(window, place=place)
        shapes = {reader.object: reader.shape(schema) for reader, schema in self._readable()}
        return Cursor(watermark=window.until, shapes=shapes)

    def _readable(self) -> Iterator[tuple[Reader, Schema]]:
        for reader in self._readers:
            schema = self._org.schemas.get(reader.object) if reader.required else self._org.schemas.find(reader.object)
            if schema is not None:
                yield reader, schema

    def _steps(self, window: Cursor) -> list[Step]:
        if window.watermark is None:
            return [self._first(reader, schema) for reader, schema in self._readable() if not reader.follow_up]
        since = window.watermark - timedelta(minutes=self._org.settings.overlap_minutes)
        changed = [self._changed(reader, schema, window, since) for reader, schema in self._readable()]
        removed = [self._removed(reader, schema, since) for reader, schema in self._readable() if schema.field("IsDeleted")]
        return changed + removed

    def _first(self, reader: Reader, schema: Schema) -> Step:
        conditions = (reader.condition(schema), reader.live)
        return Step(reader.object, schema, reader.columns(schema), conditions, None, QUERY, reader.records)

    def _changed(self, reader: Reader, schema: Schema, window: Cursor, since: datetime) -> Step:
        same_shape = reader.follow_up or window.shapes.get(reader.object) == reader.shape(schema)
        return Step(
            reader.object,
            schema,
            reader.columns(schema),
            (reader.condition(schema),),
            since if same_shape else None,
            QUERY,
            reader.changes,
        )

    def _removed(self, reader: Reader, schema: Schema, since: datetime) -> Step:
        columns = schema.only("MasterRecordId") + (reader.columns(schema) if reader.follow_up else ())
        conditions = ("IsDeleted = true",)
        return Step(f"{reader.object} removed", schema, columns, conditions, since, QUERY_ALL, reader.removals)

    def _batches(self, step: Step, window: Cursor, place: Place | None, started_at: datetime) -> Iterator[_Batch]:
        stamp = step.schema.stamp
        at, row_id = (place.at, place.id) if place and place.step == step.name else (None, None)
        more = True
        while more:
            soql = self._soql(step, window, at, row_id)
            page = self._ask(step, soql, started_at)
            batch = _in_order(step, tuple(Row(values, stamp) for values in page.records), at)
            more = not page.done or len(batch) >= self._org.settings.page_size
            if more and (not batch or batch[-1].id == row_id):
                raise ContractBroken(f"Salesforce answers a query on {step.schema.name} without getting on")
            if batch:
                at, row_id = batch[-1].modified_at, batch[-1].id
            yield _Batch(batch, more)

    def _soql(self, step: Step, window: Cursor, at: datetime | None, row_id: str | None) -> str:
        stamp = step.schema.stamp
        lower = ""
        if at is not None and row_id is not None:
            lower = beyond(stamp, at, row_id)
        elif step.since is not None:
            lower = f"{stamp} >= {literal(step.since)}"
        upper = f"{stamp} < {literal(window.until)}" if window.until else ""
        return select(
            ("Id", stamp, *step.columns),
            step.schema.name,
            (*step.conditions, lower, upper),
            order=f"{stamp}, Id",
            limit=self._org.settings.page_size,
        )

    def _ask(self, step: Step, soql: str, started_at: datetime) -> QueryPage:
        try:
            return self._org.client.query(soql, step.endpoint)
        except Misconfigured as error:
            if error.code not in FIELD_CODES or step.schema.described_at >= started_at:
                raise
            self._org.schemas.forget()
            raise RetryLater(f"the fields of {step.schema.name} have changed; they are looked up anew") from error


def _in_order(step: Step, rows: tuple[Row, ...], at: datetime | None) -> tuple[Row, ...]:
    """The rows, once it is sure that none lies before its predecessor: else the place behind the last would skip some."""
    stamps = [at] if at else []
    stamps.extend(row.modified_at for row in rows)
    if any(later < earlier for earlier, later in pairwise(stamps)):
        raise ContractBroken(f"Salesforce sent rows of {step.schema.name} out of the order asked for")
    return rows
