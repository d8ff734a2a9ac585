"""What a condition says of single fields: the values outside of which no row can pass, so that orders can be used.

The spans may hold more than the condition does, never less: every row found with them is still tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce

from sandbox.salesforce.fields import ID_TYPES, Field
from sandbox.salesforce.ordered import HIGHEST, LOWEST, Span, Spans, shared, united
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.soql.conditions import Conditions, wanted_value
from sandbox.salesforce.soql.tree import Comparison, Condition, Group, Literal_, Membership, SemiJoin

Narrowed = dict[str, Spans]
"""By field name; a field that is absent may have any value."""


def narrowed(condition: Condition | None, conditions: Conditions, sobject: SObject) -> Narrowed:
    """What a condition that has passed all checks leaves of each field of the row itself."""
    if isinstance(condition, Group):
        parts = [narrowed(part, conditions, sobject) for part in condition.conditions]
        return reduce(_both if condition.word == "AND" else _either, parts)
    if not isinstance(condition, Comparison | Membership | SemiJoin):
        return {}
    column = conditions.column(condition.path)
    if column.lookups:
        return {}
    spans = _spans(condition, column.field, conditions)
    return {} if spans is None else {column.field.name: united(spans)}


def _both(first: Narrowed, second: Narrowed) -> Narrowed:
    common = {name: shared(first[name], second[name]) for name in first.keys() & second.keys()}
    return first | second | common


def _either(first: Narrowed, second: Narrowed) -> Narrowed:
    return {name: united(first[name] + second[name]) for name in first.keys() & second.keys()}


def _spans(condition: Comparison | Membership | SemiJoin, field: Field, conditions: Conditions) -> Iterable[Span] | None:
    if isinstance(condition, SemiJoin):
        ids = conditions.ids(condition.query) if condition.operator == "IN" else None
        return None if ids is None else [(value, value) for value in ids if isinstance(value, str)]
    if isinstance(condition, Membership):
        return _points(field, condition.values) if condition.operator == "IN" else None
    if condition.value.kind == "named_date":
        first, end = conditions.bounds(field, condition.value)
        return _range(condition.operator, {"=": (first, end), "<": first, "<=": end, ">": end, ">=": first})
    if condition.operator == "=":
        return _points(field, (condition.value,))
    if condition.operator not in ("<", "<=", ">", ">="):
        return None
    value = wanted_value(field, condition.value)
    return _range(condition.operator, dict.fromkeys(("<", "<=", ">", ">="), value)) if isinstance(value, str) else None


def _range(operator: str, limits: Mapping[str, str | Span]) -> list[Span] | None:
    limit = limits.get(operator)
    if limit is None or isinstance(limit, tuple):
        return None if limit is None else [limit]
    return [(limit, HIGHEST) if operator.startswith(">") else (LOWEST, limit)]


def _points(field: Field, literals: Iterable[Literal_]) -> list[Span] | None:
    values = [wanted_value(field, literal) for literal in literals]
    if not (field.is_text or field.type in ID_TYPES or field.type in ("date", "datetime")):
        return None
    return [(value, value) for value in values if isinstance(value, str)] if None not in values else None
