"""Association labels over the wire (HubSpot docs: associations, create and manage association types)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot.call import Call, answer, nothing, whole
from sandbox.hubspot.kinds import Kind, named
from sandbox.hubspot.labels import OWN_CATEGORY
from sandbox.hubspot.links import CATEGORY, DEFAULT, PRIMARY, default_type
from sandbox.hubspot.problems import invalid

_NAME = re.compile(r"[A-Za-z]\w{0,99}")


class NewLabel(msgspec.Struct, frozen=True):
    """The body of a label create; with `inverseLabel` it is a pair."""

    label: str
    name: str
    inverseLabel: str | None = None  # noqa: N815 - wire name


class LabelChange(msgspec.Struct, frozen=True):
    """The body of a label update."""

    associationTypeId: int  # noqa: N815 - wire name
    label: str
    inverseLabel: str | None = None  # noqa: N815 - wire name


def _other(call: Call) -> Kind:
    other = named(call.path["to"])
    default_type(call.kind, other)
    return other


def list_labels(call: Call) -> Reply:
    """GET the association types between two object types: HubSpot's, then the account's own."""
    other = _other(call)
    pair = (call.kind.name, other.name)
    shown: list[dict[str, Any]] = [
        {"category": CATEGORY, "typeId": table[pair].forward, "label": table[pair].label}
        for table in (PRIMARY, DEFAULT)
        if pair in table
    ]
    own = call.account.labels.of(call.kind, other)
    shown += call.account.labels.shown(call.kind, other, [kind.forward for kind in own])
    return answer({"results": shown})


def create_label(call: Call) -> Reply:
    """POST a label: it gets an id in each direction."""
    other, new = _other(call), call.body(NewLabel)
    if _NAME.fullmatch(new.name) is None:
        raise invalid(f"'{new.name}' is not a name of letters, digits and underscores that starts with a letter")
    made = call.account.labels.create(call.kind, other, new.name, new.label, new.inverseLabel)
    results = [
        {"category": OWN_CATEGORY, "typeId": -made.forward, "label": made.label},
        {"category": OWN_CATEGORY, "typeId": -made.backward, "label": made.inverse},
    ]
    return answer({"results": results}, effect=f"made label {new.name} of {call.kind.name} and {other.name}")


def update_label(call: Call) -> Reply:
    """PUT other words for a label."""
    other, change = _other(call), call.body(LabelChange)
    call.account.labels.rename(call.kind, other, change.associationTypeId, change.label, change.inverseLabel)
    return nothing(f"renamed label {change.associationTypeId} of {call.kind.name} and {other.name}")


def delete_label(call: Call) -> Reply:
    """DELETE a label; records that bore it stay associated without it."""
    other = _other(call)
    type_id = whole(call.path["type"])
    if type_id is None:
        raise invalid(f"{call.path['type']} is not an association type id")
    gone = call.account.labels.remove(call.kind, other, type_id)
    call.account.links.forget(call.kind, other, gone)
    return nothing(f"deleted label {type_id} of {call.kind.name} and {other.name}")
