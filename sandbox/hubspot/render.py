"""Records as the wire shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.hubspot.account import Account
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.links import LinkType, label_of
from sandbox.hubspot.records import Change, Row
from sandbox.hubspot.times import iso


def shown_names(account: Account, kind: Kind, asked: Sequence[str]) -> list[str]:
    """The properties of an answer: those asked for that exist, and three that always come along."""
    if not asked:
        return list(kind.shown)
    active = account.schema.of(kind).active
    names = dict.fromkeys(name for name in asked if name in active)
    return list(names | dict.fromkeys((kind.created, kind.modified, "hs_object_id")))


def record(kind: Kind, row: Row, names: Sequence[str]) -> dict[str, Any]:
    """One record; a property without a value is null."""
    properties = row.properties
    value = properties.get
    body: dict[str, Any] = {
        "id": properties["hs_object_id"],
        "properties": {name: value(name) for name in names},
        "createdAt": properties[kind.created],
        "updatedAt": properties[kind.modified],
        "archived": row.archived_ms is not None,
    }
    if row.archived_ms is not None:
        body["archivedAt"] = iso(row.archived_ms)
    return body


def with_history(account: Account, kind: Kind, row: Row, names: Sequence[str]) -> dict[str, Any]:
    """`propertiesWithHistory` of one record: per property its values, newest first."""
    records = account.records(kind)
    active = account.schema.of(kind).active
    return {name: [_change(c) for c in records.history(row, name)] for name in names if name in active}


def _change(change: Change) -> dict[str, Any]:
    return {
        "value": change.value,
        "timestamp": iso(change.at_ms),
        "sourceType": change.source_type,
        "sourceId": change.source_id,
    }


def written(kind: Kind, row: Row, values: Mapping[str, str]) -> dict[str, Any]:
    """A record as the answer to a write: what was written, and the server's own."""
    return record(kind, row, list(dict.fromkeys([*values, kind.created, kind.modified, "hs_object_id"])))


def associated_ids(account: Account, kind: Kind, row: Row, others: Sequence[Kind]) -> dict[str, Any]:
    """`associations` of a listed record: each association type is an entry of its own."""
    found: dict[str, Any] = {}
    for other in others:
        entries = []
        for other_id, types in account.links.of(kind, row.id, other).items():
            plain = f"{kind.singular}_to_{other.singular}"
            labelled = any(label_of(kind, other, type_id) for type_id in types)
            if labelled:
                entries.append({"id": str(other_id), "type": plain})
                entries.append({"id": str(other_id), "type": f"{plain}_unlabeled"})
            else:
                entries.append({"id": str(other_id), "type": plain})
        if entries:
            found[other.name] = {"results": entries}
    return found


def link_types(kind: Kind, other: Kind, types: frozenset[int]) -> list[dict[str, Any]]:
    """`associationTypes` of one association."""
    return [
        {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": label_of(kind, other, type_id)}
        for type_id in sorted(types)
    ]


def labels_between(kind: Kind, row_id: int, other: Kind, other_id: int, kinds: Sequence[LinkType]) -> dict[str, Any]:
    """The answer to a labelled association that was made."""
    return {
        "fromObjectTypeId": kind.type_id,
        "fromObjectId": str(row_id),
        "toObjectTypeId": other.type_id,
        "toObjectId": str(other_id),
        "labels": [kind.label for kind in kinds if kind.label is not None],
    }
