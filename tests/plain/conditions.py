"""Conditions: a mapping is a conjunction of `field: test`; `all`, `any` and `not` nest; logic is three-valued."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from scoring.lists import registrable_domain
from tests.plain.values import age, days, known, moment, number, opposite, text, truth_of_all, truth_of_any

Given = Mapping[str, Any]


def truth(condition: Given, fields: Given, today: date, lists: Mapping[str, list[str]]) -> bool | None:
    """Whether the condition holds of the fields on that day; None is unknown."""
    parts: list[bool | None] = []
    for key, said in condition.items():
        if key == "all":
            parts.append(truth_of_all([truth(part, fields, today, lists) for part in said]))
        elif key == "any":
            parts.append(truth_of_any([truth(part, fields, today, lists) for part in said]))
        elif key == "not":
            parts.append(opposite(truth(said, fields, today, lists)))
        else:
            tests = said if isinstance(said, dict) else {"equals": said}
            parts += [passes(name, operand, fields.get(key), today, lists) for name, operand in tests.items()]
    return truth_of_all(parts)


def asked(condition: Given) -> Iterator[str]:
    """The fields that a condition asks."""
    for key, said in condition.items():
        if key in {"all", "any"}:
            for part in said:
                yield from asked(part)
        elif key == "not":
            yield from asked(said)
        else:
            yield key


def passes(name: str, operand: Any, value: Any, today: date, lists: Mapping[str, list[str]]) -> bool | None:
    """One test of one value. Of several values one has to pass."""
    if name == "known":
        return known(value) is operand
    if not known(value):
        return None
    if name == "not_in":
        return opposite(passes("in", operand, value, today, lists))
    values = value if isinstance(value, list | tuple) else [value]
    return truth_of_any([one_passes(name, operand, one, today, lists) for one in values])


def one_passes(name: str, operand: Any, value: Any, today: date, lists: Mapping[str, list[str]]) -> bool | None:  # noqa: PLR0911 - one line a test, as in the text
    """One test of one known value that is no list."""
    is_flag = isinstance(value, bool)
    match name:
        case "equals":
            return same(value, operand)
        case "in":
            return any(same(value, one) for one in operand)
        case "contains":
            parts = operand if isinstance(operand, list) else [operand]
            return not is_flag and any(text(part).casefold() in text(value).casefold() for part in parts)
        case "matches":
            return not is_flag and re.search(operand, text(value)) is not None
        case "listed":
            return not is_flag and text(value).casefold().strip() in {one.strip().casefold() for one in lists[operand]}
        case "domain_listed":
            domains = {registrable_domain(one) for one in lists[operand]} - {None}
            return isinstance(value, str) and registrable_domain(value) in domains
        case "within" | "before":
            at = moment(value)
            if at is None:
                return None
            return (age(at, today) <= days(operand)) is (name == "within")
    return numeric(name, operand, number(value))


def numeric(name: str, operand: Any, value: Any) -> bool | None:
    """A test of a number; text that is no number is unknown to it."""
    if value is None:
        return None
    match name:
        case "at_least":
            return bool(value >= number(operand))
        case "above":
            return bool(value > number(operand))
        case "at_most":
            return bool(value <= number(operand))
        case "below":
            return bool(value < number(operand))
        case "between":
            low, high = operand
            return bool(number(low) <= value <= number(high))
    raise ValueError(name)


def same(value: Any, operand: Any) -> bool:
    """A boolean equals only a boolean; text compares without case; a number equals the same number given as text."""
    if isinstance(value, bool) or isinstance(operand, bool):
        return isinstance(value, bool) and isinstance(operand, bool) and value is operand
    if isinstance(value, str) and isinstance(operand, str):
        return value.casefold() == operand.casefold()
    return number(value) is not None and number(value) == number(operand)
