"""The rows of one object: those of the market, fetched district by district when they are first wanted, and all others."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from heapq import merge
from itertools import accumulate, chain
from operator import attrgetter

from sandbox.salesforce.fields import Field, Value
from sandbox.salesforce.ordered import HIGHEST, LOWEST, Ordered, Span, Spans

Values = dict[str, Value]
EVERYTHING: Spans = ((LOWEST, HIGHEST),)
_id_of = attrgetter("id")


class Row:
    """One record: its object, its 18-character id, and its values by field name; empty fields are absent.

    `number` counts the rows in the order in which they came; it is 0 for those of the market, which come in order of id.
    """

    __slots__ = ("id", "number", "object", "seeded", "values")

    def __init__(self, object_name: str, values: Values, *, seeded: bool, number: int = 0) -> None:
        self.object = object_name
        self.id = str(values["Id"])
        self.values = values
        self.seeded = seeded
        self.number = number

    @property
    def deleted(self) -> bool:
        """In the recycle bin, or erased from it."""
        return self.values.get("IsDeleted") is True

    @property
    def erased(self) -> bool:
        """Nothing is left of it: no query and no read finds it."""
        return self.deleted and len(self.values) == 2


def arrival(row: Row) -> tuple[int, str]:
    """What rows are sorted by to stand oldest first."""
    return row.number, row.id


class Table:
    """All rows of one object, deleted ones included.

    `fetch` fills the block of a district, of this object and perhaps of others. Rows of the market never go away; those
    that were changed are in `originals` as they were.
    """

    def __init__(self, fetch: Callable[[int], None]) -> None:
        self.added: dict[str, Row] = {}
        self.binned: set[str] = set()
        self.erased: set[str] = set()
        self.originals: dict[str, Row] = {}
        self.young: set[str] = set()
        self.orders: dict[str, Ordered] = {}
        self.blocks: list[list[Row] | None] = []
        self._fetch = fetch
        self._first_ids: Sequence[str] = ()
        self._starts: Sequence[int] = (0,)

    def expect(self, first_ids: Sequence[str], counts: Sequence[int]) -> None:
        """Announce the rows of the market: for each district an id that none of its rows lies below, and their number."""
        self.blocks = [None if count else [] for count in counts]
        self._first_ids = first_ids
        self._starts = [0, *accumulate(counts)]

    def __len__(self) -> int:
        return self._starts[-1] + len(self.added)

    def find(self, record_id: str) -> Row | None:
        """The row with this id of 18 characters."""
        row = self.added.get(record_id)
        if row is not None or not self._first_ids:
            return row
        place = self.place_of(record_id)
        block = self._block(place) if place >= 0 else []
        at = bisect_left(block, record_id, key=_id_of)
        return block[at] if at < len(block) and block[at].id == record_id else None

    def place_of(self, record_id: str) -> int:
        """The district whose row this would be."""
        return bisect_right(self._first_ids, record_id) - 1

    def _block(self, place: int) -> list[Row]:
        block = self.blocks[place]
        if block is None:
            self._fetch(place)
            block = self.blocks[place] or []
        return block

    def oldest_first(self) -> Iterator[Row]:
        """All rows as they came."""
        seeded = (self._block(place) for place in range(len(self.blocks)))
        return chain(chain.from_iterable(seeded), list(self.added.values()))

    def newest_first(self) -> Iterator[Row]:
        """All rows, those that came last first; rows that come after the call are left out."""
        seeded = (reversed(self._block(place)) for place in reversed(range(len(self.blocks))))
        return chain(reversed(list(self.added.values())), chain.from_iterable(seeded))

    def changed(self) -> Iterator[Row]:
        """The rows that are not as the market has them: changed ones, and all others."""
        found = (self.find(record_id) for record_id in sorted(self.originals))
        return chain((row for row in found if row is not None), list(self.added.values()))

    def forget(self) -> None:
        """Be as the market has it; the changed rows are back to their former values already."""
        self.added, self.binned, self.erased, self.originals, self.orders = {}, set(), set(), {}, {}

    def order(self, field: Field) -> Ordered:
        """The order by a field, made when first asked for; one younger than the market is filled in changed rows only."""
        found = self.orders.get(field.name)
        if found is None:
            rows = self.changed() if field.name in self.young else self.oldest_first()
            found = self.orders[field.name] = Ordered(field, rows)
        return found

    # The table is in order of id itself, so that this order needs no row that is not asked for.

    def key(self, row: Row) -> tuple[str, str]:
        """Where a row stands by id."""
        return row.id, row.id

    def count(self, spans: Spans) -> int:
        """How many rows at most have ids within these."""
        return sum(1 if low == high else len(self.added) + self._count_seeded((low, high)) for low, high in spans)

    def within(self, spans: Spans) -> Iterator[Row]:
        """The rows with ids within these, in order of id; rows that come after the call are left out."""
        return chain.from_iterable([self._within(span) for span in spans])

    def _within(self, span: Span) -> Iterable[Row]:
        low, high = span
        if low == high:
            row = self.find(low)
            return () if row is None else (row,)
        added = sorted((row for row in self.added.values() if low <= row.id <= high), key=_id_of)
        return merge(self._seeded_within(span), added, key=_id_of)

    def _places(self, span: Span) -> range:
        return range(max(0, self.place_of(span[0])), self.place_of(span[1]) + 1)

    def _count_seeded(self, span: Span) -> int:
        places = self._places(span)
        return self._starts[places.stop] - self._starts[places.start] if places else 0

    def _seeded_within(self, span: Span) -> Iterator[Row]:
        for place in self._places(span):
            block = self._block(place)
            yield from block[bisect_left(block, span[0], key=_id_of) : bisect_right(block, span[1], key=_id_of)]


class View:
    """The rows of an object as queries see them at one moment.

    `hidden` are ids of rows that are deleted, or only of those that are erased. `former` gives rows that are not to be seen
    yet as they are: by id the row as it was before, or None where there was none or it was deleted.
    """

    def __init__(self, table: Table, hidden: Set[str], former: Mapping[str, Row | None]) -> None:
        self.table = table
        self._hidden = hidden
        self._former = former

    def __len__(self) -> int:
        shown = sum(row is not None for row in self._former.values())
        counted = sum(record_id not in self._hidden for record_id in self._former)
        return len(self.table) - len(self._hidden) + shown - counted

    def newest_first(self) -> Iterator[Row]:
        """All of them, in the order that a query without ORDER BY gives."""
        return self._seen(self.table.newest_first())

    def among(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Those of the rows that are to be seen, and those that lately were such; newest first."""
        candidates = {row.id: row for row in rows}
        candidates.update({record_id: row for record_id, row in self._former.items() if row is not None})
        return self._seen(sorted(candidates.values(), key=arrival, reverse=True))

    def walked(self, order: Ordered | Table, spans: Spans) -> Iterator[Row]:
        """The rows within these values, in order."""
        rows = order.within(spans)
        if not self._former:
            return self._seen(rows)
        present = self._seen(row for row in rows if row.id not in self._former)
        former = sorted((row for row in self._former.values() if row is not None), key=order.key)
        return merge(present, former, key=order.key)

    def _seen(self, rows: Iterable[Row]) -> Iterator[Row]:
        hidden, former = self._hidden, self._former
        for row in rows:
            if row.id in former:
                before = former[row.id]
                if before is not None:
                    yield before
            elif row.id not in hidden:
                yield row
