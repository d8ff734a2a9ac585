"""Tasks: opened once under a unique key, read by WhoId, changed while open, completed with a note."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

import msgspec

from connectors.contract import Gone, Rejected, TaskOutcome
from connectors.errors import Misconfigured, RecordRejected, RetryLater
from connectors.records import Ref
from connectors.salesforce.classify import GONE_CODES
from connectors.salesforce.mapping import key_field
from connectors.salesforce.org import Org
from connectors.salesforce.paths import ROW_CREATE, ROW_UPDATE, Request
from connectors.salesforce.rows import Row, long_id, moment_text
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import quote, select
from connectors.salesforce.write import whereabouts
from connectors.tasks import Opened, Task, TaskChange, TaskDraft

SUBJECT_LENGTH = 255
BODY_LENGTH = 32_000
QUEUE_PREFIX = "00G"
PRIORITIES = {"high": "High", "medium": "Normal", "low": "Low"}
SUBTYPES = {"todo": "Task", "call": "Call", "email": "Email"}

_HOLDER = re.compile(r"\b00T[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?\b")
_COLUMNS = (
    "WhoId",
    "Subject",
    "Description",
    "Status",
    "IsClosed",
    "CompletedDateTime",
    "OwnerId",
    "ActivityDate",
    "ReminderDateTime",
)


class _Created(msgspec.Struct, frozen=True):
    id: str


class Tasks:
    """Tasks of Leads and Contacts."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def open(self, draft: TaskDraft) -> TaskOutcome:
        """Create the task with exactly one call; a key that is taken means that it is there already.

        Create and accept the duplicate, rather than upsert: an upsert would undo what a rep has edited since.
        Raises:
            Misconfigured: the key field is not provisioned, or the owner is a queue, which may own no task.
        """
        _refuse_queue(draft.owner_id)
        schema = self._schema()
        request = Request(ROW_CREATE, {"object": "Task"}, payload=self._row(draft, schema))
        try:
            created = self._org.client.ask(request, _Created)
        except RecordRejected as error:
            return self._refused(draft, schema, error)
        return Opened(Ref("Task", created.id))

    def find(self, person: Ref) -> tuple[Task, ...]:
        """All tasks of the person, ours and others."""
        return tuple(self._found("WhoId", [person.id], lambda _: person))

    def read(self, tasks: Mapping[Ref, Ref]) -> tuple[Task, ...]:
        """These tasks, each with the person it was opened for; deleted ones are left out."""
        if not tasks:
            return ()
        people = {ref.id: person for ref, person in tasks.items()}
        return tuple(self._found("Id", list(people), lambda row: people[row.id]))

    def close(self, ref: Ref, note: str) -> None:
        """Complete the task and add the note; a task that is closed or gone stays as it is."""

        def closed(row: Row) -> dict[str, str]:
            body = "\n\n".join(part for part in (row.text("Description"), note) if part)
            return {"Status": self._org.settings.task_closed_status, "Description": _cut(body, BODY_LENGTH, note)}

        self._edit(ref, closed)

    def change(self, ref: Ref, change: TaskChange) -> None:
        """Write what is given into the task; one that is closed or gone stays as it is.

        Raises:
            Misconfigured: the owner is a queue, which may own no task.
        """
        _refuse_queue(change.owner_id)
        subject = None if change.subject is None else change.subject[:SUBJECT_LENGTH]
        body = None if change.body is None else change.body[:BODY_LENGTH]
        given = {"Subject": subject, "Description": body, "OwnerId": change.owner_id}
        self._edit(ref, lambda _: {name: value for name, value in given.items() if value is not None})

    def _edit(self, ref: Ref, edit: Callable[[Row], dict[str, str]]) -> None:
        """Write what `edit` makes of the task into it, while it is open."""
        schema = self._org.schemas.get("Task")
        for row in self._org.rows_by(schema, schema.only("Description", "IsClosed"), "Id", [ref.id]):
            if row.flag("IsClosed") or not (changes := edit(row)):
                continue
            try:
                self._org.client.run(Request(ROW_UPDATE, {"object": "Task", "id": ref.id}, payload=changes))
            except RecordRejected as error:
                if error.code not in GONE_CODES:
                    raise

    def _found(self, field: str, ids: Sequence[str], person_of: Callable[[Row], Ref]) -> Iterator[Task]:
        schema = self._org.schemas.get("Task")
        key = schema.field(self._key)
        columns = (*schema.only(*_COLUMNS), *((key.name,) if key else ()))
        for row in self._org.rows_by(schema, columns, field, ids):
            yield _task(row, person_of(row), row.text(key.name) if key else None)

    @property
    def _key(self) -> str:
        return key_field(self._org.settings.field_prefix)

    def _schema(self) -> Schema:
        if self._org.schemas.get("Task").field(self._key) is None:
            self._org.schemas.forget()  # it may have been created since
        schema = self._org.schemas.get("Task")
        if schema.field(self._key) is None:
            raise Misconfigured(f"Task.{self._key} does not exist or may not be read: run provision", code="INVALID_FIELD")
        return schema

    def _row(self, draft: TaskDraft, schema: Schema) -> dict[str, Any]:
        row: dict[str, Any] = {
            self._key: draft.key,
            "WhoId": draft.person.id,
            "Subject": draft.subject[:SUBJECT_LENGTH],
            "Description": draft.body[:BODY_LENGTH],
            "ActivityDate": draft.due_at.astimezone(UTC).date().isoformat(),
            "Priority": PRIORITIES[draft.priority],
        }
        if schema.field("ReminderDateTime") and schema.field("IsReminderSet"):
            row |= {"ReminderDateTime": moment_text(draft.due_at.replace(microsecond=0)), "IsReminderSet": True}
        if (subtype := schema.field("TaskSubtype")) is not None and subtype.createable:
            row["TaskSubtype"] = SUBTYPES[draft.kind]
        if draft.owner_id is not None:
            row["OwnerId"] = draft.owner_id
        return row

    def _refused(self, draft: TaskDraft, schema: Schema, error: RecordRejected) -> TaskOutcome:
        code = error.code or ""
        if code == "DUPLICATE_VALUE":
            return Opened(self._holder(draft.key, schema, error.what))
        if code in GONE_CODES:
            return Gone(draft.person, whereabouts(self._org, [draft.person]).get(draft.person))
        return Rejected(draft.person, code, error.what)

    def _holder(self, key: str, schema: Schema, message: str) -> Ref:
        """The task that holds the key. The refusal usually names it; its wording is not promised, so a query may follow."""
        if found := _HOLDER.search(message):
            return Ref("Task", long_id(found[0]))
        page = self._org.client.query(select(("Id",), "Task", (f"{self._key} = {quote(key)}",), limit=1))
        if not page.records:
            raise RetryLater("Salesforce says the task's key is taken but shows no task with it", code="DUPLICATE_VALUE")
        return Ref("Task", Row(page.records[0], schema.stamp).id)


def _refuse_queue(owner_id: str | None) -> None:
    if owner_id is not None and owner_id.startswith(QUEUE_PREFIX):
        raise Misconfigured("a queue cannot own a task in Salesforce: name a user in the task's routing")


def _cut(body: str, length: int, note: str) -> str:
    """The body within the length; the note at its end survives."""
    if len(body) <= length:
        return body
    return f"{body[: length - len(note) - 2]}\n\n{note}"[:length]


def _task(row: Row, person: Ref, key: str | None) -> Task:
    return Task(
        ref=Ref("Task", row.id),
        person=person,
        key=key,
        subject=row.text("Subject") or "",
        body=row.text("Description") or "",
        open=not row.flag("IsClosed"),
        owner_id=row.text("OwnerId"),
        due_at=_due_at(row),
        done_at=row.moment("CompletedDateTime") if row.flag("IsClosed") else None,
    )


def _due_at(row: Row) -> datetime | None:
    """The reminder's time while it lies on the due date; else the due date, from midnight UTC, as a rep has set it."""
    day = row.day("ActivityDate")
    reminder = row.moment("ReminderDateTime")
    if day is None or (reminder is not None and reminder.date() == day):
        return reminder
    return datetime.combine(day, time(), UTC)
