"""Calls, e-mails, meetings, notes and tasks as engagements. Which of them say something about the lead is decided here.

Only what the lead took part in is engagement: calls that were connected, incoming e-mails, meetings with their outcome.
Notes and completed tasks come under words of their own, since they tell what the owner's side did. No free text (subjects,
bodies) is read: it may hold anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from connectors.hubspot import values
from connectors.hubspot.mapping import CONTACTS
from connectors.hubspot.markers import key_in
from connectors.hubspot.wire import CrmObject
from connectors.records import EngagementRecord, Fields, Ref, Scalar

Properties: TypeAlias = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one activity says: its event type and fields; `at` where it differs from HubSpot's own time of it."""

    type: str
    fields: Fields
    at: datetime | None = None


def _call(given: Properties) -> _Reading | None:
    status = values.choice(given.get("hs_call_status"))
    if status not in {"completed", "connected"}:
        return None
    milliseconds = values.number(given.get("hs_call_duration"))
    seconds = None if milliseconds is None else milliseconds / 1000
    return _Reading(
        "call", {"status": status, "direction": values.choice(given.get("hs_call_direction")), "seconds": seconds}
    )


def _email(given: Properties) -> _Reading | None:
    if values.choice(given.get("hs_email_direction")) != "incoming_email":
        return None
    return _Reading("email_reply", {"direction": "inbound"})


def _meeting(given: Properties) -> _Reading | None:
    start, end = values.moment(given.get("hs_meeting_start_time")), values.moment(given.get("hs_meeting_end_time"))
    seconds = (end - start).total_seconds() if start and end and end > start else None
    return _Reading("meeting", {"status": values.choice(given.get("hs_meeting_outcome")), "seconds": seconds}, at=start)


def _note(_given: Properties) -> _Reading | None:
    return _Reading("note", {})


def _task(given: Properties) -> _Reading | None:
    if key_in(given.get("hs_task_body")) is not None or values.choice(given.get("hs_task_status")) != "completed":
        return None
    done = values.moment(given.get("hs_task_completion_date"))
    return _Reading("task", {"status": "completed"}, at=done)


@dataclass(frozen=True, slots=True)
class Activity:
    """One kind of activity: the properties to ask for besides its time, and how it is read."""

    properties: tuple[str, ...]
    read: Callable[[Properties], _Reading | None]


ACTIVITIES: Mapping[str, Activity] = {
    "calls": Activity(("hs_timestamp", "hs_call_status", "hs_call_direction", "hs_call_duration"), _call),
    "emails": Activity(("hs_timestamp", "hs_email_direction"), _email),
    "meetings": Activity(("hs_timestamp", "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_outcome"), _meeting),
    "notes": Activity(("hs_timestamp",), _note),
    "tasks": Activity(("hs_timestamp", "hs_task_status", "hs_task_body", "hs_task_completion_date"), _task),
}


def engagement(object_name: str, activity: CrmObject, contacts: Sequence[str] = ()) -> EngagementRecord | None:
    """The activity as an engagement of these contacts; None if it is none (an outgoing e-mail, our own task)."""
    reading = ACTIVITIES[object_name].read(activity.properties)
    if reading is None:
        return None
    at = reading.at or values.moment(activity.properties.get("hs_timestamp")) or activity.created_at.astimezone(UTC)
    fields: dict[str, Scalar] = {name: value for name, value in reading.fields.items() if value is not None}
    return EngagementRecord(
        ref=Ref(object_name, activity.id),
        modified_at=activity.updated_at.astimezone(UTC),
        type=reading.type,
        at=at,
        people=tuple(Ref(CONTACTS, contact) for contact in contacts),
        fields=fields,
    )
