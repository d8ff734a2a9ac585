"""A full rescore: from the sidecar's files to everybody's score and grade, and the list of those worth telling."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadline.sidecar.layer import NEVER, Ids, Layer, Told
from scoring.columns import Flags, Rows
from scoring.core import GRADES, CompiledModel, Kept

ROWS_AT_ONCE = 65_536
"""So few that what they come to stays in the processor's own memory."""


@dataclass(frozen=True, slots=True)
class Standings:
    """Scores of many people, in hundredths, and grades as places in `GRADES`."""

    fit: NDArray[np.uint16]
    engagement: NDArray[np.uint16]
    total: NDArray[np.uint16]
    grades: NDArray[np.uint8]

    @classmethod
    def of(cls, people: int) -> Standings:
        """Room for so many."""
        fit, engagement, total = (np.zeros(people, dtype=np.uint16) for _ in range(3))
        return cls(fit, engagement, total, np.zeros(people, dtype=np.uint8))


@dataclass(frozen=True, slots=True)
class Rescored:
    """Everybody's scores: `ids` in no order that matters, and the rows of those whose change is material."""

    ids: Ids
    standings: Standings
    changed: Rows


def standings(compiled: CompiledModel, kept: Kept, today: date) -> Standings:
    """The scores of these people on a UTC day, some people at a time."""
    found = Standings.of(kept.rows)
    for low in range(0, kept.rows, ROWS_AT_ONCE):
        some = slice(low, min(low + ROWS_AT_ONCE, kept.rows))
        scores = compiled.scored(kept.part(some.start, some.stop), today)
        found.fit[some], found.engagement[some], found.total[some] = scores.fit, scores.engagement, scores.total
        found.grades[some] = scores.grades()
    return found


def rescored(compiled: CompiledModel, layers: Sequence[Layer], as_of: datetime, min_change: int) -> Rescored:
    """Everybody's scores at a moment. A change is material from `min_change` whole points on, and when the grade changed."""
    every = [standings(compiled, one.kept, as_of.date()) for one in layers]
    counts = [_counting(layers, place) for place in range(len(layers))]
    material = [
        np.flatnonzero(_material(one.told, found, min_change) & valid)
        for one, found, valid in zip(layers, every, counts, strict=True)
    ]
    if len(layers) == 1:
        return Rescored(layers[0].ids, every[0], material[0])
    places = [np.cumsum(valid) - 1 for valid in counts]
    starts = np.cumsum([0, *(int(valid.sum()) for valid in counts)])
    return Rescored(
        ids=np.concatenate([one.ids[valid] for one, valid in zip(layers, counts, strict=True)]),
        standings=Standings(
            fit=np.concatenate([one.fit[valid] for one, valid in zip(every, counts, strict=True)]),
            engagement=np.concatenate([one.engagement[valid] for one, valid in zip(every, counts, strict=True)]),
            total=np.concatenate([one.total[valid] for one, valid in zip(every, counts, strict=True)]),
            grades=np.concatenate([one.grades[valid] for one, valid in zip(every, counts, strict=True)]),
        ),
        changed=np.concatenate([place[rows] + start for place, rows, start in zip(places, material, starts, strict=False)]),
    )


def write(folder: Path, found: Rescored, as_of: datetime) -> None:
    """Keep scores, grades and changes in a folder, which takes the place of the one before."""
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name in ("fit", "engagement", "total", "grades"):
        np.save(fresh / f"{name}.npy", getattr(found.standings, name), allow_pickle=False)
    np.save(fresh / "changed.npy", found.changed, allow_pickle=False)
    np.save(fresh / "changed-ids.npy", found.ids[found.changed], allow_pickle=False)
    said = {"as_of": as_of, "people": len(found.ids), "changed": len(found.changed), "grades": GRADES}
    (fresh / "said.json").write_bytes(msgspec.json.encode(said))
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(fresh, folder)  # noqa: PTH105 - says that it takes the place of what is there


def _counting(layers: Sequence[Layer], place: int) -> Flags:
    """The rows of a layer of whom no later one has news."""
    valid: Flags = np.ones(len(layers[place].ids), dtype=np.bool_)
    for later in layers[place + 1 :]:
        for ids in (later.ids, later.gone):
            rows, here = layers[place].rows_of(ids)
            valid[rows[here]] = False
    return valid


def _material(told: Told, found: Standings, min_change: int) -> Flags:
    shown = (found.total.astype(np.int64) + 50) // 100
    moved = np.abs(shown - told.scores) >= max(1, min_change)
    flags: Flags = moved | (found.grades != told.grades) | (told.scores == NEVER)
    return flags
