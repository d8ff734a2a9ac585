"""COUNT, MIN, MAX and their kin, with or without GROUP BY."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.salesforce.fields import Value
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.soql.binding import Binder, Column, Getter
from sandbox.salesforce.soql.conditions import ORDER, Conditions, comparable, wanted_value
from sandbox.salesforce.soql.problems import QueryError, malformed
from sandbox.salesforce.soql.tree import Aggregate, Condition, Group, Measured, Not, Path, Query
from sandbox.salesforce.store import Row

Record = dict[str, object]
Reduce = Callable[[list[Any]], object]
Rows = list[Row]
Measure = Callable[[Rows], object]
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


def summed_up(query: Query, sobject: SObject, binder: Binder, conditions: Conditions, rows: Iterable[Row]) -> list[Record]:
    """The AggregateResult records of a query over the rows that its WHERE let through.

    Raises:
        QueryError: for a field that is neither grouped nor aggregated, and for functions that do not fit a field.
    """
    summing = _Summing(query, sobject, binder, conditions)
    groups: dict[tuple[Value, ...], list[Row]] = {} if summing.keys else {(): []}
    for row in rows:
        groups.setdefault(tuple(column.get(row) for column in summing.keys), []).append(row)
    outputs = summing.outputs()
    return [
        {"attributes": {"type": "AggregateResult"}} | {name: make(group) for name, make in outputs.items()}
        for group in summing.ordered(list(filter(summing.test(query.having), groups.values())))
    ]


class _Summing:
    """What one query makes of groups of rows."""

    def __init__(self, query: Query, sobject: SObject, binder: Binder, conditions: Conditions) -> None:
        self._query = query
        self._sobject = sobject
        self._binder = binder
        self._conditions = conditions
        self.keys = [binder.column(sobject, path, query.alias) for path in query.group_by]

    def outputs(self) -> dict[str, Measure]:
        """The columns of the answer."""
        outputs: dict[str, Measure] = {}
        unnamed = 0
        for item in self._query.select:
            if isinstance(item, Aggregate):
                name = item.alias or f"expr{unnamed}"
                unnamed += item.alias is None
                outputs[name] = self._reducer(item)
            elif isinstance(item, Path):
                column = self._grouped(item)
                outputs[column.names[-1]] = _first(column.get)
            else:
                raise malformed("Grouped queries cannot hold child queries", item.at)
        return outputs

    def test(self, condition: Condition | None) -> Callable[[Rows], bool]:
        """The test that HAVING stands for."""
        if condition is None:
            return bool
        if isinstance(condition, Group):
            tests = [self.test(part) for part in condition.conditions]
            holds = all if condition.word == "AND" else any
            return lambda group: holds(test(group) for test in tests)
        if isinstance(condition, Not):
            inner = self.test(condition.condition)
            return lambda group: not inner(group)
        if isinstance(condition, Measured):
            return self._measured(condition)
        self._grouped(condition.path)
        of_row = self._conditions.test(condition)
        return lambda group: of_row(group[0])

    def _measured(self, condition: Measured) -> Callable[[Rows], bool]:
        item, literal = condition.aggregate, condition.value
        reduce, compare = self._reducer(item), {"=": operator.eq, "!=": operator.ne, **ORDER}[condition.operator]
        folds, wanted = False, None
        if item.path is not None and item.function in ("MIN", "MAX"):
            field = self._conditions.column(item.path).field
            folds, wanted = field.is_text and not field.case_sensitive, wanted_value(field, literal)
        elif literal.kind == "number":
            wanted = float(literal.text)
        if wanted is None:
            raise malformed(f"{item.function} cannot be compared with this value", condition.at)

        def holds(group: Rows) -> bool:
            value: Any = reduce(group)
            return value is not None and bool(compare(value.lower() if folds else value, wanted))

        return holds

    def ordered(self, groups: list[Rows]) -> list[Rows]:
        """The groups as ORDER BY asks for them."""
        for ordering in reversed(self._query.order_by):
            item = ordering.path
            measure = self._reducer(item) if isinstance(item, Aggregate) else _first(_folded(self._grouped(item)))
            empty = [group for group in groups if measure(group) is None]
            filled = [group for group in groups if measure(group) is not None]
            filled.sort(key=measure, reverse=ordering.direction == "DESC")  # type: ignore[arg-type]  # one measure's values are of one type
            groups = empty + filled if ordering.nulls == "FIRST" else filled + empty
        return groups

    def _grouped(self, path: Path) -> Column:
        column = self._binder.column(self._sobject, path, self._query.alias)
        if column.names not in {key.names for key in self.keys}:
            raise malformed(f"Field must be grouped or aggregated: {path.text}", path.at)
        return column

    def _reducer(self, item: Aggregate) -> Measure:
        if item.path is None:
            return len
        column = self._binder.column(self._sobject, item.path, self._query.alias)
        sums = item.function in ("SUM", "AVG")
        if not column.field.aggregatable or (sums and not column.field.is_number):
            raise QueryError(
                "INVALID_FIELD", f"field {column.field.name} does not support aggregate operator {item.function}", item.at
            )
        reduce = _FUNCTIONS[item.function]
        return lambda group: reduce([value for value in map(column.get, group) if value is not None])


def _folded(column: Column) -> Getter:
    return comparable(column.field, column.get)


def _first(get: Getter) -> Measure:
    return lambda group: get(group[0])
