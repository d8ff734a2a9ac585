"""What a user may see and edit: the profile's grants, and those of the permission sets assigned to the user.

A field that an API client creates is granted to nobody (Salesforce docs: field-level security).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sandbox.salesforce.fields import Field
from sandbox.salesforce.schema import Schema, SObject
from sandbox.salesforce.soql.dates import moment_of
from sandbox.salesforce.store import Store


@dataclass(frozen=True, slots=True)
class _Grants:
    readable: frozenset[str]
    editable: frozenset[str]


class Access:
    """Field-level security of one org."""

    def __init__(self, schema: Schema, store: Store) -> None:
        self._schema = schema
        self._store = store
        self._profile = {
            f"{sobject.name}.{field.name}" for sobject in schema for field in sobject.fields.values() if field.permissionable
        }
        self._by_user: dict[str, _Grants] = {}
        self.changed_at = moment_of(store.now())

    def hide(self, qualified_name: str) -> None:
        """Take a field (`Lead.DoNotCall`) out of the profile, as an admin may."""
        self._profile.discard(qualified_name)
        self.forget()

    def forget(self) -> None:
        """Fields or permissions changed: work them out again when next asked.

        Changes are a second apart for those who ask "modified since", whose times have no fractions.
        """
        self._by_user.clear()
        self.changed_at = max(moment_of(self._store.now()), self.changed_at + timedelta(seconds=1))

    def readable(self, user_id: str, sobject: SObject, field: Field) -> bool:
        """Whether this user sees the field at all."""
        return not field.permissionable or f"{sobject.name}.{field.name}" in self._grants(user_id).readable

    def editable(self, user_id: str, sobject: SObject, field: Field) -> bool:
        """Whether this user may write the field."""
        return not field.permissionable or f"{sobject.name}.{field.name}" in self._grants(user_id).editable

    def fields(self, user_id: str, sobject: SObject) -> list[Field]:
        """The fields of an object that this user sees, in their order."""
        return [field for field in sobject.fields.values() if self.readable(user_id, sobject, field)]

    def _grants(self, user_id: str) -> _Grants:
        found = self._by_user.get(user_id)
        if found is None:
            found = self._by_user[user_id] = self._worked_out(user_id)
        return found

    def _worked_out(self, user_id: str) -> _Grants:
        assigned = {
            row.values["PermissionSetId"]
            for row in self._store.rows("PermissionSetAssignment")
            if row.values.get("AssigneeId") == user_id and not row.deleted
        }
        readable, editable = set(self._profile), set(self._profile)
        for row in self._store.rows("FieldPermissions"):
            if row.values.get("ParentId") not in assigned or row.deleted:
                continue
            name = str(row.values["Field"])
            if row.values.get("PermissionsRead") is True:
                readable.add(name)
            if row.values.get("PermissionsEdit") is True:
                editable.add(name)
        return _Grants(frozenset(readable), frozenset(editable))
