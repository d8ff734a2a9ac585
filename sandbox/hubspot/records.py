"""The records of one object type: those the account came with, and what became of them.

An account can come with a million records, so they are looked up where they are kept (`GivenRows`), and only what
differs from them is held here: rows that were made, changed or archived, and the ids of rows that are gone.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from sandbox.hubspot.fragments import Fragments
from sandbox.hubspot.index import SearchIndex
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.times import iso

FIRST_ID = 9_501
"""Ids of different object types overlap, and cross a number of digits, so that neither can be relied on."""
KEPT_VALUES = 45
"""How many values of a property its history keeps (believed)."""
_CHUNK = 500


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


History = tuple[Change, ...]
"""The values of a property, newest first."""
IMPORT = ("IMPORT", "seed")
API = ("INTEGRATION", "1048576")


class GivenRows(Protocol):
    """The rows of one type that an account came with, with ids from `FIRST_ID` on without a gap. They never change."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    def span(self, first: int, end: int) -> Sequence[Row]:
        """The rows with ids from `first` to before `end`, both within those that there are."""
        ...

    def history(self, record_id: int, property_name: str) -> History | None:
        """The values of a property where more is known than the present one."""
        ...


class NoRows:
    """An account that came without rows of a type."""

    count = 0

    def span(self, first: int, end: int) -> Sequence[Row]:
        """None."""
        return ()

    def history(self, record_id: int, property_name: str) -> History | None:
        """None."""
        return None


class Differences(msgspec.Struct, frozen=True):
    """What has become of the records of one type since the account came."""

    rows: list[Row]
    gone: list[int]
    aliases: dict[int, int]
    histories: list[tuple[int, str, History]]
    next_id: int


