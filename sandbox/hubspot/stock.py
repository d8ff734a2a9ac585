"""What an account comes with: HubSpot's part of a market, made district by district when somebody looks there.

An id says at once where its record stands: ids of a type count through the market in key order, and `Place` says how
many of each type a district has. People, companies and deals are made apart from activities, so that listing contacts
makes no calls and e-mails.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from sandbox.hubspot.kinds import CALLS, COMPANIES, CONTACTS, DEALS, EMAILS, MEETINGS, NOTES, TASKS, Kind
from sandbox.hubspot.records import FIRST_ID, History, Row
from sandbox.hubspot.seed import GIVEN_TYPES, Part, activities_of, people_of
from sandbox.market.source import MarketSource, Place

_PEOPLE = (COMPANIES, CONTACTS, DEALS)
_ACTIVITIES = (CALLS, EMAILS, MEETINGS, NOTES, TASKS)
_ACTIVITY_NAMES = frozenset(kind.name for kind in _ACTIVITIES)


class Stock:
    """All parts of one market that have been looked at."""

    def __init__(self, source: MarketSource) -> None:
        self.source = source
        self._places: Sequence[Place] = source.places
        self._first_ids: dict[str, list[int]] = {
            kind.name: list(accumulate((getattr(place.hubspot, kind.name) for place in self._places), initial=FIRST_ID))
            for kind in (*_PEOPLE, *_ACTIVITIES)
        }
        self._people: dict[int, Part] = {}
        self._activities: dict[int, Part] = {}

    def rows(self, kind: Kind) -> GivenOfKind:
        """The rows of one type."""
        return GivenOfKind(self, kind.name, self._first_ids.get(kind.name, [FIRST_ID]))

    def part(self, number: int, kind_name: str) -> Part:
        """What the district with this number has of this type and of those that are made together with it."""
        made, make = (self._activities, activities_of) if kind_name in _ACTIVITY_NAMES else (self._people, people_of)
        part = made.get(number)
        if part is None:
            first_ids = {name: firsts[number] for name, firsts in self._first_ids.items()}
            part = made[number] = make(self.source.district(self._places[number]), first_ids)
        return part

    def number_of(self, kind_name: str, record_id: int) -> int | None:
        """The district that a record came with; None for one that did not."""
        firsts = self._first_ids.get(kind_name)
        if firsts is None or not firsts[0] <= record_id < firsts[-1]:
            return None
        return bisect_right(firsts, record_id) - 1

    # Links, as `sandbox.hubspot.links.Given`

    def of(self, start: str, record_id: int, to: str) -> Mapping[int, frozenset[int]]:
        """Ids of the associated records of a type with the type ids of each, in order of linking."""
        types = GIVEN_TYPES.get((start, to))
        number = None if types is None else self.number_of(start, record_id)
        if types is None or number is None:
            return {}
        return dict.fromkeys(self._links(number, start, to).get(record_id, ()), types)

    def linked(self, start: str, to: str) -> Iterator[int]:
        """The records of a type that came with a link to another."""
        if (start, to) in GIVEN_TYPES:
            for place in self._places:
                yield from self._links(place.number, start, to)

    def _links(self, number: int, start: str, to: str) -> Mapping[int, Sequence[int]]:
        kind_name = to if to in _ACTIVITY_NAMES else start
        return self.part(number, kind_name).links.get((start, to), {})


@dataclass(frozen=True, slots=True)
class GivenOfKind:
    """The rows of one type of a stock, as `sandbox.hubspot.records.GivenRows`."""

    stock: Stock
    kind_name: str
    firsts: Sequence[int]

    @property
    def count(self) -> int:
        """How many there are."""
        return self.firsts[-1] - FIRST_ID

    def span(self, first: int, end: int) -> list[Row]:
        """The rows with ids from `first` to before `end`, both within those that there are."""
        found: list[Row] = []
        number = bisect_right(self.firsts, first) - 1
        while first < end:
            begin, behind = self.firsts[number], self.firsts[number + 1]
            if first < behind:
                rows = self.stock.part(number, self.kind_name).rows[self.kind_name]
                found.extend(rows[first - begin : end - begin])
                first = behind
            number += 1
        return found

    def history(self, record_id: int, property_name: str) -> History | None:
        """The values of a property where more is known than the present one."""
        number = bisect_right(self.firsts, record_id) - 1
        histories = self.stock.part(number, self.kind_name).histories
        return histories.get((self.kind_name, record_id, property_name))
