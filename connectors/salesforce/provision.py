"""Making Leadline's fields exist and be seen: custom fields, two permission sets, and who gets what.

Fields created over the API start invisible, also to their creator (Salesforce docs: field-level security), so each comes
with grants: the sync set reads and edits and is assigned to the integration user; the reader set only reads, and an admin
assigns it to reps. That keeps scores trustworthy. The one field that reps fill in is theirs to edit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.errors import Misconfigured, RecordRejected, RetryLater
from connectors.fields import FieldChange, FieldKind, FieldSpec
from connectors.salesforce.classify import RowVerdict, classify_row
from connectors.salesforce.mapping import crm_field, key_field
from connectors.salesforce.org import Org
from connectors.salesforce.paths import (
    COLLECTION_CREATE,
    COLLECTION_UPDATE,
    ROW_CREATE,
    TOOLING_FIELD_CREATE,
    TOOLING_QUERY,
    Request,
)
from connectors.salesforce.rows import Row
from connectors.salesforce.soql import chunks, one_of, quote, select
from connectors.salesforce.write import BATCH, PERSON_OBJECTS, RowResult

ACTIVITY_OBJECTS = ("Task", "Event")
"""A custom field of Activity belongs to both, and access to it is granted on both (Salesforce docs: FieldPermissions)."""

TAKEN = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"})
LONG_TEXT_LENGTH = 32_768


class _Created(msgspec.Struct, frozen=True):
    id: str


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field that should exist. `owner` is the object it is created on; `objects` those it is used on."""

    owner: str
    name: str
    metadata: Mapping[str, Any]
    objects: tuple[str, ...]
    filled_by_reps: bool = False


