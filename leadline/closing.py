"""When a task of ours may be closed: only while it is as we wrote it. What a rep has touched is the rep's."""

from __future__ import annotations

from datetime import UTC, datetime, time
from enum import StrEnum
from hashlib import blake2b

from msgspec import Struct

from connectors.records import Ref
from connectors.tasks import Task, TaskDraft


class Settled(StrEnum):
    """What became of a task that was to be closed: by us, by a rep, or left as a rep has made it."""

    CLOSED = "closed"
    GONE = "gone"
    COMPLETED = "completed"
    EDITED = "edited"
    UNKNOWN = "unknown"


class Closing(Struct, frozen=True):
    """A task to close, and enough of how it was written to tell whether a rep has touched it; nothing personal.

    `task` is None while the call that may have opened it is unanswered. `text` stands for subject and body.
    """

    key: str
    person: Ref
    task: Ref | None
    text: str
    due_at: datetime
    owner_id: str | None
    note: str


def closing_of(draft: TaskDraft, task: Ref | None, note: str) -> Closing:
    """What is to be known to close the task that was opened from this draft."""
    text = _digest(draft.subject, draft.body)
    return Closing(draft.key, draft.person, task, text, draft.due_at, draft.owner_id, note)


def already_settled(closing: Closing, task: Task | None) -> Settled | None:
    """Why there is nothing to close, None when the task is open and as we wrote it. Pure.

    A closed task that carries our note was closed by us, and only the answer was lost.
    """
    if task is None:
        return Settled.GONE
    if not task.open:
        return Settled.CLOSED if _plain(closing.note) in _plain(task.body) else Settled.COMPLETED
    moved = _due(task.due_at) != _due(closing.due_at) and not _same_day(task.due_at, closing.due_at)
    reassigned = closing.owner_id is not None and task.owner_id != closing.owner_id
    if moved or reassigned or _digest(task.subject, task.body) != closing.text:
        return Settled.EDITED
    return None


def _same_day(shown: datetime | None, written: datetime) -> bool:
    """Whether the CRM keeps only the day of a due time, and it is the day we wrote."""
    return shown is not None and shown.time() == time() and shown.date() == written.astimezone(UTC).date()


def _due(at: datetime | None) -> datetime | None:
    return at.replace(second=0, microsecond=0) if at else None


def _digest(*parts: str) -> str:
    return blake2b("\0".join(map(_plain, parts)).encode(), digest_size=16).hexdigest()


def _plain(text: str) -> str:
    return " ".join(text.split())
