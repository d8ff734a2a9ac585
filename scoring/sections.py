"""What fit and engagement share: points of rules or signals, cut to the limits of groups, summed and cut again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from scoring.columns import Points, Whole
from scoring.exact import hundredths


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
