"""Engagement: campaign responses, calls and to-dos, meetings, and e-mails with opens, answers and bounces.

Activities of a converted Lead hang on its Contact, as they do after a conversion; its campaign memberships keep both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sandbox.market.ids import CONTACT, LEAD, salesforce_id
from sandbox.market.model import Event, Market, Person
from sandbox.salesforce.fields import Value
from sandbox.salesforce.seed import names
from sandbox.salesforce.seed.loader import Loader, campaign_id, user_id
from sandbox.salesforce.soql.dates import stamp

_SENT, _READ = "3", "1"
_MINUTE_SECONDS = 60


def load_activity(market: Market, loader: Loader) -> None:
    """This CRM's events, each as what its channel says."""
    for event in market.events:
        if event.crm == "salesforce":
            _CHANNELS[event.channel](event, market.people[event.person], loader)


def _who(person: Person) -> str:
    prefix = LEAD if person.in_salesforce == "lead" else CONTACT
    return salesforce_id(prefix, person.key + 1)


def _task(event: Event, person: Person, loader: Loader) -> None:
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
    _load_activity_row("Task", values, event, person, loader, {"CompletedDateTime": stamp(event.at)})


def _meeting(event: Event, person: Person, loader: Loader) -> None:
    values: dict[str, Value] = {
        "WhoId": _who(person),
        "Subject": event.name,
        "StartDateTime": stamp(event.at),
        "DurationInMinutes": (event.seconds or 0) // _MINUTE_SECONDS,
        "OwnerId": user_id(event.owner),
    }
    _load_activity_row("Event", values, event, person, loader, {})


def _load_activity_row(
    kind: str, values: Mapping[str, Value], event: Event, person: Person, loader: Loader, settled: Mapping[str, Value]
) -> None:
    changed = event.at if person.converted_at is None else max(event.at, person.converted_at)
    loader.load(kind, values, event.at, changed, settled)


def _campaign_member(event: Event, person: Person, loader: Loader) -> None:
    if event.campaign is None:
        return
    before_conversion = person.converted_at is not None and event.at < person.converted_at
    is_lead = person.in_salesforce == "lead" or before_conversion
    is_contact = person.in_salesforce != "lead"
    values: dict[str, Value] = {
        "CampaignId": campaign_id(event.campaign),
        "LeadId": salesforce_id(LEAD, person.key + 1) if is_lead else None,
        "ContactId": salesforce_id(CONTACT, person.key + 1) if is_contact else None,
        "Status": "Responded",
        "FirstRespondedDate": event.at.date().isoformat(),
    }
    loader.load("CampaignMember", values, event.at, _moved(event.at, person, before_conversion=before_conversion))


def _moved(at: datetime, person: Person, *, before_conversion: bool) -> datetime:
    return person.converted_at if before_conversion and person.converted_at is not None else at


def _email(event: Event, person: Person, loader: Loader) -> None:
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
    row = loader.load("EmailMessage", values, sent_at, event.at, settled)
    relation: dict[str, Value] = {
        "EmailMessageId": row.id,
        "RelationId": _who(person),
        "RelationType": "FromAddress" if incoming else "ToAddress",
        "RelationAddress": address,
    }
    loader.load("EmailMessageRelation", relation, sent_at, sent_at)


_CHANNELS: dict[str, Callable[[Event, Person, Loader], None]] = {
    "task": _task,
    "event": _meeting,
    "campaign_member": _campaign_member,
    "email_message": _email,
}
