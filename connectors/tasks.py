"""Tasks as both CRMs know them: a to-do with a due time, an owner and a person it is about."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from connectors.records import Ref

TaskKind: TypeAlias = Literal["todo", "call", "email"]


class TaskDraft(Struct, frozen=True):
    """A task to open. `key` is unique per crossing and never reused. `due_at` is aware UTC. `body` is plain text.

    `kind` is what the rep is to do, for CRMs that tell calls and e-mails from other to-dos.
    """

    key: str
    person: Ref
    subject: str
    body: str
    due_at: datetime
    priority: Literal["high", "medium", "low"] = "medium"
    owner_id: str | None = None
    kind: TaskKind = "todo"


class TaskChange(Struct, frozen=True):
    """What is to become of an open task; None leaves a part as it is."""

    subject: str | None = None
    body: str | None = None
    owner_id: str | None = None


class Task(Struct, frozen=True):
    """A task as the CRM shows it now. `key` is None for tasks that are not ours. Times are aware UTC.

    `done_at` is when it was completed, None where the CRM does not tell.
    """

    ref: Ref
    person: Ref
    key: str | None
    subject: str
    body: str
    open: bool
    owner_id: str | None
    due_at: datetime | None
    done_at: datetime | None = None


class Opened(Struct, frozen=True, tag="opened"):
    """The task is there: created now, or found to have been created by an earlier call with the same key."""

    task: Ref
