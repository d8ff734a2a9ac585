"""Since when fields hold their values, by Salesforce's field history where an admin tracks a field.

LeadHistory, ContactHistory and AccountHistory have a row for each change of a tracked field, with the old and the new value,
which can be asked for and not filtered by; they obey the field-level security of their parent (Salesforce docs, Object
Reference: StandardObjectNameHistory). Rows tell whole seconds, begin when tracking began, tell no values of long text, and
are kept for 18 months, or 24 for `queryAll` (Salesforce help: Field History Tracking).

A value without a row has no date: the row may be too old, the field may not have been tracked when the value came, or the
record was made with it. Whether a field is tracked now (FieldDefinition.IsFieldHistoryTracked) says nothing about then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connectors.records import Ref, Scalar
from connectors.salesforce.mapping import Column, mapped, values
from connectors.salesforce.org import Org
from connectors.salesforce.paths import QUERY_ALL
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import one_of

HISTORIES: Mapping[str, str] = {"Lead": "LeadHistory", "Contact": "ContactHistory", "Account": "AccountHistory"}
"""By object where its history is kept; the parent's id there is `LeadId` and so on."""

_TOLD = ("Field", "OldValue", "NewValue")


class Histories:
    """Reads the histories of one org's Leads, Contacts and Accounts."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def held_since(self, refs: Sequence[Ref], fields: frozenset[str]) -> dict[Ref, dict[str, datetime]]:
        """Since when the fields hold their present values, under their full names, as far as there are rows that tell."""
        found: dict[Ref, dict[str, datetime]] = {}
        for name in HISTORIES:
            ids = [ref.id for ref in refs if ref.object == name]
            if ids and fields:
                found |= self._of(name, ids, fields)
        return found

    def _of(self, name: str, ids: Sequence[str], fields: frozenset[str]) -> dict[Ref, dict[str, datetime]]:
        prefix, overrides = "person.", self._org.settings.map.person
        if name == "Account":
            prefix, overrides = "company.", self._org.settings.map.company
        schema, history = self._org.schemas.find(name), self._org.schemas.find(HISTORIES[name])
        if schema is None or history is None or len(history.only(f"{name}Id", *_TOLD)) <= len(_TOLD):
            return {}
        columns = [column for column in mapped(name, overrides, schema) if prefix + column.name in fields]
        if not columns:
            return {}
        changes = self._changes(name, history, ids, columns)
        found: dict[Ref, dict[str, datetime]] = {}
        for record_id, present in self._present(schema, changes, columns):
            began = ((one.name, since(changes[record_id], one, present.get(one.name))) for one in columns)
            found[Ref(name, record_id)] = {prefix + field: at for field, at in began if at is not None}
        return found

    def _changes(
        self, name: str, history: Schema, ids: Sequence[str], columns: Sequence[Column]
    ) -> dict[str, tuple[Row, ...]]:
        """By record its changes of these columns, the newest first."""
        parent = f"{name}Id"
        of_columns = one_of("Field", sorted({column.field.name for column in columns}))
        found: dict[str, list[Row]] = {}
        for row in self._org.rows_by(history, (parent, *_TOLD), parent, ids, QUERY_ALL, (of_columns,)):
            if (record_id := row.text(parent)) is not None:
                found.setdefault(record_id, []).append(row)
        newest_first = (
            (record_id, sorted(rows, key=lambda row: (row.modified_at, row.id), reverse=True))
            for record_id, rows in found.items()
        )
        return {record_id: tuple(rows) for record_id, rows in newest_first}

    def _present(
        self, schema: Schema, changes: Mapping[str, object], columns: Sequence[Column]
    ) -> Iterator[tuple[str, Mapping[str, Scalar]]]:
        """What records that have a history say now."""
        names = [column.field.name for column in columns]
        for row in self._org.rows_by(schema, names, "Id", list(changes)):
            yield row.id, values(row, columns)


def since(newest_first: Sequence[Row], column: Column, present: Scalar) -> datetime | None:
    """When the present value began: values that we read alike are the same value. Pure.

    None where nothing is said, or where the newest change does not lead to what is said now, as when tracking was off.
    """
    began_at: datetime | None = None
    for row in newest_first:
        if row.text("Field") != column.field.name:
            continue
        if present is None or column.read(row.value("NewValue")) != present:
            break
        began_at = row.modified_at
        if column.read(row.value("OldValue")) != present:
            break
    return began_at
