"""Create, update and delete of single records, with everything the org checks and sets on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.refusals import Refusals
from sandbox.salesforce.access import Access
from sandbox.salesforce.coerce import checked, typed
from sandbox.salesforce.consequences import note_activity, with_children
from sandbox.salesforce.derived import Write, derived_values
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import ID_TYPES, Field, Value
from sandbox.salesforce.history import Histories
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.permissions import check_permission_record
from sandbox.salesforce.rules import Judged, Rules
from sandbox.salesforce.schema import ACTIVITY_OBJECTS, READ_ONLY_OBJECTS, SETUP_OBJECTS, Schema, SObject
from sandbox.salesforce.store import Row, Store


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes, and what the client's headers ask for.

    `assigns` is off when it sent `Sforce-Auto-Assign: FALSE`. `duplicates` is what links to duplicates begin with, or
    None when it sent `Sforce-Duplicate-Rule-Header: allowSave=true`, to save them.
    """

    user_id: str
    assigns: bool = True
    duplicates: str | None = ""


@dataclass(frozen=True, slots=True)
class Judges:
    """What speaks against a write beside the platform: the admin's rules, and refusals that a test asked for."""

    rules: Rules
    refusals: Refusals


class Records:
    """Writes to one org. `assignment_owner` is who the Lead assignment rule gives every Lead to."""

    def __init__(
        self, schema: Schema, store: Store, access: Access, judges: Judges, assignment_owner: str, histories: Histories
    ) -> None:
        self._schema = schema
        self._rules = judges.rules
        self._store = store
        self._access = access
        self._refusals = judges.refusals
        self._assignment_owner = assignment_owner
        self._histories = histories

    def parse(self, sobject: SObject, sent: Mapping[str, object]) -> dict[str, Value]:
        """The sent values in stored form, without judging them; unknown names are kept as they are.

        Raises:
            SalesforceError: JSON_PARSER_ERROR, which fails a whole collection and not only its row.
        """
        parsed: dict[str, Value] = {}
        for name, given in sent.items():
            if name == "attributes":
                continue
            field = sobject.field(name)
            parsed[name if field is None else field.name] = None if field is None else typed(field, given)
        return parsed

    def create(self, sobject: SObject, parsed: Mapping[str, Value], writer: Writer) -> Row:
        """A new record.

        Raises:
            SalesforceError: what the org has against it.
        """
        _check_writable(sobject)
        if "Id" in parsed:
            raise SalesforceError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",))
        changes = self._changes(sobject, parsed, writer, {})
        values = self._defaults(sobject, writer) | changes
        missing = tuple(f.name for f in sobject.fields.values() if _required(f) and values.get(f.name) is None)
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise SalesforceError("REQUIRED_FIELD_MISSING", message, missing)
        now = self._store.now()
        values = self._assigned(sobject, values, writer)
        self._check(sobject, {}, values, values)
        values |= derived_values(sobject.name, Write(self._store, now, {}, values, values))
        values |= {"CreatedDate": now, "CreatedById": writer.user_id} | stamps(now, writer.user_id)
        self._judge(Judged(sobject, {}, values, values), writer)
        row = self._store.insert(sobject.name, values)
        self._after(row)
        return row

    def update(self, row: Row, parsed: Mapping[str, Value], writer: Writer) -> None:
        """Change a record.

        Raises:
            SalesforceError: what the org has against it.
        """
        sobject = self._schema.named(row.object)
        _check_writable(sobject)
        check_alive(row)
        changes = self._changes(sobject, parsed, writer, row.values)
        if row.values.get("IsConverted") is True:
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        emptied = tuple(n for n, value in changes.items() if value is None and _required(sobject.fields[n]))
        if emptied:
            message = f"Required fields are missing: [{', '.join(emptied)}]"
            raise SalesforceError("REQUIRED_FIELD_MISSING", message, emptied)
        self._check_refusal(sobject.name, row.id, changes)
        changes = self._assigned(sobject, changes, writer)
        now = self._store.now()
        after = {**row.values, **changes}
        self._check(sobject, row.values, changes, after)
        changes |= derived_values(sobject.name, Write(self._store, now, row.values, changes, after))
        self._judge(Judged(sobject, row.values, changes, after | changes), writer)
        self._histories.note(row, changes, writer.user_id)
        self._store.change(row, changes | stamps(now, writer.user_id))
        self._after(row)

    def delete(self, row: Row, writer: Writer) -> None:
        """Put a record and what is deleted with it into the recycle bin, where `queryAll` still sees them.

        Raises:
            SalesforceError: ENTITY_IS_DELETED, the refusal of this record, or its lock.
        """
        sobject = self._schema.named(row.object)
        _check_writable(sobject)
        check_alive(row)
        self._check_refusal(sobject.name, row.id, ())
        self._rules.check_locks(sobject, row.values)
        touched = stamps(self._store.now(), writer.user_id)
        for doomed in list(with_children(row, self._schema, self._store)):
            self._store.change(doomed, {"IsDeleted": True} | touched)
        self._after(row)

    def _changes(
        self, sobject: SObject, parsed: Mapping[str, Value], writer: Writer, before: Mapping[str, Value]
    ) -> dict[str, Value]:
        changes: dict[str, Value] = {}
        for name, value in parsed.items():
            field = sobject.field(name)
            if name == "Id":
                continue
            if field is None or not self._access.readable(writer.user_id, sobject, field):
                raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
            allowed = field.updateable if before else field.createable
            if not allowed or not self._access.editable(writer.user_id, sobject, field):
                message = (
                    f"Unable to create/update fields: {field.name}. Please check the security settings of this field "
                    "and verify that it is read/write for your profile or permission set."
                )
                raise SalesforceError("INVALID_FIELD_FOR_INSERT_UPDATE", message, (field.name,))
            changes[field.name] = checked(field, value)
        return changes

    def _defaults(self, sobject: SObject, writer: Writer) -> dict[str, Value]:
        values: dict[str, Value] = {f.name: f.default for f in sobject.fields.values() if f.default is not None}
        if sobject.field("OwnerId") is not None:
            values["OwnerId"] = writer.user_id
        return values

    def _assigned(self, sobject: SObject, changes: dict[str, Value], writer: Writer) -> dict[str, Value]:
        """The assignment rule takes a written Lead from its owner, unless the client said FALSE."""
        if sobject.name != "Lead" or not writer.assigns:
            return changes
        return changes | {"OwnerId": self._assignment_owner}

    def _check(
        self, sobject: SObject, before: Mapping[str, Value], changes: Mapping[str, Value], after: Mapping[str, Value]
    ) -> None:
        for name, value in changes.items():
            field = sobject.fields[name]
            if value is None or value == before.get(name):
                continue
            if field.type in ID_TYPES:
                self._check_reference(field, str(value))
            if field.unique:
                self._check_unique(sobject, field, value, before.get("Id"))
        check_permission_record(sobject.name, after, self._schema, self._store)

    def _check_reference(self, field: Field, record_id: str) -> None:
        target = self._schema.of_id(record_id)
        if target is None or target.name not in field.references:
            message = f"{field.label}: id value of incorrect type: {record_id}"
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, (field.name,))
        row = self._store.find(record_id)
        if row is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,))
        if row.deleted:
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", (field.name,))
        if field.name == "OwnerId" and row.values.get("IsActive") is False:
            message = f"operation performed with inactive user [{record_id[:15]}] as owner"
            raise SalesforceError("INACTIVE_OWNER_OR_USER", message, (field.name,))

    def _check_unique(self, sobject: SObject, field: Field, value: Value, own_id: Value) -> None:
        """Fields of Activity are unique over Task and Event together."""
        shared = field.custom and sobject.name in ACTIVITY_OBJECTS
        for name in ACTIVITY_OBJECTS if shared else (sobject.name,):
            for other in self._store.matching(name, field, value):
                if other.id != own_id:
                    message = f"duplicate value found: {field.name} duplicates value on record with id: {other.id[:15]}"
                    raise SalesforceError("DUPLICATE_VALUE", message)

    def _check_refusal(self, object_name: str, record_id: str, properties: Mapping[str, Value] | tuple[str, ...]) -> None:
        refusal = self._refusals.find(object_name, record_id, properties)
        if refusal is not None:
            fields = () if refusal.property is None else (refusal.property,)
            raise SalesforceError("FIELD_CUSTOM_VALIDATION_EXCEPTION", refusal.message, fields)

    def _judge(self, write: Judged, writer: Writer) -> None:
        """The last word is the admin's: duplicates first, then validation, then the locks (believed order)."""
        self._rules.check_duplicates(write, writer.duplicates)
        self._rules.check_validation(write)
        self._rules.check_locks(write.sobject, write.after)

    def _after(self, row: Row) -> None:
        if row.object in SETUP_OBJECTS:
            self._access.forget()
        if row.object in ACTIVITY_OBJECTS:
            note_activity(row, self._store)


def check_alive(row: Row) -> None:
    """Raises ENTITY_IS_DELETED for a row in the recycle bin."""
    if row.deleted:
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted")


def checked_id(sobject: SObject, text: str) -> str:
    """The 18-character form of an id that must belong to this object.

    Raises:
        SalesforceError: MALFORMED_ID.
    """
    full = long_id(text)
    if full is None:
        raise SalesforceError("MALFORMED_ID", f"bad id {text}", ("Id",))
    if full[:3] != sobject.prefix:
        raise SalesforceError("MALFORMED_ID", f"{sobject.label} ID: id value of incorrect type: {text}", ("Id",))
    return full


def _check_writable(sobject: SObject) -> None:
    if sobject.name in READ_ONLY_OBJECTS:
        message = "insufficient access rights on cross-reference id"
        raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", message)


def _required(field: Field) -> bool:
    return not field.nillable and not field.defaulted and field.createable


def stamps(now: str, user_id: str) -> dict[str, Value]:
    """What every write to a record sets."""
    return {"LastModifiedDate": now, "LastModifiedById": user_id, "SystemModstamp": now}
