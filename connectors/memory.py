"""The reference connector: the whole contract over a `MemoryCrm`, small enough to read before writing one's own.

It carries the engine's tests without a network. A workspace names it `type: memory` and refers to the account by name:

    crm = MemoryCrm("acme", now)          # whoever runs the test holds the account
    settings = MemorySettings(crm="acme")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Any

import msgspec
from pydantic import Field

from connectors.company import CompanyFields
from connectors.contract import (
    Call,
    Capabilities,
    Connector,
    ConnectorSettings,
    Context,
    Finding,
    Gone,
    Outcome,
    Page,
    Rejected,
    Sighted,
    TaskOutcome,
    Update,
)
from connectors.errors import ConnectorError, ContractBroken, Misconfigured, Reauthorise, RecordRejected, RetryLater
from connectors.fields import FieldChange, FieldSpec
from connectors.memory_crm import LIFECYCLE, MemoryCrm, UnknownProperty, account
from connectors.memory_wire import NotAnswered
from connectors.records import CompanyRecord, OwnerRecord, PersonRecord, Record, Ref, Removed, Sighting, Stream
from connectors.stages import StagePlace
from connectors.tasks import Opened, Task, TaskChange, TaskDraft


class MemorySettings(ConnectorSettings):
    """Where the account is and how it is read."""

    crm: str = Field(description="The name the account in memory was opened under.")
    page_size: int = Field(default=100, ge=1, description="How many records one page of a pull holds.")
    company_score: CompanyFields = Field(default=CompanyFields(), description="Where a company's score is written to.")
    lifecycle: dict[str, str] = Field(default={}, description="A person's `lifecycle` in a stage, where one is to be set.")
    lifecycle_replaces: tuple[str, ...] = Field(
        default=(), description="What may be replaced though somebody else set it; without any, all that does not lead back."
    )


class _Cursor(msgspec.Struct, frozen=True):
    seen: int
    """The number of the last change that was yielded."""


class MemoryConnector(Connector[MemorySettings]):
    """Reads and writes an account that lives in this process."""

    type_name = "memory"
    settings_model = MemorySettings
    capabilities = Capabilities(
        streams=frozenset(Stream),
        person_objects=frozenset({"contacts", "leads"}),
        write_batch=100,
        provisions=True,
        tasks=True,
        counts=True,
        fetches=True,
        audited=frozenset(Stream) - {Stream.OWNERS},
        dates=True,
    )

    def __init__(self, settings: MemorySettings, context: Context) -> None:
        super().__init__(settings, context)
        self._lock = Lock()
        self._refused_before = False

    @classmethod
    def company_values(cls, settings: Any) -> frozenset[str]:
        """Those with a place."""
        return frozenset(settings.company_score.places())

    @classmethod
    def stage_place(cls, settings: Any) -> StagePlace | None:
        """The field `lifecycle` of people."""
        if not settings.lifecycle:
            return None
        replaces = frozenset(settings.lifecycle_replaces)
        order = () if replaces else LIFECYCLE
        return StagePlace(("lifecycle",), "lifecycle", cls.capabilities.person_objects, settings.lifecycle, order, replaces)

    def check(self) -> tuple[Finding, ...]:
        """See `Connector.check`."""
        try:
            with self._call("GET /account"):
                return ()
        except ConnectorError as error:
            fix = f"open a MemoryCrm named {self.settings.crm} and keep hold of it, or correct crm: in this connection"
            return (Finding("error", error.what, fix),)

    def pull(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """See `Connector.pull`. What changes after the start waits for the next pull, so a pull always ends."""
        seen = msgspec.json.decode(cursor, type=_Cursor).seen if cursor else 0
        until = self._crm().head()
        while True:
            with self._call(f"GET /{stream}") as crm:
                changes = crm.changes(stream, after=seen, until=until, limit=self.settings.page_size)
            if not changes:
                return
            seen = changes[-1][0]
            yield Page(tuple(record for _, record in changes), msgspec.json.encode(_Cursor(seen)).decode())

    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """See `Connector.write`."""
        if not updates:
            return ()
        with self._call("PATCH /people") as crm:
            return crm.write(updates)

    def plan_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """See `Connector.plan_fields`."""
        with self._call("GET /properties") as crm:
            present = crm.properties()
        return tuple(
            FieldChange("update" if spec.name in present else "create", spec.name, spec.label)
            for spec in fields
            if present.get(spec.name) != spec
        )

    def apply_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """See `Connector.apply_fields`. One call for each property, so that it can be interrupted between two."""
        changes = self.plan_fields(fields)
        specs = {spec.name: spec for spec in fields}
        for change in changes:
            with self._call("POST /properties") as crm:
                crm.provision(specs[change.target])
        return changes

    def open_task(self, draft: TaskDraft) -> TaskOutcome:
        """See `Connector.open_task`. Keys are unique in the account, as with a unique external id."""
        with self._call("POST /tasks") as crm:
            person = crm.get(draft.person)
            if not isinstance(person, PersonRecord):
                return Gone(draft.person, person.into if isinstance(person, Removed) else None)
            if draft.owner_id is not None and not _can_hold_tasks(crm, draft.owner_id):
                return Rejected(draft.person, "INACTIVE_OWNER", f"{draft.owner_id} is nobody who can hold a task")
            return Opened(crm.tasks.open(draft))

    def find_tasks(self, person: Ref) -> tuple[Task, ...]:
        """See `Connector.find_tasks`."""
        with self._call("GET /tasks") as crm:
            return crm.tasks.of(person)

    def read_tasks(self, tasks: Mapping[Ref, Ref]) -> tuple[Task, ...]:
        """See `Connector.read_tasks`."""
        with self._call("GET /tasks/read") as crm:
            found = (crm.tasks.get(ref) for ref in tasks)
            return tuple(task for task in found if task is not None)

    def close_task(self, task: Ref, note: str) -> None:
        """See `Connector.close_task`."""
        with self._call("PATCH /tasks") as crm:
            crm.tasks.close(task, note)

    def change_task(self, task: Ref, change: TaskChange) -> None:
        """See `Connector.change_task`. Nobody who left, and no queue, can be given one."""
        with self._call("PATCH /tasks") as crm:
            if change.owner_id is not None and not _can_hold_tasks(crm, change.owner_id):
                raise RecordRejected(f"{change.owner_id} is nobody who can hold a task", code="INACTIVE_OWNER")
            crm.tasks.change(task, change)

    def count(self, stream: Stream) -> int:
        """See `Connector.count`."""
        with self._call(f"GET /{stream}/count") as crm:
            return len(crm.live(stream))

    def fetch(self, refs: Sequence[Ref]) -> tuple[Record, ...]:
        """See `Connector.fetch`."""
        with self._call("GET /records") as crm:
            found = (crm.get(ref) for ref in refs)
            return tuple(record for record in found if record is not None and not isinstance(record, Removed))

    def census(self, stream: Stream, cursor: str | None = None) -> Iterator[Sighted]:
        """See `Connector.census`. Paged by reference, so that a record that changes meanwhile keeps its place."""
        after = msgspec.json.decode(cursor, type=Ref) if cursor else None
        while True:
            with self._call(f"GET /{stream}/list") as crm:
                listed = crm.listed(stream, after=after, limit=self.settings.page_size)
            if not listed:
                return
            after = listed[-1].ref
            live = (one for one in listed if not isinstance(one, OwnerRecord | Removed))
            sightings = tuple(Sighting(one.ref, one.modified_at) for one in live)
            yield Sighted(sightings, msgspec.json.encode(after).decode())

    def held_since(self, refs: Sequence[Ref], fields: frozenset[str]) -> Mapping[Ref, Mapping[str, datetime]]:
        """See `Connector.held_since`. The account notes each change of a value."""
        if not refs or not fields:
            return {}
        with self._call("GET /history") as crm:
            found = {ref: {f"{_of(crm.get(ref))}.{name}": at for name, at in crm.since(ref).items()} for ref in refs}
        return {ref: {name: at for name, at in since.items() if name in fields} for ref, since in found.items()}

    def whereabouts(self, refs: Sequence[Ref]) -> tuple[Removed, ...]:
        """See `Connector.whereabouts`."""
        with self._call("GET /records/lost") as crm:
            found = {ref: crm.get(ref) for ref in refs}
        erased = (Removed(ref=ref, at=self.context.now(), reason="privacy") for ref in refs if found[ref] is None)
        return tuple(record for record in found.values() if isinstance(record, Removed)) + tuple(erased)

    def _crm(self) -> MemoryCrm:
        crm = account(self.settings.crm)
        if crm is None:
            raise Misconfigured(f"nobody holds an account named {self.settings.crm}")
        return crm

    @contextmanager
    def _call(self, endpoint: str) -> Iterator[MemoryCrm]:
        crm = self._crm()
        try:
            with self.context.budget.call("requests"), crm.wire.call(endpoint):
                yield crm
        except NotAnswered as error:
            self.context.record_call(Call(endpoint, error.status, 0.0))
            raise self._classify(endpoint, error.status, error.retry_at) from error
        except UnknownProperty as error:
            self.context.record_call(Call(endpoint, 400, 0.0))
            raise Misconfigured(f"the account lacks properties ({error}): run `python -m leadline provision`") from error
        self._refused_before = False
        self.context.record_call(Call(endpoint, 200, 0.0))

    def _classify(self, endpoint: str, status: int, retry_at: datetime | None) -> ConnectorError:
        if status == 401:
            with self._lock:
                again, self._refused_before = self._refused_before, True
            if again:
                return Reauthorise("the account refuses the credentials", code="401")
            return RetryLater(f"{endpoint} was refused; the session may have ended", code="401")
        if status in {0, 429} or status >= 500:
            words = f"answered {status}" if status else "closed the connection"
            return RetryLater(f"{endpoint} {words}", at=retry_at, code=str(status))
        if status == 403:
            return Misconfigured(f"{endpoint} is not granted to these credentials", code="403")
        return ContractBroken(f"{endpoint} answered {status}, which it never should", code=str(status))


def _can_hold_tasks(crm: MemoryCrm, owner_id: str) -> bool:
    owner = crm.get(Ref("owners", owner_id))
    return isinstance(owner, OwnerRecord) and owner.active and owner.kind == "user"


def _of(record: Record | None) -> str:
    return "company" if isinstance(record, CompanyRecord) else "person"
