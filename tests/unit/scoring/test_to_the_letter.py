"""Sentences of the specification that no other test holds; `test_specification.py` says which test holds which."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from scoring.facts import Event
from tests.unit.scoring.builders import NOW, doing, engagement, engine, event, line, person


@pytest.mark.parametrize("name", ["Custom Field__c", "1", "größe", "all that is known"])
def test_names_of_fields_are_free(name: str) -> None:
    rule = {"id": "r", "points": 5, "when": {f"person.{name}": 7}}
    assert engine([rule]).score(person({name: 7}), NOW).fit == 500


def test_types_of_events_are_free() -> None:
    signal = {"id": "s", "on": "whitepaper printed", "points": 5}
    assert engine(signals=[signal]).score(doing(event("a", "whitepaper printed")), NOW).engagement == 500


def test_an_event_of_this_very_moment_exists() -> None:
    assert engagement({"points": 3}, Event("a", "visit", NOW)) == 300
    assert engagement({"points": 3}, Event("a", "visit", NOW + timedelta(microseconds=1))) == 0


def test_what_a_machine_did_is_shown_and_gives_no_points() -> None:
    opened = event("a", "email_open", machine=True)
    found = engine(signals=[{"id": "s", "on": "email_open", "points": 3}]).score(doing(opened), NOW).to_json_dict()
    assert (found["machine_events"], found["engagement"], found["lines"]) == (1, 0, [])


@pytest.mark.parametrize("value", [1, 5])
def test_both_ends_of_between_are_in(value: int) -> None:
    rule = {"id": "r", "points": 5, "when": {"person.x": {"between": [1, 5]}}}
    assert engine([rule]).score(person({"x": value}), NOW).fit == 500


@pytest.mark.parametrize("per", ["day", "week", "month"])
def test_the_newest_of_a_span_are_kept(per: str) -> None:
    signal = {"points": 8, "at_most": {"times": 2, "per": per}, "full_at": "8s"}
    visits = [
        Event(name, "visit", NOW - timedelta(hours=age), {"seconds": age}) for name, age in (("b", 1), ("a", 3), ("c", 2))
    ]
    assert engagement(signal, *visits) == 100 + 200


def test_of_equal_values_at_one_moment_the_greater_id_stands() -> None:
    signal = {"points": 10, "distinct": "name", "full_at": "10s"}
    visits = [event(name, name="guide", seconds=seconds) for name, seconds in (("b", 10), ("a", 1))]
    assert engagement(signal, *visits) == engagement(signal, *reversed(visits)) == 1000


@pytest.mark.parametrize(("seconds", "thousandths"), [(1, 1), (-1, 0), (-3, -1), (3, 2), (-2, -1)])
def test_a_weight_is_rounded_half_up_also_below_zero(seconds: int, thousandths: int) -> None:
    # 1000 × seconds / 2000 s are halves of a thousandth, and a thousandth of 10 points is a hundredth.
    found = engine(signals=[{"id": "s", "on": "visit", "points": 10, "full_at": "2000s"}]).score(
        doing(event("a", seconds=seconds)), NOW
    )
    told = line(found, "s")
    assert (told.points if told else 0) == thousandths


@pytest.mark.parametrize("points", [0.0000005, -0.0000005])
def test_what_an_age_is_worth_is_rounded_half_away_from_zero_to_millionths(points: float) -> None:
    # Half a millionth becomes a whole one; 5,000 of them are half a hundredth, which becomes a whole one again.
    visits = [event(str(number)) for number in range(5_000)]
    told = line(engine(signals=[{"id": "s", "on": "visit", "points": points}]).score(doing(*visits), NOW), "s")
    assert told is not None
    assert told.points == (1 if points > 0 else -1)


@pytest.mark.parametrize(("full_at", "points"), [("90s", 400), ("1m", 600), ("1h", 10)])
def test_full_at_is_in_seconds_minutes_or_hours(full_at: str, points: int) -> None:
    assert engagement({"points": 6, "full_at": full_at}, event("a", seconds=60)) == points


@pytest.mark.parametrize("window", ["14d", "2w"])
def test_a_window_is_in_days_or_weeks(window: str) -> None:
    assert engagement({"points": 3, "window": window}, event("a", days_ago=14), event("b", days_ago=15)) == 300


def test_without_a_window_every_age_counts() -> None:
    assert engagement({"points": 3}, event("a", days_ago=9000)) == 300


def test_groups_and_the_section_of_engagement_are_cut_as_those_of_fit() -> None:
    signals = [{"id": name, "on": "visit", "points": 40} for name in ("s", "t")]
    cut = engine(signals=signals, group_limit=60).score(doing(event("a")), NOW)
    adjusted = [(one.group, one.rule, one.points) for one in cut.lines if one.is_adjustment]
    assert (adjusted, cut.engagement) == ([("did", "limit", -2000), (None, "clamp", -1000)], 5000)
    below = engine(signals=[{**signals[0], "points": -40}]).score(doing(event("a")), NOW)
    assert [(one.rule, one.points) for one in below.lines] == [("s", -4000), ("floor", 4000)]


def test_a_score_changes_at_most_once_a_day_while_no_fact_changes() -> None:
    signals = [
        {"id": "s", "on": "visit", "points": 9, "decay": {"half_life": "3d"}, "window": "9d"},
        {"id": "t", "on": "visit", "measure": "days_since_last", "bands": [{"below": 2, "points": 5}]},
    ]
    rules = [{"id": "r", "points": 5, "when": {"person.since": {"within": "30d"}}}]
    scorer = engine(rules, signals)
    known = person({"since": "2026-11-01"}, events=[{"id": "a", "type": "visit", "at": "2026-11-19T23:59:59Z"}])
    for day in range(21, 24):
        moments = [datetime(2026, 11, day, hour, minute, tzinfo=NOW.tzinfo) for hour, minute in ((0, 0), (11, 7), (23, 59))]
        assert len({scorer.score(known, moment).total for moment in moments}) == 1


@pytest.mark.parametrize(("points", "digit", "heat"), [(40, 1, "on fire"), (30, 2, "hot"), (20, 3, "warm"), (5, 4, "cold")])
def test_the_four_digits_have_names(points: int, digit: int, heat: str) -> None:
    found = engine(signals=[{"id": "s", "on": "visit", "points": points}]).score(doing(event("a")), NOW)
    assert (found.grade, found.heat) == (f"D{digit}", heat)


def test_a_breakdown_has_the_parts_that_the_specification_names() -> None:
    rules = [{"id": "r", "points": 5, "when": {"person.x": 1}, "tags": {"topic": "analytics"}}]
    known = person({"x": 1}, events=[{"id": "a", "type": "visit", "at": NOW}])
    found = engine(rules, [{"id": "s", "on": "visit", "points": 3}]).score(known, NOW).to_json_dict()
    assert set(found) == {
        *("id", "model", "model_hash", "as_of", "persona", "fit", "engagement", "total", "grade", "lines"),
        *("inputs_known", "inputs_asked", "machine_events", "by_tag", "buying_stage", "hints"),
    }
    rule, signal = found["lines"]
    assert set(rule) == {"section", "group", "rule", "points", "say"}
    assert set(signal) == set(rule) | {"count", "last_at", "events"}


def test_a_stage_is_reached_with_three_points_unless_the_model_says_otherwise() -> None:
    def stage(points: float, needed: float | None = None) -> str | None:
        tagged = {"id": "s", "on": "visit", "points": points, "tags": {"stage": "decision"}}
        scorer = engine(signals=[tagged]) if needed is None else engine(signals=[tagged], stage_at=needed)
        return scorer.score(doing(event("a")), NOW).buying_stage

    assert (stage(3), stage(2.99), stage(2.99, needed=2.99)) == ("decision", None, "decision")
