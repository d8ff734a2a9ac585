"""The scoring model as admins write it, typed; `parse_model` is the way in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from math import inf
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, StrictBool, ValidationError, WithJsonSchema, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from scoring.conditions import Condition, Test
from scoring.durations import Days, PositiveDays, PositiveSeconds
from scoring.kinds import Bound, GivenFacts, Limit, Moment, Names, Part, Points, Tags, check_size, text_keys
from scoring.spelling import with_suggestions


class Band(Part):
    """A range of numbers with its points: `from` inclusive, `below` exclusive."""

    start: Bound | None = Field(None, alias="from")
    below: Bound | None = None
    points: Points

    @model_validator(mode="after")
    def _is_a_range(self) -> Band:
        if self.start is None and self.below is None:
            raise PydanticCustomError("band", "a band needs from, below or both")
        if self.start is not None and self.below is not None and self.start >= self.below:
            raise PydanticCustomError("band", "a band's from lies under its below")
        return self

    def ends(self) -> tuple[float, float]:
        """The least number in the band, and the first one above it; infinite where it is open."""
        return -inf if self.start is None else float(self.start), inf if self.below is None else float(self.below)


class Rule(Part):
    """A fit rule: `points` when `when` is true, or the points of the band that holds `field`."""

    id: str = Field(min_length=1)
    points: Points | None = None
    when: Condition | None = None
    field: str | None = None
    bands: tuple[Band, ...] = ()
    say: str | None = None
    tags: Tags = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_one_kind(self) -> Rule:
        plain = self.points is not None and self.when is not None
        banded = self.field is not None and bool(self.bands)
        given = {"points", "when"} & self.model_fields_set, {"field", "bands"} & self.model_fields_set
        if plain == banded or all(given):
            raise PydanticCustomError("rule", "a rule has either points and when, or field and bands")
        return self

    def fields(self) -> frozenset[str]:
        """The fields this rule asks."""
        asked = self.when.fields() if self.when is not None else frozenset()
        return asked | {self.field} if self.field is not None else asked


class RuleGroup(Part):
    """Fit rules whose sum is cut at `limit`."""

    limit: Limit | None = None
    rules: tuple[Rule, ...] = ()


class Fit(Part):
    """The fit section; its points end up between 0 and `limit`."""

    limit: Limit
    groups: dict[str, RuleGroup] = Field(default_factory=dict)

    def rules(self) -> Iterator[tuple[str, Rule]]:
        """All rules with the name of their group."""
        for name, group in self.groups.items():
            for rule in group.rules:
                yield name, rule


class Decay(Part):
    """How an event's points fade with its age in days; no shape means they do not."""

    half_life: PositiveDays | None = None
    linear: PositiveDays | None = None
    steps: dict[Days, Points] | None = None

    @model_validator(mode="before")
    @classmethod
    def _none_is_a_word(cls, raw: object) -> object:
        return {} if raw == "none" else raw

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Editors accept the word, too."""
        shapes = handler.resolve_ref_schema(handler(core))
        return {"anyOf": [{"const": "none"}, shapes]}

    @model_validator(mode="after")
    def _has_one_shape(self) -> Decay:
        if len(self.model_fields_set) > 1:
            raise PydanticCustomError("decay", "a decay has one shape: half_life, linear, steps or none")
        return self


class AtMost(Part):
    """No more than the newest `times` events of each UTC day, ISO week or month."""

    times: int = Field(ge=0, strict=True)
    per: Literal["day", "week", "month"]


Measure = Annotated[
    Literal["count", "active_days", "distinct", "seconds", "days_since_last"],
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["count", "active_days", "seconds", "days_since_last"]},
                {"type": "object", "properties": {"distinct": {"type": "string"}}, "required": ["distinct"]},
            ]
        }
    ),
]


class Signal(Part):
    """Points for events of some types: either so many for each, or by a measure and its bands."""

    id: str = Field(min_length=1)
    kind: Literal["direct", "latent"] = Field("latent", alias="class")
    on: Names
    where: Condition | None = None
    window: Days | None = None
    distinct: str | None = None
    points: Points | None = None
    at_most: AtMost | None = None
    at_least: int | None = Field(None, ge=1, strict=True)
    full_at: PositiveSeconds | None = None
    decay: Decay = Decay()
    measure: Measure | None = None
    bands: tuple[Band, ...] = ()
    limit: Limit | None = None
    say: str | None = None
    tags: Tags = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _spelled_out(cls, raw: object) -> object:
        """`measure: {distinct: name}` is `measure: distinct` with `distinct: name`."""
        measure = raw.get("measure") if isinstance(raw, Mapping) else None
        if isinstance(raw, Mapping) and isinstance(measure, Mapping) and set(measure) == {"distinct"}:
            return {**raw, "measure": "distinct", "distinct": measure["distinct"]}
        return raw

    @model_validator(mode="after")
    def _is_one_kind(self) -> Signal:
        only_events = {"points", "at_most", "at_least", "full_at", "decay"} & self.model_fields_set
        if self.measure is None and (self.points is None or self.bands):
            raise PydanticCustomError("signal", "a signal has either points, or measure and bands")
        if self.measure is not None and (only_events or not self.bands):
            raise PydanticCustomError(
                "signal", "a measure takes bands; points, at_most, at_least, full_at and decay are not for it"
            )
        if self.measure == "distinct" and self.distinct is None:
            raise PydanticCustomError("signal", "measure: distinct needs the field: {distinct: name}")
        return self


class SignalGroup(Part):
    """Signals whose sum is cut at `limit`."""

    limit: Limit | None = None
    signals: tuple[Signal, ...] = ()


class Engagement(Part):
    """The engagement section; its points end up between 0 and `limit`."""

    limit: Limit
    groups: dict[str, SignalGroup] = Field(default_factory=dict)

    def signals(self) -> Iterator[tuple[str, Signal]]:
        """All signals with the name of their group."""
        for name, group in self.groups.items():
            for signal in group.signals:
                yield name, signal


class Persona(Part):
    """People for whom another fit section holds; the first whose `when` is true is taken."""

    id: str = Field(min_length=1)
    when: Condition
    fit: Fit


class Knockout(Part):
    """A condition that sets the total to 0 and the grade to X."""

    id: str = Field(min_length=1)
    when: Condition
    say: str | None = None


class FitBands(Part):
    """Thresholds of the letters, in percent of the fit limit."""

    a: Points = Field(Decimal(75), alias="A")
    b: Points = Field(Decimal(50), alias="B")
    c: Points = Field(Decimal(25), alias="C")
    d: Points = Field(Decimal(0), alias="D")

    def steps(self) -> tuple[tuple[str, Decimal], ...]:
        """Letters with their thresholds, best first."""
        return ("A", self.a), ("B", self.b), ("C", self.c), ("D", self.d)

    @model_validator(mode="after")
    def _falls(self) -> FitBands:
        _check_falling(self.steps())
        return self


class EngagementBands(Part):
    """Thresholds of the digits, in percent of the engagement limit."""

    one: Points = Field(Decimal(75), alias="1")
    two: Points = Field(Decimal(50), alias="2")
    three: Points = Field(Decimal(25), alias="3")
    four: Points = Field(Decimal(0), alias="4")

    @model_validator(mode="before")
    @classmethod
    def _digits_are_keys(cls, raw: object) -> object:
        return text_keys(raw)

    def steps(self) -> tuple[tuple[str, Decimal], ...]:
        """Digits with their thresholds, best first."""
        return ("1", self.one), ("2", self.two), ("3", self.three), ("4", self.four)

    @model_validator(mode="after")
    def _falls(self) -> EngagementBands:
        _check_falling(self.steps())
        return self


def _check_falling(steps: Sequence[tuple[str, Decimal]]) -> None:
    for (better, high), (worse, low) in pairwise(steps):
        if high < low:
            raise PydanticCustomError("bands", "{better} must not start below {worse}", {"better": better, "worse": worse})


class GradeBands(Part):
    """Thresholds of both halves of the grade."""

    fit: FitBands = FitBands()
    engagement: EngagementBands = EngagementBands()


class MachineRules(Part):
    """Which e-mail events count as a machine's; each built-in rule can be switched off."""

    marked: StrictBool = True
    burst: StrictBool = True
    instant: StrictBool = True
    also: tuple[Condition, ...] = ()


