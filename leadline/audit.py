"""The nightly audit: what the CRM lists is compared with what we hold, and what passes over changes missed is repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct
from sqlalchemy import Connection

from connectors.contract import Connector, Sighted
from connectors.errors import ConnectorError, Misconfigured
from connectors.records import Ref, Stream
from leadline.clock import Clock
from leadline.problems import Problems
from leadline.pull import STREAM_ORDER, resumed
from leadline.removals import Removals
from leadline.retry import Retrier
from leadline.state import audits, cursors, records, removals, runs
from leadline.state.audits import Audited
from leadline.state.database import Database

BATCH = 100
"""How many records one repair reads."""
MANY_REPAIRS = 20
MANY_REPAIRS_PERCENT = 1
"""Fewer repairs than either are what an audit is for; more say that the passes over changes do not work."""
COUNTED = frozenset({Stream.COMPANIES, Stream.CONTACTS, Stream.DEALS})
"""Streams whose every record is one of the CRM's. Of engagements a CRM counts many that are not read."""
COUNT_TOLERANCE_PER_MILLE = 1
"""A CRM counts from an index that runs a little behind."""


class Count(Struct, frozen=True):
    """What a CRM counted before and after a census, and how many records changed meanwhile as far as we know."""

    before: int
    after: int
    changed: int


