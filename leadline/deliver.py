"""Deliver: tell one CRM what the outbox holds for it, and store what came of each record.

Effects, in their order: rows stored as `sending`, the call, the outcomes stored. A process killed between any two of them
finds the rows `sending`: values are sent again (the same values twice are the same), a task is looked for
before it is created unless the CRM itself refuses to make it twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection

from connectors.contract import Connector, Gone, Outcome, Rejected, RetryAt, Update, Written
from connectors.errors import ContractBroken, Misconfigured
from connectors.stages import CRM_STAGE
from leadline.channel import Channel, try_again_at
from leadline.clock import Clock
from leadline.fuses import Held
from leadline.observe import Observer
from leadline.problems import Problems
from leadline.retry import Retrier
from leadline.state import backlog, delivered, outbox, parked
from leadline.state.database import Database
from leadline.state.outbox import Lane, ValuesRow
from leadline.task_sender import TaskSender

OVERDUE_AFTER = timedelta(days=1)
"""What was put off again and again for this long is a matter for a person."""


class Delivered(Struct, frozen=True):
    """How many records and tasks the CRM took, refused, or put off."""

    written: int = 0
    opened: int = 0
    closed: int = 0
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
        self._channel = Channel(connection, connector, database, retry, clock, settings_hash, self._count)
        self._tasks = TaskSender(self._channel)
        self._problems = Problems(database, clock)
        self._observer = observer
        self._counts: Counter[str] = Counter()

    def deliver(self, stop_if_asked: Callable[[], None], held: Held = frozenset()) -> Delivered:
        """Send everything that is due and not `held`: tasks first, since people wait for them. Raised hands are never held.

        Raises:
            ConnectorError: the CRM cannot be told now. Rows sent without an answer stay `sending`.
        """
        self._counts.clear()
        if self._channel.connector.capabilities.tasks:
            # The last calls of a day are kept for raised hands.
            with self._channel.connector.context.budget.urgently():
                lacking = self._tasks.open_due(Lane.FIRST, stop_if_asked)
            if "tasks" not in held and lacking is None:
                lacking = self._tasks.open_due(Lane.BACKFILL, stop_if_asked)
            if not held:
                lacking = self._tasks.close_due(stop_if_asked) or lacking
                lacking = self._tasks.change_due(stop_if_asked) or lacking
            self._tell_of_tasks(lacking)
        while "values" not in held and (rows := self._claim_values()):
            updates = [Update(row.ref, row.values) for row in rows]
            outcomes = self._channel.retry(lambda: self._channel.connector.write(updates))  # noqa: B023 - called before the next turn
            self._settle_values(rows, outcomes)
            stop_if_asked()
        self._tell_of_foreign_writes()
        self._tell_of_overdue()
        counts = self._counts
        return Delivered(
            counts["written"], counts["opened"], counts["closed"], counts["rejected"], counts["retry"], counts["gone"]
        )

    def answer(self, stop_if_asked: Callable[[], None]) -> None:
        """Open the tasks of raised hands, and nothing else: between two deliveries.

        Raises:
            ConnectorError: the CRM cannot be told now.
        """
        if self._channel.connector.capabilities.tasks:
            with self._channel.connector.context.budget.urgently():
                self._tasks.open_due(Lane.FIRST, stop_if_asked)

    def _claim_values(self) -> list[ValuesRow]:
        limit = self._channel.connector.capabilities.write_batch
        with self._channel.database.begin() as tx:
            return outbox.claim_values(tx, self._channel.connection, self._channel.clock.now(), limit)

    def _settle_values(self, rows: Sequence[ValuesRow], outcomes: Sequence[Outcome]) -> None:
        if [outcome.ref for outcome in outcomes] != [row.ref for row in rows]:
            raise ContractBroken(f"{self._channel.connection} did not give one outcome per record, in order")
        pairs = list(zip(rows, outcomes, strict=True))
        with self._channel.database.begin() as tx:
            self._store(tx, pairs, self._channel.clock.now())
        for name, told in Counter(_name(outcome) for outcome in outcomes).items():
            self._count("values", name, told)

    def _store(self, tx: Connection, pairs: Sequence[tuple[ValuesRow, Outcome]], now: datetime) -> None:
        connection = self._channel.connection
        delivered.confirm_values(tx, connection, [row for row, outcome in pairs if isinstance(outcome, Written)], now)
        outbox.drop_sent(tx, [row for row, outcome in pairs if isinstance(outcome, Gone)])
        self._channel.follow(tx, [outcome for _, outcome in pairs if isinstance(outcome, Gone)], now)
        for row, outcome in pairs:
            if isinstance(outcome, Rejected) and CRM_STAGE in row.values:
                # It may be the stage that is refused, in a field that is not ours: that must not keep the score back.
                parked.park_stage(tx, connection, row, outcome, self._channel.refused_for(tx, row.ref), now)
            elif isinstance(outcome, Rejected):
                parked.park(tx, row.id, outcome, self._channel.refused_for(tx, row.ref), now)
                parked.unpark(tx, [parked.stage_id(connection, row.ref)])  # it was not, or not only, the stage
            elif isinstance(outcome, RetryAt):
                outbox.postpone(tx, [row.id], try_again_at(row.attempts, outcome.at, now))

    def _tell_of_tasks(self, lacking: Misconfigured | None) -> None:
        connection = self._channel.connection
        problem = f"{connection}:tasks"
        if lacking is not None:
            fix = "Grant or correct what the message names; the tasks wait and go out by themselves, an hour later at most."
            self._problems.open(problem, f"{connection}: tasks can be neither opened nor closed: {lacking.what}", fix)
            return
        with self._channel.database.begin() as tx:
            waiting = sum(backlog.waiting(tx, connection, kind, Lane.FIRST) for kind in ("task", "change", "closing"))
        if not waiting or self._counts["opened"] or self._counts["closed"]:
            self._problems.end(problem)

    def _tell_of_foreign_writes(self) -> None:
        connection = self._channel.connection
        problem = f"{connection}:foreign_writes"
        with self._channel.database.begin() as tx:
            found = delivered.foreign_writes(tx, connection)
        if not found.records:
            self._problems.end(problem)
            return
        what = f"{connection}: something else writes into our fields ({', '.join(found.fields)}); records: {found.records}"
        fix = (
            "Find what writes them (a workflow, an import, another integration) and leave these fields to Leadline. "
            "It does not fight: each record is written again when its own score changes."
        )
        self._problems.open(problem, what, fix, "warning")

    def _tell_of_overdue(self) -> None:
        connection = self._channel.connection
        problem = f"{connection}:overdue"
        with self._channel.database.begin() as tx:
            late = backlog.overdue(tx, connection, self._channel.clock.now() - OVERDUE_AFTER)
        if not late.count:
            self._problems.end(problem)
            return
        examples = ", ".join(str(ref) for ref in late.examples)
        what = f"{connection} has put off {late.count} records or tasks for more than a day, such as {examples}"
        fix = "Look at these records in the CRM: something keeps them locked. They are tried again every hour."
        self._problems.open(problem, what, fix, "warning")

    def _count(self, kind: str, name: str, told: int) -> None:
        self._counts[name] += told
        self._observer.delivered(self._channel.connection, kind, name, told)


def _name(outcome: Outcome) -> str:
    match outcome:
        case Written():
            return "written"
        case Rejected():
            return "rejected"
        case RetryAt():
            return "retry"
        case Gone():
            return "gone"
