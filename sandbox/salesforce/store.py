"""The records of the org: rows by object and id, with orders over the fields that they are looked up by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec

from sandbox.clock import TwinClock
from sandbox.salesforce.fields import ID_TYPES, Field, Value
from sandbox.salesforce.ids import IdMint, long_id
from sandbox.salesforce.lateness import Held, Lateness
from sandbox.salesforce.ordered import Ordered, index_key
from sandbox.salesforce.schema import SETUP_OBJECTS, Schema
from sandbox.salesforce.soql.dates import stamp
from sandbox.salesforce.table import Row, Table, Values, View
from sandbox.salesforce.tables.history import HISTORIES

STAMPS = frozenset({"CreatedDate", "LastModifiedDate", "SystemModstamp"})

__all__ = ["Row", "Seeds", "Store", "StoredRecords"]


class Seeds(Protocol):
    """The records that come from a market, in districts that are put in when one of theirs is first wanted."""

    def objects(self) -> Sequence[str]:
        """The objects that have such records."""
        ...

    def together(self, object_name: str) -> Sequence[str]:
        """The objects whose records of a district are put in at once with those of this object."""
        ...

    def counts(self, object_name: str) -> Sequence[int]:
        """How many records each district has."""
        ...

    def first_ids(self, object_name: str) -> Sequence[str]:
        """For each district an id that none of its records lies below; the next district's lie above all of them."""
        ...

    def fill(self, object_name: str, place: int, put: Callable[[str, Values], Row]) -> None:
        """Put in the district's records of these objects, each object's in order of id."""
        ...


class _StoredRow(msgspec.Struct, frozen=True, array_like=True):
    seeded: bool
    values: dict[str, Value]


class _StoredHold(msgspec.Struct, frozen=True, array_like=True):
    record_id: str
    former: _StoredRow | None
    seconds_left: float


class StoredRecords(msgspec.Struct, frozen=True, array_like=True):
    """All records that are not as the market has them, by object; what is held back; and how far ids have got."""

    rows: dict[str, list[_StoredRow]]
    held: list[_StoredHold]
    minted: dict[str, int]