@dataclass(frozen=True, slots=True)
class AccessSet:
    """A permission set that should exist, and whether its holders may edit our fields."""

    name: str
    label: str
    description: str
    edits: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """Access that a set should give to one field, `Lead.Leadline_Score__c`. `id` is that of a lesser grant in place."""

    access_set: AccessSet
    field: str
    edits: bool
    id: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is missing. `set_ids` are the sets that are there."""

    fields: tuple[CustomField, ...]
    sets: tuple[AccessSet, ...]
    grants: tuple[Grant, ...]
    assign: AccessSet | None
    set_ids: Mapping[str, str]

    def changes(self) -> tuple[FieldChange, ...]:
        """The plan as `provision` prints it."""
        return tuple(self._changes())

    def _changes(self) -> Iterator[FieldChange]:
        for custom in self.fields:
            yield FieldChange("create", f"{custom.owner}.{custom.name}", _describe(custom.metadata))
        for access_set in self.sets:
            yield FieldChange("create", f"permission set {access_set.name}", access_set.description)
        for grant in self.grants:
            access = "read and edit" if grant.edits else "read"
            yield FieldChange("grant", grant.field, f"{access}, through {grant.access_set.name}")
        if self.assign:
            yield FieldChange("grant", f"permission set {self.assign.name}", "assigned to the integration user")


class Provisioner:
    """Plans and applies Leadline's fields in one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        title = org.settings.field_prefix.capitalize()
        self._sync = AccessSet(
            f"{title}_Sync", f"{title} Sync", f"Lets the integration user read and write {title}'s fields.", edits=True
        )
        self._reader = AccessSet(f"{title}_Reader", f"{title} Reader", f"Lets people see {title}'s fields.", edits=False)

    def plan(self, specs: Sequence[FieldSpec]) -> Plan:
        """What is missing for these fields, and the task key, to be written and seen."""
        wanted = tuple(self._wanted(specs))
        present = self._present_fields()
        set_ids = self._set_ids()
        access = self._access(set_ids)
        return Plan(
            fields=tuple(custom for custom in wanted if (custom.owner, custom.name.lower()) not in present),
            sets=tuple(access_set for access_set in (self._sync, self._reader) if access_set.name not in set_ids),
            grants=tuple(self._grants(wanted, access)),
            assign=None if self._assigned(set_ids) else self._sync,
            set_ids=set_ids,
        )

    def apply(self, specs: Sequence[FieldSpec]) -> Plan:
        """Carry out the plan; what another run has created meanwhile counts as done."""
        plan = self.plan(specs)
        try:
            for custom in plan.fields:
                body = {"FullName": f"{custom.owner}.{custom.name}", "Metadata": dict(custom.metadata)}
                self._unless_there(Request(TOOLING_FIELD_CREATE, payload=body))
            for access_set in plan.sets:
                body = {"Name": access_set.name, "Label": access_set.label, "Description": access_set.description}
                self._unless_there(Request(ROW_CREATE, {"object": "PermissionSet"}, payload=body))
            set_ids = self._set_ids() if plan.sets else plan.set_ids
            self._grant(plan.grants, set_ids)
            if plan.assign:
                body = {"PermissionSetId": set_ids[plan.assign.name], "AssigneeId": self._user_id()}
                self._unless_there(Request(ROW_CREATE, {"object": "PermissionSetAssignment"}, payload=body))
        finally:
            self._org.schemas.forget()
        return plan

    def _wanted(self, specs: Sequence[FieldSpec]) -> Iterator[CustomField]:
        prefix = self._org.settings.field_prefix
        for spec in specs:
            for owner in PERSON_OBJECTS:
                yield CustomField(owner, crm_field(prefix, spec.name), _metadata(spec), (owner,), spec.filled_by_reps)
        key = {
            "type": "Text",
            "label": f"{prefix.capitalize()} Key",
            "description": "Which hand-over this task belongs to. Keeps it from being opened twice; leave it alone.",
            "length": 255,
            "externalId": True,
            "unique": True,
        }
        yield CustomField("Activity", key_field(prefix), key, ACTIVITY_OBJECTS)

    def _present_fields(self) -> set[tuple[str, str]]:
        """(object, folded name) of our fields, visible or not. Tooling names them without `__c`."""
        prefix = self._org.settings.field_prefix.capitalize()
        soql = select(("Id", "DeveloperName", "TableEnumOrId"), "CustomField", (f"DeveloperName LIKE '{prefix}\\_%'",))
        rows = [Row(values, "") for values in self._org.client.query(soql, TOOLING_QUERY).records]
        return {(row.text("TableEnumOrId") or "", f"{row.text('DeveloperName')}__c".lower()) for row in rows}

    def _set_ids(self) -> dict[str, str]:
        names = (self._sync.name, self._reader.name)
        page = self._org.client.query(select(("Id", "Name"), "PermissionSet", (one_of("Name", names),)))
        return {row.text("Name") or "": row.id for row in (Row(values, "") for values in page.records)}

    def _access(self, set_ids: Mapping[str, str]) -> dict[tuple[str, str], Row]:
        """What the sets grant by now, by (set, folded field)."""
        if not set_ids:
            return {}
        columns = ("Id", "ParentId", "Field", "PermissionsRead", "PermissionsEdit")
        page = self._org.client.query(select(columns, "FieldPermissions", (one_of("ParentId", list(set_ids.values())),)))
        names = {set_id: name for name, set_id in set_ids.items()}
        rows = [Row(values, "") for values in page.records]
        return {(names.get(row.text("ParentId") or "", ""), (row.text("Field") or "").lower()): row for row in rows}

    def _grants(self, wanted: Sequence[CustomField], access: Mapping[tuple[str, str], Row]) -> Iterator[Grant]:
        for access_set in (self._sync, self._reader):
            for custom, field in ((one, f"{name}.{one.name}") for one in wanted for name in one.objects):
                row = access.get((access_set.name, field.lower()))
                edits = access_set.edits or custom.filled_by_reps
                if row is None or not row.flag("PermissionsEdit" if edits else "PermissionsRead"):
                    yield Grant(access_set, field, edits, row.id if row else None)

    def _assigned(self, set_ids: Mapping[str, str]) -> bool:
        if self._sync.name not in set_ids:
            return False
        conditions = (f"PermissionSetId = {quote(set_ids[self._sync.name])}", f"AssigneeId = {quote(self._user_id())}")
        return bool(self._org.client.query(select(("Id",), "PermissionSetAssignment", conditions, limit=1)).records)

    def _grant(self, grants: Sequence[Grant], set_ids: Mapping[str, str]) -> None:
        new = [_permission(grant) | _belonging(grant, set_ids) for grant in grants if grant.id is None]
        better = [_permission(grant) | {"Id": grant.id} for grant in grants if grant.id is not None]
        for endpoint, records in ((COLLECTION_CREATE, new), (COLLECTION_UPDATE, better)):
            for chunk in chunks(records, BATCH):
                request = Request(endpoint, payload={"allOrNone": False, "records": chunk})
                for result in self._org.client.ask(request, tuple[RowResult, ...]):
                    _must_be_granted(result)

    def _unless_there(self, request: Request) -> None:
        try:
            self._org.client.run(request)
        except RecordRejected as error:
            if error.code not in TAKEN:
                raise Misconfigured(f"provisioning stopped: {error.what}", code=error.code) from error

    def _user_id(self) -> str:
        if (user_id := self._org.client.user_id()) is None:
            raise Misconfigured("Salesforce's sign-in reply does not tell the user; add the scope `id` to the app")
        return user_id