class Expectation(Part):
    """What an inline test expects of the breakdown; numbers are points."""

    grade: Test | None = None
    total: Test | None = None
    fit: Test | None = None
    engagement: Test | None = None
    persona: Test | None = None
    buying_stage: Test | None = None
    machine_events: Test | None = None


class InlineTest(Part):
    """An example kept inside the model: facts, a moment, and the expected result."""

    name: str = Field(min_length=1)
    facts: GivenFacts
    as_of: Moment
    expect: Expectation


class Model(Part):
    """A scoring model: fit, engagement, and how both become a grade."""

    model: str = Field(min_length=1)
    fit: Fit
    engagement: Engagement
    personas: tuple[Persona, ...] = ()
    knockouts: tuple[Knockout, ...] = ()
    bands: GradeBands = GradeBands()
    machine: MachineRules = MachineRules()
    stages: tuple[str, ...] = ("awareness", "consideration", "decision")
    stage_at: Points = Decimal(3)
    tests: tuple[InlineTest, ...] = ()

    def conditions(self) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
        """Every condition over person and company, with its path in the model."""
        yield from _fit_conditions(self.fit, ("fit",))
        for index, persona in enumerate(self.personas):
            yield ("personas", index, "when"), persona.when
            yield from _fit_conditions(persona.fit, ("personas", index, "fit"))
        for index, knockout in enumerate(self.knockouts):
            yield ("knockouts", index, "when"), knockout.when

    def event_conditions(self) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
        """Every condition over an event's own fields, with its path in the model."""
        for name, group in self.engagement.groups.items():
            for index, signal in enumerate(group.signals):
                if signal.where is not None:
                    yield ("engagement", "groups", name, "signals", index, "where"), signal.where
        for index, condition in enumerate(self.machine.also):
            yield ("machine", "also", index), condition


def _fit_conditions(fit: Fit, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
    for name, group in fit.groups.items():
        for index, rule in enumerate(group.rules):
            if rule.when is not None:
                yield (*path, "groups", name, "rules", index, "when"), rule.when


def parse_model(raw: Mapping[str, Any]) -> Model:
    """A model from plain data (parsed YAML or JSON).

    Raises pydantic.ValidationError; each error's `loc` follows the keys of the data.
    """
    check_size(raw, "Model")
    try:
        return Model.model_validate(raw)
    except ValidationError as error:
        raise with_suggestions(error, Model) from None


def model_hash(model: Model) -> str:
    """Twelve hex digits that change with the meaning of the model, not with its layout or its tests."""
    meaning = model.model_dump(mode="json", exclude={"tests"}, exclude_none=True, by_alias=True)
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
