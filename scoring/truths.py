"""Conditions over columns: false, unknown and true as 0, 1 and 2, so that `all` is the least and `any` the greatest part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from itertools import repeat
from typing import TypeAlias

import numpy as np

from scoring.columns import Flags, Table, Whole
from scoring.conditions import Condition, Truth, compile_condition, compile_test
from scoring.lists import Lists
from scoring.reading import Value
from scoring.text import look_at_all

Truths: TypeAlias = Whole
ColumnCheck: TypeAlias = Callable[[Table, date], Truths]
WorthOf: TypeAlias = Callable[[Table, date], Whole]

FALSE, UNKNOWN, TRUE = 0, 1, 2
_CODE: Mapping[Truth, int] = {False: FALSE, None: UNKNOWN, True: TRUE}


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


def compile_worth(condition: Condition, lists: Lists, worth: int) -> WorthOf:
    """The condition as a function that gives `worth` where it is true, and nothing elsewhere. Raises MissingListError."""
    fields = condition.fields()
    if len(fields) != 1:
        check = compile_columns(condition, lists)
        return lambda table, today: np.where(holds(check, table, today), worth, 0)
    name = next(iter(fields))
    return _answers_of(name, condition, lists, {True: worth, False: 0, None: 0}, f"{worth} if ")


def _of_one_field(name: str, condition: Condition, lists: Lists) -> ColumnCheck:
    return _answers_of(name, condition, lists, _CODE, "")


def _answers_of(name: str, condition: Condition, lists: Lists, means: Mapping[Truth, int], what: str) -> ColumnCheck:
    """What a condition on one field means for each row; `what` tells the answers from those to other questions."""
    ask = _asker(name, condition, lists)
    question = what + condition.model_dump_json(by_alias=True, exclude_unset=True)
    of_the_day = condition.asks_the_day()

    def answers(table: Table, today: date) -> Whole:
        asked = f"{question} on {today}" if of_the_day else question
        return table.column(name).answered(asked, lambda values: map(means.__getitem__, ask(values, today)))

    return answers


def _asker(name: str, condition: Condition, lists: Lists) -> Callable[[Sequence[Value], date], Iterator[Truth]]:
    """A condition on one field as a function of many values of it."""
    judge = _judge(name, condition, lists)
    patterns = [test.matches for _, _, test in condition.walk() if test.matches is not None]
    is_pattern = len(patterns) == 1 and condition.model_dump(exclude_unset=True) == {name: {"matches": patterns[0]}}

    def ask(values: Sequence[Value], today: date) -> Iterator[Truth]:
        found = [look_at_all(pattern, values) for pattern in patterns]
        if not is_pattern:
            return map(judge, values, repeat(today))
        (there,) = found  # what a pattern alone is found in needs no other judge
        return (there[value] if value in there else judge(value, today) for value in values)

    return ask


def _judge(name: str, condition: Condition, lists: Lists) -> Callable[[Value, date], Truth]:
    """A condition on one field as a function of its value."""
    if condition.is_nested or len(condition.tests) > 1:
        check = compile_condition(condition, lists)
        return lambda value, today: check({name: value}, today)
    return compile_test(condition.tests[name], lists)


def _combined(parts: Sequence[ColumnCheck], join: np.ufunc, nothing: int) -> ColumnCheck:
    def truths(table: Table, today: date) -> Truths:
        found = [part(table, today) for part in parts]
        if not found:
            return np.full(table.rows, nothing, dtype=np.uint8)
        return reduce(join, found)

    return truths


def _opposite(part: ColumnCheck) -> ColumnCheck:
    def truths(table: Table, today: date) -> Truths:
        return TRUE - part(table, today)

    return truths
