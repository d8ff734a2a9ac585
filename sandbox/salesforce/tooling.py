"""The Tooling side of the org: creating custom fields, and querying their definitions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from sandbox.clock import TwinClock
from sandbox.salesforce.access import Access
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.fields import Field, Value
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.metadata import check_change, definition_of, field_of
from sandbox.salesforce.schema import ACTIVITY_OBJECTS, Entry, Schema, SObject
from sandbox.salesforce.soql.engine import Engine
from sandbox.salesforce.store import Row, Store, StoredRecords
from sandbox.salesforce.tables.definitions import CUSTOM_FIELD, ENTITY_DEFINITION, FIELD_DEFINITION

_ENTRIES: tuple[Entry, ...] = (
    ("CustomField", "Custom Field", "Custom Fields", "00N", CUSTOM_FIELD),
    ("FieldDefinition", "Field Definition", "Field Definitions", "000", FIELD_DEFINITION),
    ("EntityDefinition", "Entity Definition", "Entity Definitions", "4ie", ENTITY_DEFINITION),
)
_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
_MAX_NAME = 43


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field: its Tooling id, and its name with the object's (`Activity` for one on Task and Event)."""

    id: str
    full_name: str


class StoredDefinitions(msgspec.Struct, frozen=True, array_like=True):
    """The records of the Tooling API, and the ids of custom fields by full name."""

    records: StoredRecords
    custom: dict[str, str]


