"""Engagement: campaign responses, calls and to-dos, meetings, and e-mails with opens, answers and bounces.

Activities of a converted Lead hang on its Contact, as they do after a conversion; its campaign memberships keep both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sandbox.market.generate import District
from sandbox.market.ids import CONTACT, LEAD
from sandbox.market.model import Event, Person
from sandbox.salesforce.fields import Value
from sandbox.salesforce.seed import names
from sandbox.salesforce.seed.loader import Loader, Put, campaign_id, record_id, user_id
from sandbox.salesforce.soql.dates import stamp

_SENT, _READ = "3", "1"
_MINUTE_SECONDS = 60


def load_activity(district: District, loader: Loader, put: Put) -> None:
    """This CRM's events, each as what its channel says; their people are there already."""
    people = {person.key: person for person in district.people}
    for event in district.events:
        if event.crm == "salesforce":
            _CHANNELS[event.channel](event, people[event.person], loader, put)


def _who(person: Person) -> str:
    return record_id(LEAD if person.in_salesforce == "lead" else CONTACT, person.key)


def _task(event: Event, person: Person, loader: Loader, put: Put) -> None:
    is_call = event.kind == "call"
    values: dict[str, Value] = {
        "WhoId": _who(person),
        "Subject": event.name,
        "Status": "Completed",
        "Priority": "Normal",
        "ActivityDate": event.at.date().isoformat(),
        "TaskSubtype": "Call" if is_call else "Task",
        "CallType": names.CALL_TYPE[event.direction] if is_call else None,
        "CallDurationInSeconds": event.seconds if is_call else None,
        "CallDisposition": names.CALL_RESULT[event.outcome] if is_call and event.outcome else None,
        "OwnerId": user_id(event.owner),
    }
    loader.load("Task", values, event.at, _changed(event, person), put, {"CompletedDateTime": stamp(event.at)})


def _meeting(event: Event, person: Person, loader: Loader, put: Put) -> None:
    values: dict[str, Value] = {
        "WhoId": _who(person),
        "Subject": event.name,
        "StartDateTime": stamp(event.at),
        "DurationInMinutes": (event.seconds or 0) // _MINUTE_SECONDS,
        "OwnerId": user_id(event.owner),
    }
    loader.load("Event", values, event.at, _changed(event, person), put)


def _changed(event: Event, person: Person) -> datetime:
    return event.at if person.converted_at is None else max(event.at, person.converted_at)


def _campaign_member(event: Event, person: Person, loader: Loader, put: Put) -> None:
    if event.campaign is None:
        return
    before_conversion = person.converted_at is not None and event.at < person.converted_at
    is_lead = person.in_salesforce == "lead" or before_conversion
    is_contact = person.in_salesforce != "lead"
    values: dict[str, Value] = {
        "CampaignId": campaign_id(event.campaign),
        "LeadId": record_id(LEAD, person.key) if is_lead else None,
        "ContactId": record_id(CONTACT, person.key) if is_contact else None,
        "Status": "Responded",
        "FirstRespondedDate": event.at.date().isoformat(),
    }
    loader.load("CampaignMember", values, event.at, _moved(event.at, person, before_conversion=before_conversion), put)


def _moved(at: datetime, person: Person, *, before_conversion: bool) -> datetime:
    return person.converted_at if before_conversion and person.converted_at is not None else at


def _email(event: Event, person: Person, loader: Loader, put: Put) -> None:
    incoming = event.kind == "email_reply"
    address, ours = person.email_in_salesforce, "sales@acme.example"
    sent_at = event.at if incoming else event.sent_at or event.at
    values: dict[str, Value] = {
        "Subject": event.name,
        "Incoming": incoming,
        "Status": _READ if incoming else _SENT,
        "MessageDate": stamp(sent_at),
        "FromAddress": address if incoming else ours,
        "ToAddress": ours if incoming else address,
    }
    opened = event.kind == "email_open"
    settled: dict[str, Value] = {
        "IsTracked": not incoming,
        "IsOpened": opened,
        "FirstOpenedDate": stamp(event.at) if opened else None,
        "LastOpenedDate": stamp(event.at) if opened else None,
        "IsBounced": event.kind == "email_bounce",
    }
    row = loader.load("EmailMessage", values, sent_at, event.at, put, settled)
    relation: dict[str, Value] = {
        "EmailMessageId": row.id,
        "RelationId": _who(person),
        "RelationType": "FromAddress" if incoming else "ToAddress",
        "RelationAddress": address,
    }
    loader.load("EmailMessageRelation", relation, sent_at, sent_at, put)


_CHANNELS: dict[str, Callable[[Event, Person, Loader, Put], None]] = {
    "task": _task,
    "event": _meeting,
    "campaign_member": _campaign_member,
    "email_message": _email,
}
