"""Associations between records: their type ids in both directions, and the links themselves.

Type ids are HubSpot's (HubSpot docs: associations v4, association type ids).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.problems import Problem

CATEGORY = "HUBSPOT_DEFINED"


@dataclass(frozen=True, slots=True)
class LinkType:
    """One way in which two object types are associated, seen from both ends."""

    forward: int
    backward: int
    label: str | None = None


_DEFAULT: dict[tuple[str, str], LinkType] = {
    ("contacts", "companies"): LinkType(279, 280),
    ("deals", "contacts"): LinkType(3, 4),
    ("deals", "companies"): LinkType(341, 342),
    ("tasks", "contacts"): LinkType(204, 203),
    ("tasks", "companies"): LinkType(192, 191),
    ("tasks", "deals"): LinkType(216, 215),
    ("notes", "contacts"): LinkType(202, 201),
    ("notes", "companies"): LinkType(190, 189),
    ("notes", "deals"): LinkType(214, 213),
    ("calls", "contacts"): LinkType(194, 193),
    ("calls", "companies"): LinkType(182, 181),
    ("calls", "deals"): LinkType(206, 205),
    ("emails", "contacts"): LinkType(198, 197),
    ("emails", "companies"): LinkType(186, 185),
    ("emails", "deals"): LinkType(210, 209),
    ("meetings", "contacts"): LinkType(200, 199),
    ("meetings", "companies"): LinkType(188, 187),
    ("meetings", "deals"): LinkType(212, 211),
}
_PRIMARY: dict[tuple[str, str], LinkType] = {
    ("contacts", "companies"): LinkType(1, 2, "Primary"),
    ("deals", "companies"): LinkType(5, 6, "Primary"),
}


def _both_ways(table: dict[tuple[str, str], LinkType]) -> dict[tuple[str, str], LinkType]:
    turned = {(to, start): LinkType(t.backward, t.forward, t.label) for (start, to), t in table.items()}
    return {**table, **turned}


DEFAULT = _both_ways(_DEFAULT)
PRIMARY = _both_ways(_PRIMARY)


def default_type(start: Kind, to: Kind) -> LinkType:
    """The unlabelled association from one object type to another.

    Raises:
        Problem: 400 when the two cannot be associated.
    """
    found = DEFAULT.get((start.name, to.name))
    if found is None:
        raise _impossible(start, to)
    return found


def type_with(start: Kind, to: Kind, category: str, type_id: int) -> LinkType:
    """The association with this id in this direction.

    Raises:
        Problem: 400 when there is none, for instance because the id belongs to the other direction.
    """
    candidates = (DEFAULT.get((start.name, to.name)), PRIMARY.get((start.name, to.name)))
    for candidate in candidates:
        if candidate is not None and category == CATEGORY and candidate.forward == type_id:
            return candidate
    spec = f"{category}={type_id}"
    context = {
        "associationSpec": [spec],
        "INVALID_ASSOCIATION_TYPE_ID": [f"{spec} is not a valid association type"],
    }
    raise Problem(400, "VALIDATION_ERROR", "One or more associations are invalid", context)


def label_of(start: Kind, to: Kind, type_id: int) -> str | None:
    """The label that goes with a type id, None for the unlabelled one."""
    primary = PRIMARY.get((start.name, to.name))
    return primary.label if primary is not None and primary.forward == type_id else None


class Links:
    """Who is associated with whom. Every link is kept from both ends."""

    def __init__(self) -> None:
        self._by_pair: dict[tuple[str, str], dict[int, dict[int, frozenset[int]]]] = {}

    def of(self, start: Kind, record_id: int, to: Kind) -> dict[int, frozenset[int]]:
        """Ids of the associated records with the type ids of each, in order of linking."""
        return self._by_pair.get((start.name, to.name), {}).get(record_id, {})

    def add(self, start: Kind, record_id: int, to: Kind, other_id: int, kind: LinkType) -> None:
        """Link two records; a labelled link is an unlabelled one as well. Twice is once."""
        types = {kind, default_type(start, to)}
        self._put(start, record_id, to, other_id, frozenset(t.forward for t in types))
        self._put(to, other_id, start, record_id, frozenset(t.backward for t in types))

    def remove(self, start: Kind, record_id: int, to: Kind, other_id: int) -> None:
        """Undo all links between two records; none is fine."""
        self._by_pair.get((start.name, to.name), {}).get(record_id, {}).pop(other_id, None)
        self._by_pair.get((to.name, start.name), {}).get(other_id, {}).pop(record_id, None)

    def remove_all(self, start: Kind, record_id: int) -> None:
        """Undo every link of a record."""
        for (from_name, to_name), table in self._by_pair.items():
            if from_name == start.name:
                for other_id in table.pop(record_id, {}):
                    self._by_pair.get((to_name, from_name), {}).get(other_id, {}).pop(record_id, None)

    def move(self, start: Kind, former_id: int, now_id: int) -> None:
        """Give the links of one record to another (a merge)."""
        pairs = [pair for pair in self._by_pair if pair[0] == start.name]
        for from_name, to_name in pairs:
            others = dict(self._by_pair[from_name, to_name].get(former_id, {}))
            for other_id, types in others.items():
                back = self._by_pair[to_name, from_name][other_id].get(former_id, frozenset())
                self._merge_in((from_name, to_name), now_id, other_id, types)
                self._merge_in((to_name, from_name), other_id, now_id, back)
        self.remove_all(start, former_id)

    def pairs(self) -> Iterator[tuple[str, str, int, int, frozenset[int]]]:
        """Every link: from type, to type, from id, to id, type ids. Both directions."""
        for (from_name, to_name), table in self._by_pair.items():
            for record_id, others in table.items():
                for other_id, types in others.items():
                    yield from_name, to_name, record_id, other_id, types

    def _put(self, start: Kind, record_id: int, to: Kind, other_id: int, types: frozenset[int]) -> None:
        self._merge_in((start.name, to.name), record_id, other_id, types)

    def _merge_in(self, pair: tuple[str, str], record_id: int, other_id: int, types: frozenset[int]) -> None:
        others = self._by_pair.setdefault(pair, {}).setdefault(record_id, {})
        others[other_id] = others.get(other_id, frozenset()) | types


def _impossible(start: Kind, to: Kind) -> Problem:
    message = f"No association type exists from {start.singular} to {to.singular}"
    return Problem(400, "VALIDATION_ERROR", message)
