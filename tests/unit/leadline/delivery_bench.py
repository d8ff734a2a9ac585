"""An outbox, a sender, and a CRM that answers by script."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from msgspec.structs import asdict, replace

from connectors.budget import Budget
from connectors.contract import (
    Capabilities,
    Connector,
    ConnectorSettings,
    Context,
    Outcome,
    Page,
    TaskOutcome,
    Update,
    Written,
)
from connectors.errors import RetryLater
from connectors.records import Ref, Scalar, Stream
from connectors.tasks import Opened, Task, TaskChange, TaskDraft
from leadline.deliver import Delivered, Sender
from leadline.observe import Silent
from leadline.retry import Retrier, RetryPolicy
from leadline.state import outbox, runs
from leadline.state.database import Database
from leadline.state.opened import TaskPayload
from leadline.state.outbox import Lane
from tests.engine import MovableTime

Answer = Callable[[Sequence[Update]], Sequence[Outcome]]


class LostReply(RetryLater):
    """The call took effect; its answer was lost."""


class Scripted(Connector[ConnectorSettings]):
    """A CRM that takes everything, three records a call, unless it was told to answer otherwise."""

    type_name = "scripted"
    settings_model = ConnectorSettings
    capabilities = Capabilities(streams=frozenset(Stream), person_objects=frozenset({"contacts"}), write_batch=3, tasks=True)

    def __init__(self, time: MovableTime) -> None:
        clock = time.clock()
        budget = Budget((), now=clock.now, sleep=clock.sleep)
        super().__init__(ConnectorSettings(), Context("crm", clock.now, budget, lambda call: None))
        self.told: list[tuple[str, ...]] = []
        self.values: dict[str, dict[str, Scalar]] = {}
        self.answers: list[Answer] = []
        self.task_answers: list[TaskOutcome | Exception] = []
        self.close_answers: list[Exception] = []
        self.change_answers: list[Exception] = []
        self.board: list[Task] = []

    def check(self) -> tuple[()]:
        """Always ready."""
        return ()

    def pull(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Nothing to read."""
        return iter(())

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """Noted, and answered as scripted."""
        self.told.append(tuple(update.ref.id for update in updates))
        if self.answers:
            return tuple(self.answers.pop(0)(updates))
        self.values |= {update.ref.id: update.values for update in updates}
        return tuple(Written(update.ref) for update in updates)

    def open_task(self, draft: TaskDraft) -> TaskOutcome:
        """Noted, and answered as scripted."""
        self.told.append((f"task {draft.key}",))
        answer = self.task_answers.pop(0) if self.task_answers else Opened(Ref("tasks", draft.key))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def find_tasks(self, person: Ref) -> tuple[Task, ...]:
        """What the board holds."""
        return tuple(task for task in self.board if task.person == person)

    def read_tasks(self, tasks: Mapping[Ref, Ref]) -> tuple[Task, ...]:
        """What the board holds of these."""
        self.told.append(tuple(f"read {ref.id}" for ref in tasks))
        return tuple(task for task in self.board if task.ref in tasks)

    def change_task(self, task: Ref, change: TaskChange) -> None:
        """Noted, done, and answered as scripted."""
        self.told.append((f"change {task.id}",))
        if self.change_answers and not isinstance(self.change_answers[0], LostReply):
            raise self.change_answers.pop(0)
        given = {name: value for name, value in asdict(change).items() if value is not None}
        self.board = [replace(one, **given) if one.ref == task else one for one in self.board]
        if self.change_answers:
            raise self.change_answers.pop(0)

    def close_task(self, task: Ref, note: str) -> None:
        """Noted, done, and answered as scripted."""
        self.told.append((f"close {task.id}",))
        if self.close_answers and not isinstance(self.close_answers[0], LostReply):
            raise self.close_answers.pop(0)
        self.board = [
            replace(one, open=False, body=f"{one.body}\n\n{note}") if one.ref == task else one for one in self.board
        ]
        if self.close_answers:
            raise self.close_answers.pop(0)


class UniqueKeys(Scripted):
    """A CRM that refuses a second task with the same key by itself."""

    capabilities = Capabilities(
        streams=frozenset(Stream), person_objects=frozenset({"contacts"}), write_batch=3, tasks=True, unique_task_keys=True
    )

    def find_tasks(self, person: Ref) -> tuple[Task, ...]:
        """Never needed."""
        raise AssertionError(f"there is no need to look for tasks of {person}")


class Bench:
    """An outbox, a sender, and a scripted CRM."""

    def __init__(self, database: Database, kind: type[Scripted] = Scripted) -> None:
        self.database = database
        self.time = MovableTime()
        self.crm = kind(self.time)
        self.sender = self.restarted()

    def restarted(self, settings: str = "h1") -> Sender:
        clock = self.time.clock()
        retry = Retrier(RetryPolicy(attempts=2), clock, Random(1))
        self.sender = Sender("crm", self.crm, self.database, retry, clock, Silent(), settings)
        return self.sender

    def queue(self, *numbers: str, score: int = 50, lane: Lane = Lane.SCORES) -> None:
        with self.database.begin() as tx:
            intents = {Ref("contacts", number): {"score": score} for number in numbers}
            outbox.put_values(tx, "crm", intents, lane, self.time.now)
        self.time.now += timedelta(seconds=1)

    def queue_task(self, key: str, person: str = "1", lane: Lane = Lane.TASKS) -> bool:
        draft = TaskDraft(key, Ref("contacts", person), "Call", "why", self.time.now)
        with self.database.begin() as tx:
            queued = outbox.put_task(tx, "crm", TaskPayload(draft, key), lane, self.time.now)
        self.time.now += timedelta(seconds=1)
        return queued

    def deliver(self) -> Delivered:
        return self.sender.deliver(lambda: None)

    def table(self, name: str, columns: str = "record_id") -> list[Any]:
        with self.database.begin() as tx:
            rows = tx.exec_driver_sql(f"SELECT {columns} FROM {name} ORDER BY 1").all()
        return [row[0] if len(row) == 1 else tuple(row) for row in rows]

    def problems(self) -> dict[str, str]:
        """What troubles an admin now, by its id."""
        with self.database.begin() as tx:
            return {one.id: one.what for one in runs.open_problems(tx)}


def answer(**outcomes: Callable[[Ref], Outcome]) -> Answer:
    """Answers each record by its number (`r1=…`), `Written` where none is given."""
    return lambda updates: [outcomes.get(f"r{update.ref.id}", Written)(update.ref) for update in updates]
