"""Tasks: opened exactly once, and changed or closed only while they are as we wrote them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from connectors.contract import Gone, Rejected, TaskOutcome
from connectors.errors import Misconfigured, RecordRejected
from connectors.records import Ref
from connectors.tasks import Opened, Task
from leadline.channel import Channel, try_again_at
from leadline.closing import Settled, already_settled, is_changed
from leadline.state import followups, opened, outbox, parked, scores
from leadline.state.outbox import ChangeRow, ClosingRow, Lane, TaskRow

LOOKED_AT_ONCE = 100
"""Tasks looked at by one call before they are changed or closed."""
LONGEST_TRAIL = 5
"""A record that went into another that went into another… is followed this far."""


class TaskSender:
    """Opens, changes and closes tasks in one connection.

    What the whole account lacks is no refusal of one task: it waits, and those behind it until the next delivery.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._connection = channel.connection
        self._connector = channel.connector

    def open_due(self, last_lane: Lane, stop_if_asked: Callable[[], None]) -> Misconfigured | None:
        """Open every task that is due in the lanes up to `last_lane`; returns what the account lacks for it."""
        while (row := self._claim(last_lane)) is not None:
            try:
                outcome = self._open(row)
            except Misconfigured as error:
                self._put_off(row)
                return error
            self._settle(row, outcome)
            stop_if_asked()
        return None

    def close_due(self, stop_if_asked: Callable[[], None]) -> Misconfigured | None:
        """Close every task that is due and untouched; returns what the account lacks for it."""
        while rows := self._claim_closings():
            try:
                found = self._found(rows)
                for row in rows:
                    self._close(row, found)
            except Misconfigured as error:
                self._put_off(*rows)
                return error
            stop_if_asked()
        return None

    def change_due(self, stop_if_asked: Callable[[], None]) -> Misconfigured | None:
        """Bring every task up to date that is due for it and untouched; returns what the account lacks for it."""
        while rows := self._claim_changes():
            try:
                found = self._found(rows)
                for row in rows:
                    self._change(row, found)
            except Misconfigured as error:
                self._put_off(*rows)
                return error
            stop_if_asked()
        return None

    def _found(self, rows: Sequence[ClosingRow | ChangeRow]) -> dict[Ref, Task]:
        """The tasks of these rows as they are now."""
        asked = {row.closing.task: row.closing.person for row in rows if row.closing.task is not None}
        return {task.ref: task for task in self._channel.retry(lambda: self._connector.read_tasks(asked))}

    def _claim(self, last_lane: Lane) -> TaskRow | None:
        with self._channel.database.begin() as tx:
            return outbox.claim_task(tx, self._connection, self._channel.clock.now(), last_lane)

    def _claim_closings(self) -> list[ClosingRow]:
        with self._channel.database.begin() as tx:
            return outbox.claim_closings(tx, self._connection, self._channel.clock.now(), LOOKED_AT_ONCE)

    def _claim_changes(self) -> list[ChangeRow]:
        with self._channel.database.begin() as tx:
            return outbox.claim_changes(tx, self._connection, self._channel.clock.now(), LOOKED_AT_ONCE)

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
            return self._channel.retry(attempt)
        except RecordRejected as error:
            return Rejected(draft.person, error.code or "REJECTED", error.what)

    def _settle(self, row: TaskRow, outcome: TaskOutcome) -> None:
        now, payload = self._channel.clock.now(), row.payload
        with self._channel.database.begin() as tx:
            if isinstance(outcome, Opened):
                opened.remember_task(tx, self._connection, payload, outcome.task, now)
                followups.remember(tx, self._connection, payload.draft, payload.crossing_id, now)
                outbox.drop(tx, [row.id])
                name = "opened"
            elif isinstance(outcome, Rejected):
                parked.park(tx, row.id, outcome, self._channel.refused_for(tx, outcome.ref), now)
                name = "rejected"
            else:
                self._channel.follow(tx, [outcome], now)
                self._send_on(tx, row, outcome)
                name = "gone"
        self._channel.count("task", name, 1)

    def _send_on(self, tx: Connection, row: TaskRow, lost: Gone) -> None:
        """The task goes to what its record went into, once; failing that, to another record of the person, if any."""
        crossing = row.payload.crossing_id
        if lost.into is None or row.attempts >= LONGEST_TRAIL:
            outbox.drop(tx, [row.id])
            scores.settle_crossing(tx, crossing, "wanted", f"{lost.ref} is gone")
        elif opened.has_task_on_line(tx, self._connection, lost.into, crossing):
            outbox.drop(tx, [row.id])
            scores.settle_crossing(tx, crossing, "lapsed", f"{lost.ref} went into {lost.into}, which has this task")
        else:
            outbox.redirect_task(tx, row, lost.into)

    def _close(self, row: ClosingRow, found: Mapping[Ref, Task]) -> None:
        """Close the task if it is still as we wrote it, and keep what became of it."""
        closing, task = row.closing, _task_of(row)
        settled = already_settled(closing, found.get(task))
        if settled is None:
            try:
                self._channel.retry(lambda: self._connector.close_task(task, closing.note))
            except RecordRejected as error:
                self._refuse(row, Rejected(closing.person, error.code or "REJECTED", error.what))
                return
            settled = Settled.CLOSED
        now = self._channel.clock.now()
        with self._channel.database.begin() as tx:
            opened.settle_task(tx, closing.key, settled, now)
            outbox.drop(tx, [row.id])
        self._channel.count("closing", settled.value, 1)

    def _change(self, row: ChangeRow, found: Mapping[Ref, Task]) -> None:
        """Change the task if it is still as we wrote it; one that a rep has touched is the rep's from now on."""
        closing, change = row.closing, row.changing.change
        task = _task_of(row)
        shown = found.get(task)
        settled = already_settled(closing, shown)
        if settled is None and not is_changed(closing, change, shown):
            try:
                self._channel.retry(lambda: self._connector.change_task(task, change))
            except RecordRejected as error:
                self._refuse(row, Rejected(closing.person, error.code or "REJECTED", error.what))
                return
        now = self._channel.clock.now()
        with self._channel.database.begin() as tx:
            if settled is not None:
                opened.settle_task(tx, closing.key, settled, now)
                outbox.drop(tx, [row.id])
            else:
                told = replace(row.changing.told, changed_at=now) if row.changing.told else None
                opened.remember_change(tx, closing, change, told)
                outbox.drop_sent(tx, [row])
        self._channel.count("change", settled.value if settled else "changed", 1)

    def _refuse(self, row: ClosingRow | ChangeRow, refusal: Rejected) -> None:
        with self._channel.database.begin() as tx:
            holds_for = self._channel.refused_for(tx, refusal.ref)
            parked.park(tx, row.id, refusal, holds_for, self._channel.clock.now())
        self._channel.count("change" if isinstance(row, ChangeRow) else "closing", "rejected", 1)

    def _put_off(self, *rows: TaskRow | ChangeRow | ClosingRow) -> None:
        now = self._channel.clock.now()
        with self._channel.database.begin() as tx:
            for row in rows:
                outbox.postpone(tx, [row.id], try_again_at(row.attempts, None, now))


def _task_of(row: ChangeRow | ClosingRow) -> Ref:
    if row.closing.task is None:
        raise ValueError(f"{row.id} was claimed without its task")
    return row.closing.task