class Records:
    """All records of one object type."""

    def __init__(self, kind: Kind, given: GivenRows | None = None) -> None:
        self.kind = kind
        self._given = given or NoRows()
        self._given_end = FIRST_ID + self._given.count
        self.index = SearchIndex(self)
        self.fragments: Fragments[Row] = Fragments()
        self._start_over()

    def _start_over(self) -> None:
        self._rows: dict[int, Row] = {}
        self._made: list[int] = []
        self._archived: list[int] = []
        self._gone: set[int] = set()
        self._aliases: dict[int, int] = {}
        self._history: dict[tuple[int, str], History] = {}
        self._holders: dict[str, dict[str, int]] = {}
        self._next_id = self._given_end

    # Reading

    def find(self, record_id: str) -> Row | None:
        """The record with this id, archived or not; the id of a merged one leads to what it became."""
        if not record_id.isdecimal() or len(record_id) > 18:
            return None
        number = int(record_id)
        return self._row(self._aliases.get(number, number))

    def find_by(self, property_name: str, value: str) -> Row | None:
        """The live record whose value of this property is this one, whatever its case; the first where several have it.

        The first call for a property reads every record.
        """
        holders = self._holders.get(property_name)
        if holders is None:
            holders = self._holders[property_name] = {}
            for row in self.live():
                if held := row.properties.get(property_name):
                    holders.setdefault(held.lower(), row.id)
        number = holders.get(value.lower())
        return None if number is None else self._row(number)

    def live(self) -> Iterator[Row]:
        """All records that are not archived, by id. A record that is written meanwhile may show its former state."""
        after = 0
        while rows := self.page(after, _CHUNK):
            yield from rows
            after = rows[-1].id + 1

    def all(self) -> Iterator[Row]:
        """All records, archived or not, by id."""
        archived = iter([*(self._rows[number] for number in self._archived)])
        waiting = next(archived, None)
        for row in self.live():
            while waiting is not None and waiting.id < row.id:
                yield waiting
                waiting = next(archived, None)
            yield row
        if waiting is not None:
            yield waiting
            yield from archived

    def page(self, after: int, limit: int) -> list[Row]:
        """Up to `limit` live records with ids from `after` on."""
        found: list[Row] = []
        first = max(after, FIRST_ID)
        while len(found) < limit and first < self._given_end:
            end = min(first + limit - len(found), self._given_end)
            found.extend(self._as_they_are(first, end))
            first = end
        if len(found) < limit:
            start = bisect_left(self._made, after)
            found.extend(self._rows[number] for number in self._made[start : start + limit - len(found)])
        return found

    def archived_page(self, after: int, limit: int) -> list[Row]:
        """Up to `limit` archived records with ids from `after` on."""
        start = bisect_left(self._archived, after)
        return [self._rows[number] for number in self._archived[start : start + limit]]

    def history(self, row: Row, property_name: str) -> History:
        """The values of a property, newest first; the present one only when it was never changed."""
        kept = self._history.get((row.id, property_name))
        if kept is None and self._is_given(row.id):
            kept = self._given.history(row.id, property_name)
        if kept is not None:
            return kept
        value = row.properties.get(property_name)
        source = API if row.by_client else IMPORT
        return () if value is None else (Change(value, row.created_ms, *source),)

    # Writing

    def load(self, properties: dict[str, str], created_ms: int, modified_ms: int) -> Row:
        """Add a record that has been there for long; it is findable at once."""
        row = self._make(properties, created_ms, modified_ms, by_client=False)
        self.index.reload()
        return row

    def create(self, properties: dict[str, str], at_ms: int) -> Row:
        """Add a record that a client made at `at_ms`."""
        self.index.note(self._next_id, None, at_ms)
        return self._make(properties, at_ms, at_ms, by_client=True)

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
        self.index.note(row.id, row, at_ms)
        self._release(row)
        self._rows[row.id] = changed
        self._hold(changed)
        return changed

    def archive(self, row: Row, at_ms: int) -> None:
        """Put a record into the bin. The modified time does not move (HubSpot leaves it)."""
        if row.archived_ms is not None:
            return
        self.index.note(row.id, row, at_ms)
        self._release(row)
        self._rows[row.id] = replace(row, archived_ms=at_ms)
        if not self._is_given(row.id):
            self._made.remove(row.id)
        insort(self._archived, row.id)

    def bring_back(self, row: Row, at_ms: int) -> None:
        """Take a record out of the bin. The modified time moves (believed)."""
        self.index.note(row.id, None, at_ms)
        properties = {**row.properties, self.kind.modified: iso(at_ms)}
        live = replace(row, properties=properties, modified_ms=at_ms, archived_ms=None)
        self._rows[row.id] = live
        self._archived.remove(row.id)
        if not self._is_given(row.id):
            insort(self._made, row.id)
        self._hold(live)

    def alias(self, former: Row, now: Row) -> None:
        """Let the id of a record that was merged away lead to what it became."""
        for number, target in self._aliases.items():
            if target == former.id:
                self._aliases[number] = now.id
        self._aliases[former.id] = now.id

    def purge(self, row: Row) -> None:
        """Remove a record and its history for good."""
        self._release(row)
        self._rows.pop(row.id, None)
        if row.archived_ms is not None:
            self._archived.remove(row.id)
        elif not self._is_given(row.id):
            self._made.remove(row.id)
        if self._is_given(row.id):
            self._gone.add(row.id)
        self._history = {key: value for key, value in self._history.items() if key[0] != row.id}
        self.index.purge(row.id)

    # Keeping

    def differences(self) -> Differences:
        """Everything that is not as it came."""
        return Differences(
            rows=[self._rows[number] for number in sorted(self._rows)],
            gone=sorted(self._gone),
            aliases=dict(self._aliases),
            histories=[(record_id, name, changes) for (record_id, name), changes in self._history.items()],
            next_id=self._next_id,
        )

    def restore(self, kept: Differences) -> None:
        """Take these differences in place of the present ones; all of it is findable at once."""
        self._start_over()
        self.index = SearchIndex(self)
        for row in kept.rows:
            self._rows[row.id] = row
            if row.archived_ms is not None:
                self._archived.append(row.id)
            elif not self._is_given(row.id):
                self._made.append(row.id)
        self._gone = set(kept.gone)
        self._aliases = dict(kept.aliases)
        self._history = {(record_id, name): changes for record_id, name, changes in kept.histories}
        self._next_id = kept.next_id

    def _is_given(self, number: int) -> bool:
        return FIRST_ID <= number < self._given_end

    def _row(self, number: int) -> Row | None:
        row = self._rows.get(number)
        if row is None and self._is_given(number) and number not in self._gone:
            return self._given.span(number, number + 1)[0]
        return row

    def _as_they_are(self, first: int, end: int) -> Sequence[Row]:
        """The live ones among the given rows of a span."""
        rows = self._given.span(first, end)
        if not self._rows and not self._gone:
            return rows
        present = (self._rows.get(row.id, row) for row in rows if row.id not in self._gone)
        return [row for row in present if row.archived_ms is None]

    def _make(self, properties: dict[str, str], created_ms: int, modified_ms: int, *, by_client: bool) -> Row:
        number = self._next_id
        self._next_id += 1
        properties["hs_object_id"] = str(number)
        properties[self.kind.created] = iso(created_ms)
        properties[self.kind.modified] = iso(modified_ms)
        row = Row(number, properties, created_ms, modified_ms, by_client=by_client)
        self._rows[number] = row
        self._made.append(number)
        self._hold(row)
        return row

    def _note(self, row: Row, name: str, value: str, at_ms: int) -> None:
        former = self.history(row, name)
        if not former or former[0].value != value:
            self._history[row.id, name] = (Change(value, at_ms, *API), *former)[:KEPT_VALUES]

    def _hold(self, row: Row) -> None:
        for name, holders in self._holders.items():
            if value := row.properties.get(name):
                holders.setdefault(value.lower(), row.id)

    def _release(self, row: Row) -> None:
        for name, holders in self._holders.items():
            value = row.properties.get(name, "").lower()
            if holders.get(value) == row.id:
                del holders[value]
