"""Deliver: tell one CRM what the outbox holds for it, and store what came of each record.

Effects, in their order: rows stored as `sending`, the call, the outcomes stored. A process killed between any two of them
finds the rows `sending`: values are sent again (the same values twice are the same), a task is looked for
before it is created unless the CRM itself refuses to make it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from connectors.contract import Connector, Gone, Outcome, Rejected, RetryAt, TaskOutcome, Update, Written
from connectors.errors import ContractBroken, Misconfigured, RecordRejected
from connectors.records import Ref
from connectors.tasks import Opened
from leadline.clock import Clock
from leadline.fuses import Held
from leadline.observe import Observer
from leadline.retry import Retrier
from leadline.state import outbox, records, scores
from leadline.state.database import Database
from leadline.state.outbox import Lane, TaskRow, ValuesRow

RETRY_RECORD_AFTER = timedelta(minutes=1)


class Delivered(Struct, frozen=True):
    """How many records and tasks the CRM took, refused, or put off."""

    written: int = 0
    opened: int = 0
    rejected: int = 0
    postponed: int = 0
    gone: int = 0


class Sender:
    """Delivers to one connection. One sender a connection at a time; several connections side by side are fine."""

    def __init__(
        self,
        connection: str,
        connector: Connector[Any],
        database: Database,
        retry: Retrier,
        clock: Clock,
        observer: Observer,
        settings_hash: str,
    ) -> None:
        self._connection = connection
        self._connector = connector
        self._database = database
        self._retry = retry
        self._clock = clock
        self._observer = observer
        self._settings_hash = settings_hash
        self._counts = {"written": 0, "opened": 0, "rejected": 0, "retry": 0, "gone": 0}

    def deliver(self, stop_if_asked: Callable[[], None], held: Held = frozenset()) -> Delivered:
        """Send everything that is due and not `held`: tasks first, since people wait for them. Raised hands are never held.

        Raises:
            ConnectorError: the CRM cannot be told now. Rows sent without an answer stay `sending`.
        """
        self._counts = dict.fromkeys(self._counts, 0)
        if self._connector.capabilities.tasks:
            last_lane = Lane.FIRST if "tasks" in held else Lane.BACKFILL
            while (task := self._claim_task(last_lane)) is not None:
                self._settle_task(task, self._open(task))
                stop_if_asked()
        while "values" not in held and (rows := self._claim_values()):
            updates = [Update(row.ref, row.values) for row in rows]
            outcomes = self._retry(lambda: self._connector.write(updates))  # noqa: B023 - called before the next turn
            self._settle_values(rows, outcomes)
            stop_if_asked()
        return Delivered(
            self._counts["written"],
            self._counts["opened"],
            self._counts["rejected"],
            self._counts["retry"],
            self._counts["gone"],
        )

    def _claim_task(self, last_lane: Lane) -> TaskRow | None:
        with self._database.begin() as tx:
            return outbox.claim_task(tx, self._connection, self._clock.now(), last_lane)

    def _claim_values(self) -> list[ValuesRow]:
        limit = self._connector.capabilities.write_batch
        with self._database.begin() as tx:
            return outbox.claim_values(tx, self._connection, self._clock.now(), limit)

    def _open(self, row: TaskRow) -> TaskOutcome:
        """Create the task, unless an earlier call, answered or not, did so already."""
        draft = row.payload.draft

        def attempt() -> TaskOutcome:
            if not self._connector.capabilities.unique_task_keys:
                there = next((task for task in self._connector.find_tasks(draft.person) if task.key == draft.key), None)
                if there is not None:
                    return Opened(there.ref)
            return self._connector.open_task(draft)

        try:
            return self._retry(attempt)
        except (RecordRejected, Misconfigured) as error:
            # Values must not starve behind one task that this account cannot take.
            return Rejected(draft.person, error.code or "REJECTED", error.what)

    def _settle_task(self, row: TaskRow, outcome: TaskOutcome) -> None:
        now = self._clock.now()
        with self._database.begin() as tx:
            if isinstance(outcome, Opened):
                outbox.confirm_task(tx, self._connection, row, outcome.task, now)
            elif isinstance(outcome, Rejected):
                outbox.park(tx, row.id, outcome, self._refused_for(tx, outcome.ref), now)
            else:
                outbox.drop(tx, [row.id])
                records.mark_gone(tx, self._connection, [outcome.ref], now)
                scores.settle_crossing(tx, row.payload.crossing_id, "wanted", f"{outcome.ref} is gone")
        self._count("task", _name(outcome), 1)

    def _settle_values(self, rows: Sequence[ValuesRow], outcomes: Sequence[Outcome]) -> None:
        if [outcome.ref for outcome in outcomes] != [row.ref for row in rows]:
            raise ContractBroken(f"{self._connection} did not give one outcome per record, in order")
        now = self._clock.now()
        by_name: dict[str, list[tuple[ValuesRow, Outcome]]] = {}
        for row, outcome in zip(rows, outcomes, strict=True):
            by_name.setdefault(_name(outcome), []).append((row, outcome))
        with self._database.begin() as tx:
            for pairs in by_name.values():
                self._store(tx, pairs, now)
        for name, pairs in by_name.items():
            self._count("values", name, len(pairs))

    def _store(self, tx: Connection, pairs: Sequence[tuple[ValuesRow, Outcome]], now: Any) -> None:
        written = [row for row, outcome in pairs if isinstance(outcome, Written)]
        outbox.confirm_values(tx, self._connection, written, now)
        gone = [row for row, outcome in pairs if isinstance(outcome, Gone)]
        outbox.drop_values(tx, gone)
        records.mark_gone(tx, self._connection, [row.ref for row in gone], now)
        for row, outcome in pairs:
            if isinstance(outcome, Rejected):
                outbox.park(tx, row.id, outcome, self._refused_for(tx, row.ref), now)
            elif isinstance(outcome, RetryAt):
                outbox.postpone(tx, [row.id], outcome.at or now + RETRY_RECORD_AFTER)

    def _refused_for(self, tx: Connection, ref: Ref) -> str:
        stored = records.load(tx, self._connection, [ref]).get(ref)
        return refused_for(stored.content_hash if stored else "", self._settings_hash)

    def _count(self, kind: str, name: str, records_told: int) -> None:
        self._counts[name] += records_told
        self._observer.delivered(self._connection, kind, name, records_told)


def refused_for(content_hash: str, settings_hash: str) -> str:
    """What a refusal holds for: it is not tried again until the record or the settings differ from this."""
    return f"{content_hash}:{settings_hash}"


def _name(outcome: Outcome | TaskOutcome) -> str:
    match outcome:
        case Written():
            return "written"
        case Opened():
            return "opened"
        case Rejected():
            return "rejected"
        case RetryAt():
            return "retry"
        case Gone():
            return "gone"
