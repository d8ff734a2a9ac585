"""The connector for Salesforce: thin, everything it does is in the modules beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
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
from connectors.fields import FieldChange, FieldSpec
from connectors.records import Record, Ref, Removed, Stream
from connectors.salesforce.activities import EVENT, TASK, ActivityReader, CampaignReader, EmailReader
from connectors.salesforce.census import Census
from connectors.salesforce.check import findings
from connectors.salesforce.client import Client, OrgSession
from connectors.salesforce.deals import DealReader, RoleReader
from connectors.salesforce.history import Histories
from connectors.salesforce.mapping import mapped_names
from connectors.salesforce.org import Org
from connectors.salesforce.overlap import Overlap
from connectors.salesforce.paths import API_VERSION_SUPPORTED_UNTIL
from connectors.salesforce.people import CompanyReader, PersonReader, QueueReader, UserReader
from connectors.salesforce.provision import Provisioner
from connectors.salesforce.pull import Walk
from connectors.salesforce.reader import Reader
from connectors.salesforce.schema import Schemas
from connectors.salesforce.settings import FieldMap, SalesforceSettings
from connectors.salesforce.stages import stage_place
from connectors.salesforce.tasks import Tasks
from connectors.salesforce.write import BATCH, PERSON_OBJECTS, Writer
from connectors.stages import StagePlace
from connectors.tasks import Task, TaskChange, TaskDraft

AUDITED = frozenset(Stream) - {Stream.OWNERS}


class SalesforceConnector(Connector[SalesforceSettings]):
    """One Salesforce org. Scores go to Leads and Contacts; a converted Lead's goes to the Contact it became."""

    type_name: ClassVar[str] = "salesforce"
    settings_model: ClassVar[type[ConnectorSettings]] = SalesforceSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        streams=frozenset(Stream),
        person_objects=frozenset(PERSON_OBJECTS),
        write_batch=BATCH,
        provisions=True,
        tasks=True,
        unique_task_keys=True,
        counts=True,
        fetches=True,
        audited=AUDITED,
        dates=True,
    )

    def __init__(self, settings: SalesforceSettings, context: Context) -> None:
        super().__init__(settings, context)
        client = Client(settings, context, OrgSession(settings.timeout_seconds, settings.ca_file))
        self._org = Org(settings, context, client, Schemas(client, context))
        self._readers = _readers(self._org)
        self._overlaps = {stream: Overlap() for stream in Stream}
        self._census = Census(self._org, [reader for stream in AUDITED for reader in self._readers[stream]])
        self._writer = Writer(self._org)
        self._tasks = Tasks(self._org)
        self._histories = Histories(self._org)
        self._provisioner = Provisioner(self._org)

    @classmethod
    def limits(cls, settings: Any) -> Sequence[RateLimit]:
        """A courtesy limit from the settings: Salesforce itself limits the day, which its replies tell."""
        calls = settings.calls_per_10_seconds if isinstance(settings, SalesforceSettings) else 100
        return (RateLimit("requests", calls, 10.0),)

    def api_version(self) -> ApiVersion:
        """The REST version in use; its end is the release date plus the three years that Salesforce promises."""
        version = self.settings.api_version
        return ApiVersion(version, API_VERSION_SUPPORTED_UNTIL.get(version))

    @classmethod
    def mapped_fields(cls, settings: Any) -> frozenset[str]:
        """The fields of the shipped tables and the admin's map. What a Lead says of its company counts as the company's."""
        table: FieldMap = settings.map
        person = mapped_names("Lead", table.person) | mapped_names("Contact", table.person)
        company = mapped_names("Account", table.company)
        company |= {name.removeprefix("company_") for name in person if name.startswith("company_")}
        return frozenset({f"person.{name}" for name in person} | {f"company.{name}" for name in company})

    @classmethod
    def company_values(cls, settings: Any) -> frozenset[str]:
        """Those with a field on Account."""
        return frozenset(settings.company_score.places())

    @classmethod
    def stage_place(cls, settings: Any) -> StagePlace | None:
        """The Status of Leads."""
        return stage_place(settings)

    def check(self) -> tuple[Finding, ...]:
        """Sign in, look at objects and fields, compare with the settings."""
        return tuple(findings(self._org))

    def pull(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Pages of what changed, in order of modification."""
        return Walk(self._org, self._readers[stream], self._overlaps[stream]).pages(cursor)

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """One collection update, more only when Salesforce refuses it whole because of one row."""
        return self._writer.write(updates)

    def plan_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """Missing fields on Lead, Contact and Activity, permission sets, grants, and the assignment."""
        return self._provisioner.plan(fields).changes()

    def apply_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """Create what is missing."""
        return self._provisioner.apply(fields).changes()

    def open_task(self, draft: TaskDraft) -> TaskOutcome:
        """One create; the unique key makes a second one harmless."""
        return self._tasks.open(draft)

    def find_tasks(self, person: Ref) -> tuple[Task, ...]:
        """Tasks whose WhoId is the person."""
        return self._tasks.find(person)

    def read_tasks(self, tasks: Mapping[Ref, Ref]) -> tuple[Task, ...]:
        """The tasks with these ids."""
        return self._tasks.read(tasks)

    def close_task(self, task: Ref, note: str) -> None:
        """Set the closed status and add the note."""
        self._tasks.close(task, note)

    def change_task(self, task: Ref, change: TaskChange) -> None:
        """Update subject, description or owner of a task that is still open."""
        self._tasks.change(task, change)

    def held_since(self, refs: Sequence[Ref], fields: frozenset[str]) -> Mapping[Ref, Mapping[str, datetime]]:
        """By the field history of Leads, Contacts and Accounts: a query of changes for 400 of them, and one of values."""
        return self._histories.held_since(refs, fields)

    def count(self, stream: Stream) -> int:
        """Live rows of the stream's objects, by COUNT()."""
        return self._census.count(self._readers[stream])

    def fetch(self, refs: Sequence[Ref]) -> tuple[Record, ...]:
        """Records of the audited streams by id; Leads and Contacts with all of Leadline's own fields."""
        return self._census.fetch(refs)

    def census(self, stream: Stream, cursor: str | None = None) -> Iterator[Sighted]:
        """Id and stamp of every row that a first pull brings: by pages, or by a Bulk job where they are many."""
        return self._census.sightings(self._readers[stream], cursor)

    def whereabouts(self, refs: Sequence[Ref]) -> tuple[Removed, ...]:
        """What `queryAll` says of records that a census did not show."""
        return self._census.whereabouts(refs)

    def close(self) -> None:
        """Let connections go."""
        self._org.client.close()


def _readers(org: Org) -> dict[Stream, tuple[Reader, ...]]:
    deals = DealReader(org)
    return {
        Stream.OWNERS: (UserReader(org), QueueReader(org)),
        Stream.COMPANIES: (CompanyReader(org),),
        Stream.CONTACTS: (PersonReader(org, "Lead"), PersonReader(org, "Contact")),
        Stream.DEALS: (deals, RoleReader(org, deals)),
        Stream.ENGAGEMENTS: (
            CampaignReader(org),
            ActivityReader(org, TASK),
            ActivityReader(org, EVENT),
            EmailReader(org),
        ),
    }
