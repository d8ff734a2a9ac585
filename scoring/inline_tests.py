"""The examples kept inside a model, run against it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from scoring.breakdown import Breakdown
from scoring.conditions import compile_test
from scoring.engine import Engine
from scoring.exact import plain
from scoring.lists import Lists
from scoring.model import Expectation, InlineTest
from scoring.reading import Scalar

_PARTS = tuple(Expectation.model_fields)


class TestFailure(msgspec.Struct, frozen=True):
    """One expectation of one inline test that does not hold. `index` is the test's place in the model."""

    __test__ = False  # a class of this name is no pytest class

    index: int
    name: str
    part: str
    found: Scalar | None

    def __str__(self) -> str:
        return f"{self.name}: {self.part} is {self.found}"


def run_inline_tests(engine: Engine, lists: Lists | None = None) -> tuple[TestFailure, ...]:
    """Every expectation of the model's own tests that does not hold; `lists` serve `listed` in them."""
    known_lists = lists or Lists()
    return tuple(
        failure
        for index, test in enumerate(engine.model.tests)
        for failure in _failures(index, test, engine.score(test.facts, test.as_of), known_lists)
    )


def _failures(index: int, test: InlineTest, breakdown: Breakdown, lists: Lists) -> Iterator[TestFailure]:
    for part in _PARTS:
        wanted = getattr(test.expect, part)
        found = found_part(breakdown, part)
        if wanted is not None and compile_test(wanted, lists)(found, test.as_of.date()) is not True:
            yield TestFailure(index, test.name, part, found)


def found_part(breakdown: Breakdown, part: str) -> Scalar | None:
    """A part of a breakdown as conditions see it: scores in points, names as text."""
    match part:
        case "fit" | "engagement" | "total":
            points: int = getattr(breakdown, part)
            return plain(points)
        case "machine_events":
            return breakdown.machine_events
        case _:
            text: str | None = getattr(breakdown, part)
            return text
