"""`explain --since`: what changed in a person's score since a day, in words for those who work with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import Connection

from leadline.state import scores
from leadline.state.scores import Score
from scoring.difference import Change, Difference, Reason, retrace

WORDS: dict[Reason, str] = {
    "gained": "gained",
    "lost": "lost",
    "decayed": "faded with time",
    "model changed": "rules changed",
}
_LIMITS = ("limit", "floor", "clamp")
_WIDTH = max(map(len, WORDS.values()))


def tell_since(tx: Connection, score: Score, day: date) -> list[str]:
    """What changed between the score kept on that UTC day, or the last before it, and the present one.

    When none is kept from so early, the first one after it is taken, and that is told. Nothing is told when none is kept.
    """
    kept = scores.kept_since(tx, score.person_id, day)
    if not kept:
        return []
    before, now = kept[0].breakdown, score.breakdown
    found = retrace([*(one.breakdown for one in kept), now])
    return [
        _standing(before.as_of.date(), before.total, before.grade, kept[0].stage) + _why_then(before.as_of.date(), day),
        _standing(now.as_of.date(), now.total, now.grade, score.standing.stage),
        *_changes(found, in_tenths(now.total) - in_tenths(before.total)),
    ]


def in_tenths(total: int) -> int:
    """A total in hundredths as tenths, rounded half up."""
    return (total + 5) // 10


def shares(points: Sequence[int], whole: int) -> list[int]:
    """Hundredths as tenths, each less than one off, that sum to `whole`: what the totals differ by as they are shown."""
    found = [one // 10 for one in points]
    short = whole - sum(found)
    for index in sorted(range(len(points)), key=lambda index: -(points[index] % 10))[:short]:
        found[index] += 1
    return found


def _standing(day: date, total: int, grade: str, stage: str) -> str:
    return f"{day}: score {in_tenths(total) / 10:.1f}, grade {grade}, stage {stage}"


def _why_then(kept_on: date, day: date) -> str:
    if kept_on > day:
        return f" (the first that is kept; there is none of {day} or before)"
    return f" (the last that was kept until {day})" if kept_on < day else ""


def _changes(found: Difference, whole: int) -> Iterator[str]:
    if not found.changes:
        yield "No reason has changed."
        return
    told = zip(found.changes, shares([one.points for one in found.changes], whole), strict=True)
    visible = [(change, share) for change, share in told if share]
    for change, share in visible:
        yield f"{share / 10:+8.1f}  {_word(change):{_WIDTH}}  {change.say}"
    small = len(found.changes) - len(visible)
    less = f", {small} more of less than 0.1 each" if small else ""
    lines = "1 change" if len(visible) == 1 else f"{len(visible)} changes"
    yield f"{whole / 10:+8.1f}  total of {lines}{less}"


def _word(change: Change) -> str:
    return "limits" if change.rule in _LIMITS and change.reason != "model changed" else WORDS[change.reason]
