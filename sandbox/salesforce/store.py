"""The records of the org: rows by object and id, with indexes over the fields that records are looked up by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from sandbox.clock import TwinClock
from sandbox.salesforce.fields import Field, Value
from sandbox.salesforce.ids import IdMint, long_id
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.soql.dates import stamp


class Row:
    """One record: its object, its 18-character id, and its values by field name; empty fields are absent."""

    __slots__ = ("id", "object", "seeded", "values")

    def __init__(self, object_name: str, record_id: str, values: dict[str, Value], *, seeded: bool) -> None:
        self.object = object_name
        self.id = record_id
        self.values = values
        self.seeded = seeded

    @property
    def deleted(self) -> bool:
        """In the recycle bin."""
        return self.values.get("IsDeleted") is True


class Store:
    """All rows, deleted ones included."""

    def __init__(self, schema: Schema, clock: TwinClock) -> None:
        self._schema = schema
        self._clock = clock
        self._mint = IdMint()
        self._undo: list[Callable[[], None]] | None = None
        self._tables: dict[str, dict[str, Row]] = {sobject.name: {} for sobject in schema}
        self._by_id: dict[str, Row] = {}
        self._indexed: dict[str, list[Field]] = {sobject.name: [] for sobject in schema}
        self._indexes: dict[tuple[str, str], dict[str, dict[str, Row]]] = {}
        for sobject in schema:
            for field in sobject.fields.values():
                self.index(sobject.name, field)

    def now(self) -> str:
        """The org's time in stored form."""
        return stamp(self._clock.now())

    def rows(self, object_name: str) -> Collection[Row]:
        """All rows of an object, deleted ones too, oldest first."""
        return self._tables[object_name].values()

    def find(self, record_id: Value) -> Row | None:
        """The row with this id, in either form; deleted ones too."""
        if not isinstance(record_id, str):
            return None
        row = self._by_id.get(record_id)
        if row is None:
            full = long_id(record_id)
            row = None if full is None else self._by_id.get(full)
        return row

    def matching(self, object_name: str, field: Field, value: Value) -> list[Row]:
        """The rows not deleted whose indexed field has this value; text is compared as the field says."""
        index = self._indexes[(object_name, field.name)]
        return [row for row in index.get(_key(field, value), {}).values() if not row.deleted]

    def index(self, object_name: str, field: Field) -> None:
        """Start an index over a field that records are looked up by; no row has filled it yet."""
        if field.type != "id" and (field.id_lookup or field.external_id or field.unique):
            self._indexed[object_name].append(field)
            self._indexes[(object_name, field.name)] = {}

    def load(self, object_name: str, values: Mapping[str, Value]) -> Row:
        """Put in a seeded row as it is; `Id` is minted where the values have none."""
        return self._put(object_name, values, seeded=True)

    def insert(self, object_name: str, values: Mapping[str, Value]) -> Row:
        """Put in a row that a client made."""
        return self._put(object_name, values, seeded=False)

    @contextmanager
    def all_or_nothing(self) -> Iterator[Callable[[], None]]:
        """Within the block changes are remembered; calling what it gives takes them back, the last first."""
        outer, undo = self._undo, list[Callable[[], None]]()
        self._undo = undo

        def take_back() -> None:
            self._undo = None
            while undo:
                undo.pop()()

        try:
            yield take_back
        finally:
            if outer is not None:
                outer.extend(undo)
            self._undo = outer

    def _put(self, object_name: str, values: Mapping[str, Value], *, seeded: bool) -> Row:
        given = values.get("Id")
        prefix = self._schema.named(object_name).prefix
        record_id = given if isinstance(given, str) else self._mint.mint(prefix)
        kept = {name: value for name, value in values.items() if value is not None}
        row = Row(object_name, record_id, {"Id": record_id, **kept}, seeded=seeded)
        self._tables[object_name][record_id] = row
        self._by_id[record_id] = row
        self._register(row)
        if self._undo is not None:
            self._undo.append(lambda: self._remove(row))
        return row

    def _remove(self, row: Row) -> None:
        self._unregister(row, row.values)
        del self._tables[row.object][row.id]
        del self._by_id[row.id]

    def change(self, row: Row, changes: Mapping[str, Value]) -> None:
        """Set fields of a row; `None` empties one."""
        if self._undo is not None:
            former = {name: row.values.get(name) for name in changes}
            self._undo.append(lambda: self.change(row, former))
        self._unregister(row, changes)
        for name, value in changes.items():
            if value is None:
                row.values.pop(name, None)
            else:
                row.values[name] = value
        self._register(row)

    def _register(self, row: Row) -> None:
        for field in self._indexed[row.object]:
            value = row.values.get(field.name)
            if value is not None:
                entries = self._indexes[(row.object, field.name)].setdefault(_key(field, value), {})
                entries[row.id] = row

    def _unregister(self, row: Row, changes: Mapping[str, Value]) -> None:
        for field in self._indexed[row.object]:
            value = row.values.get(field.name)
            if field.name in changes and value is not None:
                self._indexes[(row.object, field.name)][_key(field, value)].pop(row.id, None)


def _key(field: Field, value: Value) -> str:
    return str(value) if field.case_sensitive else str(value).lower()
