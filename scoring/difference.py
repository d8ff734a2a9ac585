"""What changed between two breakdowns of one person, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Literal

import msgspec

from scoring.breakdown import Breakdown, Line
from scoring.exact import plain

Reason = Literal["gained", "lost", "decayed", "model changed"]
Key = tuple[str, str, str, str]

_MOVES = ("gained", "lost")


class Change(msgspec.Struct, frozen=True):
    """One line's share in a difference; `points` are hundredths, after minus before."""

    section: str
    group: str | None
    rule: str
    of: str | None
    reason: Reason
    points: int
    say: str


class Difference(msgspec.Struct, frozen=True):
    """Why a score changed. The points of all changes sum to `points`, the difference of the totals."""

    id: str
    points: int
    grade_before: str
    grade_after: str
    changes: tuple[Change, ...]

    def to_json_dict(self) -> dict[str, Any]:
        """Plain data for JSON, points as numbers."""
        data: dict[str, Any] = msgspec.to_builtins(self)
        data["points"] = plain(self.points)
        data["changes"] = [{**msgspec.to_builtins(one), "points": plain(one.points)} for one in self.changes]
        return data


def compare(before: Breakdown, after: Breakdown) -> Difference:
    """The difference between two breakdowns of one person, biggest change first."""
    same_model = before.model_hash == after.model_hash
    can_fade = before.as_of.date() < after.as_of.date()  # points fade from one UTC day to the next, never within one
    older, newer = _by_key(before.lines), _by_key(after.lines)
    changes: list[Change] = []
    for key in dict.fromkeys((*older, *newer)):
        was, now = older.get(key), newer.get(key)
        points = (now.points if now else 0) - (was.points if was else 0)
        line = now or was
        if not points or line is None:
            continue
        if not same_model and not _saw_events(was, now):
            reason: Reason = "model changed"
        elif can_fade and _faded(was, now):
            reason = "decayed"
        else:
            reason = _moved(points)
        changes.append(Change(line.section, line.group, line.rule, line.of, reason, points, line.say))
    return _difference(before, after, changes)


def retrace(course: Sequence[Breakdown]) -> Difference:
    """The difference between the first and the last of one person's breakdowns, given oldest first.

    Two breakdowns under different models cannot tell what the model did from what happened meanwhile. The breakdowns on
    both sides of each change of the model can.
    """
    found: dict[tuple[Key, Reason | None], Change] = {}
    for before, after in pairwise(_around_model_changes(course)):
        for change in compare(before, after).changes:
            cause = None if change.reason in _MOVES else change.reason
            key = _key(change), cause
            points = change.points + (found[key].points if key in found else 0)
            found[key] = msgspec.structs.replace(change, points=points, reason=cause or _moved(points))
    return _difference(course[0], course[-1], (change for change in found.values() if change.points))


def _difference(before: Breakdown, after: Breakdown, changes: Iterable[Change]) -> Difference:
    biggest_first = tuple(sorted(changes, key=lambda one: -abs(one.points)))
    return Difference(before.id, after.total - before.total, before.grade, after.grade, biggest_first)


def _around_model_changes(course: Sequence[Breakdown]) -> list[Breakdown]:
    """The first, the last, and the last before and the first after each change of the model."""
    both_sides = {
        index
        for index, (before, after) in enumerate(pairwise(course))
        if before.model_hash != after.model_hash
        for index in (index, index + 1)
    }
    return [course[index] for index in sorted({0, len(course) - 1} | both_sides)]


def _key(one: Line | Change) -> Key:
    return one.section, one.group or "", one.rule, one.of or ""


def _by_key(lines: Iterable[Line]) -> dict[Key, Line]:
    found: dict[Key, Line] = {}
    for line in lines:
        twin = found.get(_key(line))  # two overrides by one person
        found[_key(line)] = line if twin is None else msgspec.structs.replace(line, points=line.points + twin.points)
    return found


def _saw_events(was: Line | None, now: Line | None) -> bool:
    """Whether a signal has seen an event that it had not seen before."""
    if now is None or now.last_at is None:
        return False
    return was is not None and (was.last_at is None or now.last_at > was.last_at)


def _faded(was: Line | None, now: Line | None) -> bool:
    """Whether a signal weighs less than before although its newest event is still there, or may have left its window."""
    if was is None or was.last_at is None:
        return False
    if now is None:
        return True
    return abs(now.points) < abs(was.points) and now.last_at is not None and now.last_at >= was.last_at


def _moved(points: int) -> Reason:
    return "gained" if points > 0 else "lost"
