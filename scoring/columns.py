"""Columns: one field of many people, each distinct value kept once.

A rule asks a value, not a person: whatever it has to say is worked out once for each distinct value and looked up by its
code for each person. That is what lets one and the same code score one person and a million.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from scoring.reading import UNKNOWN, Value

Whole: TypeAlias = NDArray[np.signedinteger[Any] | np.unsignedinteger[Any]]
"""Whole numbers of any width: what lies in a file is as narrow as it can be. Widen before you add."""
Codes: TypeAlias = Whole
Answers: TypeAlias = Whole
Rows: TypeAlias = NDArray[np.int64]
Points: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
_FLAGS: Mapping[object, bool] = {(bool, value): value for value in (False, True)}
_NO_ANSWERS: Answers = np.zeros(0, dtype=np.int64)
_WIDTHS = (np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32)


@dataclass(frozen=True, slots=True)
class Column:
    """A field's values by code, and the code of each row. Code 0 is the unknown value.

    `answers` keep what a question came to for each value, so that it is worked out once, and can be kept beside the codes.
    """

    codes: Codes
    values: Sequence[Value]
    answers: dict[str, Answers] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Sequence[Value]) -> Column:
        """The column of these values, one a row."""
        keys: Sequence[object] = values
        different: dict[object, None] = dict.fromkeys(values)
        if True in different or False in different:  # or a number that equals one of them
            keys = _keys(values)
            different = dict.fromkeys(keys)
        for nothing in UNKNOWN:
            different.pop(nothing, None)
        code_of: dict[object, int] = dict.fromkeys(UNKNOWN, 0)
        code_of.update((key, code) for code, key in enumerate(different, 1))
        codes = np.fromiter(map(code_of.__getitem__, keys), dtype=np.int32, count=len(keys))
        return cls(codes, [None, *(_FLAGS.get(key, cast(Value, key)) for key in different)])

    @classmethod
    def unknown(cls, rows: int) -> Column:
        """The column of a field that nobody has."""
        return cls(np.zeros(rows, dtype=np.int32), (None,))

    def take(self, rows: Rows | Flags) -> Column:
        """Some of the rows, in the order asked for."""
        return Column(self.codes[rows], self.values, self.answers)

    def part(self, low: int, high: int) -> Column:
        """The rows from one place to another, where they lie."""
        return Column(self.codes[low:high], self.values, self.answers)

    def with_inserted(self, places: Rows, others: Column) -> Column:
        """The same with a row of another column before each of these places."""
        values, codes = self._joined(others)
        return Column(np.insert(self.codes, places, codes), values, dict(self.answers))

    def filled_with(self, others: Column) -> Column:
        """The same, and where nothing is known what the other column says."""
        values, codes = self._joined(others)
        return Column(np.where(self.codes == 0, codes, self.codes), values, dict(self.answers))

    def _joined(self, others: Column) -> tuple[Sequence[Value], Codes]:
        """The distinct values of both, one's own first, and the other's codes among them."""
        values, known = list(self.values), {key: code for code, key in enumerate(_keys(self.values))}
        theirs = _keys(others.values)
        for key, value in zip(theirs, others.values, strict=True):
            if known.setdefault(key, len(values)) == len(values):
                values.append(value)
        codes = np.array([known[key] for key in theirs], dtype=np.int32)
        return values, codes[others.codes]

    def value(self, row: int) -> Value:
        """One row's value."""
        return self.values[int(self.codes[row])]

    def answered(self, question: str, ask: Callable[[Sequence[Value]], Iterable[int]]) -> Answers:
        """The answer for each row's value; asked once for each distinct value. A question always has the same answers."""
        table = self.answers.get(question, _NO_ANSWERS)
        if len(table) < len(self.values):  # values that came later were not asked yet
            rest = self.values[len(table) :]
            more = np.fromiter(ask(rest), dtype=np.int64, count=len(rest))
            table = self.answers[question] = narrow(np.append(table, more))
        return table.take(self.codes)

    def known(self) -> Flags:
        """Which rows have a value."""
        flags: Flags = self.codes != 0
        return flags


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length. A field that is not there is unknown to everybody."""

    rows: int
    columns: Mapping[str, Column]

    def column(self, name: str) -> Column:
        """One column, there or not."""
        found = self.columns.get(name)
        return Column.unknown(self.rows) if found is None else found

    def take(self, rows: Rows | Flags) -> Table:
        """Some of the rows, in the order asked for."""
        count = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        return Table(count, {name: column.take(rows) for name, column in self.columns.items()})

    def part(self, low: int, high: int) -> Table:
        """The rows from one place to another, where they lie."""
        return Table(high - low, {name: column.part(low, high) for name, column in self.columns.items()})

    def row(self, row: int) -> dict[str, Value]:
        """The known fields of one row."""
        return {name: value for name, column in self.columns.items() if (value := column.value(row)) is not None}


def narrow(numbers: NDArray[Any]) -> Whole:
    """The same whole numbers in the smallest type that holds them all, unsigned where none is below zero."""
    low, high = int(numbers.min(initial=0)), int(numbers.max(initial=0))
    for width in _WIDTHS:
        if np.iinfo(width).min <= low and high <= np.iinfo(width).max:
            return numbers.astype(width)
    return numbers.astype(np.int64)


def _keys(values: Iterable[Value]) -> list[object]:
    # 1 and true are one dictionary key to Python, but not one value to an admin.
    return [(bool, value) if value is True or value is False else value for value in values]
