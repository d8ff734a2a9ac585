"""Field history: what a write leaves behind where the admin tracks a field.

Sources: Salesforce help "Field History Tracking" (tracked fields only, from when tracking began; whole seconds; of long
text only that it changed; twenty fields an object), docs "StandardObjectNameHistory".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sandbox.salesforce.access import Access
from sandbox.salesforce.fields import Field, Value
from sandbox.salesforce.schema import Entry, Schema
from sandbox.salesforce.store import Row, Store
from sandbox.salesforce.tables.history import HISTORIES, PREFIX, history

MOST_TRACKED = 20
"""Fields of one object."""

_BANT = ("Budget__c", "Budget_Status__c", "Purchase_Timeframe__c", "Target_Go_Live__c", "Pain_Point__c", "Buying_Role__c")
TRACKED = (
    *(f"{kind}.{name}" for kind in ("Lead", "Contact") for name in _BANT),
    "Account.AnnualRevenue",
    "Account.NumberOfEmployees",
)
"""What this org's admin tracks unless told otherwise: the fields for qualification."""

_UNTOLD = frozenset({"textarea", "multipicklist"})
_DATA_TYPES = {"currency": "Currency", "double": "Double", "int": "Integer", "boolean": "Boolean", "date": "DateOnly"}


def entries(tracked: Iterable[str]) -> tuple[Entry, ...]:
    """The history objects of an org: an object of which nothing is tracked has none (the harder reading)."""
    kept = {name.partition(".")[0] for name in tracked}
    return tuple(
        (name, f"{parent} History", f"{parent} History", PREFIX, history(parent))
        for name, parent in HISTORIES.items()
        if parent in kept
    )


class Histories:
    """Writes the history of one org's tracked fields (`Lead.Budget__c`)."""

    def __init__(self, schema: Schema, store: Store, tracked: Sequence[str]) -> None:
        """Raises ValueError for fields that an admin could not have tracked."""
        self._store = store
        self._tracked: dict[str, dict[str, Field]] = {}
        for name in tracked:
            kind, _, field_name = name.partition(".")
            sobject = schema.find(kind)
            field = sobject.field(field_name) if sobject is not None and kind in HISTORIES.values() else None
            if field is None:
                raise ValueError(f"{name} cannot be tracked")
            self._tracked.setdefault(kind, {})[field.name] = field
        if any(len(fields) > MOST_TRACKED for fields in self._tracked.values()):
            raise ValueError(f"of one object no more than {MOST_TRACKED} fields can be tracked")

    def note(self, row: Row, changes: Mapping[str, Value], user_id: str) -> None:
        """Write down which tracked fields of a row are about to change."""
        tracked = self._tracked.get(row.object, {})
        for name in tracked.keys() & changes.keys():
            before, after, field = row.values.get(name), changes[name], tracked[name]
            if before == after:
                continue
            told = {} if field.type in _UNTOLD else {"OldValue": before, "NewValue": after}
            values: dict[str, Value] = {
                f"{row.object}Id": row.id,
                "Field": name,
                "DataType": _DATA_TYPES.get(field.type, "Text"),
                "CreatedDate": f"{self._store.now()[:19]}.000+0000",
                "CreatedById": user_id,
                "IsDeleted": False,
                **told,
            }
            self._store.insert(f"{row.object}History", values)


def may_see(access: Access, schema: Schema, user_id: str, row: Row) -> bool:
    """Whether the user sees a row of history: only of fields that are the user's to read."""
    parent = schema.named(HISTORIES[row.object])
    field = parent.field(str(row.values.get("Field")))
    return field is not None and access.readable(user_id, parent, field)
