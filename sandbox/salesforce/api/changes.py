"""`updated` and `deleted`: which records of an object changed in a span of time.

Both work with whole minutes, tell how far they can be trusted (`latestDateCovered`, which lags behind the clock, so that
the last minutes are to be asked for again), and remember for a limited time only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.exchange import Reply
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import Call, Route, json_reply
from sandbox.salesforce.schema import READ_ONLY_OBJECTS, SETUP_OBJECTS, SObject
from sandbox.salesforce.soql.dates import exact_stamp, moment_of, stamp
from sandbox.salesforce.soql.engine import Caller
from sandbox.salesforce.store import Row

MAX_IDS = 600_000
OLDEST_START = timedelta(days=30)
DELETIONS_KEPT = timedelta(days=15)
SHORTEST_SPAN = timedelta(minutes=1)
LAG = timedelta(minutes=10)
"""Transactions under way may still commit with an older time, up to nine minutes here (both lengths are made up)."""


@dataclass(frozen=True, slots=True)
class _Span:
    """From `start` up to `end`, of which what lies after `covered` is not known for certain yet."""

    start: datetime
    end: datetime
    covered: datetime


class ChangesApi:
    """Handlers for the change feeds of an object."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [
            Route("GET", "/sobjects/{object}/updated", self.updated),
            Route("GET", "/sobjects/{object}/deleted", self.deleted),
        ]

    def updated(self, call: Call) -> Reply:
        """Ids of records created or changed, the living ones."""
        span = _span(call)
        ids = [row.id for row in self._changed(call, span) if not row.deleted]
        _check_number(len(ids))
        return json_reply({"ids": ids, "latestDateCovered": stamp(span.covered)})

    def deleted(self, call: Call) -> Reply:
        """Records deleted. The log reaches back 15 days; what fell out of it is missing without a word."""
        span = _span(call)
        earliest = _minute(call.request.at - DELETIONS_KEPT)
        oldest = stamp(earliest)
        rows = [row for row in self._changed(call, span) if row.deleted and _modified(row) >= oldest]
        _check_number(len(rows))
        return json_reply(
            {
                "deletedRecords": [{"deletedDate": _modified(row), "id": row.id} for row in rows],
                "earliestDateAvailable": oldest,
                "latestDateCovered": stamp(span.covered),
            }
        )

    def _changed(self, call: Call, span: _Span) -> Sequence[Row]:
        sobject = self._replicated(call.path["object"])
        until = min(span.end, span.covered)
        if until <= span.start:
            return ()
        condition = f"SystemModstamp >= {_literal(span.start)} AND SystemModstamp < {_literal(until)}"
        text = f"SELECT Id FROM {sobject.name} WHERE {condition}"  # noqa: S608 - SOQL of our own making
        return self._org.engine.run(text, Caller(call.user_id, sees_deleted=True), call.request.at).rows

    def _replicated(self, name: str) -> SObject:
        sobject = self._org.object_named(name)
        if sobject.name in READ_ONLY_OBJECTS or sobject.name in SETUP_OBJECTS:
            raise SalesforceError("INVALID_TYPE_FOR_OPERATION", f"object type {sobject.name} is not replicable")
        return sobject


def _span(call: Call) -> _Span:
    now = call.request.at
    start, end = _moment(call, "start"), _moment(call, "end")
    if now - start > OLDEST_START:
        raise _refused("startDate cannot be more than 30 days ago")
    if end - start <= SHORTEST_SPAN:
        raise _refused("endDate must be at least one minute greater than startDate")
    return _Span(start, end, max(start, min(end, _minute(now - LAG))))


def _moment(call: Call, name: str) -> datetime:
    """A bound of the span; its seconds do not count."""
    text = call.parameter(name)
    try:
        return _minute(moment_of(text or ""))
    except (ValueError, OverflowError):
        raise _refused(f"{name}Date is not a date-time with a zone: {text}") from None


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _modified(row: Row) -> str:
    return str(row.values["SystemModstamp"])


def _literal(moment: datetime) -> str:
    return exact_stamp(moment).replace("+0000", "Z")


def _check_number(count: int) -> None:
    if count > MAX_IDS:
        raise SalesforceError("EXCEEDED_ID_LIMIT", f"More than {MAX_IDS} ids; ask for a shorter span")


def _refused(message: str) -> SalesforceError:
    return SalesforceError("INVALID_REPLICATION_DATE", message)