class Store:
    """All rows, deleted ones included."""

    def __init__(self, schema: Schema, clock: TwinClock, lateness: Lateness | None = None) -> None:
        self._schema = schema
        self._clock = clock
        self._lateness = lateness or Lateness()
        self._mint = IdMint()
        self._seeds: Seeds | None = None
        self._undo: list[Callable[[], None]] | None = None
        self._arrived = 0
        self._held: dict[str, Held] = {}
        self._shapes = {sobject.name: type(sobject.name, (), {}) for sobject in schema}
        self._tables: dict[str, Table] = {sobject.name: self._table(sobject.name) for sobject in schema}

    def _table(self, object_name: str) -> Table:
        return Table(lambda place: self._fill(object_name, place))

    def now(self) -> str:
        """The org's time in stored form."""
        return stamp(self._clock.now())

    def attach(self, seeds: Seeds) -> None:
        """Take the records of a market in, without reading them yet; clients' records get ids behind theirs."""
        self._seeds = seeds
        for name in seeds.objects():
            counts = seeds.counts(name)
            self._tables[name].expect(seeds.first_ids(name), counts)
            self._mint.skip(self._schema.named(name).prefix, sum(counts))

    def table(self, object_name: str) -> Table:
        """All rows of an object, as they are."""
        return self._tables[object_name]

    def rows(self, object_name: str) -> Collection[Row]:
        """All rows of an object, deleted ones too, oldest first. The whole market's are read for it."""
        return list(self._tables[object_name].oldest_first())

    def changed_rows(self, object_name: str) -> Collection[Row]:
        """The rows of an object that are not as the market has them."""
        return list(self._tables[object_name].changed())

    def count(self, object_name: str) -> int:
        """How many rows of an object are not deleted."""
        table = self._tables[object_name]
        return len(table) - len(table.binned)

    def view(self, object_name: str, *, sees_deleted: bool = False) -> View:
        """The rows of an object as a query sees them now: late writes are not there yet."""
        table = self._tables[object_name]
        hidden = frozenset(table.erased if sees_deleted else table.binned)
        return View(table, hidden, self._former(object_name, sees_deleted=sees_deleted))

    def _former(self, object_name: str, *, sees_deleted: bool) -> dict[str, Row | None]:
        now = self._clock.seconds()
        self._held = {record_id: held for record_id, held in self._held.items() if held.until_seconds > now}
        found: dict[str, Row | None] = {}
        for record_id, held in self._held.items():
            if held.row.object == object_name:
                former = held.former
                found[record_id] = None if former is None or (former.deleted and not sees_deleted) else former
        return found

    def original(self, record_id: Value) -> Row | None:
        """A row of the market as it was before anybody changed it."""
        row = self.find(record_id)
        return None if row is None else self._tables[row.object].originals.get(row.id, row)

    def find(self, record_id: Value) -> Row | None:
        """The row with this id, in either form; deleted ones too, erased ones not."""
        row = self._kept_row(record_id)
        return None if row is None or row.erased else row

    def _kept_row(self, record_id: Value) -> Row | None:
        if not isinstance(record_id, str):
            return None
        row = self._found(record_id)
        if row is None:
            full = long_id(record_id)
            row = None if full is None or full == record_id else self._found(full)
        return row

    def _found(self, record_id: str) -> Row | None:
        sobject = self._schema.of_id(record_id)
        row = None if sobject is None else self._tables[sobject.name].find(record_id)
        if row is not None or (sobject is not None and sobject.name not in HISTORIES):
            return row
        # What the Tooling API calls ids of definitions are names, and histories share one kind of ids.
        return next((table.added[record_id] for table in self._tables.values() if record_id in table.added), None)

    def matching(self, object_name: str, field: Field, value: Value) -> list[Row]:
        """The rows not deleted whose field has this value; text is compared as the field says."""
        key = index_key(field, value)
        rows = self._tables[object_name].order(field).within(((key, key),))
        return sorted((row for row in rows if not row.deleted), key=lambda row: (row.number, row.id))

    def index(self, object_name: str, field: Field) -> None:
        """Say that a field is new: no row of the market has filled it, so that none need be read to look it up."""
        self._tables[object_name].young.add(field.name)

    def order(self, object_name: str, field: Field) -> Ordered | Table | None:
        """The order of an object's rows by a field, where the org keeps one: ids, references, system times, keys."""
        if field.type == "id":
            return self._tables[object_name]
        keyed = field.is_text and (field.id_lookup or field.external_id or field.unique)
        if field.type in ID_TYPES or field.name in STAMPS or keyed:
            return self._tables[object_name].order(field)
        return None

    def load(self, object_name: str, values: Mapping[str, Value]) -> Row:
        """Put in a seeded row as it is; `Id` is minted where the values have none."""
        return self._put(object_name, values, seeded=True)

    def insert(self, object_name: str, values: Mapping[str, Value]) -> Row:
        """Put in a row that a client made. Queries may see it late."""
        row = self._put(object_name, values, seeded=False)
        self._hold(row, None)
        return row

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

    def _fill(self, object_name: str, place: int) -> None:
        seeds = self._seeds
        assert seeds is not None
        blocks: dict[str, list[Row]] = {name: [] for name in seeds.together(object_name)}
        for name, block in blocks.items():
            self._tables[name].blocks[place] = block

        def put(name: str, values: Values) -> Row:
            row = Row(name, self._kept(name, values), seeded=True)
            blocks[name].append(row)
            return row

        seeds.fill(object_name, place, put)

    def _kept(self, object_name: str, values: Mapping[str, Value]) -> Values:
        """The filled values, in a dictionary that shares its names with those of the object's other rows."""
        holder = self._shapes[object_name]()
        for name, value in values.items():
            if value is not None:
                setattr(holder, name, value)
        shared: Values = holder.__dict__
        return shared

    def _put(self, object_name: str, values: Mapping[str, Value], *, seeded: bool) -> Row:
        prefix = self._schema.named(object_name).prefix
        record_id = values.get("Id") or self._mint.mint(prefix)
        self._arrived += 1
        kept = self._kept(object_name, {**values, "Id": record_id})
        row = Row(object_name, kept, seeded=seeded, number=self._arrived)
        self._tables[object_name].added[row.id] = row
        self._register(row, row.values)
        if self._undo is not None:
            self._undo.append(lambda: self._remove(row))
        return row

    def _remove(self, row: Row) -> None:
        self._held.pop(row.id, None)
        self._unregister(row, row.values)
        del self._tables[row.object].added[row.id]

    def change(self, row: Row, changes: Mapping[str, Value]) -> None:
        """Set fields of a row; `None` empties one. Queries may see what moves its time of change late."""
        former = _copy(row)
        held = self._held.get(row.id)
        if self._undo is not None:
            self._undo.append(lambda: self._take_back(former, row, held, changes))
        self._set(row, changes)
        if "SystemModstamp" in changes:
            self._hold(row, former)

    def erase(self, row: Row) -> None:
        """Leave nothing of a deleted row but that its id was taken."""
        self._held.pop(row.id, None)
        self._set(row, {**dict.fromkeys(row.values), "Id": row.id, "IsDeleted": True})

    def _take_back(self, former: Row, row: Row, held: Held | None, changes: Mapping[str, Value]) -> None:
        self._set(row, {name: former.values.get(name) for name in changes})
        self._held.pop(row.id, None)
        if held is not None:
            self._held[row.id] = held

    def _hold(self, row: Row, former: Row | None) -> None:
        """Let queries see this write late, by lot; what was held back of the row before is to be seen from now on."""
        self._held.pop(row.id, None)
        seconds = None if row.object in SETUP_OBJECTS else self._lateness.draw_seconds()
        if seconds is not None:
            self._held[row.id] = Held(row, former, self._clock.seconds() + seconds)

    def _set(self, row: Row, changes: Mapping[str, Value]) -> None:
        if row.number == 0:
            self._tables[row.object].originals.setdefault(row.id, _copy(row))
        self._unregister(row, changes)
        for name, value in changes.items():
            if value is None:
                row.values.pop(name, None)
            else:
                row.values[name] = value
        self._register(row, changes)

    def _register(self, row: Row, changes: Mapping[str, Value]) -> None:
        table = self._tables[row.object]
        for name, order in table.orders.items():
            if name in changes:
                order.add(row)
        if row.deleted:
            table.binned.add(row.id)
        if row.erased:
            table.erased.add(row.id)

    def _unregister(self, row: Row, changes: Mapping[str, Value]) -> None:
        table = self._tables[row.object]
        for name, order in table.orders.items():
            if name in changes:
                order.remove(row)
        table.binned.discard(row.id)
        table.erased.discard(row.id)

    def save(self) -> StoredRecords:
        """Everything that differs from the market."""
        now = self._clock.seconds()
        rows = {name: [_stored(row) for row in table.changed()] for name, table in self._tables.items()}
        held = [
            _StoredHold(key, None if each.former is None else _stored(each.former), each.until_seconds - now)
            for key, each in self._held.items()
        ]
        return StoredRecords({name: found for name, found in rows.items() if found}, held, self._mint.numbers())

    def restore(self, stored: StoredRecords) -> None:
        """Bring back what was saved over the same market; what is different now is forgotten."""
        for table in self._tables.values():
            for original in table.originals.values():
                self._become(original.id, original.values)
            table.forget()
        self._held = {}
        self._mint = IdMint(stored.minted)
        for name, rows in stored.rows.items():
            for each in rows:
                self._restore_row(name, each)
        for hold in stored.held:
            row = self.find(hold.record_id)
            if row is not None:
                former = hold.former
                before = None if former is None else Row(row.object, former.values, seeded=former.seeded, number=row.number)
                self._held[row.id] = Held(row, before, self._clock.seconds() + hold.seconds_left)

    def _restore_row(self, object_name: str, stored: _StoredRow) -> None:
        record_id = str(stored.values["Id"])
        if self._kept_row(record_id) is None:
            self._put(object_name, stored.values, seeded=stored.seeded)
        else:
            self._become(record_id, stored.values)

    def _become(self, record_id: str, values: Mapping[str, Value]) -> None:
        row = self._kept_row(record_id)
        if row is not None:
            self._set(row, {**dict.fromkeys(row.values), **values})


def _copy(row: Row) -> Row:
    return Row(row.object, dict(row.values), seeded=row.seeded, number=row.number)


def _stored(row: Row) -> _StoredRow:
    return _StoredRow(row.seeded, row.values)
