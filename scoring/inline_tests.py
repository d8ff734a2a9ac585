"""The examples kept inside a model, run against it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from scoring.breakdown import Breakdown
from scoring.conditions import compile_test
from scoring.engine import Engine
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


def run_inline_tests(engine: Engine) -> tuple[TestFailure, ...]:
    """Every expectation of the model's own tests that does not hold."""
    return tuple(
        failure
        for index, test in enumerate(engine.model.tests)
        for failure in _failures(index, test, engine.score(test.facts, test.as_of), engine.lists)
    )


def _failures(index: int, test: InlineTest, breakdown: Breakdown, lists: Lists) -> Iterator[TestFailure]:
    for part in _PARTS:
        wanted = getattr(test.expect, part)
        found = breakdown.part(part)
        if wanted is not None and compile_test(wanted, lists)(found, test.as_of.date()) is not True:
            yield TestFailure(index, test.name, part, found)
