"""Every kind of value that some tests of one field can tell apart, as the answers that such a value gives to them.

Values are tried with the tests' own code. What cannot be tried here (a pattern, a list, a part of a longer text) counts as
both: it may hold of a value or not.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, combinations, product

from scoring.conditions import Test, Truth, compile_test
from scoring.lists import Lists
from scoring.reading import Scalar, as_number, as_time
from scoring.text import matches

Part = tuple[str, str]
"""One test of a mapping of tests: its word and its operand as text, so that `true` and `1` differ."""

Answers = Mapping[Part, Truth]

_TODAY = date(9999, 12, 30)  # a late day, so that every age that can be written is a date
_SOME_TEXT = "\x00 text like no other"
_ASSERTIONS = ("^", "$", r"\A", r"\z", r"\b", r"\B", r"\<", r"\>")
_OF_LISTS = frozenset({"listed", "domain_listed"})
_MOST = 256


class TooMany(Exception):
    """There are more kinds of value than are worth trying."""


def parts_of(test: Test) -> Iterator[tuple[Part, Test, bool]]:
    """The tests of one mapping, each alone, and whether it stands in the negative: `not_in` is no `in`."""
    for name in sorted(test.model_fields_set):
        operand = getattr(test, name)
        key = "one_of" if name == "not_in" else name
        yield (key, repr(operand)), Test.model_construct(_fields_set={key}, **{key: operand}), name == "not_in"


def answers_to(tests: Sequence[Test], *, several: bool) -> tuple[Answers, ...]:
    """The answers of every kind of value, the unknown included; `several`: of fields with several values, too.

    Raises:
        TooMany: when there are too many kinds to try.
    """
    parts = {part: alone for test in tests for part, alone, _ in parts_of(test)}
    operands = list(_operands(parts.values()))
    asker = _Asker(parts)
    texts = _bounded(chain(asker.ask(_SOME_TEXT, written=False), *(asker.ask(value, written=True) for value in operands)))
    others = [None, *_numbers(parts.values(), operands), *_times(parts.values())]
    rest = [one for value in others for one in asker.ask(value, written=False)]
    both = [tuple(_either(*pair) for pair in zip(*two, strict=True)) for two in combinations(texts, 2)] if several else []
    return tuple(dict(zip(parts, one, strict=True)) for one in _bounded([*texts, *rest, *both]))


def _bounded(answers: Iterable[tuple[Truth, ...]]) -> list[tuple[Truth, ...]]:
    different = list(dict.fromkeys(answers))
    if len(different) > _MOST:
        raise TooMany
    return different


def _either(one: Truth, other: Truth) -> Truth:
    # A field with several values satisfies a test when one of its values does.
    return True if True in (one, other) else (None if None in (one, other) else False)


class _Asker:
    """What a value answers to each of some single tests."""

    def __init__(self, parts: Mapping[Part, Test]) -> None:
        self._parts = parts
        self._judges = {part: compile_test(test, Lists()) for part, test in parts.items() if part[0] not in _OF_LISTS}

    def ask(self, value: Scalar | None, *, written: bool) -> Iterator[tuple[Truth, ...]]:
        """All that the value may answer. `written`: it stands in a test itself, and is no example of its kind."""
        choices = [self._choices(part, value, written=written) for part in self._parts]
        if math.prod(map(len, choices)) > _MOST:
            raise TooMany
        return product(*choices)

    def _choices(self, part: Part, value: Scalar | None, *, written: bool) -> tuple[Truth, ...]:
        test = self._parts[part]
        if value is None:
            return (test.known is False if test.known is not None else None,)
        return (True, False) if _may_be_both(part[0], test, value, written=written) else (self._judges[part](value, _TODAY),)


def _may_be_both(name: str, test: Test, value: Scalar, *, written: bool) -> bool:
    if name == "matches":
        return not _found_anywhere(test.matches or "")
    if name == "contains":
        return not written and bool(test.contains) and "" not in (test.contains or ())
    if name in {"within", "before"}:
        return written and as_time(value) is not None  # the age of a given date depends on the day
    return name in _OF_LISTS


def _found_anywhere(pattern: str) -> bool:
    """Whether a pattern is found in every text: it needs no letter, and asks for no place."""
    return not any(mark in pattern for mark in _ASSERTIONS) and matches(pattern, "")


def _operands(tests: Iterable[Test]) -> Iterator[Scalar]:
    for test in tests:
        chosen = (test.equals,) if test.equals is not None else test.one_of or ()
        for operand in chosen:
            yield operand
            if isinstance(operand, bool):
                yield not operand
            elif isinstance(operand, str) and (number := as_number(operand)) is not None:
                yield number


def _numbers(tests: Collection[Test], operands: Sequence[Scalar]) -> Iterator[float]:
    """A number on each bound, and the next one on either side of it."""
    bounds = {number for operand in operands if (number := as_number(operand)) is not None}
    for test in tests:
        ends = (test.at_least, test.above, test.at_most, test.below, *(test.between or ()))
        bounds.update(end for end in ends if end is not None)
    for bound in sorted(bounds or {0.0}):
        around = (math.nextafter(bound, -math.inf), bound, math.nextafter(bound, math.inf))
        yield from (number for number in around if math.isfinite(number))


def _times(tests: Iterable[Test]) -> Iterator[str]:
    """A date of each age that is a bound, one day older, and one still to come."""
    ages = {-1}
    for test in tests:
        ages.update(age for bound in (test.within, test.before) if bound is not None for age in (bound, bound + 1))
    for age in sorted(ages):
        if age < _TODAY.toordinal():
            yield (_TODAY - timedelta(days=age)).isoformat()