def last_time(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The latest moment up to `now` at which the clock on the wall showed `at`. Pure."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), at, tzinfo=zone)
    if today > local:
        today = datetime.combine(local.date() - timedelta(days=1), at, tzinfo=zone)
    return today


def too_many_repairs(seen: int, repaired: int) -> bool:
    """Whether an audit had so much to repair that the passes over changes cannot be trusted. Pure."""
    return repaired >= MANY_REPAIRS and repaired * 100 > seen * MANY_REPAIRS_PERCENT


def disagrees(seen: int, count: Count) -> bool:
    """Whether a census did not show what the CRM counts, beyond what changed meanwhile. Pure."""
    low, high = sorted((count.before, count.after))
    leeway = count.changed + high * COUNT_TOLERANCE_PER_MILLE // 1000
    return not low - leeway <= seen <= high + leeway


class Auditor:
    """Audits one connection."""

    def __init__(self, connection: str, connector: Connector[Any], database: Database, retry: Retrier, clock: Clock) -> None:
        self._connection = connection
        self._connector = connector
        self._database = database
        self._retry = retry
        self._clock = clock
        self._problems = Problems(database, clock)
        self._removals = Removals(connection, connector, database, retry, clock)
        self._log: Any = structlog.get_logger()

    def run_if_due(self, at: time, zone: ZoneInfo, stop_if_asked: Callable[[], None]) -> None:
        """Audit every stream that was not audited since the clock last showed `at`. What fails is due again."""
        since = last_time(self._clock.now(), at, zone)
        with self._database.begin() as tx:
            due = [stream for stream in self._ready(tx) if self._was_at(tx, stream) < since]
        problem = f"{self._connection}:audit"
        try:
            for stream in due:
                self.audit(stream, stop_if_asked)
        except ConnectorError as error:
            what = f"{self._connection} could not be audited: {error.what}"
            self._problems.open(problem, what, "Nothing, unless it lasts: it is tried again.", "warning")
        else:
            if due:
                self._problems.end(problem)

    def run(self, stop_if_asked: Callable[[], None]) -> tuple[Audited, ...]:
        """Audit every stream now.

        Raises:
            ConnectorError: the CRM could not be read now.
        """
        with self._database.begin() as tx:
            ready = self._ready(tx)
        return tuple(done for stream in ready if (done := self.audit(stream, stop_if_asked)) is not None)

    def audit(self, stream: Stream, stop_if_asked: Callable[[], None]) -> Audited | None:
        """Audit one stream; None when the account does not let us read it, which the pull reports.

        Raises:
            ConnectorError: the CRM could not be read now. The next audit begins again.
        """
        began_at = self._clock.now()
        try:
            before = self._count(stream)
            repaired = self._repair(stream, stop_if_asked)
        except Misconfigured:
            return None
        with self._database.begin() as tx:
            seen = audits.seen(tx, self._connection)
            removals.expect_unseen(tx, self._connection, stream, began_at, self._clock.now())
        removed = self._removals.settle(stream, stop_if_asked)
        after = self._count(stream)
        with self._database.begin() as tx:
            changed = audits.changed_since(tx, self._connection, stream, began_at)
            audited = Audited(stream, began_at, seen, repaired, removed)
            audits.conclude(tx, self._connection, audited)
        self._judge(audited, None if before is None or after is None else Count(before, after, changed))
        self._log.info(
            "audit", connection=self._connection, stream=stream.value, seen=seen, repaired=repaired, removed=removed
        )
        return audited

    def _ready(self, tx: Connection) -> list[Stream]:
        """The streams that a census can be compared with: those that were read to their end, in a cycle that went well."""
        if runs.last_success_began(tx, self._connection) is None:
            return []
        once = cursors.streams_pulled_once(tx, self._connection)
        return [stream for stream in STREAM_ORDER if stream in self._connector.capabilities.audited & once]

    def _was_at(self, tx: Connection, stream: Stream) -> datetime:
        """When the stream was seen whole the last time: by an audit, or by its first pull."""
        first = cursors.first_completed(tx, self._connection, stream)
        last = audits.last_audits(tx, self._connection).get(stream)
        return max(first, last.at) if last else first

    def _repair(self, stream: Stream, stop_if_asked: Callable[[], None]) -> int:
        """Go through the census and read what we lack; returns how much of it was news to us."""
        with self._database.begin() as tx:
            audits.begin(tx, self._connection)
            known_before = runs.last_success_began(tx, self._connection)
        assert known_before is not None
        repaired = 0
        for part in self._census(stream):
            with self._database.begin() as tx:
                lacking = audits.sight(tx, self._connection, stream, part.sightings, known_before)
            for start in range(0, len(lacking), BATCH):
                repaired += self._read(stream, lacking[start : start + BATCH])
                stop_if_asked()
            stop_if_asked()
        return repaired

    def _read(self, stream: Stream, refs: list[Ref]) -> int:
        found = self._retry(lambda: self._connector.fetch(refs))
        with self._database.begin() as tx:
            newest = audits.not_older(tx, self._connection, stream, found)
            return records.save_records(tx, self._connection, stream, newest, self._clock.now()).changed

    def _census(self, stream: Stream) -> Iterator[Sighted]:
        cursors_seen: list[str] = []

        def begin() -> Iterator[Sighted]:
            for part in self._connector.census(stream, cursors_seen[-1] if cursors_seen else None):
                cursors_seen[:] = [part.cursor]
                yield part

        return resumed(begin, self._retry)

    def _count(self, stream: Stream) -> int | None:
        if not self._connector.capabilities.counts or stream not in COUNTED:
            return None
        return self._retry(lambda: self._connector.count(stream))

    def _judge(self, audited: Audited, count: Count | None) -> None:
        connection, stream, seen = self._connection, audited.stream.value, audited.seen
        missed = f"{connection}: the audit had to repair {audited.repaired} of {seen} {stream}: the passes miss changes"
        self._report(
            f"{connection}:audit:{stream}",
            missed if too_many_repairs(seen, audited.repaired) else None,
            "Look whether another app edits in bulk at night. If not, report it with the lines of `audit` in the log.",
        )
        differs = count is not None and disagrees(seen, count)
        self._report(
            f"{connection}:count:{stream}",
            f"{connection}: the CRM lists {seen} {stream} and counts {count.after}" if count and differs else None,
            "Look whether the credentials may see all records. If the next audit says the same, report it.",
        )

    def _report(self, problem: str, what: str | None, fix: str) -> None:
        """A warning that begins with `what`, or ends with None."""
        if what is None:
            self._problems.end(problem)
        else:
            self._problems.open(problem, what, fix, "warning")
