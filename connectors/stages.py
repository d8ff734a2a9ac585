"""A person's stage in the CRM's own field: which value stands for which stage, and what may be replaced.

Nothing is written there unless the admin has named a value for the stage (HubSpot: `lifecycle_stage`, Salesforce:
`lead_status`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.records import Scalar

CRM_STAGE = "crm_stage"
"""The name under which an update carries the CRM's value for a stage; its connector knows the field."""


@dataclass(frozen=True, slots=True)
class StagePlace:
    """Where a connection shows stages.

    `values` is the CRM's value of each stage that has one; `setting` leads to them in the connection's settings. Records of
    `objects` show theirs in the person's field `field`, spelt as `read` spells it. In `order` values only move
    forward; without one, a value is replaced only if it is the one written last, or, before any, among `replaces`.
    """

    setting: tuple[str, ...]
    field: str
    objects: frozenset[str]
    values: Mapping[str, str]
    order: tuple[str, ...] = ()
    replaces: frozenset[str] = frozenset()
    read: Callable[[str], Scalar] = str

    def value_to_set(self, stage: str, shown: Scalar, told: Scalar) -> str | None:
        """The value that a record is to get now, None if it is to be left as it is. Pure.

        `shown` is what the record shows, as its field has it; `told` the value written last, None before any. What was told
        once is not told again: if the record shows something else, somebody has chosen it.
        """
        wanted = self.values.get(stage)
        if wanted is None or wanted == told or self.read(wanted) == shown:
            return None
        return wanted if self._gives_way(shown, wanted, told) else None

    def _gives_way(self, shown: Scalar, wanted: str, told: Scalar) -> bool:
        if self.order:
            # An account's own stages stand in an order that only the CRM knows: it leaves those undone that lead back.
            places = {self.read(value): number for number, value in enumerate(self.order)}
            place = places.get(self.read(wanted))
            return shown not in places or place is None or places[shown] < place
        untouched = (told,) if told is not None else self.replaces
        return shown in {self.read(value) for value in untouched if isinstance(value, str)}
