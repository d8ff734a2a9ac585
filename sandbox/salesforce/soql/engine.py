"""Running a query: which rows, in which order, in which shape."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sandbox.salesforce.access import Access
from sandbox.salesforce.fields import ID_TYPES, Field, Value
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.schema import Schema, SObject
from sandbox.salesforce.soql.aggregate import is_aggregate, is_bare_count, summed_up
from sandbox.salesforce.soql.binding import Binder
from sandbox.salesforce.soql.conditions import Conditions, comparable
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.problems import QueryError, malformed
from sandbox.salesforce.soql.shape import Children, Record, Shape, shape_of
from sandbox.salesforce.soql.tree import Comparison, Condition, Group, Literal_, Membership, Ordering, Path, Query
from sandbox.salesforce.store import Row, Store


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and whether deleted and archived rows are theirs to see (`queryAll`)."""

    user_id: str
    sees_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """The rows of an answer, shaped page by page; `ready` holds summed-up records instead of rows.

    `long_text_columns` counts the custom ones, which make pages shrink.
    """

    object: str
    total: int
    rows: list[Row]
    shape: Shape | None
    ready: list[Record]
    long_text_columns: int = 0

    def page(self, start: int, size: int, base: str) -> list[Record]:
        """The records from `start` on, at most `size`."""
        if self.shape is None:
            return self.ready[start : start + size]
        return [self.shape.record(row, base) for row in self.rows[start : start + size]]

    @property
    def length(self) -> int:
        """How many records there are to page through; none for a bare count."""
        return len(self.ready) if self.shape is None else len(self.rows)


class Engine:
    """Queries over one org."""

    def __init__(self, schema: Schema, store: Store, access: Access) -> None:
        self._schema = schema
        self._store = store
        self._access = access

    def run(self, text: str, caller: Caller, now: datetime) -> Result:
        """The answer to a query.

        Raises:
            SalesforceError: MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE and so on, with the place.
        """
        try:
            query = parse(text)
            return _Run(self._schema, self._store, self._access, caller, now).result(query)
        except QueryError as problem:
            raise problem.against(text) from None


