"""What a connector is: three methods to write, the rest declared.

Words. A *connection* is one account in a CRM; one connector instance serves one connection. A *stream* is a kind of record
that can be pulled; a *cursor* is text only its connector reads. An *update* is a set of values for one record; every
update gets one *outcome*. A *task* is a to-do in the CRM, known to us by its *key*.

Rules. A connector never sleeps between attempts, retries, or saves progress: it raises one of `connectors.errors` and the
engine decides. It may be used from several threads. It logs nothing; it reports each call through `Context.record_call`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct
from pydantic import BaseModel, ConfigDict

from connectors.budget import Budget, RateLimit
from connectors.errors import Misconfigured
from connectors.fields import FieldChange, FieldSpec
from connectors.records import Record, Ref, Removed, Scalar, Sighting, Stream
from connectors.stages import StagePlace
from connectors.tasks import Opened, Task, TaskChange, TaskDraft


class ConnectorSettings(BaseModel):
    """What an admin can set for one connection. Each connector subclasses it; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


SettingsT = TypeVar("SettingsT", bound=ConnectorSettings)


class Call(Struct, frozen=True):
    """One HTTP call as it went: `endpoint` is method and path template (no ids, no query), `status` 0 if none came."""

    endpoint: str
    status: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Context:
    """What the engine lends a connector: the time, the account's budget, and an ear for calls."""

    connection: str
    now: Callable[[], datetime]
    budget: Budget
    record_call: Callable[[Call], None]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do beyond the three methods; the engine asks, the conformance suite skips by it.

    `write_batch` is how many updates one `write` takes. `person_objects` are the objects scores are written to.
    `unique_task_keys`: the CRM itself refuses a second task with the same key, so `open_task` may simply be called again.
    `audited` are the streams with a `census`; `fetch` and `whereabouts` know their records. `dates`: `held_since` tells.
    """

    streams: frozenset[Stream]
    person_objects: frozenset[str]
    write_batch: int
    provisions: bool = False
    tasks: bool = False
    unique_task_keys: bool = False
    counts: bool = False
    fetches: bool = False
    audited: frozenset[Stream] = frozenset()
    dates: bool = False


class Page(Struct, frozen=True):
    """Some records of a stream, and the cursor that is true once they are stored."""

    records: tuple[Record, ...]
    cursor: str


class Sighted(Struct, frozen=True):
    """Some of the live records of a stream, and the cursor from which a census that was cut off goes on after them."""

    sightings: tuple[Sighting, ...]
    cursor: str


class ApiVersion(Struct, frozen=True):
    """A pinned API version and the day its support ends, None if not announced."""

    name: str
    supported_until: date | None


class Finding(Struct, frozen=True):
    """What `check` found: an `error` stops this connection, a `warning` does not. `fix` says what to do, where."""

    severity: Literal["error", "warning"]
    what: str
    fix: str


class Update(Struct, frozen=True):
    """Values for one record, under Leadline's field names. Datetimes are RFC 3339 text in UTC; None clears."""

    ref: Ref
    values: dict[str, Scalar]


class Written(Struct, frozen=True, tag="written"):
    """The CRM confirmed the values."""

    ref: Ref


class Rejected(Struct, frozen=True, tag="rejected"):
    """The CRM refused this record for good; `reason` is in the CRM's words, `code` its error code."""

    ref: Ref
    code: str
    reason: str


class RetryAt(Struct, frozen=True, tag="retry"):
    """This record may succeed later (a lock, a timeout); `at` is the earliest moment, None leaves it to the engine."""

    ref: Ref
    reason: str
    at: datetime | None = None


class Gone(Struct, frozen=True, tag="gone"):
    """The record does not exist any more; `into` is where it went, if the CRM says."""

    ref: Ref
    into: Ref | None = None


Outcome: TypeAlias = Written | Rejected | RetryAt | Gone
TaskOutcome: TypeAlias = Opened | Rejected | Gone


