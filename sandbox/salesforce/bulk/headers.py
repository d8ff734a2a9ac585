"""The header of an uploaded CSV: plain fields, and parents named by a key of theirs (`Account.Sync_Key__c`,
`User:Owner.Username`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.salesforce.bulk.problems import JobFailedError
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import SObject

_NOTHING = "#N/A"


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent found by one of its own fields instead of its id."""

    sobject: SObject
    key: Field


@dataclass(frozen=True, slots=True)
class Heading:
    """One column: the field it writes, and for a parent how it is found."""

    field: Field
    parent: Parent | None = None


class Headings:
    """The columns of one upload."""

    def __init__(self, names: list[str], sobject: SObject, org: Org, user_id: str) -> None:
        """Raises JobFailedError for columns that the org does not know, or that stand there twice."""
        self._org = org
        self._user_id = user_id
        self.names = names
        self._columns = [self._heading(name, sobject) for name in names]
        fields = [column.field.name for column in self._columns]
        twice = next((name for name in fields if fields.count(name) > 1), None)
        if twice is not None:
            raise _failed(f"Duplicate field name : {twice}")

    def values(self, cells: list[str]) -> Mapping[str, str | None]:
        """What a row writes: an empty cell leaves its field alone, `#N/A` empties it (Salesforce docs: prepare CSV files).

        Raises:
            SalesforceError: INVALID_FIELD, a parent not being there.
        """
        written: dict[str, str | None] = {}
        for column, text in zip(self._columns, cells, strict=True):
            if text == _NOTHING:
                written[column.field.name] = None
            elif text:
                written[column.field.name] = text if column.parent is None else self._parent_id(column.parent, text)
        return written

    def _heading(self, name: str, sobject: SObject) -> Heading:
        if "." in name:
            return self._parent_heading(name, sobject)
        field = sobject.field(name)
        if field is None or not self._org.access.readable(self._user_id, sobject, field):
            raise _failed(f"Field name not found : {name}")
        return Heading(field)

    def _parent_heading(self, name: str, sobject: SObject) -> Heading:
        path, _, key_name = name.partition(".")
        kind, _, relationship = path.rpartition(":")
        lookup = sobject.lookup(relationship)
        if lookup is None or not self._org.access.readable(self._user_id, sobject, lookup):
            raise _failed(f"Field name not found : {name}")
        if kind and not lookup.polymorphic:
            raise _failed(f"type is not needed for non polymorphic foreign key : {name}")
        target = self._org.schema.find(kind or lookup.references[0])
        if target is None or target.name not in lookup.references or (lookup.polymorphic and not kind):
            raise _failed(f"Field name not found : {name}")
        key = target.field(key_name)
        if key is None or key.type == "id" or not (key.external_id or key.id_lookup):
            raise _failed(f"Field name not found : {name}")
        return Heading(lookup, Parent(target, key))

    def _parent_id(self, parent: Parent, value: str) -> str:
        rows = self._org.store.matching(parent.sobject.name, parent.key, value)
        if len(rows) != 1:
            found = "not found" if not rows else "matches more than one record"
            message = f"Foreign key external ID: {value} {found} for field {parent.key.name} in entity {parent.sobject.name}"
            raise SalesforceError("INVALID_FIELD", message)
        return rows[0].id


def _failed(reason: str) -> JobFailedError:
    return JobFailedError(f"InvalidBatch : {reason}")
