"""Conditions as functions from a row to yes or no.

An empty field is unequal to every value, so `!=` and `NOT IN` hold for it; `<`, `>` and LIKE do not. Text is compared
without regard to case, ids in either length.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sandbox.salesforce.fields import ID_TYPES, NUMBER_TYPES, Field, Value
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.soql.binding import Binder, Column, Getter
from sandbox.salesforce.soql.dates import days_of, exact_stamp, midnight, moment_of
from sandbox.salesforce.soql.problems import QueryError, malformed
from sandbox.salesforce.soql.tokens import like_pattern, unescaped
from sandbox.salesforce.soql.tree import (
    Comparison,
    Condition,
    Group,
    Literal_,
    Measured,
    Membership,
    Not,
    Path,
    Query,
    SemiJoin,
)
from sandbox.salesforce.store import Row

Test = Callable[[Row], bool]
SubQuery = Callable[[Query], frozenset[Value]]
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Conditions:
    """Turns the WHERE of one query on one object into a test."""

    def __init__(self, binder: Binder, sobject: SObject, alias: str | None, now: datetime, ids_of: SubQuery) -> None:
        self._binder = binder
        self._sobject = sobject
        self._alias = alias
        self._now = now
        self._ids_of = ids_of
        self._asked: dict[int, frozenset[Value]] = {}

    def test(self, condition: Condition) -> Test:
        """The test that a condition stands for.

        Raises:
            QueryError: where fields, operators and values do not fit.
        """
        if isinstance(condition, Group):
            tests = [self.test(part) for part in condition.conditions]
            if condition.word == "AND":
                return lambda row: all(test(row) for test in tests)
            return lambda row: any(test(row) for test in tests)
        if isinstance(condition, Not):
            inner = self.test(condition.condition)
            return lambda row: not inner(row)
        if isinstance(condition, Measured):
            raise malformed("aggregate functions cannot stand in WHERE", condition.at)
        column = self._filterable(condition)
        if isinstance(condition, Comparison):
            return self._comparison(condition, column)
        if isinstance(condition, Membership):
            return self._membership(condition, column)
        return self._semi_join(condition, column)

    def column(self, path: Path) -> Column:
        """The column that a path of these conditions names."""
        return self._binder.column(self._sobject, path, self._alias)

    def ids(self, query: Query) -> frozenset[Value]:
        """The ids that a semi-join compares with, asked for once."""
        found = self._asked.get(id(query))
        if found is None:
            found = self._asked[id(query)] = self._ids_of(query)
        return found

    def _filterable(self, condition: Comparison | Membership | SemiJoin) -> Column:
        column = self.column(condition.path)
        if not column.field.filterable or column.field.type == "address":
            raise QueryError(
                "INVALID_FIELD",
                f"field '{column.field.name}' can not be filtered in a query call",
                condition.at,
            )
        return column

    def _comparison(self, condition: Comparison, column: Column) -> Test:
        field, get = column.field, comparable(column.field, column.get)
        if condition.operator == "LIKE":
            return _like(field, column.get, condition.value)
        if condition.value.kind == "named_date":
            return self._named_date(condition, field, get)
        wanted = wanted_value(field, condition.value)
        if condition.operator == "=":
            return lambda row: get(row) == wanted
        if condition.operator == "!=":
            return lambda row: get(row) != wanted
        if field.type == "boolean" or wanted is None:
            raise malformed(f"invalid operator on {field.type} field", condition.at)
        holds = ORDER[condition.operator]

        def ordered(row: Row) -> bool:
            value = get(row)
            return value is not None and holds(value, wanted)

        return ordered

    def _named_date(self, condition: Comparison, field: Field, get: Getter) -> Test:
        if field.type not in ("date", "datetime"):
            raise _wrong_type(field, condition.value)
        first, end = self.bounds(field, condition.value)
        tests: dict[str, Callable[[str], bool]] = {
            "=": lambda value: first <= value < end,
            "!=": lambda value: not first <= value < end,
            "<": lambda value: value < first,
            "<=": lambda value: value < end,
            ">": lambda value: value >= end,
            ">=": lambda value: value >= first,
        }
        holds, for_empty = tests[condition.operator], condition.operator == "!="

        def in_range(row: Row) -> bool:
            value = get(row)
            return holds(value) if isinstance(value, str) else for_empty

        return in_range

    def bounds(self, field: Field, literal: Literal_) -> tuple[str, str]:
        """The stored forms of a named range's beginning and end."""
        try:
            begin, after = days_of(literal.text, literal.count or 0, self._now.date())
        except (ValueError, OverflowError):
            raise malformed(f"Invalid date range: {literal.text}:{literal.count}", literal.at) from None
        if field.type == "datetime":
            return midnight(begin), midnight(after)
        return begin.isoformat(), after.isoformat()

    def _membership(self, condition: Membership, column: Column) -> Test:
        field, get = column.field, comparable(column.field, column.get)
        if condition.operator in ("INCLUDES", "EXCLUDES"):
            return _multipicklist(condition, field, column.get)
        values = frozenset(wanted_value(field, value) for value in condition.values)
        if condition.operator == "IN":
            return lambda row: get(row) in values
        return lambda row: get(row) not in values

    def _semi_join(self, condition: SemiJoin, column: Column) -> Test:
        if column.field.type not in ID_TYPES:
            raise malformed("semi join sub-selects can only be compared with id or reference fields", condition.at)
        ids = self.ids(condition.query)
        get = column.get
        if condition.operator == "IN":
            return lambda row: get(row) in ids
        return lambda row: get(row) not in ids


