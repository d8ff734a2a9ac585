"""When a task of ours may be closed or changed: only while it is as we wrote it. What a rep has touched is the rep's."""

from __future__ import annotations

from datetime import UTC, datetime, time
from enum import StrEnum
from hashlib import blake2b

from msgspec import Struct
from msgspec.structs import replace

from connectors.records import Ref
from connectors.tasks import Task, TaskChange, TaskDraft, TaskKind


class Settled(StrEnum):
    """What became of a task that was to be closed or changed: by us, by a rep, or left as a rep has made it."""

    CLOSED = "closed"
    GONE = "gone"
    COMPLETED = "completed"
    EDITED = "edited"
    UNKNOWN = "unknown"


class Told(Struct, frozen=True):
    """What a task's hand-over was written from: what would make it another one, and who owned the record.

    `material` is a digest, `to` whom its rule gives it to, `changed_at` (UTC) the last time it was brought up to date.
    """

    material: str
    record_owner: str | None
    to: str = "owner"
    changed_at: datetime | None = None


class Reads(Struct, frozen=True):
    """How a task may read after a call of ours that was not answered: the digest of its words, and its owner."""

    text: str
    owner_id: str | None


class Closing(Struct, frozen=True):
    """A task to close, and enough of how it was written to tell whether a rep has touched it; nothing personal.

    `task` is None while the call that may have opened it is unanswered. `text` stands for subject and body. `maybe` is how
    it may read besides, `kind` what the rep was to do.
    """

    key: str
    person: Ref
    task: Ref | None
    text: str
    due_at: datetime
    owner_id: str | None
    note: str
    maybe: tuple[Reads, ...] = ()
    kind: TaskKind = "todo"
    told: Told | None = None


def closing_of(draft: TaskDraft, task: Ref | None, note: str, told: Told | None = None) -> Closing:
    """What is to be known to close the task that was opened from this draft."""
    text = _digest(draft.subject, draft.body)
    return Closing(draft.key, draft.person, task, text, draft.due_at, draft.owner_id, note, kind=draft.kind, told=told)


def changed(closing: Closing, change: TaskChange) -> Closing:
    """The task as it reads when the change is made."""
    text = closing.text if change.subject is None or change.body is None else _digest(change.subject, change.body)
    return replace(closing, text=text, owner_id=change.owner_id or closing.owner_id, maybe=())


def whole(change: TaskChange) -> TaskChange:
    """The change, which must give subject and body or neither: one digest stands for both. Raises ValueError."""
    if (change.subject is None) != (change.body is None):
        raise ValueError("a change of a task's words needs its subject and its body")
    return change


def expecting(closing: Closing, change: TaskChange) -> Closing:
    """The task while a call that makes the change may be under way."""
    after = changed(closing, change)
    reads = Reads(after.text, after.owner_id)
    known = reads in closing.maybe or reads == Reads(closing.text, closing.owner_id)
    return closing if known else replace(closing, maybe=(*closing.maybe, reads))


def is_changed(closing: Closing, change: TaskChange, task: Task | None) -> bool:
    """Whether the task already reads as the change would make it: only the answer was lost. Pure."""
    after = changed(closing, change)
    return task is not None and task.open and _reads(task, Reads(after.text, after.owner_id))


def already_settled(closing: Closing, task: Task | None) -> Settled | None:
    """Why there is nothing to close, None when the task is open and as we wrote it. Pure.

    A closed task that carries our note was closed by us, and only the answer was lost.
    """
    if task is None:
        return Settled.GONE
    if not task.open:
        by_us = bool(closing.note) and _plain(closing.note) in _plain(task.body)
        return Settled.CLOSED if by_us else Settled.COMPLETED
    moved = _due(task.due_at) != _due(closing.due_at) and not _same_day(task.due_at, closing.due_at)
    ours = (Reads(closing.text, closing.owner_id), *closing.maybe)
    if moved or not any(_reads(task, one) for one in ours):
        return Settled.EDITED
    return None


def _reads(task: Task, wanted: Reads) -> bool:
    """Whom the CRM gave a task without owner to is no edit."""
    return wanted.owner_id in (None, task.owner_id) and _digest(task.subject, task.body) == wanted.text


def _same_day(shown: datetime | None, written: datetime) -> bool:
    """Whether the CRM keeps only the day of a due time, and it is the day we wrote."""
    return shown is not None and shown.time() == time() and shown.date() == written.astimezone(UTC).date()


def _due(at: datetime | None) -> datetime | None:
    return at.replace(second=0, microsecond=0) if at else None


def _digest(*parts: str) -> str:
    return blake2b("\0".join(map(_plain, parts)).encode(), digest_size=16).hexdigest()


def _plain(text: str) -> str:
    return " ".join(text.split())
