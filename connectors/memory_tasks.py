"""The tasks of an account that lives in memory: keys are unique, and reps may do with tasks what they like."""

from __future__ import annotations

from threading import RLock

from msgspec.structs import asdict, replace

from connectors.records import Ref
from connectors.tasks import Task, TaskChange, TaskDraft


class TaskBoard:
    """All tasks of one account, ours and others'."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._tasks: dict[Ref, Task] = {}
        self._number = 0

    def of(self, person: Ref) -> tuple[Task, ...]:
        """The tasks of one person, in the order they were opened."""
        with self._lock:
            return tuple(task for task in self._tasks.values() if task.person == person)

    def all(self) -> tuple[Task, ...]:
        """Every task, in the order they were opened."""
        with self._lock:
            return tuple(self._tasks.values())

    def get(self, ref: Ref) -> Task | None:
        """The task as it is now; None if it never was, or was deleted."""
        with self._lock:
            return self._tasks.get(ref)

    def open(self, draft: TaskDraft) -> Ref:
        """Create the task, unless one with its key exists, be it open or closed: then that one is meant."""
        with self._lock:
            for task in self._tasks.values():
                if task.key == draft.key:
                    return task.ref
            self._number += 1
            task = Task(
                ref=Ref("tasks", str(self._number)),
                person=draft.person,
                key=draft.key,
                subject=draft.subject,
                body=draft.body,
                open=True,
                owner_id=draft.owner_id,
                due_at=draft.due_at,
            )
            self._tasks[task.ref] = task
            return task.ref

    def close(self, ref: Ref, note: str) -> None:
        """Complete an open task and add the note; one that is closed or deleted stays as it is."""
        with self._lock:
            task = self._tasks.get(ref)
            if task is not None and task.open:
                self._tasks[ref] = replace(task, open=False, body=f"{task.body}\n\n{note}" if note else task.body)

    def change(self, ref: Ref, change: TaskChange) -> None:
        """Write what is given into an open task; one that is closed or deleted stays as it is."""
        with self._lock:
            task = self._tasks.get(ref)
            given = {name: value for name, value in asdict(change).items() if value is not None}
            if task is not None and task.open:
                self._tasks[ref] = replace(task, **given)

    def put(self, task: Task) -> None:
        """Add or replace a task, as a rep does who writes, edits or completes one."""
        with self._lock:
            self._tasks[task.ref] = task

    def remove(self, ref: Ref) -> None:
        """Delete a task, as a rep does who does not want it."""
        with self._lock:
            del self._tasks[ref]

    def move(self, loser: Ref, winner: Ref) -> None:
        """Give the tasks of one person to another, as a merge does."""
        with self._lock:
            for task in list(self._tasks.values()):
                if task.person == loser:
                    self._tasks[task.ref] = replace(task, person=winner)
