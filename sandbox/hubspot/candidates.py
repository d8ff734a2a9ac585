"""Which records a search has to look at: by id, modified date and unique properties without reading all the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf

from sandbox.hubspot.filters import MODIFIED, Filter, bounds
from sandbox.hubspot.records import Records
from sandbox.hubspot.schema import KindSchema

_ID = "hs_object_id"
_FEW = 1_000
"""A range of so many ids is counted through instead of being looked for among all records."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The ids that a group of filters leaves, and the filters that are not yet answered by that."""

    ids: Collection[int]
    unanswered: Sequence[Filter]


def candidates(records: Records, schema: KindSchema, filters: Sequence[Filter]) -> Candidates | None:
    """What can be said of a group of filters (on existing properties) without reading records; None for nothing.

    Raises:
        Problem: 400 for a filter that makes no sense.
    """
    modified, ids = (-inf, inf), (-inf, inf)
    rest: list[Filter] = []
    for condition in filters:
        reach = (
            bounds(condition, schema.active[condition.propertyName]) if condition.propertyName in (*MODIFIED, _ID) else None
        )
        if reach is None:
            rest.append(condition)
        elif condition.propertyName == _ID:
            ids = max(ids[0], reach[0]), min(ids[1], reach[1])
        else:
            modified = max(modified[0], reach[0]), min(modified[1], reach[1])
    unique = next((condition for condition in rest if _is_unique(records, condition)), None)
    if unique is not None:
        holder = records.find_by(unique.propertyName, str(unique.value))
        # What search sees of an outdated record may have the value that is looked for, or had.
        return Candidates({*records.index.outdated(), *([] if holder is None else [holder.id])}, filters)
    if modified != (-inf, inf):
        found = records.index.modified_between(*modified)
        return Candidates([number for number in found if ids[0] <= number <= ids[1]], rest)
    if ids[1] - ids[0] < _FEW:
        return Candidates(range(max(0, int(ids[0])), int(ids[1]) + 1), filters)
    return None


def _is_unique(records: Records, condition: Filter) -> bool:
    return condition.operator == "EQ" and condition.propertyName in records.kind.unique and bool(condition.value)
