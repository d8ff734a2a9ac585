"""Where a score went in the last two weeks, in a few words.

The number in the words changes every day as a score fades, and is no reason to write. The direction is. Lest it flap, it
is kept until the movement is well below what began it: scores are kept in steps, so the past that we look back at has steps.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from leadline.decide import shown_score
from leadline.words import Words

WINDOW = timedelta(days=14)
SMALLEST = 2.5
"""Points, where `min_change` is smaller: a score that fades moves so much by itself."""

Direction = Literal["up", "down", "steady"]

_ARROWS: dict[Direction, str] = {"up": "↑", "down": "↓", "steady": "→"}


class Trend(Struct, frozen=True):
    """By how many points, as people see them, a score moved, within how many days."""

    points: int
    days: int


class Then(Struct, frozen=True):
    """A score as it was (hundredths), and when (aware UTC)."""

    total: int
    at: datetime


def trend_of(total: int, then: Then | None, now: datetime) -> Trend:
    """What became of the score since `then`: the last one kept before the window, or the first in it. Pure."""
    if then is None:
        return Trend(0, WINDOW.days)
    days = min(max(now - then.at, timedelta(days=1)), WINDOW).days
    return Trend(shown_score(total) - shown_score(then.total), days)


def direction(trend: Trend, told: object, min_change: float) -> Direction:
    """Up or down from twice the least change on, and until less than once; `told` is what the record shows now. Pure."""
    least = max(min_change, SMALLEST)
    way: Direction = "up" if trend.points > 0 else "down"
    goes_on = isinstance(told, str) and told.startswith(_ARROWS[way])
    return way if abs(trend.points) >= (least if goes_on else 2 * least) else "steady"


def in_words(trend: Trend, way: Direction, words: Words) -> str:
    """The trend as a rep reads it. The arrow tells the direction in every language."""
    if way == "steady":
        return f"{_ARROWS[way]} {words.trend.steady}"
    template = words.trend.up if way == "up" else words.trend.down
    return f"{_ARROWS[way]} {template.format(points=abs(trend.points), time=words.time(trend.days))}"
