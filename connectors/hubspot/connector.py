"""The HubSpot connector: what the contract asks for, handed to the module that does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
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
    Sighted,
    TaskOutcome,
    Update,
)
from connectors.errors import Misconfigured
from connectors.fields import FieldChange, FieldSpec
from connectors.hubspot.census import Whereabouts, census
from connectors.hubspot.check import Examination
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.history import Histories
from connectors.hubspot.limits import rate_limits
from connectors.hubspot.mapping import COMPANY_FIELDS, CONTACTS, PERSON_FIELDS, effective_map
from connectors.hubspot.owners import owner_pages
from connectors.hubspot.paths import VERSIONS
from connectors.hubspot.provision import Provisioning
from connectors.hubspot.pull import Pull
from connectors.hubspot.reading import Reader
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.sources import SOURCED, Sources
from connectors.hubspot.stages import stage_place
from connectors.hubspot.tasks import Tasks
from connectors.hubspot.write import WRITE_LIMIT, Writer
from connectors.records import OwnerRecord, Record, Ref, Removed, Stream
from connectors.stages import StagePlace
from connectors.tasks import Task, TaskChange, TaskDraft


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
        audited=frozenset(Stream) - {Stream.OWNERS},
        dates=True,
    )

    def __init__(self, settings: HubSpotSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._client = HubSpotClient(settings, context)
        self._reader = Reader(self._client)
        self._sources = Sources(self._client, settings, now=context.now)
        self._histories = Histories(self._client, self._sources)
        self._writer = Writer(self._client, prefix=settings.field_prefix, company=settings.company_score.places())
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

    @classmethod
    def company_values(cls, settings: Any) -> frozenset[str]:
        """Those with a company property."""
        return frozenset(settings.company_score.places())

    @classmethod
    def stage_place(cls, settings: Any) -> StagePlace | None:
        """The lifecycle stage of contacts."""
        return stage_place(settings)

    def check(self) -> tuple[Finding, ...]:
        """Try the token, each object's read scope and the mapped properties; warn of an API version near its end."""
        return Examination(self._client, self._sources, self.settings, now=self.context.now).findings()

    def pull(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Whole walk first, then windows of the modified date; owners whole every time, some minutes apart."""
        if stream is Stream.OWNERS:
            return owner_pages(self._client, cursor, self.context.now)
        return self._changes(stream, cursor)

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """Write our properties of at most 100 contacts, and the named ones of companies."""
        return self._writer.write(updates)

    def plan_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """The group and the contact properties that are missing or differ."""
        return self._provisioning.plan(fields)

    def apply_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """Create and correct them."""
        changes = self._provisioning.apply(fields)
        self._sources.forget_types()
        return changes

    def open_task(self, draft: TaskDraft) -> TaskOutcome:
        """Create a task on a contact with a single call."""
        return self._tasks.open(draft)

    def find_tasks(self, person: Ref) -> tuple[Task, ...]:
        """All live tasks of a contact, by association."""
        return self._tasks.of(person)

    def read_tasks(self, tasks: Mapping[Ref, Ref]) -> tuple[Task, ...]:
        """Tasks by id, a call a hundred."""
        return self._tasks.as_they_are(tasks)

    def close_task(self, task: Ref, note: str) -> None:
        """Complete a task that is still open."""
        self._tasks.close(task, note)

    def change_task(self, task: Ref, change: TaskChange) -> None:
        """Write subject, body or owner of a task that is still open."""
        self._tasks.change(task, change)

    def held_since(self, refs: Sequence[Ref], fields: frozenset[str]) -> Mapping[Ref, Mapping[str, datetime]]:
        """By the property history of contacts and companies, a call for fifty of them."""
        return self._histories.held_since(refs, fields)

    def count(self, stream: Stream) -> int:
        """Live records of the stream, as search counts them; for engagements all activities, also those not passed on."""
        if stream is Stream.OWNERS:
            records = chain.from_iterable(page.records for page in owner_pages(self._client, None, self.context.now))
            return sum(isinstance(record, OwnerRecord) and record.active for record in records)
        return sum(self._reader.total(name) for name in self._sources.objects(stream))

    def fetch(self, refs: Sequence[Ref]) -> tuple[Record, ...]:
        """The live ones among contacts, companies, deals and activities, read by id."""
        names = [name for name in dict.fromkeys(ref.object for ref in refs) if name in SOURCED]
        return tuple(chain.from_iterable(self._fetched(name, refs) for name in names))

    def census(self, stream: Stream, cursor: str | None = None) -> Iterator[Sighted]:
        """A page of the list endpoint at a time, with hardly any property."""
        return census(self._reader, self._sources, stream, cursor)

    def whereabouts(self, refs: Sequence[Ref]) -> tuple[Removed, ...]:
        """By batch read of live and of archived records, each of which must say that it does not know them."""
        return Whereabouts(self._reader, self.context.now).of(refs)

    def close(self) -> None:
        """Close idle connections."""
        self._client.close()

    def _changes(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        overlap = timedelta(minutes=self.settings.overlap_minutes)
        try:
            yield from Pull(self._reader, self._sources.of(stream), overlap=overlap, now=self.context.now).pages(cursor)
        except Misconfigured:
            # What HubSpot misses may be a property that was there minutes ago.
            self._sources.forget_types()
            raise

    def _fetched(self, name: str, refs: Sequence[Ref]) -> Iterator[Record]:
        source = self._sources.source(name)
        asked = {ref.id for ref in refs if ref.object == name}
        rows = source.rows(self._reader, self._reader.by_id(source.selection, sorted(asked)))
        return (record for record in source.records(rows) if record.ref.id in asked and not isinstance(record, Removed))