def _must_be_granted(result: RowResult) -> None:
    if not result.success and (not result.errors or result.errors[0].status_code not in TAKEN):
        code = result.errors[0].status_code if result.errors else "UNKNOWN"
        if classify_row(code) is RowVerdict.RETRY:
            raise RetryLater(f"field access cannot be granted now ({code})", code=code)
        raise Misconfigured(
            f"field access cannot be granted ({code}): the user needs Manage Profiles and Permission Sets", code=code
        )


def _permission(grant: Grant) -> dict[str, Any]:
    return {
        "attributes": {"type": "FieldPermissions"},
        "PermissionsRead": True,
        "PermissionsEdit": grant.edits,
    }


def _belonging(grant: Grant, set_ids: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ParentId": set_ids[grant.access_set.name],
        "SobjectType": grant.field.split(".")[0],
        "Field": grant.field,
    }


def _integer(spec: FieldSpec) -> dict[str, Any]:  # noqa: ARG001 - the table calls all alike
    return {"type": "Number", "precision": 18, "scale": 0}


def _text(spec: FieldSpec) -> dict[str, Any]:
    return {"type": "Text", "length": min(spec.length, 255)}


def _long_text(spec: FieldSpec) -> dict[str, Any]:
    return {"type": "LongTextArea", "length": max(spec.length, LONG_TEXT_LENGTH), "visibleLines": 5}


def _choice(spec: FieldSpec) -> dict[str, Any]:
    """An open value set: a value that the configuration gains later is accepted without another provisioning."""
    options = [{"fullName": value, "label": label, "default": False} for value, label in spec.options]
    return {"type": "Picklist", "valueSet": {"restricted": False, "valueSetDefinition": {"sorted": False, "value": options}}}


def _datetime(spec: FieldSpec) -> dict[str, Any]:  # noqa: ARG001 - the table calls all alike
    return {"type": "DateTime"}


_TYPES: Mapping[FieldKind, Callable[[FieldSpec], dict[str, Any]]] = {
    FieldKind.INTEGER: _integer,
    FieldKind.TEXT: _text,
    FieldKind.LONG_TEXT: _long_text,
    FieldKind.CHOICE: _choice,
    FieldKind.DATETIME: _datetime,
}


def _metadata(spec: FieldSpec) -> dict[str, Any]:
    about = {"label": spec.label[:40], "description": spec.description[:1000], "inlineHelpText": spec.description[:510]}
    return about | _TYPES[spec.kind](spec)


def _describe(metadata: Mapping[str, Any]) -> str:
    """The field's type in Salesforce's words: `Number(18, 0)`, `Text(255), unique`."""
    size = [str(metadata[name]) for name in ("precision", "length", "scale") if name in metadata]
    unique = ", unique" if metadata.get("unique") else ""
    return f"{metadata['type']}{'(' + ', '.join(size) + ')' if size else ''}{unique}: {metadata['label']}"
