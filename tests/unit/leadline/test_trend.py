"""Where a score went, and how rarely that is worth telling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from leadline.decide import shown_score
from leadline.trend import WINDOW, Then, Trend, direction, in_words, trend_of
from leadline.words import ENGLISH

START = datetime(2026, 11, 18, 9, tzinfo=UTC)
LEAST = 3.0


def ago(**time: float) -> Then:
    return Then(4000, START - timedelta(**time))


def told(points: int, days: int = 14, before: str | None = None) -> str:
    trend = Trend(points, days)
    return in_words(trend, direction(trend, before, LEAST), ENGLISH)


@pytest.mark.parametrize(
    ("points", "words"), [(12, "↑ up 12 in 14 days"), (-8, "↓ down 8 in 14 days"), (5, "→ steady"), (-5, "→ steady")]
)
def test_a_trend_is_told_in_words_from_twice_the_least_change_on(points: int, words: str) -> None:
    assert told(points) == words


def test_the_score_is_compared_with_the_last_one_before_the_window_as_people_saw_it() -> None:
    assert trend_of(5150, ago(days=20), START) == Trend(12, 14)


def test_of_somebody_known_for_less_the_days_are_told() -> None:
    assert trend_of(5150, ago(days=3, hours=5), START) == Trend(12, 3)
    assert told(12, days=3) == "↑ up 12 in 3 days"


def test_what_happened_today_happened_within_a_day() -> None:
    assert trend_of(5150, ago(minutes=5), START) == Trend(12, 1)
    assert told(12, days=1) == "↑ up 12 in 1 day"


def test_somebody_new_is_steady() -> None:
    assert trend_of(5150, None, START).points == 0


def test_a_direction_is_kept_until_the_movement_is_less_than_the_least_change() -> None:
    assert told(4, before="↑ up 9 in 14 days") == "↑ up 4 in 14 days"
    assert told(2, before="↑ up 4 in 14 days") == "→ steady"
    assert told(4, before="↓ down 4 in 14 days") == "→ steady"


FADING: dict[str, Callable[[int], float]] = {
    "half every 3 days": lambda day: 60 * 0.5 ** (day / 3),
    "half every 10 days": lambda day: 60 * 0.5 ** (day / 10),
    "half every 30 days": lambda day: 60 * 0.5 ** (day / 30),
    "half every 90 days": lambda day: 60 * 0.5 ** (day / 90),
    "straight to nothing in 30 days": lambda day: max(0.0, 60 - 2 * day),
    "straight to nothing in 180 days": lambda day: max(0.0, 60 - day / 3),
    "in steps of a week": lambda day: max(0.0, 60 - 5.0 * (day // 7)),
    "in steps of a month": lambda day: max(0.0, 60 - 11.0 * (day // 30)),
}


@pytest.mark.parametrize("name", FADING)
@pytest.mark.parametrize("least", [0.0, 1.0, 3.0, 10.0])
def test_a_score_that_only_fades_turns_at_most_once_each_way_per_step(name: str, least: float) -> None:
    """Up when somebody comes to life, down as it fades, steady when it has: looked at daily, for half a year and more."""
    steps = {"in steps of a month": 6}.get(name, 1)
    kept = [Then(0, START - timedelta(days=30))]
    text, turns = "→ steady", 0
    for day in range(250):
        now, total = START + timedelta(days=day), round(FADING[name](day) * 100)
        if abs(total - kept[-1].total) >= least * 100 and total != kept[-1].total:
            kept.append(Then(total, now))
        then = [one for one in kept if one.at <= now - WINDOW][-1]
        trend = trend_of(total, then, now)
        after = in_words(trend, direction(trend, text, least), ENGLISH)
        turns += after[:1] != text[:1]
        text = after
    assert turns <= 2 + 2 * steps, f"{turns} turns"
    assert shown_score(kept[-1].total) < 60
