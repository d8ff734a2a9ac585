"""A score with its reasons. Points are whole hundredths inside, numbers with two decimals outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from scoring.exact import exact, half_away, plain
from scoring.reading import Scalar

ADJUSTMENTS = ("limit", "floor", "override", "clamp", "knock-out")
DIGIT_NAMES = {"1": "on fire", "2": "hot", "3": "warm", "4": "cold"}

_SCORES = ("fit", "engagement", "total")
_STRONG_WITHIN = 60
_SEPARATOR = "; "


class Line(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One reason: a rule or signal that gave points, or an adjustment (`rule` is then its name).

    `points` are hundredths. `of` names what an adjustment adjusts, where one name is not enough. `strong`
    marks a signal of class direct. `events` are at most three ids, newest first.
    """

    section: str
    group: str | None
    rule: str
    points: int
    say: str
    count: int | None = None
    last_at: datetime | None = None
    events: tuple[str, ...] = ()
    of: str | None = None
    strong: bool = False

    @property
    def is_adjustment(self) -> bool:
        """Whether the line corrects a sum instead of giving a reason of its own."""
        return self.rule in ADJUSTMENTS


class Hint(msgspec.Struct, frozen=True, gc=False):
    """One change that would lift the grade; `points` are the hundredths it brings to the total."""

    kind: Literal["behaviour", "field"]
    id: str
    points: int
    grade: str
    say: str


class Breakdown(msgspec.Struct, frozen=True):
    """The score of one person at a moment. `fit`, `engagement`, `total` and tags are hundredths.

    The points of all lines sum to `total`.
    """

    id: str
    model: str
    model_hash: str
    as_of: datetime
    persona: str | None
    fit: int
    engagement: int
    total: int
    grade: str
    lines: tuple[Line, ...]
    inputs_known: int
    inputs_asked: int
    machine_events: int
    by_tag: Mapping[str, Mapping[str, int]]
    buying_stage: str | None
    hints: tuple[Hint, ...] = ()

    @property
    def heat(self) -> str:
        """The engagement digit in words; "knocked out" for grade X."""
        return DIGIT_NAMES.get(self.grade[-1:], "knocked out")

    def part(self, name: str) -> Scalar | None:
        """A part by its name, as conditions see it: scores in points, names as text."""
        value: Scalar | None = getattr(self, name)
        return plain(value) if name in _SCORES and isinstance(value, int) else value

    def strongest(self, tag: str) -> str | None:
        """The value of a tag with the most points above zero; the alphabet decides a tie."""
        scored = [(-points, value) for value, points in self.by_tag.get(tag, {}).items() if points > 0]
        return min(scored)[1] if scored else None

    def strongest_signal(self) -> Line | None:
        """The newest signal that gives points, direct ones before latent ones."""
        signals = [line for line in self.lines if line.last_at is not None and line.points > 0]
        return max(signals, key=_strength, default=None)

    def reasons(self) -> tuple[Line, ...]:
        """Lines that speak for the person, in an order that decay alone does not change.

        Newest strong signal, the two strongest fit rules, other signals by newest event, other fit rules.
        """
        first = self.strongest_signal()
        good = [line for line in self.lines if line.points > 0 and not line.is_adjustment and line is not first]
        signals = sorted((line for line in good if line.last_at is not None), key=_strength, reverse=True)
        rules = sorted((line for line in good if line.last_at is None), key=lambda line: -line.points)
        ordered = [*([first] if first else []), *rules[:2], *signals, *rules[2:]]
        return tuple(line for line in self.lines if line.rule == "knock-out") + tuple(ordered)

    def headline(self, limit: int) -> str:
        """The reasons as one line of at most `limit` characters; the first ends within 60 of them."""
        text = ""
        for line in self.reasons():
            part = _cut(line.say, min(limit, _STRONG_WITHIN))
            longer = f"{text}{_SEPARATOR}{part}" if text else part
            if len(longer) > limit:
                break
            text = longer
        return text

    def to_json_dict(self) -> dict[str, Any]:
        """Plain data for JSON: points as numbers, times as ISO 8601 in UTC."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        data["as_of"] = _iso(self.as_of)
        for key in _SCORES:
            data[key] = plain(data[key])
        data["lines"] = [_line_dict(line) for line in self.lines]
        data["by_tag"] = {
            tag: {value: plain(points) for value, points in values.items()} for tag, values in self.by_tag.items()
        }
        data["hints"] = [{**msgspec.to_builtins(hint), "points": plain(hint.points)} for hint in self.hints]
        return data

    def encode(self) -> bytes:
        """The breakdown as one line of JSON, without the line end."""
        return msgspec.json.encode(self.to_json_dict())


def decode_breakdown(line: bytes | str) -> Breakdown:
    """The inverse of `Breakdown.encode`. Raises msgspec.MsgspecError."""
    data = msgspec.json.decode(line, type=dict[str, Any])
    for holder in (data, *data["lines"], *data["hints"]):
        for key in (*_SCORES, "points"):
            if key in holder:
                holder[key] = _inside(holder[key])
    data["by_tag"] = {
        tag: {value: _inside(points) for value, points in values.items()} for tag, values in data["by_tag"].items()
    }
    return msgspec.convert(data, Breakdown)


def _inside(points: float) -> int:
    return half_away(exact(points) * 100)


def _strength(line: Line) -> tuple[bool, datetime, str]:
    return line.strong, line.last_at or datetime.min.replace(tzinfo=UTC), line.rule


def _line_dict(line: Line) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(line)
    data["points"] = plain(line.points)
    if line.last_at is not None:
        data["last_at"] = _iso(line.last_at)
    return data


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
