from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from scoring.exact import half_away, half_up, hundredths, plain, shown
from scoring.facts import Event
from scoring.model import Decay
from scoring.signals import decay_factor
from tests.unit.scoring.builders import NOW, doing, engagement, engine, event, line


def test_events_beyond_the_window_do_not_count() -> None:
    assert engagement({"points": 3, "window": "10d"}, event("a", days_ago=10), event("b", days_ago=11)) == 300


def test_age_is_a_difference_of_dates_not_of_hours() -> None:
    late_yesterday = Event("a", "visit", NOW.replace(day=20, hour=23))
    assert engagement({"points": 10, "decay": {"half_life": "1d"}}, late_yesterday) == 500


def test_only_events_whose_where_is_true_count() -> None:
    signal = {"points": 3, "where": {"url": {"contains": "/pricing"}}}
    assert engagement(signal, event("a", url="/Pricing"), event("b", url="/blog"), event("c")) == 300


def test_where_sees_the_type_of_the_event() -> None:
    assert (
        engagement({"points": 3, "on": ["visit", "chat"], "where": {"type": "chat"}}, event("a"), event("b", "chat")) == 300
    )


def test_distinct_keeps_the_newest_of_each_value_and_takes_unknown_for_one_value() -> None:
    signal = {"points": 8, "distinct": "name", "decay": {"half_life": "1d"}}
    events = [
        event("a", name="guide", days_ago=1),
        event("b", name="guide", days_ago=2),
        event("c", days_ago=3),
        event("d", name="", days_ago=3),
    ]
    assert engagement(signal, *events) == 400 + 100


@pytest.mark.parametrize(
    ("per", "days_ago", "kept"),
    [
        ("day", [0, 0.1, 1, 1.1], 2),
        ("week", [0, 5, 6, 12], 2),  # Saturday 21, Monday 16 | Sunday 15, Monday 9 November 2026
        ("month", [0, 20, 21, 51], 2),  # 21 and 1 November | 31 and 1 October
    ],
)
def test_at_most_keeps_the_newest_of_each_day_iso_week_or_month(per: str, days_ago: list[float], kept: int) -> None:
    events = [event(str(index), days_ago=days) for index, days in enumerate(days_ago)]
    assert engagement({"points": 1, "at_most": {"times": 1, "per": per}}, *events) == kept * 100


def test_at_most_prefers_the_greater_id_among_events_of_one_moment() -> None:
    signal = {"points": 10, "at_most": {"times": 1, "per": "day"}, "full_at": "10s"}
    assert engagement(signal, event("b", seconds=10), event("a", seconds=5)) == 1000


def test_fewer_than_at_least_give_nothing() -> None:
    assert engagement({"points": 3, "at_least": 2}, event("a")) == 0
    assert engagement({"points": 3, "at_least": 2}, event("a"), event("b")) == 600


def test_at_least_counts_what_distinct_and_at_most_left() -> None:
    signal = {"points": 3, "at_least": 2, "distinct": "name"}
    assert engagement(signal, event("a", name="x"), event("b", name="x")) == 0


@pytest.mark.parametrize(
    ("seconds", "points"), [(30, 300), (60, 600), (600, 600), ("15", 150), (None, 600), ("long", 600), (True, 600), (0, 0)]
)
def test_duration_weighs_an_event_up_to_full_at(seconds: Any, points: int) -> None:
    assert engagement({"points": 6, "full_at": "1m"}, event("a", seconds=seconds)) == points


def test_weights_round_half_up_to_thousandths() -> None:
    # 1000 × 1 / 2000 s = 0.5, which is one thousandth of 100 points.
    assert engagement({"points": 50, "full_at": "2000s"}, event("a", seconds=1)) == 5


@pytest.mark.parametrize(
    ("decay", "age", "factor"),
    [
        ({"half_life": "14d"}, 14, Fraction(1, 2)),
        ({"half_life": "2w"}, 28, Fraction(1, 4)),
        ({"linear": "10d"}, 3, Fraction(7, 10)),
        ({"linear": "10d"}, 11, Fraction(0)),
        ({"steps": {"30d": 0.5, "60d": 0.25, "90d": 0}}, 29, Fraction(1)),
        ({"steps": {"30d": 0.5, "60d": 0.25, "90d": 0}}, 30, Fraction(1, 2)),
        ({"steps": {"90d": 0, "30d": 0.5, "60d": 0.25}}, 89, Fraction(1, 4)),
        ({"steps": {"30d": 0.5, "60d": 0.25, "90d": 0}}, 90, Fraction(0)),
        ("none", 4000, Fraction(1)),
    ],
)
def test_decay_has_four_shapes(decay: Any, age: int, factor: Fraction) -> None:
    assert decay_factor(Decay.model_validate(decay), age) == factor


