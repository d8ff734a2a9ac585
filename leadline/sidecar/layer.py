"""Layers: some people in columns. The first holds everybody, later ones those who changed since; the latest layer counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Flags, Whole, narrow
from scoring.core import Kept
from scoring.folding import Folded, Folds
from scoring.population import microseconds

Ids = NDArray[np.bytes_]
"""UTF-8, each as wide as the longest."""

NEVER = -1
"""The score and grade of those who were told nothing, or not the same everywhere."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the CRM shows of each person: the score as a whole number, and the grade as its place in `GRADES`."""

    scores: Whole
    grades: Whole

    @classmethod
    def nothing(cls, people: int) -> Told:
        """Nobody was told anything."""
        return cls(np.full(people, NEVER, dtype=np.int8), np.full(people, NEVER, dtype=np.int8))


@dataclass(frozen=True, slots=True)
class Layer:
    """People in the order of their ids, as they were at `as_of` (UTC).

    `gone` are those who are no more. `later` are moments at which something the database knows already will have happened,
    and `later_who` the rows of those it will have happened to: their folds are good until then.
    """

    as_of: datetime
    ids: Ids
    gone: Ids
    kept: Kept
    told: Told
    later_who: Whole
    later: Whole

    def overdue(self, as_of: datetime) -> Ids:
        """Those to whom something has happened since that their folds do not know."""
        return np.unique(self.ids[self.later_who[self.later <= microseconds(as_of)]])

    def rows_of(self, ids: Ids) -> tuple[NDArray[np.int64], Flags]:
        """The row of each id, and whether it is here at all."""
        if not len(self.ids):
            return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.bool_)
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return rows, self.ids[rows] == ids


def joined(parts: Sequence[Whole]) -> Whole:
    """One after the other, as narrow as the widest. None of them is an unsigned 64, which would make floats of all."""
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint8)


def ids_of(names: Sequence[str]) -> Ids:
    """Ids as bytes. They come from the database, which holds no NUL."""
    return np.array([name.encode() for name in names], dtype=np.bytes_) if names else np.zeros(0, dtype="S1")


@dataclass(slots=True)
class FoldsGatherer:
    """Signals' folds, gathered some people at a time: only the numbers, and these as narrow as they can be."""

    parts: dict[str, list[tuple[Whole, ...]]] = field(default_factory=dict)

    def add(self, folds: Folds, first_row: int) -> None:
        """The folds of the next people, the first of whom has this row."""
        for name, one in folds.items():
            lengths = np.diff(np.append(one.firsts, len(one.days)))
            who = np.add(one.who, first_row, dtype=np.int64).astype(np.uint32)
            kept = (who, *(narrow(numbers) for numbers in (lengths, one.days, one.weights, one.micros, one.counts)))
            self.parts.setdefault(name, []).append(kept)

    def folds(self) -> Folds:
        """All of them."""
        return {name: self._folded(parts) for name, parts in self.parts.items()}

    def _folded(self, parts: Sequence[tuple[Whole, ...]]) -> Folded:
        who, lengths, days, weights, micros, counts = (joined([part[place] for part in parts]) for place in range(6))
        firsts = np.zeros(len(lengths), dtype=np.uint32)
        np.cumsum(lengths[:-1], out=firsts[1:], dtype=np.uint32)
        nothing = np.zeros(0, dtype=np.int64)
        return Folded(who, firsts, days, weights, micros, counts, nothing, nothing)
