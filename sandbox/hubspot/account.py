"""One HubSpot account: all that it holds, and the rules that a write has to pass."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.clock import TwinClock
from sandbox.hubspot.access import Allowance, Credentials, Limits, Tokens
from sandbox.hubspot.catalogue import LIFECYCLE_STAGES
from sandbox.hubspot.kinds import DEALS, KINDS, TASKS, Kind
from sandbox.hubspot.labels import Labels
from sandbox.hubspot.links import Links
from sandbox.hubspot.people import Directory, Owner
from sandbox.hubspot.problems import BadValue, Problem, bad_values, invalid
from sandbox.hubspot.records import Records, Row
from sandbox.hubspot.rules import Requirement, Rules
from sandbox.hubspot.schema import Definition, Schema
from sandbox.hubspot.stages import Pipelines
from sandbox.hubspot.stock import Stock
from sandbox.hubspot.times import iso
from sandbox.hubspot.values import Scalar, as_text, normalise
from sandbox.refusals import Refusals

PORTAL_ID = 24_681_012


@dataclass(frozen=True, slots=True)
class Setup:
    """What an account is made of: secrets, limits, users, and the properties that its admins require."""

    credentials: Credentials = field(default_factory=Credentials)
    allowance: Allowance = field(default_factory=Allowance)
    owners: tuple[Owner, ...] = ()
    requirements: tuple[Requirement, ...] = ()


class Account:
    """The state of one account. Methods that write check first and raise `Problem` before any effect."""

    def __init__(self, setup: Setup, clock: TwinClock, stock: Stock | None = None) -> None:
        """An account that comes with the records of `stock`, or without any."""
        self.clock = clock
        self.tokens = Tokens(setup.credentials)
        self.limits = Limits(setup.allowance)
        self.schema = Schema()
        self.directory = Directory(setup.owners)
        self.pipelines = Pipelines()
        self.rules = Rules(setup.requirements)
        self.links = Links(stock)
        self.labels = Labels()
        self.refusals = Refusals()
        self.dice = random.Random(PORTAL_ID)
        self._records = {kind.name: Records(kind, stock.rows(kind) if stock else None) for kind in KINDS}

    def records(self, kind: Kind) -> Records:
        """All records of one object type."""
        return self._records[kind.name]

    def live(self, kind: Kind, record_id: str) -> Row | None:
        """The record with this id unless it is archived."""
        row = self.records(kind).find(record_id)
        return None if row is None or row.archived_ms is not None else row

    def check_change(self, kind: Kind, row: Row, asked: Mapping[str, Scalar]) -> dict[str, str]:
        """The values that a write to this record would set.

        Raises:
            Problem: 400 with every bad value; a refusal set by the tester; 409 for an e-mail that is taken.
        """
        refusal = self.refusals.find(kind.name, str(row.id), asked)
        if refusal is not None:
            name = refusal.property or next(iter(asked), "hs_object_id")
            raise bad_values([BadValue(name, "VALIDATION_RULE_FAILED", refusal.message)])
        values = self._checked(kind, asked, row.properties)
        self._check_unique(kind, values, row.id)
        if "lifecyclestage" in values and _backwards(row.properties.get("lifecyclestage"), values["lifecyclestage"]):
            del values["lifecyclestage"]
        return values

    def check_create(self, kind: Kind, asked: Mapping[str, Scalar]) -> dict[str, str]:
        """The values that a new record would have.

        Raises:
            Problem: 400 for bad values and for required ones that are missing, 409 for an e-mail that is taken.
        """
        values = {name: value for name, value in self._checked(kind, asked, {}).items() if value}
        missing = [name for name in kind.required if name not in values]
        if kind.one_of and not any(name in values for name in kind.one_of):
            missing = list(kind.one_of)
        if missing:
            message = f"Error creating {kind.singular.upper()}. Some required properties were not set."
            raise invalid(message, {"properties": missing})
        self._check_unique(kind, values, None)
        return values

    def create(self, kind: Kind, values: Mapping[str, str]) -> Row:
        """Add a record with checked values."""
        now_ms = self.clock.milliseconds()
        return self.records(kind).create({**values, **self._derived(kind, values, now_ms)}, now_ms)

    def change(self, kind: Kind, row: Row, values: Mapping[str, str]) -> Row:
        """Set checked values on a record."""
        now_ms = self.clock.milliseconds()
        return self.records(kind).change(row, {**values, **self._derived(kind, values, now_ms)}, now_ms)

    def archive(self, kind: Kind, row: Row) -> None:
        """Put a record into the bin."""
        self.records(kind).archive(row, self.clock.milliseconds())

    def _checked(self, kind: Kind, asked: Mapping[str, Scalar], present: Mapping[str, str]) -> dict[str, str]:
        schema = self.schema.of(kind)
        values: dict[str, str] = {}
        bad: list[BadValue] = []
        for name, raw in asked.items():
            definition = schema.active.get(name)
            found = self._value(kind, name, definition, as_text(raw), present.get(name, ""))
            if isinstance(found, BadValue):
                bad.append(found)
            else:
                values[name] = found
        if bad:
            raise bad_values(bad)
        return values

    def _value(self, kind: Kind, name: str, definition: Definition | None, text: str, former: str) -> str | BadValue:
        traits = self.schema.of(kind).traits_of(name)
        if definition is None:
            return BadValue(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
        if traits.read_only:
            message = f'"{name}" is a read only property; its value cannot be set.'
            return BadValue(name, "READ_ONLY_VALUE", message)
        choices = self._choices(kind, traits.source) if traits.source else None
        kept = normalise(definition, text, choices, former)
        if isinstance(kept, BadValue):
            return kept
        return self.rules.broken(kind, name, kept) or kept

    def _choices(self, kind: Kind, source: str) -> frozenset[str]:
        if source == "owner":
            return self.directory.active_owner_ids()
        return self.pipelines.ids(kind) if source == "pipeline" else self.pipelines.stage_ids(kind)

    def _check_unique(self, kind: Kind, values: Mapping[str, str], own_id: int | None) -> None:
        for name in kind.unique:
            value = values.get(name)
            holder = self.records(kind).find_by(name, value) if value else None
            if holder is not None and holder.id != own_id:
                message = f"{kind.singular.capitalize()} already exists. Existing ID: {holder.id}"
                raise Problem(409, "CONFLICT", message)

    def _derived(self, kind: Kind, values: Mapping[str, str], now_ms: int) -> dict[str, str]:
        """What HubSpot sets by itself when these values change."""
        if kind is DEALS and (stage := self.pipelines.stage(kind, values.get("dealstage", ""))):
            return {
                "hs_is_closed": str(stage.closed).lower(),
                "hs_is_closed_won": str(stage.won).lower(),
            }
        if kind is TASKS and "hs_task_status" in values:
            done = values["hs_task_status"] == "COMPLETED"
            return {
                "hs_task_is_completed": "1" if done else "0",
                "hs_task_completion_date": iso(now_ms) if done else "",
            }
        return {}


def _backwards(former: str | None, asked: str) -> bool:
    """Whether a lifecycle stage would move back, which HubSpot leaves undone without a word; clearing is fine."""
    if not former or not asked:
        return False
    return LIFECYCLE_STAGES.index(asked) < LIFECYCLE_STAGES.index(former)
