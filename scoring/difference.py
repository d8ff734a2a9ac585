"""What changed between two breakdowns of one person, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from scoring.breakdown import Breakdown, Line
from scoring.exact import plain

Reason = Literal["gained", "lost", "decayed", "model changed"]
Key = tuple[str, str, str, str]


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
    older, newer = _by_key(before.lines), _by_key(after.lines)
    changes: list[Change] = []
    for key in dict.fromkeys((*older, *newer)):
        was, now = older.get(key), newer.get(key)
        points = (now.points if now else 0) - (was.points if was else 0)
        line = now or was
        if not points or line is None:
            continue
        reason = _reason(was, now, points) if same_model or _saw_events(was, now) else "model changed"
        changes.append(Change(line.section, line.group, line.rule, line.of, reason, points, line.say))
    changes.sort(key=lambda one: -abs(one.points))
    return Difference(before.id, after.total - before.total, before.grade, after.grade, tuple(changes))


def _by_key(lines: Iterable[Line]) -> dict[Key, Line]:
    found: dict[Key, Line] = {}
    for line in lines:
        key = (line.section, line.group or "", line.rule, line.of or "")
        twin = found.get(key)  # two overrides by one person
        found[key] = line if twin is None else msgspec.structs.replace(line, points=line.points + twin.points)
    return found


def _saw_events(was: Line | None, now: Line | None) -> bool:
    """Whether a signal has seen an event that it had not seen before."""
    if now is None or now.last_at is None:
        return False
    return was is not None and (was.last_at is None or now.last_at > was.last_at)


def _reason(was: Line | None, now: Line | None, points: int) -> Reason:
    faded = was is not None and was.last_at is not None and not _saw_events(was, now)
    if faded and was is not None:
        shrunk = abs(now.points if now else 0) < abs(was.points)
        fewer_or_same = now is None or (now.count or 0) <= (was.count or 0)
        if shrunk and fewer_or_same:
            return "decayed"
    return "gained" if points > 0 else "lost"
