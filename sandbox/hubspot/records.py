"""The records of one object type: rows, archived rows, merges, and the history of values."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sandbox.hubspot.index import Indexed, SearchIndex
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.times import iso

FIRST_ID = 9_501
"""Ids of different object types overlap, and cross a number of digits, so that neither can be relied on."""
KEPT_VALUES = 45
"""How many values of a property its history keeps (believed)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `properties` holds only values that are set and is never changed in place."""

    id: int
    properties: Mapping[str, str]
    created_ms: int
    modified_ms: int
    archived_ms: int | None = None
    by_client: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A property took this value at this time, from this source."""

    value: str
    at_ms: int
    source_type: str
    source_id: str


IMPORT = ("IMPORT", "seed")
API = ("INTEGRATION", "1048576")


class Records:
    """All records of one object type."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.index = SearchIndex()
        self._rows: dict[int, Row] = {}
        self._live: list[int] = []
        self._archived: list[int] = []
        self._aliases: dict[int, int] = {}
        self._unique: dict[tuple[str, str], int] = {}
        self._history: dict[tuple[int, str], tuple[Change, ...]] = {}
        self._next_id = FIRST_ID

    # Reading

    def find(self, record_id: str) -> Row | None:
        """The record with this id, archived or not; the id of a merged one leads to what it became."""
        if not record_id.isdecimal() or len(record_id) > 18:
            return None
        number = int(record_id)
        return self._rows.get(self._aliases.get(number, number))

    def find_by(self, property_name: str, value: str) -> Row | None:
        """The live record whose unique property has this value."""
        number = self._unique.get((property_name, value.lower()))
        return None if number is None else self._rows[number]

    def live(self) -> Iterator[Row]:
        """All records that are not archived, by id."""
        return (self._rows[number] for number in self._live)

    def all(self) -> Iterator[Row]:
        """All records, archived or not, by id."""
        return (self._rows[number] for number in sorted(self._rows))

    def page(self, after: int, limit: int) -> list[Row]:
        """Up to `limit` live records with ids from `after` on."""
        start = bisect_left(self._live, after)
        return [self._rows[number] for number in self._live[start : start + limit]]

    def archived_page(self, after: int, limit: int) -> list[Row]:
        """Up to `limit` archived records with ids from `after` on."""
        start = bisect_left(self._archived, after)
        return [self._rows[number] for number in self._archived[start : start + limit]]

    def history(self, row: Row, property_name: str) -> tuple[Change, ...]:
        """The values of a property, newest first; the present one only when it was never changed."""
        kept = self._history.get((row.id, property_name))
        if kept is not None:
            return kept
        value = row.properties.get(property_name)
        source = API if row.by_client else IMPORT
        return () if value is None else (Change(value, row.created_ms, *source),)

    # Writing

    def load(self, properties: dict[str, str], created_ms: int, modified_ms: int) -> Row:
        """Add a record that has been there for long; it is findable at once."""
        row = self._make(properties, created_ms, modified_ms)
        self.index.load(_indexed(row))
        return row

    def remember(self, row: Row, property_name: str, changes: tuple[Change, ...]) -> None:
        """Set the history (newest first) of a property of a loaded record."""
        self._history[row.id, property_name] = changes

    def create(self, properties: dict[str, str], at_ms: int) -> Row:
        """Add a record that a client made at `at_ms`."""
        row = replace(self._make(properties, at_ms, at_ms), by_client=True)
        self._rows[row.id] = row
        self.index.put(_indexed(row), at_ms)
        return row

    def change(self, row: Row, changes: Mapping[str, str], at_ms: int) -> Row:
        """Set (or, with an empty string, clear) values. Any write moves the modified time, also of equal values."""
        properties = dict(row.properties)
        for name, value in changes.items():
            self._note(row, name, value, at_ms)
            if value:
                properties[name] = value
            else:
                properties.pop(name, None)
        properties[self.kind.modified] = iso(at_ms)
        changed = replace(row, properties=properties, modified_ms=at_ms)
        self._reindex(row, changed)
        self._rows[row.id] = changed
        self.index.put(_indexed(changed), at_ms)
        return changed

    def archive(self, row: Row, at_ms: int) -> None:
        """Put a record into the bin. The modified time does not move (HubSpot leaves it)."""
        if row.archived_ms is not None:
            return
        self._rows[row.id] = replace(row, archived_ms=at_ms)
        self._live.remove(row.id)
        insort(self._archived, row.id)
        self._forget_unique(row)
        self.index.drop(row.id, at_ms)

    def alias(self, former: Row, now: Row) -> None:
        """Let the id of a record that was merged away lead to what it became."""
        for number, target in self._aliases.items():
            if target == former.id:
                self._aliases[number] = now.id
        self._aliases[former.id] = now.id

    def purge(self, row: Row) -> None:
        """Remove a record and its history for good."""
        del self._rows[row.id]
        ids = self._live if row.archived_ms is None else self._archived
        ids.remove(row.id)
        self._forget_unique(row)
        self._history = {key: value for key, value in self._history.items() if key[0] != row.id}
        self.index.purge(row.id)

    def _make(self, properties: dict[str, str], created_ms: int, modified_ms: int) -> Row:
        number = self._next_id
        self._next_id += 1
        properties["hs_object_id"] = str(number)
        properties[self.kind.created] = iso(created_ms)
        properties[self.kind.modified] = iso(modified_ms)
        row = Row(number, properties, created_ms, modified_ms)
        self._rows[number] = row
        self._live.append(number)
        for name in self.kind.unique:
            if value := properties.get(name):
                self._unique.setdefault((name, value.lower()), number)
        return row

    def _note(self, row: Row, name: str, value: str, at_ms: int) -> None:
        former = self.history(row, name)
        if not former or former[0].value != value:
            self._history[row.id, name] = (Change(value, at_ms, *API), *former)[:KEPT_VALUES]

    def _reindex(self, former: Row, now: Row) -> None:
        for name in self.kind.unique:
            if former.properties.get(name) != now.properties.get(name):
                self._forget_unique(former)
                if value := now.properties.get(name):
                    self._unique[name, value.lower()] = now.id

    def _forget_unique(self, row: Row) -> None:
        for name in self.kind.unique:
            key = (name, row.properties.get(name, "").lower())
            if self._unique.get(key) == row.id:
                del self._unique[key]


def _indexed(row: Row) -> Indexed:
    return Indexed(row.id, row.properties, row.created_ms, row.modified_ms)
