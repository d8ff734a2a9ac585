"""`PermissionSet` as the Metadata API has it: a set with its field permissions in one piece."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Value
from sandbox.salesforce.furniture import INTEGRATION_USER_ID
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Writer
from sandbox.salesforce.store import Row

_WRITER = Writer(INTEGRATION_USER_ID)


class PermissionSets:
    """Permission sets by name. What a definition does not mention stays granted."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def create(self, name: str, definition: Mapping[str, object]) -> None:
        """A set, granted to nobody yet.

        Raises:
            SalesforceError: what the org has against it; nothing of it is kept.
        """
        values: dict[str, Value] = {"Name": name, "Label": str(definition.get("label", "")) or None}
        with self._org.store.all_or_nothing() as take_back:
            try:
                parent = self._org.records.create(self._org.schema.named("PermissionSet"), values, _WRITER)
                self._grant(parent, definition)
            except SalesforceError:
                take_back()
                raise

    def change(self, name: str, definition: Mapping[str, object]) -> None:
        """Grant what the definition says, instead of what was granted for the same fields."""
        parent = self._row(name)
        if parent is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", f"no PermissionSet named {name} found")
        with self._org.store.all_or_nothing() as take_back:
            try:
                self._grant(parent, definition)
            except SalesforceError:
                take_back()
                raise

    def delete(self, name: str) -> None:
        """Take a set away, with its grants and assignments."""
        parent = self._row(name)
        if parent is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", f"no PermissionSet named {name} found")
        for kind, field in (("FieldPermissions", "ParentId"), ("PermissionSetAssignment", "PermissionSetId")):
            for row in self._org.store.rows(kind):
                if row.values.get(field) == parent.id and not row.deleted:
                    self._org.records.delete(row, _WRITER)
        self._org.records.delete(parent, _WRITER)

    def read(self, name: str) -> dict[str, object] | None:
        """A set with what it grants."""
        parent = self._row(name)
        if parent is None:
            return None
        grants = [
            {
                "editable": row.values.get("PermissionsEdit") is True,
                "field": row.values["Field"],
                "readable": row.values.get("PermissionsRead") is True,
            }
            for row in self._grants(parent)
        ]
        return {"fullName": parent.values["Name"], "fieldPermissions": grants, "label": parent.values["Label"]}

    def _row(self, name: str) -> Row | None:
        rows = self._org.store.rows("PermissionSet")
        return next((r for r in rows if str(r.values["Name"]).lower() == name.lower() and not r.deleted), None)

    def _grants(self, parent: Row) -> list[Row]:
        rows = self._org.store.rows("FieldPermissions")
        return [row for row in rows if row.values.get("ParentId") == parent.id and not row.deleted]

    def _grant(self, parent: Row, definition: Mapping[str, object]) -> None:
        known = {str(row.values["Field"]).lower(): row for row in self._grants(parent)}
        listed = definition.get("fieldPermissions")
        for entry in listed if isinstance(listed, list) else ():
            if not isinstance(entry, Mapping):
                raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "fieldPermissions needs field, readable and editable")
            field = str(entry.get("field", ""))
            values: dict[str, Value] = {
                "PermissionsRead": entry.get("readable") is True,
                "PermissionsEdit": entry.get("editable") is True,
            }
            row = known.get(field.lower())
            if row is not None:
                self._org.records.update(row, values, _WRITER)
                continue
            place: dict[str, Value] = {"ParentId": parent.id, "SobjectType": field.partition(".")[0], "Field": field}
            self._org.records.create(self._org.schema.named("FieldPermissions"), place | values, _WRITER)
