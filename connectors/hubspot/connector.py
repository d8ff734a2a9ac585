"""The HubSpot connector: what the contract asks for, handed to the module that does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any, ClassVar

from connectors.budget import RateLimit
from connectors.contract import (
    ApiVersion,
    Capabilities,
    Connector,
    ConnectorSettings,
    Context,
    Finding,
    Outcome,
    Page,
    TaskOutcome,
    Update,
)
from connectors.fields import FieldChange, FieldSpec
from connectors.hubspot.check import Examination
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.limits import rate_limits
from connectors.hubspot.mapping import COMPANIES, COMPANY_FIELDS, CONTACTS, DEALS, PERSON_FIELDS, effective_map
from connectors.hubspot.paths import VERSIONS
from connectors.hubspot.provision import Provisioning
from connectors.hubspot.pull import Pull, owner_pages
from connectors.hubspot.reading import Reader
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.sources import Sources, contact_selection
from connectors.hubspot.tasks import Tasks
from connectors.hubspot.write import WRITE_LIMIT, Writer
from connectors.records import OwnerRecord, Record, Ref, Stream
from connectors.tasks import Task, TaskDraft

_COUNTED = {Stream.CONTACTS: (CONTACTS,), Stream.COMPANIES: (COMPANIES,), Stream.DEALS: (DEALS,)}


class HubSpotConnector(Connector[HubSpotSettings]):
    """One HubSpot account. Refs are HubSpot's plural object names with its ids: `contacts/4712`."""

    type_name: ClassVar[str] = "hubspot"
    settings_model: ClassVar[type[ConnectorSettings]] = HubSpotSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        streams=frozenset(Stream),
        person_objects=frozenset({CONTACTS}),
        write_batch=WRITE_LIMIT,
        provisions=True,
        tasks=True,
        counts=True,
        fetches=True,
    )

    def __init__(self, settings: HubSpotSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._client = HubSpotClient(settings, context)
        self._reader = Reader(self._client)
        self._sources = Sources(self._client, settings)
        self._writer = Writer(self._client, prefix=settings.field_prefix)
        self._tasks = Tasks(self._client, self._reader)
        self._provisioning = Provisioning(self._client, prefix=settings.field_prefix)

    @classmethod
    def limits(cls, settings: Any) -> Sequence[RateLimit]:
        """The account's rate limits by its subscription."""
        return rate_limits(settings)

    def api_version(self) -> ApiVersion:
        """The family of paths in use, with HubSpot's end date."""
        version = VERSIONS[self.settings.api_version]
        return ApiVersion(version.name, version.supported_until)

    @classmethod
    def mapped_fields(cls, settings: Any) -> frozenset[str]:
        """The fields of the shipped tables and the admin's map, whether or not the account has the properties."""
        person = effective_map(PERSON_FIELDS, settings.map.person)
        company = effective_map(COMPANY_FIELDS, settings.map.company)
        return frozenset({f"person.{name}" for name in person} | {f"company.{name}" for name in company})

    def check(self) -> tuple[Finding, ...]:
        """Try the token, each object's read scope and the mapped properties; warn of an API version near its end."""
        return Examination(self._client, self._sources, self.settings, now=self.context.now).findings()

    def pull(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Whole walk first, then windows of the modified date with an overlap; owners whole every time."""
        if stream is Stream.OWNERS:
            return owner_pages(self._client)
        return self._changes(stream, cursor)

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """Write our properties of at most 100 contacts."""
        return self._writer.write(updates)

    def plan_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """The group and the contact properties that are missing or differ."""
        return self._provisioning.plan(fields)

    def apply_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """Create and correct them."""
        return self._provisioning.apply(fields)

    def open_task(self, draft: TaskDraft) -> TaskOutcome:
        """Create a task on a contact with a single call."""
        return self._tasks.open(draft)

    def find_tasks(self, person: Ref) -> tuple[Task, ...]:
        """All live tasks of a contact, by association."""
        return self._tasks.of(person)

    def close_task(self, task: Ref, note: str) -> None:
        """Complete a task that is still open."""
        self._tasks.close(task, note)

    def count(self, stream: Stream) -> int:
        """Live records of the stream, as search counts them; for engagements all activities, also those not passed on."""
        if stream is Stream.OWNERS:
            records = chain.from_iterable(page.records for page in owner_pages(self._client))
            return sum(isinstance(record, OwnerRecord) and record.active for record in records)
        objects = _COUNTED.get(stream, self.settings.engagements)
        return sum(self._reader.total(name) for name in objects)

    def fetch(self, refs: Sequence[Ref]) -> tuple[Record, ...]:
        """The contacts among `refs` that are live, read by id."""
        mapping = self._sources.contact_mapping()
        ids = [ref.id for ref in refs if ref.object == CONTACTS]
        return tuple(mapping.person(contact) for contact in self._reader.by_id(contact_selection(mapping), ids))

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def _changes(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        overlap = timedelta(minutes=self.settings.overlap_minutes)
        yield from Pull(self._reader, self._sources.of(stream), overlap=overlap, now=self.context.now).pages(cursor)
