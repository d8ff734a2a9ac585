"""Conditions over columns: false, unknown and true as 0, 1 and 2, so that `all` is the least and `any` the greatest part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import reduce
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Flags, Table
from scoring.conditions import Condition, Truth, compile_condition
from scoring.lists import Lists
from scoring.reading import Value
from scoring.text import look_at_all

Truths: TypeAlias = NDArray[np.int64]
ColumnCheck: TypeAlias = Callable[[Table, date], Truths]

FALSE, UNKNOWN, TRUE = 0, 1, 2
_CODE: dict[Truth, int] = {False: FALSE, None: UNKNOWN, True: TRUE}


def compile_columns(condition: Condition, lists: Lists) -> ColumnCheck:
    """The condition as a function of a table and today's UTC date. Raises MissingListError.

    What asks a single field is settled for each distinct value of it, however deep its logic is.
    """
    fields = condition.fields()
    if len(fields) == 1:
        return _of_one_field(next(iter(fields)), condition, lists)
    parts = [_of_one_field(name, Condition.model_validate({name: test}), lists) for name, test in condition.tests.items()]
    if condition.every is not None:
        parts.append(_combined([compile_columns(part, lists) for part in condition.every], np.minimum, TRUE))
    if condition.either is not None:
        parts.append(_combined([compile_columns(part, lists) for part in condition.either], np.maximum, FALSE))
    if condition.negated is not None:
        parts.append(_opposite(compile_columns(condition.negated, lists)))
    return parts[0] if len(parts) == 1 else _combined(parts, np.minimum, TRUE)


def holds(check: ColumnCheck, table: Table, today: date) -> Flags:
    """The rows of which it is true: neither false nor unknown."""
    flags: Flags = check(table, today) == TRUE
    return flags


def _of_one_field(name: str, condition: Condition, lists: Lists) -> ColumnCheck:
    check = compile_condition(condition, lists)
    question = condition.model_dump_json(by_alias=True, exclude_unset=True)
    patterns = [test.matches for _, _, test in condition.walk() if test.matches is not None]
    of_the_day = any(test.within is not None or test.before is not None for _, _, test in condition.walk())

    def truths(table: Table, today: date) -> Truths:
        def ask(value: Value) -> int:
            return _CODE[check({name: value}, today)]

        column = table.column(name)
        asked = f"{question} on {today}" if of_the_day else question
        if asked not in column.answers:
            for pattern in patterns:
                look_at_all(pattern, column.values)
        return column.answered(asked, ask)

    return truths


def _combined(parts: Sequence[ColumnCheck], join: np.ufunc, nothing: int) -> ColumnCheck:
    def truths(table: Table, today: date) -> Truths:
        found = [part(table, today) for part in parts]
        if not found:
            return np.full(table.rows, nothing, dtype=np.int64)
        return reduce(join, found)

    return truths


def _opposite(part: ColumnCheck) -> ColumnCheck:
    def truths(table: Table, today: date) -> Truths:
        return TRUE - part(table, today)

    return truths
