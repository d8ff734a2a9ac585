"""The rules of permission-set records: what may be granted, and that nothing is granted twice."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Value
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.store import Store

_KEYS = {
    "PermissionSet": ("Name",),
    "PermissionSetAssignment": ("AssigneeId", "PermissionSetId"),
    "FieldPermissions": ("ParentId", "Field"),
}


def check_permission_record(object_name: str, after: Mapping[str, Value], schema: Schema, store: Store) -> None:
    """Check a permission record about to be stored; other objects pass.

    Raises:
        SalesforceError: DUPLICATE_VALUE for a second one of the same, FIELD_INTEGRITY_EXCEPTION or
            INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST for a grant that cannot be.
    """
    keys = _KEYS.get(object_name)
    if keys is None:
        return
    if object_name == "FieldPermissions":
        _check_grant(after, schema)
    wanted = [_folded(after.get(key)) for key in keys]
    for row in store.rows(object_name):
        same = [_folded(row.values.get(key)) for key in keys] == wanted
        if same and not row.deleted and row.id != after.get("Id"):
            message = f"duplicate value found: {', '.join(keys)} duplicates value on record with id: {row.id[:15]}"
            raise SalesforceError("DUPLICATE_VALUE", message)


def _check_grant(after: Mapping[str, Value], schema: Schema) -> None:
    object_name, qualified = str(after.get("SobjectType")), str(after.get("Field"))
    sobject = schema.find(object_name)
    owner, _, name = qualified.partition(".")
    field = None if sobject is None or owner.lower() != object_name.lower() else sobject.field(name)
    if field is None or sobject is None:
        message = f"Field Name: bad value for restricted picklist field: {qualified}"
        raise SalesforceError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, ("Field",))
    if not field.permissionable:
        message = f"Field Name: field security cannot be set on {qualified}"
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, ("Field",))
    if after.get("PermissionsEdit") is True and after.get("PermissionsRead") is not True:
        message = "Edit Access: edit access requires read access"
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, ("PermissionsEdit",))


def _folded(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value
