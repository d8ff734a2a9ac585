"""An order over the rows of one object by one field, and the spans of values that a condition leaves of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from sandbox.salesforce.fields import Field, Value

if TYPE_CHECKING:
    from sandbox.salesforce.store import Row

LOWEST, HIGHEST = "", "\U0010ffff"
Span = tuple[str, str]
"""The first and the last value of a range, both within it."""
Spans = tuple[Span, ...]
"""Ranges in order that do not touch each other."""


def united(spans: Iterable[Span]) -> Spans:
    """The values that lie in any of the ranges."""
    found: list[Span] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        elif low <= high:
            found.append((low, high))
    return tuple(found)


def shared(first: Spans, second: Spans) -> Spans:
    """The values that lie in both."""
    return united((max(a[0], b[0]), min(a[1], b[1])) for a in first for b in second)


def index_key(field: Field, value: Value) -> str:
    """What a value is ordered and looked up by: text without regard to case, unless the field has it."""
    return str(value) if field.case_sensitive or not field.is_text else str(value).lower()


class Ordered:
    """The rows that have a value in this field, by it and then by id."""

    def __init__(self, field: Field, rows: Iterable[Row]) -> None:
        self.field = field
        self._rows = sorted((row for row in rows if row.values.get(field.name) is not None), key=self.key)

    def __len__(self) -> int:
        return len(self._rows)

    def key(self, row: Row) -> tuple[str, str]:
        """Where a row stands."""
        return index_key(self.field, row.values.get(self.field.name)), row.id

    def add(self, row: Row) -> None:
        """Take in a row that has got a value."""
        if row.values.get(self.field.name) is not None:
            self._rows.insert(bisect_left(self._rows, self.key(row), key=self.key), row)

    def remove(self, row: Row) -> None:
        """Let go of a row whose value is about to change."""
        if row.values.get(self.field.name) is not None:
            del self._rows[bisect_left(self._rows, self.key(row), key=self.key)]

    def count(self, spans: Spans) -> int:
        """How many rows lie within these values."""
        return sum(end - begin for begin, end in self._places(spans))

    def within(self, spans: Spans) -> Iterator[Row]:
        """The rows within these values, in order."""
        return chain.from_iterable(self._slice(begin, end) for begin, end in self._places(spans))

    def _slice(self, begin: int, end: int) -> Iterator[Row]:
        return (self._rows[place] for place in range(begin, end))

    def _places(self, spans: Spans) -> Sequence[tuple[int, int]]:
        return [
            (
                bisect_left(self._rows, (low, LOWEST), key=self.key),
                bisect_right(self._rows, (high, HIGHEST), key=self.key),
            )
            for low, high in spans
        ]
