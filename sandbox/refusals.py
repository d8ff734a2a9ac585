"""Records that refuse to be written, as an admin's validation rule or a broken integration makes them do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec


class Refusal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Writes to one record are refused with `message`.

    `object` and `id` are the CRM's own. With `property` only writes that touch that property are refused.
    """

    object: str
    id: str
    message: str
    property: str | None = None


class Refusals:
    """The refusals in force; replaced as a whole."""

    def __init__(self) -> None:
        self._by_record: dict[tuple[str, str], list[Refusal]] = {}

    def replace(self, refusals: Sequence[Refusal]) -> None:
        """Put these in force instead of the former ones."""
        self._by_record = {}
        for refusal in refusals:
            self._by_record.setdefault((refusal.object, refusal.id), []).append(refusal)

    def __iter__(self) -> Iterator[Refusal]:
        return iter([refusal for group in self._by_record.values() for refusal in group])

    def find(self, object_name: str, record_id: str, properties: Iterable[str]) -> Refusal | None:
        """The first refusal that a write of these properties to this record meets."""
        group = self._by_record.get((object_name, record_id))
        if not group:
            return None
        touched = set(properties)
        return next((r for r in group if r.property is None or r.property in touched), None)
