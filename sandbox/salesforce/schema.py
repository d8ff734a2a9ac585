"""The objects of the org and their fields, as the tables state them and as custom fields extend them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sandbox.salesforce.fields import Field, PicklistValue
from sandbox.salesforce.tables import activity, people, selling, setup
from sandbox.salesforce.tables.history import HISTORIES

_TYPE = re.compile(r"(?P<type>\w+)(?:\((?P<arguments>[^)]*)\))?")
_ACCESS = {
    "readonly": {"createable": False, "updateable": False},
    "createonly": {"updateable": False},
    "updateonly": {"createable": False},
}
_ADDRESS_PARTS = (
    "Street | textarea(255) | | Street",
    "City | string(40) | | City",
    "State | string(80) | | State/Province",
    "PostalCode | string(20) | | Zip/Postal Code",
    "Country | string(80) | | Country",
    "Latitude | double(18,15) | | Latitude",
    "Longitude | double(18,15) | | Longitude",
)
_CREATED = """
CreatedDate | datetime | readonly default | Created Date
CreatedById | ref(User) | readonly default rel=CreatedBy | Created By ID
"""
_SYSTEM = f"""{_CREATED}\
LastModifiedDate | datetime | readonly default | Last Modified Date
LastModifiedById | ref(User) | readonly default rel=LastModifiedBy | Last Modified By ID
SystemModstamp | datetime | readonly default | System Modstamp
"""
Entry = tuple[str, str, str, str, str]
"""Name, label, plural, key prefix and table of an object."""

STANDARD: tuple[Entry, ...] = (
    ("Lead", "Lead", "Leads", "00Q", people.LEAD),
    ("LeadStatus", "Lead Status Value", "Lead Status Value", "01J", people.LEAD_STATUS),
    ("Contact", "Contact", "Contacts", "003", people.CONTACT),
    ("Account", "Account", "Accounts", "001", people.ACCOUNT),
    ("User", "User", "Users", "005", people.USER),
    ("Group", "Group", "Group", "00G", people.GROUP),
    ("Organization", "Organization", "Organizations", "00D", people.ORGANIZATION),
    ("Opportunity", "Opportunity", "Opportunities", "006", selling.OPPORTUNITY),
    (
        "OpportunityContactRole",
        "Opportunity Contact Role",
        "Opportunity Contact Role",
        "00K",
        selling.OPPORTUNITY_CONTACT_ROLE,
    ),
    ("Campaign", "Campaign", "Campaigns", "701", selling.CAMPAIGN),
    ("CampaignMember", "Campaign Member", "Campaign Members", "00v", selling.CAMPAIGN_MEMBER),
    ("Task", "Task", "Tasks", "00T", activity.TASK),
    ("Event", "Event", "Events", "00U", activity.EVENT),
    ("EmailMessage", "Email Message", "Email Messages", "02s", activity.EMAIL_MESSAGE),
    (
        "EmailMessageRelation",
        "Email Message Relation",
        "Email Message Relations",
        "0CZ",
        activity.EMAIL_MESSAGE_RELATION,
    ),
    ("PermissionSet", "Permission Set", "Permission Sets", "0PS", setup.PERMISSION_SET),
    (
        "PermissionSetAssignment",
        "Permission Set Assignment",
        "Permission Set Assignments",
        "0Pa",
        setup.PERMISSION_SET_ASSIGNMENT,
    ),
    ("FieldPermissions", "Field Permissions", "Field Permissions", "01k", setup.FIELD_PERMISSIONS),
)
SETUP_OBJECTS = frozenset({"PermissionSet", "PermissionSetAssignment", "FieldPermissions"})
READ_ONLY_OBJECTS = frozenset({"Organization", "Group", "User", "LeadStatus", *HISTORIES})
ACTIVITY_OBJECTS = ("Task", "Event")
_ID_LABELS = {"Task": "Activity", "Event": "Activity", "OpportunityContactRole": "Contact Role"}


@dataclass(frozen=True, slots=True)
class ChildRelationship:
    """The list of children that a parent carries: `Contacts` on Account."""

    name: str
    child: str
    field: str
    cascades: bool = False


class SObject:
    """One kind of record. Field names are looked up without regard to case."""

    def __init__(self, name: str, label: str, plural: str, prefix: str, fields: list[Field]) -> None:
        self.name = name
        self.label = label
        self.plural = plural
        self.prefix = prefix
        self.fields: dict[str, Field] = {field.name: field for field in fields}
        self._by_folded = {field.name.lower(): field for field in fields}
        self._by_relationship = {f.relationship.lower(): f for f in fields if f.relationship is not None}

    @property
    def custom_fields(self) -> list[Field]:
        """The fields whose names end in `__c`."""
        return [field for field in self.fields.values() if field.custom]

    def field(self, name: str) -> Field | None:
        """The field with this name in any case."""
        return self._by_folded.get(name.lower())

    def lookup(self, relationship: str) -> Field | None:
        """The lookup field behind a parent path: `Account` is `AccountId`."""
        return self._by_relationship.get(relationship.lower())

    def add(self, field: Field) -> None:
        """Put a custom field on the object, or another definition of it."""
        self.fields[field.name] = field
        self._by_folded[field.name.lower()] = field

    def remove(self, name: str) -> None:
        """Take a custom field from the object."""
        del self.fields[name]
        del self._by_folded[name.lower()]


class Schema:
    """All objects; their names are looked up without regard to case."""

    def __init__(self, entries: Iterable[Entry] = STANDARD) -> None:
        objects = [_standard(*entry) for entry in entries]
        self._objects = {sobject.name.lower(): sobject for sobject in objects}
        self._by_prefix = {sobject.prefix: sobject for sobject in objects}

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._objects.values())

    def find(self, name: str) -> SObject | None:
        """The object with this name in any case."""
        return self._objects.get(name.lower())

    def named(self, name: str) -> SObject:
        """The object with this name; it is known to exist."""
        return self._objects[name.lower()]

    def of_id(self, record_id: str) -> SObject | None:
        """The object whose key prefix an id carries."""
        return self._by_prefix.get(record_id[:3])

    def children(self, parent: str) -> list[ChildRelationship]:
        """The child relationships of an object."""
        return [
            ChildRelationship(field.child_relationship, child.name, field.name, field.cascades)
            for child in self
            for field in child.fields.values()
            if field.child_relationship is not None and parent in field.references
        ]


def _standard(name: str, label: str, plural: str, prefix: str, table: str) -> SObject:
    fields = [
        Field(
            name="Id",
            type="id",
            label=f"{_ID_LABELS.get(name, label)} ID",
            length=18,
            nillable=False,
            createable=False,
            updateable=False,
            defaulted=True,
            id_lookup=True,
            permissionable=False,
        )
    ]
    system = _CREATED if name in HISTORIES else _SYSTEM
    if name in HISTORIES or (name not in SETUP_OBJECTS and name not in READ_ONLY_OBJECTS):
        system += "IsDeleted | boolean | readonly | Deleted\n"
    fields.extend(field for line in (system + table).splitlines() for field in _fields(line))
    return SObject(name, label, plural, prefix, fields)


def _fields(line: str) -> Iterator[Field]:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) < 4:
        return
    if parts[0] != "@address":
        yield _field(parts)
        return
    compound, prefix = parts[1], parts[1].removesuffix("Address")
    for part in _ADDRESS_PARTS:
        plain = _field([piece.strip() for piece in part.split("|")])
        label = f"{parts[3]} {plain.label}".strip()
        yield replace(plain, name=prefix + plain.name, label=label, compound=compound)
    yield _field([compound, "address", "readonly", f"{parts[3]} Address".strip()])


def _field(parts: list[str]) -> Field:
    name, written_type, written_flags, label = parts[:4]
    matched = _TYPE.match(written_type)
    if matched is None or not name.isidentifier():
        raise ValueError(f"no field: {name!r} of type {written_type!r}")
    kind, arguments = matched["type"], (matched["arguments"] or "").split(",")
    flags = written_flags.split()
    pairs = dict(flag.split("=", 1) for flag in flags if "=" in flag)
    picklist = _picklist(parts[4]) if len(parts) > 4 else ()
    numbers = [int(argument) for argument in arguments if argument.isdigit()]
    access = {key: value for flag in flags if flag in _ACCESS for key, value in _ACCESS[flag].items()}
    is_boolean = kind == "boolean"
    plain = Field(
        name=name,
        type="reference" if kind == "ref" else kind,
        label=label,
        length=18 if kind == "ref" else numbers[0] if len(numbers) == 1 else 0,
        precision=numbers[0] if len(numbers) == 2 else 0,
        scale=numbers[1] if len(numbers) == 2 else 0,
        nillable=not (is_boolean or "required" in flags or "default" in flags),
        defaulted=is_boolean or "default" in flags or "defaulted" in flags,
        default=False if is_boolean else next((v.value for v in picklist if v.is_default), None),
        references=tuple(arguments) if kind == "ref" else tuple(pairs[k] for k in ("refs",) if k in pairs),
        relationship=pairs.get("rel"),
        child_relationship=pairs.get("child"),
        compound=pairs.get("in"),
        picklist=picklist,
        restricted="restricted" in flags,
        id_lookup="idlookup" in flags,
        name_field="name" in flags,
        prefilterable="prefilterable" in flags,
        aggregated="unaggregated" not in flags,
        cascades="cascade" in flags,
        custom=name.endswith("__c"),
        **access,
    )
    ordinary = plain.nillable and plain.createable and plain.updateable and plain.compound != "Name"
    secured = ordinary and "noperm" not in flags
    return replace(plain, permissionable=secured or "perm" in flags or kind == "address")


def _picklist(written: str) -> tuple[PicklistValue, ...]:
    values = [value.strip() for value in written.split(";") if value.strip()]
    return tuple(PicklistValue(value=v.removeprefix("*"), is_default=v.startswith("*")) for v in values)
