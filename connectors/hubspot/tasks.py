"""Tasks on contacts: opened by one call, found again by association, changed while open, completed with a note."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.contract import Gone, Rejected, TaskOutcome
from connectors.errors import RecordRejected
from connectors.hubspot import paths, values
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.mapping import CONTACTS
from connectors.hubspot.markers import key_in, marked, unmarked, with_note
from connectors.hubspot.reading import NOT_FOUND, Reader, Selection
from connectors.hubspot.wire import CrmObject
from connectors.records import Ref
from connectors.tasks import Opened, Task, TaskChange, TaskDraft

TASKS = "tasks"

_TASK_TO_CONTACT = 204
_PROPERTIES = (
    "hs_timestamp",
    "hs_task_subject",
    "hs_task_body",
    "hs_task_status",
    "hs_task_completion_date",
    "hubspot_owner_id",
)


class Tasks:
    """The tasks of one account's contacts."""

    def __init__(self, client: HubSpotClient, reader: Reader) -> None:
        self._client = client
        self._reader = reader

    def open(self, draft: TaskDraft) -> TaskOutcome:
        """Create the task with its contact in one call. After an exception it may exist: `of` tells by the key."""
        body = {
            "properties": _properties(draft),
            "associations": [
                {
                    "to": {"id": draft.person.id},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _TASK_TO_CONTACT}],
                }
            ],
        }
        try:
            created = self._client.call(paths.CREATE, CrmObject, body=body, object=TASKS)
        except RecordRejected as refused:
            # HubSpot calls an association to a contact that is gone merely invalid: look who is there.
            living = self._reader.by_id(Selection(CONTACTS, ()), [draft.person.id])
            if not any(contact.id == draft.person.id for contact in living):
                return Gone(draft.person, into=Ref(CONTACTS, living[0].id) if living else None)
            return Rejected(draft.person, code=refused.code or "UNKNOWN", reason=refused.what)
        return Opened(Ref(TASKS, created.id))

    def of(self, person: Ref) -> tuple[Task, ...]:
        """All live tasks of a contact, ours and others', by association: search lags behind."""
        ids = self._reader.associated(CONTACTS, TASKS, [person.id]).get(person.id, ())
        return tuple(_task(found, person) for found in self._reader.by_id(Selection(TASKS, _PROPERTIES), ids))

    def as_they_are(self, tasks: Mapping[Ref, Ref]) -> tuple[Task, ...]:
        """These tasks, each with the contact it was opened for, a call a hundred; those gone are left out."""
        people = {task.id: person for task, person in tasks.items() if task.object == TASKS}
        found = self._reader.by_id(Selection(TASKS, _PROPERTIES), [*people])
        return tuple(_task(one, people[one.id]) for one in found if one.id in people)

    def close(self, task: Ref, note: str) -> None:
        """Complete an open task and add the note to its body. A task that is gone or completed stays as it is."""
        self._edit(task, lambda body: {"hs_task_body": with_note(body, note), "hs_task_status": "COMPLETED"})

    def change(self, task: Ref, change: TaskChange) -> None:
        """Write what is given into an open task, its mark kept. A task that is gone or completed stays as it is."""
        self._edit(task, lambda body: _changes(change, key_in(body)))

    def _edit(self, task: Ref, edit: Callable[[str | None], dict[str, str]]) -> None:
        """Write what `edit` makes of the body into an open task."""
        query = [("properties", name) for name in ("hs_task_body", "hs_task_status")]
        try:
            found = self._client.call(paths.READ, CrmObject, query=query, object=TASKS, id=task.id)
            if _is_open(found.properties) and (properties := edit(found.properties.get("hs_task_body"))):
                self._client.call(paths.UPDATE, CrmObject, body={"properties": properties}, object=TASKS, id=task.id)
        except RecordRejected as refused:
            if refused.code not in NOT_FOUND:
                raise


def _properties(draft: TaskDraft) -> dict[str, str]:
    properties = {
        "hs_timestamp": values.rfc3339(draft.due_at),
        "hs_task_subject": draft.subject,
        "hs_task_body": marked(draft.body, draft.key),
        "hs_task_status": "NOT_STARTED",
        "hs_task_priority": draft.priority.upper(),
        "hs_task_type": draft.kind.upper(),
    }
    return properties if draft.owner_id is None else {**properties, "hubspot_owner_id": draft.owner_id}


def _changes(change: TaskChange, key: str | None) -> dict[str, str]:
    """A body goes with the task's key; without it we would not know the task again."""
    body = change.body if change.body is None or key is None else marked(change.body, key)
    given = {"hs_task_subject": change.subject, "hs_task_body": body, "hubspot_owner_id": change.owner_id}
    return {name: value for name, value in given.items() if value is not None}


def _task(found: CrmObject, person: Ref) -> Task:
    given = found.properties
    body = given.get("hs_task_body")
    return Task(
        ref=Ref(TASKS, found.id),
        person=person,
        key=key_in(body),
        subject=given.get("hs_task_subject") or "",
        body=unmarked(body),
        open=_is_open(given),
        owner_id=values.text(given.get("hubspot_owner_id")),
        due_at=values.moment(given.get("hs_timestamp")),
        done_at=None if _is_open(given) else values.moment(given.get("hs_task_completion_date")),
    )


def _is_open(properties: Mapping[str, str | None]) -> bool:
    return properties.get("hs_task_status") != "COMPLETED"
