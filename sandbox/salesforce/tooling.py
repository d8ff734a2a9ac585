"""The Tooling side of the org: creating custom fields, and querying their definitions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.clock import TwinClock
from sandbox.salesforce.access import Access
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field, PicklistValue, Value
from sandbox.salesforce.schema import ACTIVITY_OBJECTS, Entry, Schema, SObject
from sandbox.salesforce.soql.engine import Engine
from sandbox.salesforce.store import Store
from sandbox.salesforce.tables.definitions import CUSTOM_FIELD, ENTITY_DEFINITION, FIELD_DEFINITION

_ENTRIES: tuple[Entry, ...] = (
    ("CustomField", "Custom Field", "Custom Fields", "00N", CUSTOM_FIELD),
    ("FieldDefinition", "Field Definition", "Field Definitions", "000", FIELD_DEFINITION),
    ("EntityDefinition", "Entity Definition", "Entity Definitions", "4ie", ENTITY_DEFINITION),
)
_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
_MAX_NAME = 43
_MAX_TEXT = 255
_LONG_TEXT_RANGE = range(256, 131_073)
_PLAIN_TYPES = {
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "TextArea": "textarea",
    "Text": "string",
    "LongTextArea": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
}
_FIXED_LENGTHS = {"email": 80, "phone": 40, "url": 255, "picklist": 255, "multipicklist": 4099}


@dataclass(frozen=True, slots=True)
class Created:
    """A custom field that now exists: its Tooling id and its name with the object's."""

    id: str
    full_name: str


class Tooling:
    """Custom fields of one org."""

    def __init__(self, schema: Schema, store: Store, access: Access, clock: TwinClock) -> None:
        self._schema = schema
        self._store = store
        self._access = access
        own_schema = Schema(_ENTRIES)
        self._records = Store(own_schema, clock)
        self.engine = Engine(own_schema, self._records, Access(own_schema, self._records))
        for sobject in schema:
            self._load(sobject)

    def create_field(self, body: Mapping[str, object]) -> Created:
        """Put a custom field on an object; one on Activity appears on Task and on Event.

        Nobody may see it yet.

        Raises:
            SalesforceError: DUPLICATE_DEVELOPER_NAME, or what is wrong with the definition.
        """
        full_name, metadata = body.get("FullName"), body.get("Metadata")
        if not isinstance(full_name, str) or not isinstance(metadata, dict):
            message = "Required fields are missing: [FullName, Metadata]"
            raise SalesforceError("REQUIRED_FIELD_MISSING", message, ("FullName", "Metadata"))
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
        return Created(row.id, full_name)

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
                self._records.load("CustomField", _custom_field(sobject.name, field) | self._stamps())

    def _stamps(self) -> dict[str, Value]:
        now = self._records.now()
        return {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}

    def _define(self, sobject: SObject, field: Field) -> None:
        self._records.load(
            "FieldDefinition",
            {
                "DurableId": f"{sobject.name}.{field.name}",
                "EntityDefinitionId": sobject.name,
                "QualifiedApiName": field.name,
                "DeveloperName": field.name.removesuffix("__c"),
                "Label": field.label,
                "Length": field.length,
                "Precision": field.precision,
                "Scale": field.scale,
                "DataType": field.type,
                "IsIndexed": field.unique or field.external_id or field.id_lookup,
            },
        )


def _custom_field(owner: str, field: Field) -> dict[str, Value]:
    return {"DeveloperName": field.name.removesuffix("__c"), "TableEnumOrId": owner, "Length": field.length}


def field_of(name: str, metadata: Mapping[str, object]) -> Field:
    """The field that a Metadata object defines.

    Raises:
        SalesforceError: what is missing or impossible in it.
    """
    written = metadata.get("type")
    kind = _PLAIN_TYPES.get(written) if isinstance(written, str) else None
    if kind is None:
        raise _bad("type", f"unknown field type {written!r}")
    label = metadata.get("label")
    if not isinstance(label, str) or not label:
        raise _bad("label", "the label is required")
    external, unique = metadata.get("externalId") is True, metadata.get("unique") is True
    if (external or unique) and written not in ("Text", "Number", "Email"):
        raise _bad("externalId", f"a field of type {written} can be neither an external id nor unique")
    precision, scale = _digits(written, metadata)
    return Field(
        name=name,
        type=kind,
        label=label,
        length=_length(written, kind, metadata),
        precision=precision,
        scale=scale,
        nillable=kind != "boolean" and metadata.get("required") is not True,
        defaulted=kind == "boolean",
        default=metadata.get("defaultValue") in (True, "true") if kind == "boolean" else None,
        picklist=_values(metadata) if written in ("Picklist", "MultiselectPicklist") else (),
        restricted=_is_restricted(metadata),
        external_id=external,
        unique=unique,
        case_sensitive=metadata.get("caseSensitive") is True,
        custom=True,
    )


def _length(written: object, kind: str, metadata: Mapping[str, object]) -> int:
    length = metadata.get("length")
    if written == "Text":
        if not isinstance(length, int) or not 1 <= length <= _MAX_TEXT:
            raise _bad("length", "a Text field needs a length from 1 to 255")
        return length
    if written == "LongTextArea":
        if not isinstance(length, int) or length not in _LONG_TEXT_RANGE:
            raise _bad("length", "a LongTextArea field needs a length from 256 to 131072")
        if not isinstance(metadata.get("visibleLines"), int):
            raise _bad("visibleLines", "a LongTextArea field needs visibleLines")
        return length
    return _MAX_TEXT if written == "TextArea" else _FIXED_LENGTHS.get(kind, 0)


def _digits(written: object, metadata: Mapping[str, object]) -> tuple[int, int]:
    if written not in ("Number", "Currency", "Percent"):
        return 0, 0
    precision, scale = metadata.get("precision"), metadata.get("scale")
    if not isinstance(precision, int) or not isinstance(scale, int) or not 0 <= scale <= precision <= 18:
        raise _bad("precision", f"a {written} field needs precision and scale, 18 digits at most")
    return precision, scale


def _value_set(metadata: Mapping[str, object]) -> Mapping[str, object]:
    found = metadata.get("valueSet")
    return found if isinstance(found, dict) else {}


def _is_restricted(metadata: Mapping[str, object]) -> bool:
    return _value_set(metadata).get("restricted") is True


def _values(metadata: Mapping[str, object]) -> tuple[PicklistValue, ...]:
    definition = _value_set(metadata).get("valueSetDefinition")
    entries = definition.get("value") if isinstance(definition, dict) else None
    if not isinstance(entries, list) or not entries:
        raise _bad("valueSet", "a picklist needs a valueSet with values")
    found = []
    for entry in entries:
        name = entry.get("fullName", entry.get("valueName")) if isinstance(entry, dict) else None
        if not isinstance(name, str):
            raise _bad("valueSet", "a picklist value needs a fullName")
        found.append(PicklistValue(value=name, is_default=entry.get("default") is True))
    return tuple(found)


def _bad(part: str, message: str) -> SalesforceError:
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", f"{part}: {message}", (part,))
