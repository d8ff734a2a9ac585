"""Everybody's breakdown lines, in columns: for each line that a person can have, the hundredths it has for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from leadline.sidecar.rescore import ROWS_AT_ONCE
from scoring.columns import Points, Whole, narrow
from scoring.core import FULL, CompiledModel, Kept, Scores
from scoring.sections import Bounds

LineName = tuple[str, str, str]
"""Section, group or what is adjusted, and rule or the adjustment's name."""


def line_columns(compiled: CompiledModel, kept: Kept, today: date) -> Iterator[tuple[int, dict[LineName, Points]]]:
    """The lines of some people at a time, with the row of the first of them. Their sum is the total, for each."""
    for low in range(0, kept.rows, ROWS_AT_ONCE):
        some = kept.part(low, min(low + ROWS_AT_ONCE, kept.rows))
        yield low, _lines(compiled, some, compiled.scored(some, today), today)


def write(folder: Path, compiled: CompiledModel, kept: Kept, today: date) -> None:
    """One file a line, by its number in `lines.json`; a line that nobody has gets none. The folder must be there."""
    parts: dict[LineName, list[tuple[int, Whole]]] = {}
    for low, lines in line_columns(compiled, kept, today):
        for name, points in lines.items():
            if points.any():
                parts.setdefault(name, []).append((low, narrow(points)))
    names = sorted(parts)
    for number, name in enumerate(names):
        column = np.zeros(kept.rows, dtype=np.result_type(*(points.dtype for _, points in parts[name])))
        for low, some in parts[name]:
            column[low : low + len(some)] = some
        np.save(folder / f"line-{number}.npy", column, allow_pickle=False)
    (folder / "lines.json").write_bytes(msgspec.json.encode(names))


def _lines(compiled: CompiledModel, some: Kept, scores: Scores, today: date) -> dict[LineName, Points]:
    lines = {**_fit_lines(compiled, some, scores, today), **_engagement_lines(compiled, some, today)}
    lines["total", "", "override"] = some.given.astype(np.int64)
    raw = scores.fit + scores.engagement + some.given
    left = np.clip(raw, 0, FULL)
    lines["total", "", "clamp"] = left - raw
    for (knockout, _), flags in zip(compiled.knockouts, scores.knocked_out, strict=True):
        lines["total", knockout.id, "knock-out"] = np.where(flags, -left, 0)
        left = np.where(flags, 0, left)
    return lines


def _fit_lines(compiled: CompiledModel, some: Kept, scores: Scores, today: date) -> dict[LineName, Points]:
    lines: dict[LineName, Points] = {}
    for place in np.unique(scores.personas):
        rows = np.flatnonzero(scores.personas == place)
        scorer = compiled.fits[int(place)]
        own: dict[LineName, Points] = {
            ("fit", part.group, part.rule): part.points.astype(np.int64)
            for part in scorer.parts(some.fields.take(rows), today)
        }
        for name, points in {**own, **_adjustments("fit", scorer.bounds, own, len(rows))}.items():
            lines.setdefault(name, np.zeros(some.rows, dtype=np.int64))[rows] = points
    return lines


def _engagement_lines(compiled: CompiledModel, some: Kept, today: date) -> dict[LineName, Points]:
    lines: dict[LineName, Points] = {}
    for one in compiled.engagement.signals:
        before = one.gives(some.folds[one.signal.id], some.rows, today)
        lines["engagement", one.group, one.signal.id] = before
        if one.limit is not None:
            lines["engagement", one.group, f"limit of {one.signal.id}"] = np.clip(before, -one.limit, one.limit) - before
    return {**lines, **_adjustments("engagement", compiled.engagement.bounds, lines, some.rows)}


def _adjustments(section: str, bounds: Bounds, own: Mapping[LineName, Points], rows: int) -> dict[LineName, Points]:
    """What the limits of groups and section take back, and the floor gives."""
    lines: dict[LineName, Points] = {}
    total = np.zeros(rows, dtype=np.int64)
    for group, limit in bounds.groups.items():
        points = sum((one for name, one in own.items() if name[1] == group), np.zeros(rows, dtype=np.int64))
        if limit is not None:
            lines[section, group, "limit"] = np.minimum(points, limit) - points
            points = np.minimum(points, limit)
        total = total + points
    lines[section, "", "floor"] = np.maximum(0, -total)
    lines[section, "", "clamp"] = np.minimum(0, bounds.section - total)
    return lines
