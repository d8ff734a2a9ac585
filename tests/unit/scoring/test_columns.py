"""Traps of columns: narrow numbers wrap, NaN is no number, division rounds its own way, regex engines differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from scoring.columns import Column, Whole, narrow
from scoring.core import CompiledModel
from scoring.engine import Engine
from scoring.facts import Event, Facts, read_facts
from scoring.folding import Folded, summed
from scoring.lists import Lists
from scoring.model import Model, parse_model
from scoring.population import Population
from scoring.text import matches, pattern_fault

AS_OF = datetime(2026, 3, 30, 12, tzinfo=UTC)


def fit(*rules: dict[str, Any], limit: int = 100) -> Model:
    return parse_model(
        {
            "model": "m",
            "fit": {"limit": limit, "groups": {"g": {"rules": list(rules)}}},
            "engagement": {"limit": 100 - limit, "groups": {}},
        }
    )


def engagement(**signal: Any) -> Model:
    group = {"signals": [{"id": "s", "on": "page_view", **signal}]}
    return parse_model(
        {"model": "m", "fit": {"limit": 0, "groups": {}}, "engagement": {"limit": 100, "groups": {"g": group}}}
    )


@pytest.mark.parametrize(
    ("numbers", "width"),
    [
        ([0, 255], "u1"),
        ([-1, 127], "i1"),
        ([-1, 128], "i2"),
        ([0, 65_536], "u4"),
        ([-1, 2**31], "i8"),
        ([2**62], "i8"),
        ([], "u1"),
    ],
)
def test_numbers_take_the_smallest_type_that_holds_them(numbers: list[int], width: str) -> None:
    found = narrow(np.array(numbers, dtype=np.int64))
    assert found.dtype.str[1:] == width
    assert list(found) == numbers


def test_sums_of_narrow_numbers_do_not_wrap() -> None:
    many = np.full(1000, 255, dtype=np.uint8)
    assert list(summed(many, np.array([0, 400], dtype=np.uint16))) == [102_000, 153_000]


def test_sums_are_right_when_the_running_sum_wraps() -> None:
    huge = np.full(8, 2**61, dtype=np.int64)
    assert list(summed(huge, np.array([0, 3, 6]))) == [3 * 2**61, 3 * 2**61, 2 * 2**61]


def test_points_of_many_rules_are_summed_wider_than_their_answers() -> None:
    rules = [{"id": f"r{n}", "points": 1, "when": {"person.a": 1}} for n in range(60)]
    assert Engine(fit(*rules), Lists.of({})).score(Facts("p", person={"a": 1}), AS_OF).fit == 6000


def narrowed(folded: Folded) -> Folded:
    def small(numbers: Whole) -> Whole:
        return narrow(np.asarray(numbers, dtype=np.int64))

    return replace(
        folded,
        who=small(folded.who),
        firsts=small(folded.firsts),
        days=small(folded.days),
        weights=small(folded.weights),
        micros=small(folded.micros),
        counts=small(folded.counts),
    )


@pytest.mark.parametrize(
    "signal",
    [
        {"points": -3, "full_at": "7s", "decay": {"half_life": "5d"}},
        {"points": 12.345, "at_least": 200, "decay": {"linear": "90d"}},
        {"measure": "count", "bands": [{"from": 256, "points": 9}]},
        {"measure": "seconds", "bands": [{"from": 1000.5, "points": 7}]},
        {"measure": "active_days", "bands": [{"from": 3, "points": 5}]},
        {"measure": "days_since_last", "bands": [{"below": 2, "points": 5}]},
    ],
)
def test_narrow_folds_give_what_wide_ones_give(signal: dict[str, Any]) -> None:
    visits = tuple(
        Event(f"e{n}", "page_view", AS_OF - timedelta(days=n % 4, seconds=n), {"seconds": n % 9 + 0.25}) for n in range(600)
    )
    compiled = CompiledModel(engagement(**signal), Lists.of({}))
    people = [Facts("a"), Facts("b", events=visits), Facts("c", events=visits[:1])]
    (scorer,) = compiled.engagement.signals
    folded = compiled.cohort(Population.of(people, AS_OF, compiled.asked)).folds["s"]
    wide, small = scorer.gives(folded, 3, AS_OF.date()), scorer.gives(narrowed(folded), 3, AS_OF.date())
    assert folded.days.dtype == np.int64
    assert narrowed(folded).days.dtype == np.uint16
    assert list(wide) == list(small)
    assert wide.any()


@pytest.mark.parametrize("points", [0.025, 0.015, -0.015, -0.025, -12.345])
def test_halves_of_a_hundredth_go_away_from_zero_on_either_side(points: float) -> None:
    half = engagement(points=points, full_at="2s", limit=100)
    one = Event("e", "page_view", AS_OF, {"seconds": 1})
    compiled = CompiledModel(half, Lists.of({}))
    cohort = compiled.cohort(Population.of([Facts("p", events=(one,))], AS_OF, compiled.asked))
    found = int(compiled.engagement.signals[0].gives(cohort.folds["s"], 1, AS_OF.date())[0])
    assert found == (1 if points > 0 else -1) * int(abs(points) * 50 + 0.5 + 1e-9)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), "NaN", "inf"])
@pytest.mark.parametrize("test", [{"above": 1}, {"below": 1}, {"at_least": 1}, {"between": [-1, 1]}])
def test_nan_and_infinities_are_neither_above_nor_below(value: object, test: dict[str, Any]) -> None:
    model = fit(
        {"id": "r", "points": 10, "when": {"person.a": test}},
        {"id": "not", "points": 10, "when": {"not": {"person.a": test}}},
        {"id": "b", "field": "person.a", "bands": [{"from": 0, "points": 10}]},
    )
    assert Engine(model, Lists.of({})).score(Facts("p", person={"a": value}), AS_OF).fit == 0  # type: ignore[dict-item]


def test_one_and_true_are_two_values() -> None:
    column = Column.of([1, True, 1.0, "1", None, ""])
    assert list(column.codes) == [1, 2, 1, 3, 0, 0]


def test_regexes_are_rusts() -> None:
    assert matches(r"\bärztin\b", "die ärztin")
    assert matches(r"^\d+$", "٣٤")
    assert matches(r"(?-u:\d)", "3")
    assert not matches(r"^(?-u:\d)+$", "٣")
    assert not matches(r"sales$", "sales\n")


@pytest.mark.parametrize("pattern", [r"a(?=b)", r"(?!intern)vp", r"(?<=x)y", r"(a)\1"])
def test_look_around_and_back_references_are_refused_when_the_model_is_read(pattern: str) -> None:
    with pytest.raises(ValidationError, match="not a regular expression"):
        fit({"id": "r", "points": 1, "when": {"person.title": {"matches": pattern}}})
    assert pattern_fault(pattern)


def test_one_alone_scores_as_among_many() -> None:
    model = fit({"id": "r", "points": 10, "when": {"person.title": {"matches": "(?i)vp"}}})
    people = [read_facts({"id": f"p{n}", "person": {"title": f"VP {n}" if n % 3 else f"Clerk {n}"}}) for n in range(60)]
    engine = Engine(model, Lists.of({}))
    assert list(engine.score_many(people, AS_OF)) == [engine.score(one, AS_OF) for one in people]
