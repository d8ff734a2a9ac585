"""What a pull has met in the stretch of time that the next one reads again, so that the same row is not told twice.

Kept in memory only: a process that starts anew reads the overlap once more, and unchanged content dies out in the engine.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime
from typing import TypeAlias

Met: TypeAlias = tuple[str, str, datetime]
"""A row as it was met: the step, its id, its stamp."""

MOST = 20_000
"""Rows that are worth remembering; after a mass update the overlap is simply read twice."""


class Overlap:
    """Rows met by the last window of one stream. They count only for the pull that starts from that window's cursor.

    Such a cursor is stored after all pages before it, so that no row is forgotten that was told and never stored.
    """

    def __init__(self) -> None:
        self._kept: tuple[str | None, Set[Met]] = (None, frozenset())

    def before(self, cursor: str | None) -> Set[Met]:
        """What was met before the cursor, as far as it is remembered."""
        ended_with, met = self._kept
        return met if ended_with is not None and ended_with == cursor else frozenset()

    def keep(self, cursor: str, met: Set[Met]) -> None:
        """Remember what the window met that ends with this cursor, instead of what was remembered so far."""
        self._kept = (cursor, frozenset(met) if len(met) <= MOST else frozenset())