def test_half_life_between_whole_halvings_is_exact_to_the_millionth() -> None:
    # 12 × 0.5^(5/14) = 9.36849…
    assert engagement({"points": 12, "decay": {"half_life": "14d"}}, event("a", days_ago=5)) == 937


def test_an_age_of_centuries_has_a_defined_worth() -> None:
    ancient = Event("a", "visit", NOW.replace(year=1))
    assert engagement({"points": 12, "decay": {"half_life": "7d"}}, ancient) == 0
    assert engagement({"points": 12}, ancient) == 1200


def test_a_signal_is_cut_to_its_limit_on_both_sides_in_a_line_of_its_own() -> None:
    events = [event(str(index)) for index in range(4)]
    up = engine(signals=[{"id": "s", "on": "visit", "points": 3, "limit": 10}]).score(doing(*events), NOW)
    down = engine(signals=[{"id": "s", "on": "visit", "points": -3, "limit": 10}]).score(doing(*events), NOW)
    assert [(one.rule, one.of, one.points) for one in up.lines] == [("s", None, 1200), ("limit", "s", -200)]
    assert [(one.rule, one.points) for one in down.lines] == [("s", -1200), ("limit", 200), ("floor", 1000)]


@pytest.mark.parametrize(
    ("measure", "bands", "points"),
    [
        ("count", [{"from": 4, "points": 4}], 400),
        ("active_days", [{"from": 3, "below": 4, "points": 3}], 300),
        ("seconds", [{"from": 70, "below": 71, "points": 7}], 700),
        ("days_since_last", [{"below": 2, "points": 2}], 200),
        ({"distinct": "name"}, [{"from": 3, "below": 4, "points": 5}], 500),
    ],
)
def test_a_measure_is_looked_up_in_bands(measure: Any, bands: list[dict[str, float]], points: int) -> None:
    events = [
        event("a", name="x", seconds=30, days_ago=1),
        event("b", name="x", seconds="40.5", days_ago=1),
        event("c", name="y", days_ago=2),
        event("d", days_ago=3),
    ]
    assert engagement({"measure": measure, "bands": bands}, *events) == points


def test_without_events_a_count_is_zero_but_the_last_visit_is_unknown() -> None:
    assert engagement({"measure": "count", "bands": [{"below": 1, "points": 2}]}) == 200
    assert engagement({"measure": "days_since_last", "bands": [{"below": 9999, "points": 2}]}) == 0


def test_a_line_tells_how_often_when_last_and_which_events() -> None:
    events = [event(str(index), days_ago=index) for index in range(5)]
    scored = engine(signals=[{"id": "s", "on": "visit", "points": 1, "say": "Came by"}]).score(doing(*events), NOW)
    found = line(scored, "s")
    assert found is not None
    assert (found.count, found.last_at, found.events, found.say) == (5, NOW, ("0", "1", "2"), "Came by ×5")


def test_events_of_several_types_are_one_stream() -> None:
    signal = {"points": 1, "on": ["visit", "chat"], "at_most": {"times": 1, "per": "day"}}
    assert engagement(signal, event("a"), event("b", "chat"), event("c", "chat", days_ago=1)) == 200


def test_rounding_is_half_away_from_zero_or_half_up_as_the_text_says() -> None:
    assert [half_away(Fraction(n, 2)) for n in (1, 3, -1, -3)] == [1, 2, -1, -2]
    assert [half_up(Fraction(n, 2)) for n in (1, 3, -1, -3)] == [1, 2, 0, -1]


def test_points_print_as_short_as_they_are() -> None:
    assert [plain(points) for points in (1200, 1250, -5, 0)] == [12, 12.5, -0.05, 0]
    assert [shown(points) for points in (4950, 4949, 0)] == [50, 49, 0]
    assert [hundredths(Decimal(text)) for text in ("0.005", "-0.005", "0.0049")] == [1, -1, 0]
