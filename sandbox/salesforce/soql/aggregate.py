"""COUNT, MIN, MAX and their kin, with or without GROUP BY."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.salesforce.fields import Value
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.soql.binding import Binder, Column
from sandbox.salesforce.soql.problems import QueryError, malformed
from sandbox.salesforce.soql.tree import Aggregate, Path, Query
from sandbox.salesforce.store import Row

Record = dict[str, object]
Reduce = Callable[[list[Any]], object]
_FUNCTIONS: dict[str, Reduce] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len(set(values)),
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
    "SUM": lambda values: sum(values) if values else None,
    "AVG": lambda values: sum(values) / len(values) if values else None,
}


def is_aggregate(query: Query) -> bool:
    """Whether the answer has summed-up rows instead of records."""
    return bool(query.group_by) or any(isinstance(item, Aggregate) for item in query.select)


def is_bare_count(query: Query) -> bool:
    """`SELECT COUNT() FROM …`, whose answer is `totalSize` alone."""
    return len(query.select) == 1 and isinstance(query.select[0], Aggregate) and query.select[0].path is None


def summed_up(query: Query, sobject: SObject, binder: Binder, rows: Iterable[Row]) -> list[Record]:
    """The AggregateResult records of a query over the rows that its WHERE let through.

    Raises:
        QueryError: for a field that is neither grouped nor aggregated, and for functions that do not fit a field.
    """
    keys = [binder.column(sobject, path, query.alias) for path in query.group_by]
    outputs = _outputs(query, sobject, binder, keys)
    groups: dict[tuple[Value, ...], list[Row]] = {} if keys else {(): []}
    for row in rows:
        groups.setdefault(tuple(column.get(row) for column in keys), []).append(row)
    return [
        {"attributes": {"type": "AggregateResult"}} | {name: make(group) for name, make in outputs.items()}
        for group in groups.values()
    ]


def _outputs(query: Query, sobject: SObject, binder: Binder, keys: list[Column]) -> dict[str, Callable[[list[Row]], object]]:
    grouped = {column.names for column in keys}
    outputs: dict[str, Callable[[list[Row]], object]] = {}
    unnamed = 0
    for item in query.select:
        if isinstance(item, Aggregate):
            name = item.alias or f"expr{unnamed}"
            unnamed += item.alias is None
            outputs[name] = _reducer(item, sobject, binder, query.alias)
        elif isinstance(item, Path):
            column = binder.column(sobject, item, query.alias)
            if column.names not in grouped:
                raise malformed(f"Field must be grouped or aggregated: {item.text}", item.at)
            outputs[column.names[-1]] = _first(column)
        else:
            raise malformed("Grouped queries cannot hold child queries", item.at)
    return outputs


def _first(column: Column) -> Callable[[list[Row]], object]:
    return lambda group: column.get(group[0])


def _reducer(item: Aggregate, sobject: SObject, binder: Binder, alias: str | None) -> Callable[[list[Row]], object]:
    if item.path is None:
        return len
    column = binder.column(sobject, item.path, alias)
    sums = item.function in ("SUM", "AVG")
    if not column.field.aggregatable or (sums and not column.field.is_number):
        raise QueryError(
            "INVALID_FIELD", f"field {column.field.name} does not support aggregate operator {item.function}", item.at
        )
    reduce = _FUNCTIONS[item.function]
    return lambda group: reduce([value for value in map(column.get, group) if value is not None])
