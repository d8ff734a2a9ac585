"""What fit and engagement share: points of rules or signals, cut to the limits of groups, summed and cut again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from scoring.breakdown import Line
from scoring.columns import Points, Whole
from scoring.exact import hundredths, plain


@dataclass(frozen=True, slots=True)
class Part:
    """What one rule or signal gives each row, in hundredths, its own limit applied."""

    group: str
    rule: str
    points: Whole


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a section and of its groups (None: no limit), in hundredths. Groups come in the model's order."""

    section: int
    groups: Mapping[str, int | None]

    @classmethod
    def of(cls, section: Decimal, groups: Mapping[str, Decimal | None]) -> Bounds:
        """The limits as a model gives them."""
        return cls(
            hundredths(section), {name: None if limit is None else hundredths(limit) for name, limit in groups.items()}
        )

    def points(self, parts: Iterable[Part], rows: int) -> Points:
        """Group = min(sum, group limit); section = the sum of groups, clamped to [0, limit]."""
        sums = {name: np.zeros(rows, dtype=np.int64) for name in self.groups}
        for part in parts:
            sums[part.group] += part.points
        total = np.zeros(rows, dtype=np.int64)
        for name, points in sums.items():
            most = self.groups[name]
            total += points if most is None else np.minimum(points, most)
        return np.clip(total, 0, self.section)

    def lines(self, section: str, lines: Mapping[str, Sequence[Line]]) -> tuple[Line, ...]:
        """One row's lines, by group, with a line for each limit that cuts."""
        found: list[Line] = []
        total = 0
        for group, limit in self.groups.items():
            own = lines.get(group, ())
            points = sum(line.points for line in own)
            found += own
            over = cut(section, group, None, points, limit)
            if over is not None:
                found.append(over)
                points += over.points
            total += points
        if total < 0:
            found.append(Line(section=section, group=None, rule="floor", points=-total, say="Not below 0"))
        elif total > self.section:
            say = f"Limit of {section}: {plain(self.section)}"
            found.append(Line(section=section, group=None, rule="clamp", points=self.section - total, say=say))
        return tuple(found)


def cut(section: str, group: str, of: str | None, points: int, limit: int | None) -> Line | None:
    """The line that takes back what lies above `limit`, or None when nothing does."""
    if limit is None or points <= limit:
        return None
    what = f"Limit of {of or group}: {plain(limit)}"
    return Line(section=section, group=group, rule="limit", points=limit - points, say=what, of=of)
