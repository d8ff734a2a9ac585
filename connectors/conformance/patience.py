"""Using a connector the way the engine does: what may succeed later is called again, after the wait that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from connectors.contract import Connector, Finding, Outcome, Page, RetryAt, Sighted, TaskOutcome, Update
from connectors.errors import Reauthorise, RetryLater
from connectors.fields import FieldChange, FieldSpec
from connectors.records import Record, Ref, Removed, Stream
from connectors.tasks import Opened, Task, TaskChange, TaskDraft

T = TypeVar("T")

ATTEMPTS = 25
"""An account that fails this often in a row does not fail by chance."""

FIRST_WAIT_SECONDS = 1.0
RECORD_WAIT_SECONDS = 60.0
"""How long a record that may succeed later is left alone when the connector names no moment."""


class Patience:
    """Calls again, waiting in the account's time."""

    def __init__(self, now: Callable[[], datetime], wait: Callable[[float], None]) -> None:
        self._now = now
        self._wait = wait
        self._suspended = False

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Within the block every failure comes through at once."""
        self._suspended = True
        try:
            yield
        finally:
            self._suspended = False

    def __call__(self, action: Callable[[], T]) -> T:
        """The result of `action`, called again on what passes by itself or after a person renewed the credentials."""
        attempts = 1 if self._suspended else ATTEMPTS
        for attempt in range(1, attempts):
            try:
                return action()
            except RetryLater as error:
                self.wait_until(error.at or self._now() + timedelta(seconds=FIRST_WAIT_SECONDS * attempt))
            except Reauthorise:
                self._wait(FIRST_WAIT_SECONDS)
        return action()

    def wait_until(self, moment: datetime) -> None:
        """Let time pass until then."""
        self._wait(max(0.0, (moment - self._now()).total_seconds()))

    def wait_for_records(self, outcomes: Sequence[Outcome]) -> bool:
        """Wait until the last of the records that may succeed later may; False when there is none or nobody waits."""
        postponed = [outcome for outcome in outcomes if isinstance(outcome, RetryAt)]
        if not postponed or self._suspended:
            return False
        unnamed = self._now() + timedelta(seconds=RECORD_WAIT_SECONDS)
        self.wait_until(max(outcome.at or unnamed for outcome in postponed))
        return True


def patient(connector: Connector[Any], patience: Patience) -> Connector[Any]:
    """The connector in patient hands, with the same declarations."""
    kind = type("Patient", (_Patient,), {"capabilities": connector.capabilities})
    held: Connector[Any] = kind(connector, patience)
    return held


class _Patient(Connector[Any]):
    """A connector in patient hands. Everything that it says is what the connector under test said in the end."""

    def __init__(self, connector: Connector[Any], patience: Patience) -> None:
        super().__init__(connector.settings, connector.context)
        self._connector = connector
        self._patience = patience

    def check(self) -> tuple[Finding, ...]:
        """Findings, not exceptions: there is nothing to be patient about."""
        return self._connector.check()

    def pull(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """As the engine pulls: after a failure from the cursor of the last page, which is stored."""
        pages: Iterator[Page] | None = None

        def next_page() -> Page | None:
            nonlocal pages
            if pages is None:
                pages = iter(self._connector.pull(stream, cursor))
            try:
                return next(pages, None)
            except (RetryLater, Reauthorise):
                pages = None
                raise

        while (page := self._patience(next_page)) is not None:
            cursor = page.cursor
            yield page

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """Records that may succeed later are written again, alone, as the engine does with what it postponed."""
        outcomes = list(self._patience(lambda: self._connector.write(updates)))
        for _ in range(ATTEMPTS):
            if not self._patience.wait_for_records(outcomes):
                break
            places = [place for place, outcome in enumerate(outcomes) if isinstance(outcome, RetryAt)]
            again = [updates[place] for place in places]
            for place, outcome in zip(places, self._patience(lambda: self._connector.write(again)), strict=True):  # noqa: B023 - called at once
                outcomes[place] = outcome
        return tuple(outcomes)

    def plan_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """What is missing in the end."""
        return self._patience(lambda: self._connector.plan_fields(fields))

    def apply_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """What the attempt that went well had still to do."""
        return self._patience(lambda: self._connector.apply_fields(fields))

    def open_task(self, draft: TaskDraft) -> TaskOutcome:
        """After a failure the task is looked for first, unless the CRM itself refuses a second one."""
        tried = False

        def attempt() -> TaskOutcome:
            nonlocal tried
            if tried and not self.capabilities.unique_task_keys:
                there = next((task for task in self._connector.find_tasks(draft.person) if task.key == draft.key), None)
                if there is not None:
                    return Opened(there.ref)
            tried = True
            return self._connector.open_task(draft)

        return self._patience(attempt)

    def find_tasks(self, person: Ref) -> tuple[Task, ...]:
        """All tasks of the person."""
        return self._patience(lambda: self._connector.find_tasks(person))

    def read_tasks(self, tasks: Mapping[Ref, Ref]) -> tuple[Task, ...]:
        """The tasks as they are."""
        return self._patience(lambda: self._connector.read_tasks(tasks))

    def close_task(self, task: Ref, note: str) -> None:
        """Complete the task."""
        self._patience(lambda: self._connector.close_task(task, note))

    def change_task(self, task: Ref, change: TaskChange) -> None:
        """Bring the task up to date."""
        self._patience(lambda: self._connector.change_task(task, change))

    def count(self, stream: Stream) -> int:
        """How many there are."""
        return self._patience(lambda: self._connector.count(stream))

    def fetch(self, refs: Sequence[Ref]) -> tuple[Record, ...]:
        """The records, now."""
        return self._patience(lambda: self._connector.fetch(refs))

    def census(self, stream: Stream, cursor: str | None = None) -> Iterator[Sighted]:
        """As the engine takes it: after a failure from the last cursor."""
        parts: Iterator[Sighted] | None = None

        def next_part() -> Sighted | None:
            nonlocal parts
            if parts is None:
                parts = iter(self._connector.census(stream, cursor))
            try:
                return next(parts, None)
            except (RetryLater, Reauthorise):
                parts = None
                raise

        while (part := self._patience(next_part)) is not None:
            cursor = part.cursor
            yield part

    def whereabouts(self, refs: Sequence[Ref]) -> tuple[Removed, ...]:
        """What became of them."""
        return self._patience(lambda: self._connector.whereabouts(refs))

    def held_since(self, refs: Sequence[Ref], fields: frozenset[str]) -> Mapping[Ref, Mapping[str, datetime]]:
        """Since when the values hold."""
        return self._patience(lambda: self._connector.held_since(refs, fields))

    def close(self) -> None:
        """Let connections go."""
        self._connector.close()