class Connector(ABC, Generic[SettingsT]):
    """Base of all connectors. Subclasses name their settings model and declare what they can do."""

    type_name: ClassVar[str]
    settings_model: ClassVar[type[ConnectorSettings]]
    capabilities: ClassVar[Capabilities]

    def __init__(self, settings: SettingsT, context: Context) -> None:
        self.settings = settings
        self.context = context

    @classmethod
    def limits(cls, settings: Any) -> Sequence[RateLimit]:  # noqa: ARG003 - each subclass narrows it to its own settings
        """The rate limits of the account with these settings; the engine builds the shared budget from them."""
        return ()

    @classmethod
    def mapped_fields(cls, settings: Any) -> frozenset[str]:  # noqa: ARG003 - each subclass narrows it to its own settings
        """The fields records of this connection can have: `person.title`, `company.employees`."""
        return frozenset()

    @classmethod
    def company_values(cls, settings: Any) -> frozenset[str]:  # noqa: ARG003 - each subclass narrows it to its own settings
        """The values of a company's score that these settings give a place on the company (see `connectors.company`)."""
        return frozenset()

    @classmethod
    def stage_place(cls, settings: Any) -> StagePlace | None:  # noqa: ARG003 - each subclass narrows it to its own settings
        """Where people's stages are shown in the CRM's own words; None: nowhere."""
        return None

    def api_version(self) -> ApiVersion | None:
        """The version of the CRM's API this connection speaks; None where there is no such thing."""
        return None

    @abstractmethod
    def check(self) -> tuple[Finding, ...]:
        """Try credentials, scopes and mapped fields. Findings, not exceptions; an empty result means ready."""

    @abstractmethod
    def pull(self, stream: Stream, cursor: str | None) -> Iterator[Page]:
        """Yield what changed since `cursor` (None: everything), then stop. Without changes, no page or an empty one.

        Each page's cursor is valid as soon as its records are stored: a pull started again from it misses nothing, though
        it may repeat. Raises any of `connectors.errors`; pages already yielded stay good.
        """

    @abstractmethod
    def write(self, updates: Sequence[Update]) -> tuple[Outcome, ...]:
        """Write at most `capabilities.write_batch` updates of distinct records; outcomes come in the order of the updates.

        An exception means that no outcome is known, and the same updates may be written again.
        """

    def plan_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """What is missing in the CRM for these fields to be written and seen. Empty: nothing to do."""
        raise Misconfigured(f"{self.type_name} cannot create properties ({len(fields)} asked for)")

    def apply_fields(self, fields: Sequence[FieldSpec]) -> tuple[FieldChange, ...]:
        """Carry out `plan_fields` and return what was done. Safe to repeat, and to run after an interrupted one."""
        raise Misconfigured(f"{self.type_name} cannot create properties ({len(fields)} asked for)")

    def open_task(self, draft: TaskDraft) -> TaskOutcome:
        """Create the task once. Without `unique_task_keys` the engine asks `find_tasks` for the key before each call."""
        raise Misconfigured(f"{self.type_name} cannot open tasks ({draft.key})")

    def find_tasks(self, person: Ref) -> tuple[Task, ...]:
        """All tasks of the person, read by association or id, never by search."""
        raise Misconfigured(f"{self.type_name} cannot read tasks ({person})")

    def read_tasks(self, tasks: Mapping[Ref, Ref]) -> tuple[Task, ...]:
        """These tasks (each with the person it was opened for) as they are now, read by id; those gone are left out."""
        raise Misconfigured(f"{self.type_name} cannot read tasks ({len(tasks)} asked for)")

    def close_task(self, task: Ref, note: str) -> None:
        """Complete an open task, adding `note` to its body."""
        raise Misconfigured(f"{self.type_name} cannot close tasks ({task}: {len(note)} characters)")

    def change_task(self, task: Ref, change: TaskChange) -> None:
        """Bring an open task up to date; its key stays. One that is closed or gone stays as it is."""
        raise Misconfigured(f"{self.type_name} cannot change tasks ({task})")

    def held_since(self, refs: Sequence[Ref], fields: frozenset[str]) -> Mapping[Ref, Mapping[str, datetime]]:
        """Since when (aware UTC) these records' fields (`person.budget`) hold their present values, where the CRM tells."""
        raise Misconfigured(f"{self.type_name} keeps no history ({len(refs)} records, {len(fields)} fields asked for)")

    def count(self, stream: Stream) -> int:
        """How many live records the CRM holds in the stream."""
        raise Misconfigured(f"{self.type_name} cannot count {stream}")

    def fetch(self, refs: Sequence[Ref]) -> tuple[Record, ...]:
        """Read these records by id, now; those that are gone are left out. Persons, and records of `audited` streams."""
        raise Misconfigured(f"{self.type_name} cannot fetch records by id ({len(refs)} asked for)")

    def census(self, stream: Stream, cursor: str | None = None) -> Iterator[Sighted]:
        """Every live record that a first pull would yield, in any order; with a cursor it goes on where a call failed."""
        raise Misconfigured(f"{self.type_name} cannot list {stream}")

    def whereabouts(self, refs: Sequence[Ref]) -> tuple[Removed, ...]:
        """What became of records that a census did not show, the live ones left out; what is held in no form was erased."""
        raise Misconfigured(f"{self.type_name} cannot look for lost records ({len(refs)} asked for)")

    def close(self) -> None:
        """Let connections go."""
