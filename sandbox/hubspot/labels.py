"""Association labels that the account's admins made, beside those that HubSpot defines.

HubSpot counts the type ids of labels from 1, so that they overlap with its own and mean nothing without their category.
Inside the twin they are negative, which keeps the two apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.hubspot.kinds import CONTACTS, Kind, named
from sandbox.hubspot.links import CATEGORY, DEFAULT, PRIMARY, LinkType, impossible_type, label_of, type_with
from sandbox.hubspot.problems import invalid

OWN_CATEGORY = "USER_DEFINED"
MOST_LABELS = 10


@dataclass(slots=True)
class Labels:
    """The labels of one account, by direction."""

    types: dict[tuple[str, str], dict[int, LinkType]] = field(default_factory=dict)
    names: set[tuple[str, str, str]] = field(default_factory=set)
    last_id: int = 0

    def of(self, start: Kind, to: Kind) -> list[LinkType]:
        """The own labels in one direction."""
        return list(self.types.get((start.name, to.name), {}).values())

    def create(self, start: Kind, to: Kind, name: str, label: str, inverse: str | None) -> LinkType:
        """Add a label, or a pair of them when the other direction has another one.

        Raises:
            Problem: 400 when name or label is in use, or there are ten already.
        """
        ends = (start.name, to.name)
        if (*ends, name) in self.names or (*reversed(ends), name) in self.names:
            raise invalid(f"An association definition named {name} exists already")
        self._refuse_label(start, to, label, 0)
        self._refuse_label(to, start, inverse or label, 0)
        if len(self.of(start, to)) >= MOST_LABELS:
            raise invalid(f"At most {MOST_LABELS} labels can be made between two object types")
        self.last_id += 2
        made = LinkType(1 - self.last_id, -self.last_id, label, inverse or label)
        self.names.add((*ends, name))
        self._keep(start, to, made)
        return made

    def rename(self, start: Kind, to: Kind, type_id: int, label: str, inverse: str | None) -> None:
        """Give a label other words. Raises `Problem` 400 when there is none, or the words are in use."""
        former = self.found(start, to, type_id)
        self._refuse_label(start, to, label, former.forward)
        self._refuse_label(to, start, inverse or label, former.backward)
        self._keep(start, to, replace(former, label=label, inverse=inverse or label))

    def remove(self, start: Kind, to: Kind, type_id: int) -> LinkType:
        """Take a label away. Raises `Problem` 400 when there is none."""
        former = self.found(start, to, type_id)
        del self.types[start.name, to.name][former.forward]
        del self.types[to.name, start.name][former.backward]
        return former

    def found(self, start: Kind, to: Kind, type_id: int) -> LinkType:
        """The own label with this id on the wire. Raises `Problem` 400 when there is none."""
        mine = self.types.get((start.name, to.name), {}).get(-type_id)
        if mine is None:
            raise impossible_type(OWN_CATEGORY, type_id)
        return mine

    def type_with(self, start: Kind, to: Kind, category: str, type_id: int) -> LinkType:
        """The association with this category and id in this direction. Raises `Problem` 400 when there is none."""
        if category == OWN_CATEGORY:
            return self.found(start, to, type_id)
        return type_with(start, to, category, type_id)

    def other_end(self, start: Kind, category: str, type_id: int) -> Kind:
        """The object type that an id leads to from here; contacts for one that leads nowhere, which nothing fits."""
        for (from_name, to_name), type_of in self._directions(category):
            if from_name == start.name and abs(type_of.forward) == type_id:
                return named(to_name)
        return CONTACTS

    def shown(self, start: Kind, to: Kind, types: Iterable[int]) -> list[dict[str, Any]]:
        """Association types as the wire shows them."""
        return [self._shown(start, to, type_id) for type_id in sorted(types)]

    def _shown(self, start: Kind, to: Kind, type_id: int) -> dict[str, Any]:
        if type_id > 0:
            return {"category": CATEGORY, "typeId": type_id, "label": label_of(start, to, type_id)}
        return {"category": OWN_CATEGORY, "typeId": -type_id, "label": self.found(start, to, -type_id).label}

    def _directions(self, category: str) -> Iterator[tuple[tuple[str, str], LinkType]]:
        if category == OWN_CATEGORY:
            yield from ((pair, one) for pair, mine in self.types.items() for one in mine.values())
        else:
            yield from DEFAULT.items()
            yield from PRIMARY.items()

    def _keep(self, start: Kind, to: Kind, made: LinkType) -> None:
        self.types.setdefault((start.name, to.name), {})[made.forward] = made
        self.types.setdefault((to.name, start.name), {})[made.backward] = made.turned()

    def _refuse_label(self, start: Kind, to: Kind, label: str, own_id: int) -> None:
        present = {one.label for one in self.of(start, to) if one.forward != own_id}
        if not label.strip() or label in present or label == "Primary":
            raise invalid(f"The association label '{label}' is empty or in use")
