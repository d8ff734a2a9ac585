"""The whole state of the org for comparing two runs.

Records of the seed stand under their ids; records that clients created are listed by content, references among them
by what they refer to. What the server makes up (new ids, system times) is kept apart.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sandbox.exchange import CrmState
from sandbox.salesforce.fields import ID_TYPES, Value
from sandbox.salesforce.org import Org
from sandbox.salesforce.store import Row

VOLATILE = frozenset({"CreatedDate", "LastModifiedDate", "SystemModstamp", "CompletedDateTime", "LastStageChangeDate"})
_NAMES = ("Name", "Subject", "Field")


def snapshot(org: Org) -> CrmState:
    """Everything that can be read back, in two parts."""
    comparable: dict[str, Any] = {"fields": _custom_fields(org)}
    volatile: dict[str, Any] = {}
    for sobject in org.schema:
        rows = [row for row in org.store.rows(sobject.name) if not row.erased]
        seeded = {row.id: _content(row, org) for row in rows if row.seeded}
        created = [_content(row, org) for row in rows if not row.seeded]
        created.sort(key=lambda content: msgspec.json.encode(content, order="sorted"))
        comparable[sobject.name] = {"seeded": dict(sorted(seeded.items())), "created": created}
        volatile[sobject.name] = {
            row.id: {name: row.values.get(name) for name in sorted(VOLATILE) if name in row.values}
            for row in sorted(rows, key=lambda row: row.id)
        }
    return CrmState(comparable, volatile)


def _custom_fields(org: Org) -> dict[str, dict[str, str]]:
    return {
        sobject.name: {field.name: field.type for field in sorted(sobject.custom_fields, key=lambda f: f.name)}
        for sobject in org.schema
        if sobject.custom_fields
    }


def _content(row: Row, org: Org) -> dict[str, Value]:
    fields = org.schema.named(row.object).fields
    content: dict[str, Value] = {}
    for name, value in row.values.items():
        field = fields.get(name)
        if name in VOLATILE or (name == "Id" and not row.seeded):
            continue
        is_reference = field is not None and field.type in ID_TYPES
        content[name] = _reference(value, org) if is_reference else value
    return content


def _reference(value: Value, org: Org) -> Value:
    """A seeded record's id, or a created one's kind and name."""
    target = org.store.find(value)
    if target is None or target.seeded:
        return value
    named = next((target.values[name] for name in _NAMES if name in target.values), "")
    return f"{target.object}: {named}"
