"""What fit and engagement share: groups of lines, cut to their limits, summed and cut again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scoring.breakdown import Line
from scoring.exact import plain


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one group, and its limit in hundredths (None: no limit)."""

    name: str
    limit: int | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section's lines, adjustments included, and their sum in hundredths."""

    lines: tuple[Line, ...]
    points: int


def cut(section: str, group: str, of: str | None, points: int, limit: int | None) -> Line | None:
    """The line that takes back what lies above `limit`, or None when nothing does."""
    if limit is None or points <= limit:
        return None
    what = f"Limit of {of or group}: {plain(limit)}"
    return Line(section=section, group=group, rule="limit", points=limit - points, say=what, of=of)


def settle(section: str, groups: Sequence[Group], limit: int) -> Section:
    """Group = min(sum, group limit); section = the sum of groups, clamped to [0, limit] (hundredths)."""
    lines: list[Line] = []
    total = 0
    for group in groups:
        points = sum(line.points for line in group.lines)
        lines.extend(group.lines)
        over = cut(section, group.name, None, points, group.limit)
        if over is not None:
            lines.append(over)
            points += over.points
        total += points
    if total < 0:
        lines.append(Line(section=section, group=None, rule="floor", points=-total, say="Not below 0"))
    elif total > limit:
        say = f"Limit of {section}: {plain(limit)}"
        lines.append(Line(section=section, group=None, rule="clamp", points=limit - total, say=say))
    return Section(tuple(lines), max(0, min(limit, total)))


@dataclass(frozen=True, slots=True)
class Tally:
    """What each rule or signal gives, its own limit applied, and what each group sums to before its limit."""

    by_rule: Mapping[str, int]
    by_group: Mapping[str, int]

    @classmethod
    def of(cls, lines: Iterable[Line]) -> Tally:
        """The tally of a section's lines."""
        by_rule: dict[str, int] = {}
        by_group: dict[str, int] = {}
        for line in lines:
            rule = line.of if line.rule == "limit" and line.of is not None else line.rule
            if line.group is not None and rule != "limit":
                by_rule[rule] = by_rule.get(rule, 0) + line.points
                by_group[line.group] = by_group.get(line.group, 0) + line.points
        return cls(by_rule, by_group)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a section's groups and of the section, in hundredths."""

    by_group: Mapping[str, int | None]
    section: int

    def points_after(self, tally: Tally, changes: Iterable[tuple[str, int]]) -> int:
        """What `settle` would come to with other group sums: changes are (group, difference)."""
        sums = dict(tally.by_group)
        for group, difference in changes:
            sums[group] = sums.get(group, 0) + difference
        total = 0
        for group, points in sums.items():
            most = self.by_group[group]
            total += points if most is None else min(points, most)
        return max(0, min(self.section, total))
