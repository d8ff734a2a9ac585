"""Facts and models from strangers cannot hang or crash scoring: defined results, or an error that names the place."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from pydantic import ValidationError

from scoring.engine import Engine
from scoring.facts import Event, Facts, FactsError, decode_facts, read_facts
from scoring.lists import Lists
from scoring.model import parse_model

AS_OF = datetime(2026, 3, 30, 12, tzinfo=UTC)
LONG_SECONDS = 30
"""Far above what any of this takes on a busy machine, far below what a pattern that backtracks would."""


def model(when: Any, **signal: Any) -> dict[str, Any]:
    rule = {"id": "r", "points": 10, "when": when}
    one = {"id": "s", "on": "page_view", "points": 1, "at_most": {"times": 3, "per": "day"}, **signal}
    return {
        "model": "m",
        "fit": {"limit": 50, "groups": {"g": {"rules": [rule]}}},
        "engagement": {"limit": 50, "groups": {"g": {"signals": [one]}}},
    }


def engine(when: Any, **signal: Any) -> Engine:
    return Engine(parse_model(model(when, **signal)), Lists.of({}))


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x", r"(\w+\s?)*:"])
def test_no_pattern_takes_longer_than_its_text(pattern: str) -> None:
    began = process_time()
    engine({"person.title": {"matches": pattern}}).score(Facts("p", person={"title": "a" * 100_000 + "!"}), AS_OF)
    assert process_time() - began < LONG_SECONDS


def test_a_pattern_too_large_to_compile_is_refused() -> None:
    with pytest.raises(ValidationError, match="not a regular expression"):
        engine({"person.title": {"matches": "((a{1000}){1000}){1000}"}})


@pytest.mark.parametrize(
    "test",
    [
        {"contains": "vp"},
        {"matches": "(?i)vp"},
        {"equals": "vp"},
        {"at_least": 3},
        {"within": "3d"},
        {"in": ["vp"]},
    ],
)
def test_a_title_of_ten_megabytes_is_text_like_any_other(test: dict[str, Any]) -> None:
    title = "x" * 10_000_000 + "vp"
    found = engine({"person.title": test}).score(Facts("p", person={"title": title}), AS_OF)
    assert found.fit == (1000 if set(test) & {"contains", "matches"} else 0)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff vp", "\u202e", "\ufeff", "𝕍𝕡", "ﬀ"])
@pytest.mark.parametrize(
    "test",
    [
        {"contains": "q"},
        {"matches": "q"},
        {"equals": "q"},
        {"at_least": 3},
        {"before": "3d"},
        {"not_in": ["a"]},
    ],
)
def test_odd_characters_are_text(text: str, test: dict[str, Any]) -> None:
    found = engine({"person.title": test}).score(Facts("p", person={"title": text}), AS_OF)
    assert found.fit == (1000 if "not_in" in test else 0)


def line(**event: object) -> str:
    return json.dumps({"id": "p", "events": [{"id": "e", "type": "page_view", **event}]})


@pytest.mark.parametrize("at", ["1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "1582-10-10", "1900-02-28T12:00:00Z"])
def test_events_before_1970_are_old_and_no_more(at: str) -> None:
    facts = decode_facts(line(at=at))
    fresh, old = engine({"a": 1}), engine({"a": 1}, window="90d")
    assert fresh.score(facts, AS_OF).engagement == 100
    assert old.score(facts, AS_OF).engagement == 0
    assert engine({"a": 1}, decay={"half_life": "7d"}).score(facts, AS_OF).engagement == 0


@pytest.mark.parametrize(
    "at",
    ["10000-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+02:00", "2026-02-30", "12026", "", None, 7],
)
def test_a_time_beyond_the_calendar_is_an_error_that_names_its_place(at: object) -> None:
    with pytest.raises(FactsError, match=r"events\[0\]\.at"):
        decode_facts(line(at=at))


def test_the_last_moment_of_the_calendar_is_the_future() -> None:
    facts = decode_facts(line(at="9999-12-31T23:59:59.999999Z"))
    assert engine({"a": 1}).score(facts, AS_OF).engagement == 0


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_a_number_that_no_float_holds_is_an_error(number: str) -> None:
    with pytest.raises(FactsError, match="not JSON"):
        decode_facts('{"id": "p", "person": {"a": ' + number + "}}")


@pytest.mark.parametrize("huge", [10**400, -(10**400), 2**63, 2**64])
def test_whole_numbers_of_any_size_are_read(huge: int) -> None:
    found = engine({"person.a": {"above": 5}}).score(read_facts({"id": "p", "person": {"a": huge}}), AS_OF)
    assert found.fit == (1000 if 0 < huge < 10**300 else 0)


def test_a_hundred_thousand_events_of_one_person_are_scored() -> None:
    visits = tuple(
        Event(f"e{n % 90_000}", "page_view", AS_OF - timedelta(seconds=n), {"seconds": n % 100, "url": f"/{n}"})
        for n in range(100_000)
    )
    found = engine({"a": 1}, decay={"linear": "90d"}, distinct="url").score(Facts("p", events=visits), AS_OF)
    assert found.engagement > 0
    assert sum(one.points for one in found.lines) == found.total


def nested(depth: int) -> dict[str, Any]:
    when: dict[str, Any] = {"person.a": 1}
    for _ in range(depth):
        when = {"not": when}
    return when


def test_conditions_nest_so_deep_and_no_deeper() -> None:
    engine(nested(20))
    for depth in (60, 5_000):
        with pytest.raises(ValidationError, match="nested too deeply"):
            parse_model(model(nested(depth)))


def test_a_model_is_so_large_and_no_larger() -> None:
    with pytest.raises(ValidationError, match="too large"):
        parse_model(model({"person.a": {"in": list(range(200_001))}}))


def test_facts_nested_without_end_are_an_error() -> None:
    with pytest.raises(FactsError):
        decode_facts('{"id": "p", "person": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}")


@pytest.mark.parametrize("points", [float("nan"), float("inf"), 1e300, "10", True, None])
def test_points_are_finite_numbers_of_a_sensible_size(points: object) -> None:
    raw = model({"a": 1})
    raw["fit"]["groups"]["g"]["rules"][0]["points"] = points
    with pytest.raises(ValidationError):
        parse_model(raw)


def test_millions_of_points_on_millions_of_events_stay_exact() -> None:
    visits = tuple(Event(f"e{n}", "page_view", AS_OF - timedelta(days=n % 3), {}) for n in range(20_000))
    one = {"points": 1_000_000, "at_most": None, "limit": 1_000_000}
    raw = model({"a": 1})
    raw["engagement"]["groups"]["g"]["signals"] = [
        {"id": "s", "on": "page_view", **{name: value for name, value in one.items() if value is not None}},
        {"id": "t", "on": "page_view", "points": -1_000_000},
    ]
    found = Engine(parse_model(raw), Lists.of({})).score(Facts("p", events=visits), AS_OF)
    points = {one.rule: one.points for one in found.lines}
    assert points["s"] == -points["t"] == 20_000 * 1_000_000 * 100
    assert found.engagement == 0
