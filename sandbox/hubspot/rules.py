"""What an admin demands of values: rules for the form of one property, and properties that must be filled.

Rules of form have an API (HubSpot docs: property validations) and bind every write (believed; the harder reading).
Required properties are set in HubSpot's settings, for which there is no API: here they come with the account. They bind
API writes from version 2026-09 on, also a write that touches none of them (HubSpot changelog).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from sandbox.hubspot.kinds import Kind, known
from sandbox.hubspot.problems import BadValue
from sandbox.hubspot.times import parse

BINDS_FROM = "2026-09"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A property that every record must have; with a condition, every record whose other property has that value."""

    kind: str
    name: str
    when: tuple[str, str] | None = None

    def lacks(self, values: Mapping[str, str]) -> BadValue | None:
        """What is wrong with a record that would have these values."""
        if values.get(self.name):
            return None
        if self.when is None:
            return BadValue(self.name, "MISSING_REQUIRED_PROPERTY", f"{self.name} is required")
        other, value = self.when
        if values.get(other) != value:
            return None
        message = f"{self.name} is required when {other} is {value}"
        return BadValue(self.name, "MISSING_CONDITIONAL_REQUIRED_PROPERTY", message)


def requirement(text: str) -> Requirement:
    """Read `contacts.city` or `contacts.city?lifecyclestage=customer`.

    Raises:
        ValueError: when it has another form, or the object type is unknown.
    """
    head, _, condition = text.partition("?")
    alias, _, name = head.partition(".")
    other, _, value = condition.partition("=")
    kind = known(alias)
    if kind is None or not name or (condition and not (other and value)):
        raise ValueError(f"{text} is not OBJECT.PROPERTY or OBJECT.PROPERTY?PROPERTY=VALUE")
    return Requirement(kind.name, name, (other, value) if condition else None)


class FormRule(msgspec.Struct, frozen=True):
    """A rule as the wire shows it."""

    ruleType: str  # noqa: N815 - wire name
    ruleArguments: tuple[str, ...]  # noqa: N815 - wire name
    shouldApplyNormalization: bool = False  # noqa: N815 - wire name


def _decimals(value: str) -> int:
    return len(value.partition(".")[2])


_CHECKS: Mapping[str, tuple[str, Callable[[str, str], bool]]] = {
    "MIN_LENGTH": ("string", lambda value, bound: len(value) >= int(bound)),
    "MAX_LENGTH": ("string", lambda value, bound: len(value) <= int(bound)),
    "REGEX": ("string", lambda value, pattern: re.fullmatch(pattern, value) is not None),
    "ALPHANUMERIC": ("string", lambda value, _: value.isdecimal()),
    "MIN_NUMBER": ("number", lambda value, bound: float(value) >= float(bound)),
    "MAX_NUMBER": ("number", lambda value, bound: float(value) <= float(bound)),
    "DECIMAL": ("number", lambda value, most: _decimals(value) <= int(most)),
    "START_DATE": ("date", lambda value, bound: parse(value) >= parse(bound)),
    "END_DATE": ("date", lambda value, bound: parse(value) <= parse(bound)),
    "START_DATETIME": ("datetime", lambda value, bound: parse(value) >= parse(bound)),
    "END_DATETIME": ("datetime", lambda value, bound: parse(value) <= parse(bound)),
}
_SAMPLES = {"string": "1", "number": "1", "date": "2026-01-01", "datetime": "2026-01-01T00:00:00Z"}

RULE_TYPES = frozenset(_CHECKS)


def usable(rule: FormRule, value_type: str) -> bool:
    """Whether this rule can be put on properties of this type, with these arguments."""
    its_type, holds = _CHECKS[rule.ruleType]
    if its_type != value_type or len(rule.ruleArguments) != 1:
        return False
    (argument,) = rule.ruleArguments
    if rule.ruleType == "ALPHANUMERIC":
        return argument == "NUMERIC_ONLY"
    try:
        holds(_SAMPLES[its_type], argument)
    except (ValueError, OverflowError, re.error):
        return False
    return not (its_type == "number" and math.isnan(float(argument)))


@dataclass(slots=True)
class Rules:
    """All demands of one account."""

    requirements: Sequence[Requirement] = ()
    by_property: dict[tuple[str, str], dict[str, FormRule]] = field(default_factory=dict)

    def put(self, kind: Kind, name: str, rule: FormRule) -> None:
        """Set a rule in place of the former one of the same type."""
        self.by_property.setdefault((kind.name, name), {})[rule.ruleType] = rule

    def of(self, kind: Kind, name: str) -> list[FormRule]:
        """The rules of a property."""
        return list(self.by_property.get((kind.name, name), {}).values())

    def broken(self, kind: Kind, name: str, value: str) -> BadValue | None:
        """The first rule that a kept value would break; an empty value breaks none."""
        for rule in self.of(kind, name) if value else ():
            if not _CHECKS[rule.ruleType][1](value, rule.ruleArguments[0]):
                message = f"{name} does not satisfy the rule {rule.ruleType} {rule.ruleArguments[0]}"
                return BadValue(name, "VALIDATION_RULE_FAILED", message)
        return None

    def unmet(self, kind: Kind, values: Mapping[str, str]) -> list[BadValue]:
        """The required properties that a record with these values would lack."""
        mine = (demand.lacks(values) for demand in self.requirements if demand.kind == kind.name)
        return [bad for bad in mine if bad is not None]