class _Run:
    def __init__(self, schema: Schema, store: Store, access: Access, caller: Caller, now: datetime) -> None:
        self._schema = schema
        self._store = store
        self._caller = caller
        self._now = now
        self._binder = Binder(schema, store, access, caller.user_id)

    def result(self, query: Query) -> Result:
        sobject = self._binder.source(query.source, query.source_at)
        if is_aggregate(query):
            return self._aggregate(query, sobject)
        shape = shape_of(query, sobject, self._binder, self._children)
        rows = self._rows(query, sobject)
        columns = [step for _, step in shape.steps if isinstance(step, Field)]
        long_texts = sum(1 for column in columns if column.is_long_text and column.custom)
        return Result(sobject.name, len(rows), rows, shape, [], long_texts)

    def _aggregate(self, query: Query, sobject: SObject) -> Result:
        rows = self._filtered(query, sobject)
        if is_bare_count(query) and not query.group_by:
            total = len(rows) if query.limit is None else min(len(rows), query.limit)
            return Result(sobject.name, total, [], None, [])
        records = summed_up(query, sobject, self._binder, rows)
        records = records[query.offset :][: query.limit]
        return Result(sobject.name, len(records), [], None, records)

    def _rows(self, query: Query, sobject: SObject) -> list[Row]:
        rows = self._ordered(query, sobject, self._filtered(query, sobject))
        return rows[query.offset :][: query.limit] if query.limit is not None else rows[query.offset :]

    def _filtered(self, query: Query, sobject: SObject) -> list[Row]:
        """The rows that pass, newest first: without ORDER BY the order is undefined, and ties stay as they are here."""
        candidates = self._candidates(query.where, sobject)
        rows: Iterable[Row] = reversed(list(candidates))
        if not self._caller.sees_deleted:
            rows = (row for row in rows if row.values.get("IsDeleted") is not True)
        if query.where is None:
            return list(rows)
        conditions = Conditions(self._binder, sobject, query.alias, self._now, self._ids)
        test = conditions.test(query.where)
        return [row for row in rows if test(row)]

    def _candidates(self, condition: Condition | None, sobject: SObject) -> Collection[Row]:
        """All rows of the object, or the few whose ids the condition names."""
        if isinstance(condition, Group) and condition.word == "AND":
            narrowed = [self._candidates(part, sobject) for part in condition.conditions]
            return min(narrowed, key=len)
        found = [self._store.find(record_id) for record_id in _named_ids(condition)]
        if found:
            return [row for row in found if row is not None and row.object == sobject.name]
        return self._store.rows(sobject.name)

    def _ordered(self, query: Query, sobject: SObject, rows: list[Row]) -> list[Row]:
        for ordering in reversed(query.order_by):
            rows = self._sorted(ordering, query, sobject, rows)
        return rows

    def _sorted(self, ordering: Ordering, query: Query, sobject: SObject, rows: list[Row]) -> list[Row]:
        column = self._binder.column(sobject, ordering.path, query.alias)
        if not column.field.sortable:
            raise malformed(f"field '{column.field.name}' can not be sorted in a query call", ordering.path.at)
        get = comparable(column.field, column.get)
        empty = [row for row in rows if get(row) is None]
        filled = [row for row in rows if get(row) is not None] if empty else rows
        filled = sorted(filled, key=get, reverse=ordering.direction == "DESC")  # type: ignore[arg-type]  # one field's values are of one type
        return empty + filled if ordering.nulls == "FIRST" else filled + empty

    def _children(self, parent: SObject, query: Query) -> Children:
        relationship = next((r for r in self._schema.children(parent.name) if r.name.lower() == query.source.lower()), None)
        if relationship is None:
            raise QueryError(
                "INVALID_TYPE",
                f"Didn't understand relationship '{query.source}' in FROM part of query call. If you are attempting to "
                "use a custom relationship, be sure to append the '__r' after the custom relationship name. Please "
                "reference your WSDL or the describe call for the appropriate names.",
                query.source_at,
            )
        child = self._schema.named(relationship.child)
        by_parent: dict[str, list[Row]] = {}
        for row in self._ordered(query, child, self._filtered(query, child)):
            owner = row.values.get(relationship.field)
            if isinstance(owner, str):
                by_parent.setdefault(owner, []).append(row)
        if query.limit is not None:
            by_parent = {owner: rows[: query.limit] for owner, rows in by_parent.items()}
        return Children(relationship.name, by_parent, shape_of(query, child, self._binder, _no_grandchildren))

    def _ids(self, query: Query) -> frozenset[Value]:
        """The ids that a semi-join compares with."""
        sobject = self._binder.source(query.source, query.source_at)
        item = query.select[0]
        if len(query.select) != 1 or not isinstance(item, Path):
            raise malformed("semi join sub-selects must select exactly one field", query.at)
        column = self._binder.column(sobject, item, query.alias)
        if column.field.type not in ID_TYPES:
            raise malformed("semi join sub-selects must select an id or reference field", item.at)
        values = (column.get(row) for row in self._rows(query, sobject))
        return frozenset(value for value in values if value is not None)


def _named_ids(condition: Condition | None) -> list[str | None]:
    """The ids that a condition on `Id` names, each once; none for any other condition."""
    written: tuple[Literal_, ...] = ()
    if isinstance(condition, Comparison) and condition.operator == "=":
        written = (condition.value,)
    elif isinstance(condition, Membership) and condition.operator == "IN":
        written = condition.values
    else:
        return []
    if condition.path.text.lower() != "id":
        return []
    return list(dict.fromkeys(long_id(value.text) for value in written if value.kind == "string"))


def _no_grandchildren(_parent: SObject, query: Query) -> Children:
    raise malformed("child queries cannot be nested further", query.at)
