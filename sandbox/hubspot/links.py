"""Associations between records: their type ids in both directions, and the links themselves.

Type ids are HubSpot's (HubSpot docs: associations v4, association type ids).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.problems import Problem

CATEGORY = "HUBSPOT_DEFINED"


@dataclass(frozen=True, slots=True)
class LinkType:
    """One way in which two object types are associated, seen from both ends. `inverse` is the label from the other one."""

    forward: int
    backward: int
    label: str | None = None
    inverse: str | None = None

    def turned(self) -> LinkType:
        """The same, seen from the other end."""
        return LinkType(self.backward, self.forward, self.inverse, self.label)


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
    ("leads", "contacts"): LinkType(608, 609),
    ("leads", "companies"): LinkType(610, 611),
    ("leads", "deals"): LinkType(1037, 1038),
    ("leads", "tasks"): LinkType(646, 647),
    ("leads", "notes"): LinkType(854, 855),
    ("leads", "calls"): LinkType(596, 597),
    ("leads", "emails"): LinkType(598, 599),
    ("leads", "meetings"): LinkType(600, 601),
}
_PRIMARY: dict[tuple[str, str], LinkType] = {
    ("contacts", "companies"): LinkType(1, 2, "Primary", "Primary"),
    ("deals", "companies"): LinkType(5, 6, "Primary", "Primary"),
    ("leads", "contacts"): LinkType(578, 579, "Primary", "Primary"),
    ("leads", "companies"): LinkType(580, 581, "Primary", "Primary"),
}


def _both_ways(table: dict[tuple[str, str], LinkType]) -> dict[tuple[str, str], LinkType]:
    return {**table, **{(to, start): kind.turned() for (start, to), kind in table.items()}}


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
    raise impossible_type(category, type_id)


def impossible_type(category: str, type_id: int) -> Problem:
    """400: no association has this category and id in this direction."""
    spec = f"{category}={type_id}"
    context = {
        "associationSpec": [spec],
        "INVALID_ASSOCIATION_TYPE_ID": [f"{spec} is not a valid association type"],
    }
    return Problem(400, "VALIDATION_ERROR", "One or more associations are invalid", context)


def label_of(start: Kind, to: Kind, type_id: int) -> str | None:
    """The label that goes with a type id, None for the unlabelled one."""
    primary = PRIMARY.get((start.name, to.name))
    return primary.label if primary is not None and primary.forward == type_id else None


class Given(Protocol):
    """The links that an account came with. They stay as they are; `Links` keeps what became of them."""

    def of(self, start: str, record_id: int, to: str) -> Mapping[int, frozenset[int]]:
        """Ids of the associated records of a type with the type ids of each, in order of linking."""
        ...

    def linked(self, start: str, to: str) -> Iterator[int]:
        """The records of a type that are associated with any of another."""
        ...


class NothingGiven:
    """An account that came without links."""

    def of(self, start: str, record_id: int, to: str) -> Mapping[int, frozenset[int]]:
        """None."""
        return {}

    def linked(self, start: str, to: str) -> Iterator[int]:
        """None."""
        return iter(())


ChangedLinks = dict[tuple[str, str], dict[int, dict[int, frozenset[int]]]]
"""By start and end type: all links of each record whose links of this sort are no longer those it came with."""

KeptLinks = dict[tuple[str, int], list[tuple[str, int, frozenset[int], frozenset[int]]]]
"""By type and id of a record in the bin: what it was linked to, with the type ids from its end and from the other."""


class Links:
    """Who is associated with whom. Every link is kept from both ends."""

    def __init__(self, given: Given | None = None) -> None:
        self._given = given or NothingGiven()
        self.changed: ChangedLinks = {}
        self.kept: KeptLinks = {}

    def of(self, start: Kind, record_id: int, to: Kind) -> Mapping[int, frozenset[int]]:
        """Ids of the associated records with the type ids of each, in order of linking."""
        return self._of((start.name, to.name), record_id)

    def add(self, start: Kind, record_id: int, to: Kind, other_id: int, kind: LinkType) -> None:
        """Link two records; a labelled link is an unlabelled one as well. Twice is once."""
        types = {kind, default_type(start, to)}
        self._merge_in((start.name, to.name), record_id, other_id, frozenset(t.forward for t in types))
        self._merge_in((to.name, start.name), other_id, record_id, frozenset(t.backward for t in types))

    def remove(self, start: Kind, record_id: int, to: Kind, other_id: int) -> None:
        """Undo all links between two records; none is fine."""
        if other_id in self.of(start, record_id, to):
            self._own((start.name, to.name), record_id).pop(other_id, None)
            self._own((to.name, start.name), other_id).pop(record_id, None)

    def unlabel(self, start: Kind, record_id: int, to: Kind, other_id: int, kind: LinkType) -> None:
        """Take one label from the link between two records that are linked."""
        for pair, mine, theirs, type_id in (
            ((start.name, to.name), record_id, other_id, kind.forward),
            ((to.name, start.name), other_id, record_id, kind.backward),
        ):
            own = self._own(pair, mine)
            own[theirs] = own[theirs] - {type_id}

    def forget(self, start: Kind, to: Kind, kind: LinkType) -> None:
        """Take a label of the account's own from all links; an account comes without such."""
        for pair, type_id in (((start.name, to.name), kind.forward), ((to.name, start.name), kind.backward)):
            for others in self.changed.get(pair, {}).values():
                for other_id in others:
                    others[other_id] = others[other_id] - {type_id}

    def remove_all(self, start: Kind, record_id: int) -> None:
        """Undo every link of a record."""
        for from_name, to_name in self._pairs_from(start):
            for other_id in list(self._of((from_name, to_name), record_id)):
                self._own((from_name, to_name), record_id).pop(other_id, None)
                self._own((to_name, from_name), other_id).pop(record_id, None)

    def keep(self, start: Kind, record_id: int) -> None:
        """Note the links of a record that goes into the bin, before they end."""
        self.kept[start.name, record_id] = [
            (to_name, other_id, types, self._of((to_name, from_name), other_id).get(record_id, frozenset()))
            for from_name, to_name in self._pairs_from(start)
            for other_id, types in self._of((from_name, to_name), record_id).items()
        ]

    def bring_back(self, start: Kind, record_id: int, is_live: Callable[[str, int], bool]) -> None:
        """Link a record that leaves the bin to what it was linked to, as far as that is still there."""
        for to_name, other_id, types, back in self.kept.pop((start.name, record_id), ()):
            if is_live(to_name, other_id):
                self._merge_in((start.name, to_name), record_id, other_id, types)
                self._merge_in((to_name, start.name), other_id, record_id, back)

    def move(self, start: Kind, former_id: int, now_id: int) -> None:
        """Give the links of one record to another (a merge)."""
        for from_name, to_name in self._pairs_from(start):
            for other_id, types in list(self._of((from_name, to_name), former_id).items()):
                back = self._of((to_name, from_name), other_id).get(former_id, frozenset())
                self._merge_in((from_name, to_name), now_id, other_id, types)
                self._merge_in((to_name, from_name), other_id, now_id, back)
        self.remove_all(start, former_id)

    def pairs(self) -> Iterator[tuple[str, str, int, int, frozenset[int]]]:
        """Every link: from type, to type, from id, to id, type ids. Both directions."""
        for pair in dict.fromkeys((*DEFAULT, *self.changed)):
            for record_id in dict.fromkeys((*self._given.linked(*pair), *self.changed.get(pair, ()))):
                for other_id, types in self._of(pair, record_id).items():
                    yield *pair, record_id, other_id, types

    def _of(self, pair: tuple[str, str], record_id: int) -> Mapping[int, frozenset[int]]:
        changed = self.changed.get(pair)
        if changed is not None and record_id in changed:
            return changed[record_id]
        return self._given.of(pair[0], record_id, pair[1])

    def _own(self, pair: tuple[str, str], record_id: int) -> dict[int, frozenset[int]]:
        """The links of a record to change: a copy of those it came with, the first time."""
        table = self.changed.setdefault(pair, {})
        if record_id not in table:
            table[record_id] = dict(self._given.of(pair[0], record_id, pair[1]))
        return table[record_id]

    def _pairs_from(self, start: Kind) -> list[tuple[str, str]]:
        return [pair for pair in dict.fromkeys((*DEFAULT, *self.changed)) if pair[0] == start.name]

    def _merge_in(self, pair: tuple[str, str], record_id: int, other_id: int, types: frozenset[int]) -> None:
        others = self._own(pair, record_id)
        others[other_id] = others.get(other_id, frozenset()) | types


def _impossible(start: Kind, to: Kind) -> Problem:
    message = f"No association type exists from {start.singular} to {to.singular}"
    return Problem(400, "VALIDATION_ERROR", message)
