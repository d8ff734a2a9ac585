"""The rows of one step of a walk: pages over REST while they are few, a Bulk job for the rest when they are many.

The first page of a step comes over REST. Only when it is full is it worth asking how many are left. Every batch says where
its successor begins, in words that another process understands: no query locator outlives a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from msgspec.structs import replace

from connectors.errors import ContractBroken, Misconfigured, RetryLater
from connectors.records import Record
from connectors.salesforce.bulk import Bulk
from connectors.salesforce.classify import FIELD_CODES
from connectors.salesforce.client import QueryPage
from connectors.salesforce.cursor import Place
from connectors.salesforce.org import Org
from connectors.salesforce.paths import Endpoint
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import beyond, literal, select

TOO_LARGE_CODES = frozenset({"EXCEEDED_ID_LIMIT", "OPERATION_TOO_LARGE", "QUERY_TIMEOUT"})
"""Refusals that a shorter stretch of time does not meet (Salesforce docs: SOAP API, Core Data Types)."""

BEFORE_ALL = datetime(1999, 3, 8, tzinfo=UTC)
"""No row is older than Salesforce."""

SHORTEST_PART = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One object walked once, from `since` (None: the beginning) up to `until`, both by its stamp.

    `remembered`: a row met before with the same stamp says nothing new.
    """

    name: str
    schema: Schema
    columns: tuple[str, ...]
    conditions: tuple[str, ...]
    since: datetime | None
    until: datetime
    endpoint: Endpoint
    read: Callable[[Schema, Sequence[Row]], tuple[Record, ...]]
    remembered: bool

    @property
    def wanted(self) -> tuple[str, ...]:
        """All columns, each once."""
        return tuple(dict.fromkeys(("Id", self.schema.stamp, *self.columns)))

    def conditions_from(self, place: Place) -> tuple[str, ...]:
        """What the rows from the place on fulfil."""
        stamp = self.schema.stamp
        start = place.at or self.since
        lower = f"{stamp} >= {literal(start)}" if start else ""
        if place.at and place.id:
            lower = beyond(stamp, place.at, place.id)
        return (*self.conditions, lower, f"{stamp} < {literal(place.until or self.until)}")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, and where to go on once they are stored; None at the end of the step."""

    rows: tuple[Row, ...]
    then: Place | None


class RowSource:
    """Brings the rows of steps for one pull, which began at `started_at`."""

    def __init__(self, org: Org, started_at: datetime) -> None:
        self._org = org
        self._bulk = Bulk(org)
        self._started_at = started_at

    def batches(self, step: Step, place: Place) -> Iterator[Batch]:
        """All rows of the step from the place on."""
        following: Place | None = place
        while following is not None:
            batch = self._from_job(step, following) if following.job else self._from_query(step, following)
            following = batch.then
            yield batch

    def _from_job(self, step: Step, place: Place) -> Batch:
        results = self._bulk.results(place.job, step.schema, step.wanted) if place.job else None
        if results is None:
            return Batch((), replace(place, job=None, paged=True))
        return Batch(results.rows, replace(place, job=results.following) if results.following else None)

    def _from_query(self, step: Step, place: Place) -> Batch:
        try:
            page = self._ask(step, place)
        except RetryLater as error:
            if error.code not in TOO_LARGE_CODES or (half := _halved(step, place)) is None:
                raise
            return Batch((), half)
        rows = _in_order(step, tuple(Row(values, step.schema.stamp) for values in page.records), place.at)
        if page.done and len(rows) < self._org.settings.page_size:
            return Batch(rows, _next_part(step, place))
        if not rows or rows[-1].id == place.id:
            raise ContractBroken(f"Salesforce answers a query on {step.schema.name} without getting on")
        then = replace(place, at=rows[-1].modified_at, id=rows[-1].id)
        return Batch(rows, then if place.paged else self._by_number(step, then))

    def _by_number(self, step: Step, place: Place) -> Place:
        """The place with the way decided on which the rest of the step is read."""
        rest = replace(place, until=None, part_seconds=None)
        conditions = step.conditions_from(rest)
        try:
            left = self._org.client.query(select(("COUNT()",), step.schema.name, conditions), step.endpoint).total
        except RetryLater as error:
            if error.code not in TOO_LARGE_CODES:
                raise
            return place
        if left > self._org.settings.bulk_above:
            job = self._bulk.start(select(step.wanted, step.schema.name, conditions), step.endpoint)
            if job is not None:
                return replace(rest, job=job)
        return replace(place, paged=True)

    def _ask(self, step: Step, place: Place) -> QueryPage:
        stamp = step.schema.stamp
        soql = select(
            step.wanted,
            step.schema.name,
            step.conditions_from(place),
            order=f"{stamp}, Id",
            limit=self._org.settings.page_size,
        )
        try:
            return self._org.client.query(soql, step.endpoint)
        except Misconfigured as error:
            if error.code not in FIELD_CODES or step.schema.described_at >= self._started_at:
                raise
            self._org.schemas.forget()
            raise RetryLater(f"the fields of {step.schema.name} have changed; they are looked up anew") from error


def _halved(step: Step, place: Place) -> Place | None:
    """The earlier half of what the place leads to; None when it is too short to be parted."""
    start = place.at or step.since or BEFORE_ALL
    half = ((place.until or step.until) - start) / 2
    return replace(place, until=start + half, part_seconds=half.total_seconds()) if half > SHORTEST_PART else None


def _next_part(step: Step, place: Place) -> Place | None:
    """What follows a part that is read: one twice as long, for what was too much at once may be much in one spot only."""
    if place.until is None or place.part_seconds is None:
        return None
    until = place.until + timedelta(seconds=2 * place.part_seconds)
    following = Place(step.name, at=place.until, paged=place.paged)
    return replace(following, until=until, part_seconds=2 * place.part_seconds) if until < step.until else following


def _in_order(step: Step, rows: tuple[Row, ...], at: datetime | None) -> tuple[Row, ...]:
    """The rows, once it is sure that none lies before its predecessor: else the place behind the last would skip some."""
    stamps = [at] if at else []
    stamps.extend(row.modified_at for row in rows)
    if any(later < earlier for earlier, later in pairwise(stamps)):
        raise ContractBroken(f"Salesforce sent rows of {step.schema.name} out of the order asked for")
    return rows
