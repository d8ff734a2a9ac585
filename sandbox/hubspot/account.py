"""One HubSpot account: all that it holds, and the rules that a write has to pass."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.clock import TwinClock
from sandbox.hubspot.access import Allowance, Credentials, Limits, Locks, Tokens
from sandbox.hubspot.formulas import Value, result_text
from sandbox.hubspot.kinds import DEALS, KINDS, TASKS, Kind
from sandbox.hubspot.labels import Labels
from sandbox.hubspot.links import Links
from sandbox.hubspot.people import Directory, Owner
from sandbox.hubspot.problems import BadValue, Problem, bad_values, invalid
from sandbox.hubspot.records import Records, Row
from sandbox.hubspot.rules import Requirement, Rules
from sandbox.hubspot.schema import Definition, KindSchema, Schema
from sandbox.hubspot.stages import Pipelines
from sandbox.hubspot.stock import Stock
from sandbox.hubspot.times import iso, parse
from sandbox.hubspot.uniques import Uniques
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
        self.market = None if stock is None else stock.source.name
        self.clock = clock
        self.tokens = Tokens(setup.credentials)
        self.limits = Limits(setup.allowance)
        self.locks = Locks(setup.allowance.upserts_before_lock)
        self.schema = Schema()
        self.directory = Directory(setup.owners)
        self.pipelines = Pipelines()
        self.rules = Rules(setup.requirements)
        self.links = Links(stock)
        self.labels = Labels()
        self.uniques = Uniques()
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

    def unique_names(self, kind: Kind) -> list[str]:
        """The properties that an `idProperty` can name: HubSpot's own unique ones and those that were added."""
        return [*kind.unique, *self.schema.of(kind).own_unique()]

    def holder(self, kind: Kind, name: str, value: str) -> Row | None:
        """The live record whose unique property has this value."""
        if name in kind.unique:
            return self.records(kind).find_by(name, value)
        number = self.uniques.holder(kind.name, name, value)
        return None if number is None else self.live(kind, str(number))

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
        cleared = [name for name in kind.required if values.get(name) == ""]
        if cleared:
            raise bad_values([BadValue(name, "REQUIRED_FIELD", f"{name} cannot be empty") for name in cleared])
        self._check_stage(kind, values, {**row.properties, **values})
        self._check_unique(kind, values, row.id)
        if self._backwards(kind, row.properties.get("lifecyclestage"), values.get("lifecyclestage")):
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
        values |= self._first_stage(kind, values)
        self._check_stage(kind, values, values)
        self._check_unique(kind, values, None)
        return values

    def create(self, kind: Kind, values: Mapping[str, str]) -> Row:
        """Add a record with checked values."""
        now_ms = self.clock.milliseconds()
        kept = {**values, **self._derived(kind, values, now_ms)}
        kept = {name: value for name, value in {**kept, **self.calculated(kind, kept)}.items() if value}
        row = self.records(kind).create(kept, now_ms)
        self.uniques.hold(kind.name, self.schema.of(kind).own_unique(), row.id, kept)
        return row

    def change(self, kind: Kind, row: Row, values: Mapping[str, str]) -> Row:
        """Set checked values on a record."""
        now_ms = self.clock.milliseconds()
        kept = {**values, **self._derived(kind, values, now_ms)}
        kept |= self.calculated(kind, {**row.properties, **kept})
        changed = self.records(kind).change(row, kept, now_ms)
        unique = self.schema.of(kind).own_unique()
        self.uniques.release(kind.name, unique, row.id, row.properties)
        self.uniques.hold(kind.name, unique, row.id, changed.properties)
        return changed

    def archive(self, kind: Kind, row: Row) -> None:
        """Put a record into the bin."""
        self.records(kind).archive(row, self.clock.milliseconds())
        self.uniques.release(kind.name, self.schema.of(kind).own_unique(), row.id, row.properties)

    def bring_back(self, kind: Kind, row: Row) -> None:
        """Take a record out of the bin."""
        self.records(kind).bring_back(row, self.clock.milliseconds())
        self.uniques.hold(kind.name, self.schema.of(kind).own_unique(), row.id, row.properties)

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
        for name in self.unique_names(kind):
            value = values.get(name)
            holder = self.holder(kind, name, value) if value else None
            if holder is not None and holder.id != own_id:
                message = f"{kind.singular.capitalize()} already exists. Existing ID: {holder.id}"
                raise Problem(409, "CONFLICT", message)

    def _first_stage(self, kind: Kind, values: Mapping[str, str]) -> dict[str, str]:
        """Where a new record stands when its creator does not say so: in the first pipeline, a lead in the first stage."""
        if not kind.pipeline:
            return {}
        pipeline = self.pipelines.find(kind, values.get(kind.pipeline, "")) or self.pipelines.of(kind)[0]
        return {kind.pipeline: pipeline.id, kind.stage: values.get(kind.stage) or pipeline.stages[0].id}

    def _check_stage(self, kind: Kind, values: Mapping[str, str], whole: Mapping[str, str]) -> None:
        """Refuse a stage that is not one of the pipeline's. Raises `Problem` 400."""
        if not kind.pipeline or not {kind.pipeline, kind.stage} & values.keys():
            return
        pipeline = self.pipelines.find(kind, whole.get(kind.pipeline, ""))
        if pipeline is None or pipeline.stage(whole.get(kind.stage, "")) is None:
            message = f"{whole.get(kind.stage)} is not a stage of the pipeline {whole.get(kind.pipeline)}"
            raise bad_values([BadValue(kind.stage, "INVALID_OPTION", message)])

    def calculated(self, kind: Kind, values: Mapping[str, str]) -> dict[str, str]:
        """What the formulas of an object type give for a record with these values; empty where they give nothing."""
        schema = self.schema.of(kind)
        return {
            name: result_text(schema.active[name].type, formula.work_out(lambda of: _operand(schema, of, values)))
            for name, formula in schema.formulas.items()
        }

    def recalculate(self, kind: Kind) -> None:
        """Work formulas out anew for every record. Its modified date moves if a result does (believed)."""
        for row in list(self.records(kind).live()):
            results = self.calculated(kind, row.properties)
            moved = {name: value for name, value in results.items() if row.properties.get(name, "") != value}
            if moved:
                self.records(kind).change(row, moved, self.clock.milliseconds())

    def _backwards(self, kind: Kind, former: str | None, asked: str | None) -> bool:
        """Whether a lifecycle stage would move back, which HubSpot leaves undone without a word; clearing is fine."""
        definition = self.schema.of(kind).active.get("lifecyclestage")
        stages = [] if definition is None else [option.value for option in definition.options]
        if former not in stages or asked not in stages:
            return False
        return stages.index(asked) < stages.index(former)

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


def _operand(schema: KindSchema, name: str, values: Mapping[str, str]) -> Value:
    """The value of a property as formulas know it: times are epoch milliseconds."""
    definition, text = schema.active.get(name), values.get(name, "")
    if definition is None or not text:
        return None
    match definition.type:
        case "number":
            return float(text)
        case "date" | "datetime":
            return float(parse(text))
        case "bool":
            return text == "true"
    return text
