"""What a SELECT list makes of a row: the JSON record that the client gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sandbox.salesforce.fields import Field
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.soql.binding import Binder, Column, kind_or_value
from sandbox.salesforce.soql.problems import QueryError, malformed
from sandbox.salesforce.soql.tree import AllFields, Path, Query, TypeOf
from sandbox.salesforce.store import Row

Record = dict[str, object]
MAX_FIELDS_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Children:
    """A child query that has been run: the shaped records under each parent's id."""

    name: str
    by_parent: Mapping[str, list[Row]]
    shape: Shape


@dataclass(slots=True)
class Shape:
    """The columns of one level of the answer, in the order in which they were asked for.

    `by_kind` are other columns for parents of these objects (TYPEOF); a parent of no kind without columns is null.
    """

    binder: Binder
    kind: str | None = None
    steps: list[tuple[str, Field | Shape | Children]] = field(default_factory=list)
    links: dict[str, Field] = field(default_factory=dict)
    by_kind: dict[str, Shape] = field(default_factory=dict)
    _plain: tuple[str, ...] | None = None

    def record(self, row: Row, base: str) -> Record:
        """The JSON record of a row; `base` is the path of the API version, `/services/data/v67.0`."""
        url = f"{base}/sobjects/{row.object}/{row.id}"
        shaped: Record = {"attributes": {"type": self.kind or row.object, "url": url}}
        values = row.values
        if self._plain is None:
            self._plain = self._own_columns()
        if self._plain:
            shaped.update({name: values.get(name) for name in self._plain})
            return shaped
        for name, step in self.steps:
            if isinstance(step, Field):
                shaped[name] = values.get(name) if self.kind is None else kind_or_value(step)(row)
            elif isinstance(step, Shape):
                shaped[name] = step.record_of(self.binder.parent(row, self.links[name]), base)
            else:
                shaped[name] = _child_result(step, row, base)
        return shaped

    def record_of(self, parent: Row | None, base: str) -> Record | None:
        """The JSON record of a parent, which may be missing."""
        if parent is None:
            return None
        shape = self.by_kind.get(parent.object, self)
        return None if self.by_kind and not shape.steps else shape.record(parent, base)

    def _own_columns(self) -> tuple[str, ...]:
        """The columns of a level that has nothing but the record's own; none for any other."""
        simple = self.kind is None and all(isinstance(step, Field) for _, step in self.steps)
        return tuple(name for name, _ in self.steps) if simple else ()

    def add(self, column: Column, at: int) -> None:
        """Add a column, opening a level for each parent on its path.

        Raises:
            QueryError: when the same field is asked for twice.
        """
        here = self
        for name, lookup in zip(column.names[:-1], column.lookups, strict=True):
            here = here._level(name, lookup)
        name = column.names[-1]
        if any(taken == name for taken, _ in here.steps):
            raise malformed(f"duplicate field selected: {'.'.join(column.names)}", at)
        here.steps.append((name, column.field))

    def add_kinds(self, item: TypeOf, sobject: SObject, alias: str | None) -> None:
        """Add a parent whose columns hang on what it is.

        Raises:
            QueryError: for a lookup that leads to one kind of object only, and for kinds that it does not lead to.
        """
        column = self.binder.column(sobject, replace(item.path, parts=(*item.path.parts, "Id")), alias)
        name, lookup = column.names[0], column.lookups[0]
        if len(column.lookups) > 1 or not lookup.polymorphic or any(taken == name for taken, _ in self.steps):
            raise malformed(f"TYPEOF needs a relationship to several objects, asked for once: {item.path.text}", item.at)
        level = self._level(name, lookup)
        for path in item.otherwise:
            found = self.binder.column(sobject, replace(path, parts=(*item.path.parts, *path.parts)), alias)
            level.steps.append((found.names[-1], found.field))
        for kind, paths in item.branches:
            target = self.binder.source(kind.text, kind.at)
            if target.name not in lookup.references:
                raise malformed(f"{kind.text} is not what {item.path.text} refers to", kind.at)
            branch = level.by_kind[target.name] = Shape(self.binder)
            for path in paths:
                branch.add(self.binder.column(target, path), path.at)

    def _level(self, name: str, lookup: Field) -> Shape:
        for taken, step in self.steps:
            if taken == name and isinstance(step, Shape):
                return step
        level = Shape(self.binder, "Name" if lookup.polymorphic else None)
        self.steps.append((name, level))
        self.links[name] = lookup
        return level


def _child_result(step: Children, row: Row, base: str) -> Record | None:
    rows = step.by_parent.get(row.id)
    if not rows:
        return None
    return {
        "totalSize": len(rows),
        "done": True,
        "records": [step.shape.record(child, base) for child in rows],
    }


def shape_of(query: Query, sobject: SObject, binder: Binder, children: Callable[[SObject, Query], Children]) -> Shape:
    """The shape that a SELECT list asks for; `children` runs a child query.

    Raises:
        QueryError: for fields that are not there or asked for twice.
    """
    shape = Shape(binder)
    for item in query.select:
        if isinstance(item, Query):
            found = children(sobject, item)
            shape.steps.append((found.name, found))
        elif isinstance(item, AllFields):
            _check_all_fields(query, item)
            for each in _group(item, binder.visible(sobject)):
                shape.steps.append((each.name, each))
        elif isinstance(item, Path):
            shape.add(binder.column(sobject, item, query.alias), item.at)
        elif isinstance(item, TypeOf):
            shape.add_kinds(item, sobject, query.alias)
        else:
            raise malformed("aggregate functions cannot be mixed with child queries", item.at)
    return shape


def _check_all_fields(query: Query, item: AllFields) -> None:
    if item.group != "STANDARD" and (query.limit is None or query.limit > MAX_FIELDS_LIMIT):
        raise QueryError("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200", item.at)


def _group(item: AllFields, fields: list[Field]) -> list[Field]:
    return [f for f in fields if item.group == "ALL" or f.custom is (item.group == "CUSTOM")]
