"""The whole account as canonical JSON, for comparing the ends of two runs.

Comparable: loaded records by id; records that clients made by content, with their associations; associations
between loaded records; definitions that were added. Volatile: made-up ids and server times.
"""

from __future__ import annotations

from typing import Any

import msgspec

from sandbox.exchange import CrmState
from sandbox.hubspot.account import Account
from sandbox.hubspot.kinds import KINDS, Kind, named
from sandbox.hubspot.records import Row

_SERVER_SET = frozenset({"hs_object_id", "hs_task_completion_date"})


def state_of(account: Account) -> CrmState:
    """Everything that can be read back."""
    records: dict[str, Any] = {}
    created: dict[str, Any] = {}
    volatile: dict[str, Any] = {}
    for kind in KINDS:
        rows = list(account.records(kind).all())
        loaded = {str(row.id): _content(kind, row) for row in rows if not row.by_client}
        records[kind.name] = loaded
        made = [_created(account, kind, row) for row in rows if row.by_client]
        created[kind.name] = sorted(made, key=lambda body: msgspec.json.encode(body, order="sorted"))
        volatile[kind.name] = {
            "created_ids": [str(row.id) for row in rows if row.by_client],
            "modified": {str(row.id): row.properties[kind.modified] for row in rows},
        }
    comparable = {
        "records": records,
        "created": created,
        "associations": _links_between_loaded(account),
        "properties": _added_definitions(account),
    }
    return CrmState(comparable, volatile)


def _content(kind: Kind, row: Row) -> dict[str, Any]:
    hidden = _SERVER_SET | {kind.modified} | ({kind.created} if row.by_client else set())
    return {
        "properties": {name: value for name, value in row.properties.items() if name not in hidden},
        "archived": row.archived_ms is not None,
    }


def _created(account: Account, kind: Kind, row: Row) -> dict[str, Any]:
    ends = [
        f"{other.name}/{other_id}:{','.join(str(t) for t in sorted(types))}"
        for other in KINDS
        for other_id, types in account.links.of(kind, row.id, other).items()
    ]
    return _content(kind, row) | {"associations": sorted(ends)}


def _links_between_loaded(account: Account) -> list[str]:
    found = []
    for from_name, to_name, record_id, other_id, types in account.links.pairs():
        ends = ((from_name, record_id), (to_name, other_id))
        rows = [account.records(named(name)).find(str(number)) for name, number in ends]
        if from_name < to_name and not any(row is None or row.by_client for row in rows):
            shown = ",".join(str(type_id) for type_id in sorted(types))
            found.append(f"{from_name}/{record_id} {to_name}/{other_id}:{shown}")
    return sorted(found)


def _added_definitions(account: Account) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in KINDS:
        schema = account.schema.of(kind)
        own = [d for d in (*schema.active.values(), *schema.archived.values()) if not d.hubspotDefined]
        found[kind.name] = {
            d.name: {
                "label": d.label,
                "type": d.type,
                "fieldType": d.fieldType,
                "groupName": d.groupName,
                "options": [option.value for option in d.options],
                "archived": d.archived,
            }
            for d in own
        }
    return found
