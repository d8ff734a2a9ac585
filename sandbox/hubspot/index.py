"""The search index of one object type: what search believes of records, which is not always what they are.

Two things separate the index from the records. Every change arrives `LAG_MILLISECONDS` late ("a few moments", HubSpot docs:
search); until then search shows the former state. And some changes arrive at a wrong place: for hours the index keeps them
at a modified date that is up to an hour too early, although the record that comes back shows the right one. Sorted by that
date such a record is out of order, also in windows that are an hour old; a window that ends before the change returns it
nevertheless, and the window that it belongs to may lack it until it settles (seen by estuary/connectors, PR #5180 and #2210;
that it is the index which keeps a wrong date, how often, and for how long, is believed). Ids are never wrong, and nothing is
lost for good: whoever reads windows whole and looks back an hour, or holds back an hour, finds everything.

Only differences are kept here. A record that was not touched for hours is seen as it is.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Protocol

LAG_MILLISECONDS = 2_000
SETTLED_MILLISECONDS = 3 * 3_600_000
"""How long after a change the index may keep a wrong modified date."""
FURTHEST_MILLISECONDS = 3_500_000
"""How much too early that date is at most: nearly an hour, together with the lag."""
_ONE_IN = 3
"""Of so many changes one arrives at a wrong place."""
_ID_BITS = 40
_ID_MASK = (1 << _ID_BITS) - 1
_FURTHEST_MOMENT = 1 << 53


class State(Protocol):
    """One state of a record. In the index `modified_ms` is where search puts it; the properties show the truth."""

    @property
    def id(self) -> int:
        """The record's id."""

    @property
    def properties(self) -> Mapping[str, str]:
        """The values that are set."""

    @property
    def created_ms(self) -> int:
        """When it was created."""

    @property
    def modified_ms(self) -> int:
        """When it was last written."""


class Source(Protocol):
    """The records that an index is about."""

    def live(self) -> Iterable[State]:
        """All records that are not archived."""

    def page(self, after: int, limit: int) -> Sequence[State]:
        """Up to `limit` of them by id, from the id `after` on."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A state of a record, at the modified date where the index keeps it."""

    id: int
    properties: Mapping[str, str]
    created_ms: int
    modified_ms: int


class SearchIndex:
    """What can be found by search, as of the time it was last brought up to."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._former: dict[int, deque[State | None]] = {}
        self._coming: deque[tuple[int, int]] = deque()
        self._places: dict[int, int] = {}
        self._settling: deque[tuple[int, int, int]] = deque()
        self._by_modified: list[int] | None = None

    # What happens to records

    def reload(self) -> None:
        """Take note that records were added which have been there for long."""
        self._by_modified = None

    def note(self, number: int, former: State | None, at_ms: int) -> None:
        """Note, before it happens, that a record changes, is created (`former` is None) or goes away at `at_ms`."""
        self.catch_up(at_ms)
        self._former.setdefault(number, deque()).append(former)
        self._coming.append((at_ms + LAG_MILLISECONDS, number))

    def purge(self, number: int) -> None:
        """Forget a record at once, with all its states (privacy deletion)."""
        self._former.pop(number, None)
        self._places.pop(number, None)
        self._coming = deque(entry for entry in self._coming if entry[1] != number)
        if self._by_modified is not None:
            self._by_modified = [key for key in self._by_modified if key & _ID_MASK != number]

    # What search sees

    def catch_up(self, now_ms: int) -> None:
        """Bring the index to `now_ms`: changes that are due arrive, others settle."""
        while self._coming and self._coming[0][0] <= now_ms:
            self._arrive(self._coming.popleft()[1], now_ms)
        while self._settling and self._settling[0][0] <= now_ms:
            _, number, place = self._settling.popleft()
            if self._places.get(number) == place:
                self._unplace(number)
                del self._places[number]
                self._place(number)

    def find(self, number: int) -> State | None:
        """The record as search sees it; None when it does not."""
        state = self._believed(number)
        return None if state is None else self._placed(state)

    def records(self) -> Iterator[State]:
        """Everything that search sees."""
        former = self._former
        for row in self._source.live():
            if row.id not in former:
                yield self._placed(row)
        for states in former.values():
            if states[0] is not None:
                yield self._placed(states[0])

    def modified_between(self, low_ms: float, high_ms: float) -> list[int]:
        """The ids of records that the index keeps from `low_ms` to `high_ms` (both included), in that order."""
        order = self._order()
        start = bisect_left(order, _key(0, ceil(_in_calendar(low_ms))))
        end = bisect_left(order, _key(0, floor(_in_calendar(high_ms)) + 1))
        return [key & _ID_MASK for key in order[start:end]]

    def outdated(self) -> Iterable[int]:
        """The ids of records that search sees, or hides, in a former state."""
        return self._former.keys()

    def _believed(self, number: int) -> State | None:
        states = self._former.get(number)
        if states is not None:
            return states[0]
        found = self._source.page(number, 1)
        return found[0] if found and found[0].id == number else None

    def _placed(self, state: State) -> State:
        place = self._places.get(state.id)
        return state if place is None else Indexed(state.id, state.properties, state.created_ms, place)

    def _arrive(self, number: int, now_ms: int) -> None:
        self._unplace(number)
        self._places.pop(number, None)
        states = self._former[number]
        states.popleft()
        if not states:
            del self._former[number]
        state = self._believed(number)
        if state is None:
            return
        settled_ms = state.modified_ms + SETTLED_MILLISECONDS
        displacement = _displacement(number, state.modified_ms)
        if displacement and settled_ms > now_ms:
            place = state.modified_ms - displacement
            self._places[number] = place
            self._settling.append((settled_ms, number, place))
        self._place(number)

    # The order by modified date

    def _order(self) -> list[int]:
        if self._by_modified is None:
            self._by_modified = sorted(_key(state.id, state.modified_ms) for state in self.records())
        return self._by_modified

    def _place(self, number: int) -> None:
        state = self.find(number)
        if self._by_modified is not None and state is not None:
            insort(self._by_modified, _key(number, state.modified_ms))

    def _unplace(self, number: int) -> None:
        state = self.find(number)
        if self._by_modified is not None and state is not None:
            del self._by_modified[bisect_left(self._by_modified, _key(number, state.modified_ms))]


def _key(number: int, modified_ms: int) -> int:
    return modified_ms << _ID_BITS | number


def _in_calendar(moment_ms: float) -> float:
    return max(-_FURTHEST_MOMENT, min(_FURTHEST_MOMENT, moment_ms))


def _displacement(number: int, modified_ms: int) -> int:
    """How much too early the index keeps this change, in milliseconds: most often not at all."""
    dice, rest = divmod(zlib.crc32(f"{number} {modified_ms}".encode()), _ONE_IN)
    return 0 if rest else dice % FURTHEST_MILLISECONDS