class Tooling:
    """Custom fields of one org. Full names are looked up without regard to case."""

    def __init__(self, schema: Schema, store: Store, access: Access, clock: TwinClock) -> None:
        self._schema = schema
        self._store = store
        self._access = access
        self._custom: dict[str, CustomField] = {}
        self._defined: dict[str, Row] = {}
        own_schema = Schema(_ENTRIES)
        self._records = Store(own_schema, clock)
        self.engine = Engine(own_schema, self._records, Access(own_schema, self._records))
        for sobject in schema:
            self._load(sobject)

    def find(self, name: str) -> CustomField | None:
        """The custom field with this full name."""
        return self._custom.get(name.lower())

    def with_id(self, record_id: str) -> CustomField:
        """The custom field with this Tooling id.

        Raises:
            SalesforceError: NOT_FOUND.
        """
        found = next((custom for custom in self._custom.values() if custom.id == long_id(record_id)), None)
        if found is None:
            raise not_found()
        return found

    def definition(self, custom: CustomField) -> dict[str, object]:
        """The field as the Metadata API writes it down."""
        return definition_of(self._field(custom))

    def create_field(self, full_name: str, metadata: Mapping[str, object]) -> CustomField:
        """Put a custom field on an object; one on Activity appears on Task and on Event.

        Nobody may see it yet.

        Raises:
            SalesforceError: DUPLICATE_DEVELOPER_NAME, or what is wrong with the definition.
        """
        owner, _, name = full_name.partition(".")
        targets = self._targets(owner)
        if _NAME.fullmatch(name) is None or len(name) > _MAX_NAME:
            message = f"The field name {name!r} can only contain letters, digits and single underscores, and ends in __c."
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, ("FullName",))
        if any(target.field(name) is not None for target in targets):
            message = f"There is already a field named {name.removesuffix('__c')} on {owner}."
            raise SalesforceError("DUPLICATE_DEVELOPER_NAME", message, ("DeveloperName",))
        field = field_of(name, metadata)
        for target in targets:
            target.add(field)
            self._store.index(target.name, field)
            self._define(target, field)
        row = self._records.insert("CustomField", _custom_field(owner, field) | self._stamps())
        self._access.forget()
        return self._remember(row.id, full_name)

    def change_field(self, custom: CustomField, metadata: Mapping[str, object]) -> None:
        """Define a field anew. Its type, and what makes it a key, stay; it does not become shorter.

        Raises:
            SalesforceError: what is wrong with the definition, or FIELD_INTEGRITY_EXCEPTION for what must stay.
        """
        old = self._field(custom)
        field = field_of(old.name, metadata)
        check_change(old, field)
        for target in self._targets(custom.full_name.partition(".")[0]):
            target.add(field)
            self._records.change(self._defined[f"{target.name}.{field.name}"], _shape(field))
        self._access.forget()

    def delete_field(self, custom: CustomField) -> None:
        """Take a field from its objects, with all its values and grants."""
        name = self._field(custom).name
        for target in self._targets(custom.full_name.partition(".")[0]):
            for row in list(self._store.rows(target.name)):
                if name in row.values:
                    self._store.change(row, {name: None})
            for grant in self._store.rows("FieldPermissions"):
                if grant.values.get("Field") == f"{target.name}.{name}":
                    self._store.change(grant, {"IsDeleted": True})
            target.remove(name)
            self._records.change(self._defined.pop(f"{target.name}.{name}"), {"IsDeleted": True})
        del self._custom[custom.full_name.lower()]
        listed = self._records.find(custom.id)
        if listed is not None:
            self._records.change(listed, {"IsDeleted": True})
        self._access.forget()

    def save(self) -> StoredDefinitions:
        """All definitions, with the ids under which clients know them."""
        return StoredDefinitions(self._records.save(), {custom.full_name: custom.id for custom in self._custom.values()})

    def restore(self, stored: StoredDefinitions) -> None:
        """Bring saved definitions back; the fields themselves are the schema's."""
        self._records.restore(stored.records)
        self._custom = {name.lower(): CustomField(record_id, name) for name, record_id in stored.custom.items()}
        definitions = [row for row in self._records.rows("FieldDefinition") if not row.deleted]
        self._defined = {str(row.values["DurableId"]): row for row in definitions}

    def _field(self, custom: CustomField) -> Field:
        owner, _, name = custom.full_name.partition(".")
        field = self._targets(owner)[0].field(name)
        if field is None:
            raise not_found()
        return field

    def _remember(self, record_id: str, full_name: str) -> CustomField:
        custom = self._custom[full_name.lower()] = CustomField(record_id, full_name)
        return custom

    def _targets(self, owner: str) -> list[SObject]:
        names = ACTIVITY_OBJECTS if owner.lower() == "activity" else (owner,)
        found = [self._schema.find(name) for name in names]
        targets = [sobject for sobject in found if sobject is not None]
        if not targets or owner in ACTIVITY_OBJECTS:
            message = f"Entity of type '{owner}' is not available for custom fields"
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", message, ("FullName",))
        return targets

    def _load(self, sobject: SObject) -> None:
        names = ("Id", "DurableId", "QualifiedApiName", "DeveloperName")
        entity = dict.fromkeys(names, sobject.name)
        self._records.load("EntityDefinition", entity | {"Label": sobject.label, "KeyPrefix": sobject.prefix})
        for field in sobject.fields.values():
            self._define(sobject, field)
            if field.custom:
                row = self._records.load("CustomField", _custom_field(sobject.name, field) | self._stamps())
                self._remember(row.id, f"{sobject.name}.{field.name}")

    def _stamps(self) -> dict[str, Value]:
        now = self._records.now()
        return {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}

    def _define(self, sobject: SObject, field: Field) -> None:
        names: dict[str, Value] = {
            "DurableId": f"{sobject.name}.{field.name}",
            "EntityDefinitionId": sobject.name,
            "QualifiedApiName": field.name,
            "DeveloperName": field.name.removesuffix("__c"),
        }
        self._defined[f"{sobject.name}.{field.name}"] = self._records.load("FieldDefinition", names | _shape(field))


def _shape(field: Field) -> dict[str, Value]:
    return {
        "Label": field.label,
        "Length": field.length,
        "Precision": field.precision,
        "Scale": field.scale,
        "DataType": field.type,
        "IsIndexed": field.unique or field.external_id or field.id_lookup,
    }


def _custom_field(owner: str, field: Field) -> dict[str, Value]:
    return {"DeveloperName": field.name.removesuffix("__c"), "TableEnumOrId": owner, "Length": field.length}
