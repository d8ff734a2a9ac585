"""Writes that queries see late: the row is committed after others that were stamped later.

A client that asks for what was modified since its last look misses such rows unless it looks back (airbyte reads 600
seconds again for it). Reads by id see them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sandbox.salesforce.table import Row

LONGEST_SECONDS = 540.0
_SHORTEST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Held:
    """A row that queries see as it was (`former`, None: not at all) until this time of the twin."""

    row: Row
    former: Row | None
    until_seconds: float


class Lateness:
    """Draws which writes are late, and by how much; the same seed gives the same draws for the same writes."""

    def __init__(self, share: float = 0.0, seed: int = 0) -> None:
        """`share` of all writes, from 0 to 1. Raises ValueError outside of that."""
        if not 0 <= share <= 1:
            raise ValueError("the share of late writes lies between 0 and 1")
        self._share = share
        self._dice = Random(f"{seed}/late")

    def draw_seconds(self) -> float | None:
        """How long the next write stays unseen; None: not at all."""
        if self._share == 0 or self._dice.random() >= self._share:
            return None
        return self._dice.uniform(_SHORTEST_SECONDS, LONGEST_SECONDS)
