"""Engagement: campaign responses, tasks, events, and e-mails where the org keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from connectors.records import EngagementRecord, Record, Ref, Scalar, Sighting
from connectors.salesforce.mapping import key_field, snake
from connectors.salesforce.org import Org
from connectors.salesforce.reader import Reader
from connectors.salesforce.rows import Row, moment_text, person_ref
from connectors.salesforce.schema import Schema

TASK_TYPES: Mapping[str, str] = {"Call": "call", "Email": "email", "ListEmail": "email"}
MAILING = "ListEmail"
DRAFT = "5"
"""EmailMessage.Status of a draft (Salesforce docs: EmailMessage)."""


_EASTERNMOST, _WESTERNMOST = timedelta(hours=14), timedelta(hours=36)
"""How long before and after midnight UTC a day begins and ends somewhere."""


def campaign_event(words: Mapping[str, str], kind: str | None, name: str | None) -> str:
    """The event type of a campaign: the first word found in its type, else in its name, else `campaign_response`."""
    for text in (kind, name):
        folded = (text or "").casefold()
        for word, event_type in words.items():
            if word.casefold() in folded:
                return event_type
    return "campaign_response"


def responded_at(first: date | None, created: datetime | None) -> datetime | None:
    """When a campaign member first responded, as far as that is known (aware UTC).

    `FirstRespondedDate` is a day, by nobody's clock. Who was made a member on that day, wherever on earth it was, responded
    then: so web forms note a response. Who was on the list before did so some time that day.
    """
    if first is None:
        return created
    midnight = datetime.combine(first, time(), UTC)
    if created is not None and midnight - _EASTERNMOST <= created < midnight + _WESTERNMOST:
        return created
    return midnight


class CampaignReader(Reader):
    """CampaignMember. Only a response is engagement; being on the list is not."""

    required = False
    live = "HasResponded = true"

    def __init__(self, org: Org) -> None:
        super().__init__(org, "CampaignMember")

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """Who, when, which campaign; the campaign's own fields where campaigns may be read."""
        campaign = self.org.schemas.find("Campaign")
        parents = () if campaign is None else tuple(f"Campaign.{name}" for name in campaign.only("Name", "Type"))
        own = schema.only("LeadId", "ContactId", "Status", "HasResponded", "FirstRespondedDate", "CreatedDate")
        return (*own, *parents)

    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """One engagement per response."""
        return tuple(self._response(row) for row in rows if row.flag("HasResponded"))

    def changes(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """As `records`; a member that has not responded takes a response noted earlier back."""
        return tuple(self._response(row) if row.flag("HasResponded") else self.removal(row) for row in rows)

    def _response(self, row: Row) -> EngagementRecord:
        name = row.text("Campaign.Name")
        return EngagementRecord(
            ref=Ref("CampaignMember", row.id),
            modified_at=row.modified_at,
            type=campaign_event(self.org.settings.campaigns, row.text("Campaign.Type"), name),
            at=responded_at(row.day("FirstRespondedDate"), row.moment("CreatedDate")) or row.modified_at,
            people=tuple(ref for ref in (row.ref("Lead", "LeadId"), row.ref("Contact", "ContactId")) if ref),
            fields=_known({"name": name, "campaign": name, "status": row.text("Status")}),
        )


@dataclass(frozen=True, slots=True)
class ActivityKind:
    """Task or Event: the columns it needs and the engagement it is."""

    object: str
    columns: tuple[str, ...]
    read: Callable[[Row, Ref], EngagementRecord]


class ActivityReader(Reader):
    """Task or Event with a Lead or Contact. Archived ones (about a year old) are beyond the plain query and are not read."""

    live = "WhoId != null"

    def __init__(self, org: Org, kind: ActivityKind) -> None:
        super().__init__(org, kind.object)
        self._kind = kind

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """Never the subject or description: they hold whatever people type."""
        return schema.only("WhoId", "OwnerId", "CreatedDate", *self._kind.columns)

    def condition(self, schema: Schema) -> str:
        """Not the tasks that Leadline opened, and each group event once."""
        conditions = []
        if key := schema.field(key_field(self.org.settings.field_prefix)):
            conditions.append(f"{key.name} = null")
        if child := schema.field("IsChild"):
            conditions.append(f"{child.name} = false")
        return " AND ".join(conditions)

    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """One engagement per row that concerns a person."""
        return tuple(self._kind.read(row, person) for row in rows if (person := row.person("WhoId")))

    def changes(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """As `records`; a row that concerns nobody (any more) is taken back."""
        return tuple(self._kind.read(row, person) if (person := row.person("WhoId")) else self.removal(row) for row in rows)


def _task(row: Row, person: Ref) -> EngagementRecord:
    done, subtype = row.flag("IsClosed"), row.text("TaskSubtype") or ""
    happened = row.moment("CompletedDateTime") or row.moment("ActivityDate") if done else None
    return EngagementRecord(
        ref=Ref("Task", row.id),
        modified_at=row.modified_at,
        type=TASK_TYPES.get(subtype, "task") if done else "task",
        at=happened or row.moment("CreatedDate") or row.modified_at,
        people=(person,),
        fields=_known(
            {
                "status": snake(row.text("Status") or ""),
                "direction": snake(row.text("CallType") or ""),
                "seconds": row.number("CallDurationInSeconds"),
                "done": True if done else None,
                # A mailing to a list says nothing of what its sender did about one of the addressees.
                "owner_id": None if subtype == MAILING else row.text("OwnerId"),
            }
        ),
    )


def _event(row: Row, person: Ref) -> EngagementRecord:
    minutes, booked_at = row.number("DurationInMinutes"), row.moment("CreatedDate")
    return EngagementRecord(
        ref=Ref("Event", row.id),
        modified_at=row.modified_at,
        type="meeting",
        at=row.moment("StartDateTime") or row.moment("ActivityDateTime") or row.moment("ActivityDate") or row.modified_at,
        people=(person,),
        fields=_known(
            {
                "seconds": None if minutes is None else minutes * 60,
                "booked_at": moment_text(booked_at) if booked_at else None,
                "owner_id": row.text("OwnerId"),
            }
        ),
    )


TASK = ActivityKind(
    "Task",
    ("TaskSubtype", "Status", "IsClosed", "CompletedDateTime", "ActivityDate", "CallType", "CallDurationInSeconds"),
    _task,
)
EVENT = ActivityKind("Event", ("StartDateTime", "ActivityDateTime", "ActivityDate", "DurationInMinutes"), _event)


class EmailReader(Reader):
    """EmailMessage (Enhanced Email). One message is one engagement: its latest and strongest meaning.

    Who took part stands in rows of its own, which may come after the message and move no stamp of it.
    """

    required = False
    stamp_tells_all = False

    def __init__(self, org: Org) -> None:
        super().__init__(org, "EmailMessage")

    def columns(self, schema: Schema) -> tuple[str, ...]:
        """Direction, fate and times; never addresses, subject or text."""
        times = ("MessageDate", "LastOpenedDate", "CreatedDate")
        return schema.only("Incoming", "Status", "IsBounced", "IsOpened", *times, "CreatedById")

    def census_columns(self, schema: Schema) -> tuple[str, ...]:
        """What tells whether a message is one with a Lead or Contact, sent or received."""
        return schema.only("Incoming", "Status")

    def sightings(self, schema: Schema, rows: Sequence[Row]) -> tuple[Sighting, ...]:
        """The messages that `records` would bring."""
        return super().sightings(schema, [row for row, _ in self._with_people(rows)])

    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """One engagement per sent or received message with a Lead or Contact."""
        return tuple(_email(row, people) for row, people in self._with_people(rows))

    def _with_people(self, rows: Sequence[Row]) -> Iterator[tuple[Row, tuple[Ref, ...]]]:
        people = self._people(rows)
        return ((row, people[row.id]) for row in rows if people[row.id] and row.text("Status") != DRAFT)

    def _people(self, rows: Sequence[Row]) -> Mapping[str, tuple[Ref, ...]]:
        """Senders of incoming messages, addressees of outgoing ones (EmailMessageRelation)."""
        found: dict[str, tuple[Ref, ...]] = defaultdict(tuple)
        schema = self.org.schemas.find("EmailMessageRelation")
        if schema is None:
            return found
        incoming = {row.id: row.flag("Incoming") for row in rows}
        columns = schema.only("EmailMessageId", "RelationId", "RelationType")
        for relation in self.org.rows_by(schema, columns, "EmailMessageId", list(incoming)):
            message = relation.text("EmailMessageId") or ""
            person = person_ref(relation.text("RelationId"))
            sender = (relation.text("RelationType") or "").startswith("From")
            if person and sender == incoming.get(message) and person not in found[message]:
                found[message] = (*found[message], person)
        return found


def _email(row: Row, people: tuple[Ref, ...]) -> EngagementRecord:
    sent_at = row.moment("MessageDate") or row.moment("CreatedDate") or row.modified_at
    event_type, at = "email", sent_at
    sent_by = None if row.flag("Incoming") else row.text("CreatedById")
    if row.flag("Incoming"):
        event_type = "email_reply"
    elif row.flag("IsBounced"):
        event_type = "email_bounce"
    elif row.flag("IsOpened"):
        event_type, at = "email_open", row.moment("LastOpenedDate") or sent_at
    direction = "inbound" if row.flag("Incoming") else "outbound"
    return EngagementRecord(
        ref=Ref("EmailMessage", row.id),
        modified_at=row.modified_at,
        type=event_type,
        at=at,
        people=people,
        fields=_known({"direction": direction, "sent_at": moment_text(sent_at), "owner_id": sent_by}),
    )


def _known(fields: Mapping[str, Scalar]) -> dict[str, Scalar]:
    return {name: value for name, value in fields.items() if value is not None}