def comparable(field: Field, get: Getter) -> Getter:
    """The getter whose values compare as the field's type does: text in lower case."""
    if not field.is_text or field.case_sensitive:
        return get

    def folded(row: Row) -> Value:
        value = get(row)
        return value.lower() if isinstance(value, str) else value

    return folded


def wanted_value(field: Field, literal: Literal_) -> Value:  # noqa: PLR0911 - one way out per field type
    """The value that a literal asks of a field, in the form its getter gives.

    Raises:
        QueryError: INVALID_FIELD when the literal is of another type.
    """
    if literal.kind == "null":
        return False if field.type == "boolean" else None
    if field.type in ID_TYPES and literal.kind == "string":
        full = long_id(literal.text)
        if full is None:
            raise QueryError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.text}", literal.at)
        return full
    if field.is_text and literal.kind == "string":
        text = unescaped(literal.text, literal.at)
        return (text if field.case_sensitive else text.lower()) or None
    if field.type in NUMBER_TYPES and literal.kind == "number":
        return float(literal.text)
    if field.type == "boolean" and literal.kind == "boolean":
        return literal.text == "TRUE"
    if field.type == literal.kind == "date":
        return _checked(lambda: date.fromisoformat(literal.text).isoformat(), literal)
    if field.type == literal.kind == "datetime":
        return _checked(lambda: exact_stamp(moment_of(literal.text)), literal)
    raise _wrong_type(field, literal)


def _checked(convert: Callable[[], str], literal: Literal_) -> str:
    try:
        return convert()
    except (ValueError, OverflowError):
        raise malformed(f"Invalid date: {literal.text}", literal.at) from None


def _wrong_type(field: Field, literal: Literal_) -> QueryError:
    names = {"datetime": "dateTime", "reference": "ID", "id": "ID", "picklist": "string", "email": "string"}
    quotes = "should be enclosed in quotes" if field.is_text else "should not be enclosed in quotes"
    kind = names.get(field.type, field.type)
    return QueryError(
        "INVALID_FIELD",
        f"value of filter criterion for field '{field.name}' must be of type {kind} and {quotes}",
        literal.at,
    )


def _like(field: Field, get: Getter, literal: Literal_) -> Test:
    if field.type in ID_TYPES:
        raise QueryError("INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field", literal.at)
    if not field.is_text or literal.kind != "string":
        raise _wrong_type(field, literal)
    pattern = like_pattern(literal.text, literal.at)

    def matches(row: Row) -> bool:
        value = get(row)
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return matches


def _multipicklist(condition: Membership, field: Field, get: Getter) -> Test:
    if field.type != "multipicklist":
        raise malformed(f"{condition.operator} needs a multi-select picklist field", condition.at)
    choices = [frozenset(unescaped(v.text, v.at).lower().split(";")) for v in condition.values]
    wanted = condition.operator == "INCLUDES"

    def holds(row: Row) -> bool:
        value = get(row)
        chosen = frozenset(value.lower().split(";")) if isinstance(value, str) else frozenset()
        return any(choice <= chosen for choice in choices) is wanted

    return holds
