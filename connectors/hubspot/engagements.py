"""Calls, e-mails, meetings, notes and tasks as engagements. Which of them say something about the lead is decided here.

Only what the lead took part in comes under the words that models score: calls that were connected, incoming e-mails,
meetings with their outcome. Calls that reached nobody, outgoing e-mails, notes and completed tasks come under words of their
own, since they tell what the owner's side did, and who. No free text (subjects, bodies) is read: it may hold anything.
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

REACHED_NOBODY: Mapping[str, str] = {
    "9d9162e7-6cf3-4944-bf63-4dff82258764": "busy",
    "73a0d17f-1163-4015-bdd5-ec830791da20": "no_answer",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "left_voicemail",
    "17b47fee-58de-441e-a44c-c6300d46f273": "wrong_number",
}
"""Outcomes (`hs_call_disposition`) that every account has from the start (HubSpot docs: calls). A rep who logs a call picks
one of them, and its status is `COMPLETED` whatever came of it. Outcomes of an account's own count as reached."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one activity says: its event type and fields; `at` where it differs from HubSpot's own time of it."""

    type: str
    fields: Fields
    at: datetime | None = None


def _call(given: Properties) -> _Reading | None:
    status = REACHED_NOBODY.get(given.get("hs_call_disposition") or "") or values.choice(given.get("hs_call_status"))
    direction = values.choice(given.get("hs_call_direction"))
    if status in {"completed", "connected"}:
        milliseconds = values.number(given.get("hs_call_duration"))
        seconds = None if milliseconds is None else milliseconds / 1000
        return _Reading("call", {"status": status, "direction": direction, "seconds": seconds})
    if status in REACHED_NOBODY.values():
        return _Reading("call_attempt", {"status": status, "direction": direction})
    return None


def _email(given: Properties) -> _Reading | None:
    match values.choice(given.get("hs_email_direction")):
        case "incoming_email":
            return _Reading("email_reply", {"direction": "inbound"})
        case "email":
            return _Reading("email", {"direction": "outbound"})
        case _:  # forwarded to the CRM: nobody tells by whom it was written
            return None


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
    return _Reading("task", {"status": "completed", "done": True}, at=done)


@dataclass(frozen=True, slots=True)
class Activity:
    """One kind of activity: the properties to ask for, and how it is read."""

    properties: tuple[str, ...]
    read: Callable[[Properties], _Reading | None]


_OF_ALL = ("hs_timestamp", "hubspot_owner_id")

ACTIVITIES: Mapping[str, Activity] = {
    "calls": Activity((*_OF_ALL, "hs_call_status", "hs_call_disposition", "hs_call_direction", "hs_call_duration"), _call),
    "emails": Activity((*_OF_ALL, "hs_email_direction"), _email),
    "meetings": Activity((*_OF_ALL, "hs_meeting_start_time", "hs_meeting_end_time", "hs_meeting_outcome"), _meeting),
    "notes": Activity(_OF_ALL, _note),
    "tasks": Activity((*_OF_ALL, "hs_task_status", "hs_task_body", "hs_task_completion_date"), _task),
}


def engagement(object_name: str, activity: CrmObject, contacts: Sequence[str] = ()) -> EngagementRecord | None:
    """The activity as an engagement of these contacts; None if it is none (an open task, one of our own)."""
    reading = ACTIVITIES[object_name].read(activity.properties)
    if reading is None:
        return None
    at = reading.at or values.moment(activity.properties.get("hs_timestamp")) or activity.created_at.astimezone(UTC)
    said: dict[str, Scalar] = {**reading.fields, "owner_id": values.text(activity.properties.get("hubspot_owner_id"))}
    if reading.type == "meeting":
        said["booked_at"] = values.rfc3339(activity.created_at)
    return EngagementRecord(
        ref=Ref(object_name, activity.id),
        modified_at=activity.updated_at.astimezone(UTC),
        type=reading.type,
        at=at,
        people=tuple(Ref(CONTACTS, contact) for contact in contacts),
        fields={name: value for name, value in said.items() if value is not None},
    )
