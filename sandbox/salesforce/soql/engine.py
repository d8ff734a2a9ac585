"""Running a query: which rows, in which order, in which shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import overload

from sandbox.salesforce.access import Access
from sandbox.salesforce.fields import ID_TYPES, Field, Value
from sandbox.salesforce.history import may_see
from sandbox.salesforce.ordered import Ordered
from sandbox.salesforce.schema import Schema, SObject
from sandbox.salesforce.soql.aggregate import is_aggregate, is_bare_count, summed_up
from sandbox.salesforce.soql.binding import Binder
from sandbox.salesforce.soql.conditions import Conditions, comparable
from sandbox.salesforce.soql.narrowing import narrowed
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.problems import QueryError, malformed
from sandbox.salesforce.soql.shape import Children, Record, Shape, shape_of
from sandbox.salesforce.soql.tree import Aggregate, Ordering, Path, Query
from sandbox.salesforce.store import STAMPS, Store
from sandbox.salesforce.table import EVERYTHING, Row, Table
from sandbox.salesforce.tables.history import HISTORIES

_FEW = 2000
"""Rows that are not worth looking for a better way to."""


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
    rows: Sequence[Row]
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


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows that pass; `length` is their number where it is known without looking at them."""

    rows: Iterator[Row]
    in_order: bool
    length: int | None = None


class Arriving(Sequence[Row]):
    """Rows whose number is known, taken from where they come when they are asked for, and kept."""

    def __init__(self, rows: Iterator[Row], length: int) -> None:
        self._coming = rows
        self._length = length
        self._here: list[Row] = []

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        wanted = range(self._length)[place]
        needed = wanted + 1 if isinstance(wanted, int) else max(wanted, default=-1) + 1
        self._here.extend(islice(self._coming, max(0, needed - len(self._here))))
        return self._here[place]


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
        self._access = access
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
        if is_bare_count(query) and not query.group_by:
            return Result(sobject.name, len(self._rows(query, sobject)), [], None, [])
        conditions = Conditions(self._binder, sobject, query.alias, self._now, self._ids)
        records = summed_up(query, sobject, self._binder, conditions, self._filtered(query, sobject))
        records = records[query.offset :][: query.limit]
        return Result(sobject.name, len(records), [], None, records)

    def _rows(self, query: Query, sobject: SObject) -> Sequence[Row]:
        """The rows of the answer; those that need no looking for arrive when their page is asked for."""
        found = self._found(query, sobject)
        rows = found.rows
        if query.order_by and not found.in_order:
            rows = iter(self._ordered(query, sobject, list(rows)))
        end = None if query.limit is None else query.offset + query.limit
        wanted = islice(rows, query.offset, end)
        if found.length is None:
            return list(wanted)
        length = found.length if end is None else min(found.length, end)
        return Arriving(wanted, max(0, length - query.offset))

    def _filtered(self, query: Query, sobject: SObject) -> Iterator[Row]:
        """The rows that pass, newest first: without ORDER BY the order is undefined, and ties stay as they are here."""
        return self._found(replace(query, order_by=()), sobject).rows

    def _found(self, query: Query, sobject: SObject) -> _Found:
        found = self._looked_up(query, sobject)
        if sobject.name not in HISTORIES:
            return found
        return replace(found, rows=filter(self._may_see, found.rows), length=None)

    def _may_see(self, row: Row) -> bool:
        return may_see(self._access, self._schema, self._caller.user_id, row)

    def _looked_up(self, query: Query, sobject: SObject) -> _Found:
        view = self._store.view(sobject.name, sees_deleted=self._caller.sees_deleted)
        if query.where is None:
            by = self._order_of(query, sobject)
            if by is not None:
                return _Found(view.walked(by, EVERYTHING), in_order=True, length=len(view))
            in_order = not query.order_by
            return _Found(view.newest_first(), in_order=in_order, length=len(view) if in_order else None)
        conditions = Conditions(self._binder, sobject, query.alias, self._now, self._ids)
        test = conditions.test(query.where)
        spans = narrowed(query.where, conditions, sobject)
        few = spans.get("Id")
        if few is not None and view.table.count(few) <= _FEW:
            return _Found(filter(test, view.among(view.table.within(few))), in_order=not query.order_by)
        by = self._order_of(query, sobject)
        orders = [(self._store.order(sobject.name, sobject.fields[name]), within) for name, within in spans.items()]
        ways = [(order, within) for order, within in orders if order is not None]
        best, within = min(ways, key=lambda way: way[0].count(way[1]), default=(None, EVERYTHING))
        if by is not None and (best is by or best is None):
            return _Found(filter(test, view.walked(by, within)), in_order=True)
        candidates = view.newest_first() if best is None else view.among(best.within(within))
        return _Found(filter(test, candidates), in_order=not query.order_by)

    def _order_of(self, query: Query, sobject: SObject) -> Ordered | Table | None:
        """The order that the org keeps and that is the one asked for: by id, or by a system time and id."""
        paths = [o.path for o in query.order_by if o.direction == "ASC" and isinstance(o.path, Path)]
        if len(paths) < len(query.order_by):
            return None
        fields = [sobject.field(path.text) for path in paths]
        kinds = [None if field is None else field.type if field.type == "id" else field.name for field in fields]
        if kinds == ["id"] and fields[0] is not None:
            return self._store.order(sobject.name, fields[0])
        if len(kinds) == 2 and kinds[0] in STAMPS and kinds[1] == "id" and fields[0] is not None:
            order = self._store.order(sobject.name, fields[0])
            return order if order is not None and len(order) == len(self._store.table(sobject.name)) else None
        return None

    def _ordered(self, query: Query, sobject: SObject, rows: list[Row]) -> list[Row]:
        for ordering in reversed(query.order_by):
            rows = self._sorted(ordering, query, sobject, rows)
        return rows

    def _sorted(self, ordering: Ordering, query: Query, sobject: SObject, rows: list[Row]) -> list[Row]:
        if isinstance(ordering.path, Aggregate):
            raise malformed("aggregate functions in ORDER BY need grouped rows", ordering.path.at)
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
        for row in self._ordered(query, child, list(self._filtered(query, child))):
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


def _no_grandchildren(_parent: SObject, query: Query) -> Children:
    raise malformed("child queries cannot be nested further", query.at)
