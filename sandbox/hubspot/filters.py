"""Search filters: from the wire to a test on one indexed record (HubSpot docs: search, filter operators).

Where the documents are silent the harder reading is taken: a record without a value matches none of the negative
operators, enumeration values are compared with their case, `IN` on text compares the record's lower-cased value
with the given ones as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from math import ceil, floor, inf, isfinite
from typing import Literal

import msgspec

from sandbox.hubspot.index import State
from sandbox.hubspot.problems import Problem, invalid
from sandbox.hubspot.schema import Definition
from sandbox.hubspot.times import parse

Operator = Literal[
    "BETWEEN",
    "CONTAINS_TOKEN",
    "EQ",
    "GT",
    "GTE",
    "HAS_PROPERTY",
    "IN",
    "LT",
    "LTE",
    "NEQ",
    "NOT_CONTAINS_TOKEN",
    "NOT_HAS_PROPERTY",
    "NOT_IN",
]
Test = Callable[[State], bool]
Comparable = float | str
CREATED = ("createdate", "hs_createdate")
MODIFIED = ("lastmodifieddate", "hs_lastmodifieddate")

_CLOSED: dict[str, tuple[float, float]] = {"EQ": (0, 0), "GTE": (0, inf), "LTE": (-inf, 0), "GT": (1, inf), "LT": (-inf, -1)}
"""By operator, how far before and after a whole number its range reaches."""
_TOKENS = re.compile(r"[^\w]+", re.UNICODE)


class Filter(msgspec.Struct, frozen=True):
    """One condition on one property."""

    propertyName: str  # noqa: N815 - wire name
    operator: Operator
    value: str | int | float | None = None
    highValue: str | int | float | None = None  # noqa: N815 - wire name
    values: list[str | int | float] | None = None


def compile_filter(condition: Filter, definition: Definition) -> Test:
    """The test that a filter stands for.

    Raises:
        Problem: 400 when the operator lacks its value or the value does not fit the property's type.
    """
    match condition.operator:
        case "HAS_PROPERTY":
            return lambda record: condition.propertyName in record.properties
        case "NOT_HAS_PROPERTY":
            return lambda record: condition.propertyName not in record.properties
        case "IN" | "NOT_IN":
            return _membership(condition, definition)
        case "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN":
            return _tokens(condition)
        case "BETWEEN":
            return _between(condition, definition)
    return _comparison(condition, definition)


def bounds(condition: Filter, definition: Definition) -> tuple[float, float] | None:
    """The range of whole numbers, ends included, that a filter on a number or time stands for; None when it is no range.

    Raises:
        Problem: as `compile_filter` does.
    """
    if condition.operator == "BETWEEN":
        low, high = (_wanted(definition, value, "BETWEEN") for value in (condition.value, condition.highValue))
        return float(low), float(high)
    reach = _CLOSED.get(condition.operator)
    if reach is None:
        return None
    wanted = float(_wanted(definition, condition.value, condition.operator))
    below, above = reach
    # Ends that are no whole numbers: above 1.5 begins at 2, which is one above 1.
    low = floor(wanted) + below if condition.operator == "GT" else wanted + below
    high = ceil(wanted) + above if condition.operator == "LT" else wanted + above
    return low, high


def reader(definition: Definition) -> Callable[[State], Comparable | None]:
    """How to read a property of a record as something that can be compared; None when it has no value.

    Text compares in lower case, times as milliseconds, numbers as numbers. A number property that holds something
    else has no value.
    """
    name = definition.name
    if name == "hs_object_id":
        return lambda record: float(record.id)
    if name in MODIFIED:
        return lambda record: float(record.modified_ms)
    if name in CREATED:
        return lambda record: float(record.created_ms)
    if definition.type in ("number", "date", "datetime"):
        convert = _number if definition.type == "number" else parse
        return lambda record: _read_number(record.properties.get(name), convert)
    if definition.type == "enumeration":
        return lambda record: record.properties.get(name)
    return lambda record: _lower(record.properties.get(name))


def _read_number(text: str | None, convert: Callable[[str], float]) -> float | None:
    if text is None:
        return None
    try:
        return float(convert(text))
    except ValueError:
        return None


def _number(text: str) -> float:
    """A finite number in plain digits; Python would take more. Raises ValueError for anything else."""
    number = float(text)
    if not isfinite(number) or "_" in text:
        raise ValueError(f"{text} is not a number")
    return number


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _wanted(definition: Definition, value: str | float | None, operator: str) -> Comparable:
    if value is None or value == "":
        raise _bad_filter(definition.name, f"operator {operator} requires a value")
    text = str(value)
    try:
        if definition.type == "number":
            return _number(text)
        if definition.type in ("date", "datetime"):
            return float(parse(text))
    except (ValueError, OverflowError) as problem:
        raise _bad_filter(definition.name, f"{text} is not a valid {definition.type}") from problem
    return text if definition.type == "enumeration" else text.lower()


def _bad_filter(name: str, message: str) -> Problem:
    return invalid(f"There was a problem with the request: filter on {name}: {message}")


def _comparison(condition: Filter, definition: Definition) -> Test:
    wanted = _wanted(definition, condition.value, condition.operator)
    read = reader(definition)

    def compare(holds: Callable[[Comparable, Comparable], bool]) -> Test:
        return lambda record: (found := read(record)) is not None and holds(found, wanted)

    if condition.operator == "EQ" and definition.fieldType == "checkbox":
        return lambda record: str(wanted) in record.properties.get(condition.propertyName, "").split(";")
    return compare(_COMPARISONS[condition.operator])


_COMPARISONS: dict[str, Callable[[Comparable, Comparable], bool]] = {
    "EQ": lambda found, wanted: found == wanted,
    "NEQ": lambda found, wanted: found != wanted,
    "LT": lambda found, wanted: found < wanted,  # type: ignore[operator] # both of one type by construction
    "LTE": lambda found, wanted: found <= wanted,  # type: ignore[operator] # both of one type by construction
    "GT": lambda found, wanted: found > wanted,  # type: ignore[operator] # both of one type by construction
    "GTE": lambda found, wanted: found >= wanted,  # type: ignore[operator] # both of one type by construction
}


def _between(condition: Filter, definition: Definition) -> Test:
    low = _wanted(definition, condition.value, "BETWEEN")
    high = _wanted(definition, condition.highValue, "BETWEEN")
    read = reader(definition)
    at_most = _COMPARISONS["LTE"]

    def test(record: State) -> bool:
        found = read(record)
        return found is not None and at_most(low, found) and at_most(found, high)

    return test


def _membership(condition: Filter, definition: Definition) -> Test:
    if not condition.values:
        raise _bad_filter(definition.name, f"operator {condition.operator} requires values")
    wanted: Collection[Comparable]
    if definition.type in ("string", "enumeration"):
        wanted = {str(value) for value in condition.values}
    else:
        wanted = {_wanted(definition, value, condition.operator) for value in condition.values}
    read = reader(definition)
    inside = condition.operator == "IN"
    return lambda record: (found := read(record)) is not None and (found in wanted) == inside


def _tokens(condition: Filter) -> Test:
    if condition.value in (None, ""):
        raise _bad_filter(condition.propertyName, f"operator {condition.operator} requires a value")
    pattern = re.compile(".*".join(re.escape(part) for part in str(condition.value).lower().split("*")), re.DOTALL)
    whole = condition.operator == "CONTAINS_TOKEN"

    def test(record: State) -> bool:
        text = record.properties.get(condition.propertyName)
        if text is None:
            return False
        lower = text.lower()
        tokens = [lower, *_TOKENS.split(lower)]
        return any(pattern.fullmatch(token) for token in tokens) == whole

    return test
