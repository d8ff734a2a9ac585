"""Which record holds which value of the unique properties that an account's admins added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MOST_UNIQUE = 10
"""Unique properties that an object type can have beside HubSpot's own (HubSpot docs: properties)."""


@dataclass(slots=True)
class Uniques:
    """Holders by object type, property and value; case does not tell values apart (believed).

    Records that an account came with have no such values, so that only those written since are here.
    """

    _holders: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def holder(self, kind: str, name: str, value: str) -> int | None:
        """The id of the live record that has this value."""
        return self._holders.get((kind, name, value.lower()))

    def hold(self, kind: str, names: Iterable[str], record_id: int, values: Mapping[str, str]) -> None:
        """Note what a record has now."""
        for name in names:
            if value := values.get(name):
                self._holders[kind, name, value.lower()] = record_id

    def release(self, kind: str, names: Iterable[str], record_id: int, values: Mapping[str, str]) -> None:
        """Forget what a record had."""
        for name in names:
            key = (kind, name, values.get(name, "").lower())
            if self._holders.get(key) == record_id:
                del self._holders[key]
