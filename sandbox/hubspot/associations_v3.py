"""Associations in their older form, v3: one type at a time, by name or id (HubSpot docs: associations v3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot import render
from sandbox.hubspot.call import Call, answer, batch_answer, check_size, nothing, whole
from sandbox.hubspot.kinds import Kind, named, partner
from sandbox.hubspot.linking import ResolvedLink, Target, bad_target, link, unlabel
from sandbox.hubspot.links import DEFAULT, PRIMARY, LinkType, default_type, type_with
from sandbox.hubspot.objects import wanted
from sandbox.hubspot.problems import Problem, invalid, record_not_found
from sandbox.hubspot.records import Row

PAGE = 500


class Pair(msgspec.Struct, frozen=True):
    """Two records and the name or id of the association between them."""

    start: Target = msgspec.field(name="from")
    to: Target
    type: str


class PairBatch(msgspec.Struct, frozen=True):
    """The body of a batch create or archive."""

    inputs: list[Pair]


class WantedBatch(msgspec.Struct, frozen=True):
    """The body of a batch read."""

    inputs: list[Target]


def _other(call: Call) -> Kind:
    return named(call.path["to"])


def _type(kind: Kind, other: Kind, name: str) -> LinkType:
    """`contact_to_company` is the labelled association where there is one, as in HubSpot's lists; digits are an id."""
    pair = (kind.name, other.name)
    plain = f"{kind.singular}_to_{other.singular}"
    type_id = whole(name)
    if type_id is not None:
        return type_with(kind, other, "HUBSPOT_DEFINED", type_id)
    if name == plain and pair in PRIMARY:
        return PRIMARY[pair]
    if name in (plain, f"{plain}_unlabeled"):
        return default_type(kind, other)
    raise invalid(f"{name} is not a valid association type between {kind.singular} and {other.singular}")


def _entries(call: Call, row: Row, other: Kind) -> list[dict[str, Any]]:
    found = render.associated_ids(call.account, call.kind, row, [other])
    entries: list[dict[str, Any]] = found.get(other.name, {"results": []})["results"]
    return entries


def read_one(call: Call) -> Reply:
    """GET the associations of one record, an entry for each type, 500 a page unless told."""
    row, limit, after = _present(call), call.number("limit", PAGE, 1, PAGE), call.number("after", 0, 0, 10**9)
    entries = _entries(call, row, partner(call.path["to"]))
    body: dict[str, Any] = {"results": entries[after : after + limit]}
    if after + limit < len(entries):
        body["paging"] = call.next_page(str(after + limit))
    return answer(body)


def _present(call: Call) -> Row:
    row = wanted(call, call.path["id"])
    if row.archived_ms is not None:
        raise record_not_found(call.path["id"])
    return row


def make(call: Call) -> Reply:
    """PUT one association; the answer is the record."""
    row, other = _present(call), _other(call)
    target = call.account.live(other, call.path["to_id"])
    if target is None:
        raise record_not_found(call.path["to_id"])
    link(call.account, call.kind, row, ResolvedLink(other, target, _type(call.kind, other, call.path["type"])))
    row = call.account.live(call.kind, str(row.id)) or row
    body = render.record(call.kind, row, call.kind.shown)
    body["associations"] = render.associated_ids(call.account, call.kind, row, [other])
    return answer(body, effect=f"linked {call.kind.name} {row.id} and {other.name} {target.id}")


def undo(call: Call) -> Reply:
    """DELETE one association; none is fine."""
    row, other = _present(call), _other(call)
    kind, target = _type(call.kind, other, call.path["type"]), call.account.live(other, call.path["to_id"])
    if target is not None:
        unlabel(call.account, (call.kind, row.id), (other, target.id), kind)
    return nothing(f"unlinked {call.kind.name} {row.id} and {other.name} {call.path['to_id']}")


def types(call: Call) -> Reply:
    """GET the association types between two object types, by name."""
    other = _other(call)
    default_type(call.kind, other)
    plain = f"{call.kind.singular}_to_{other.singular}"
    pair = (call.kind.name, other.name)
    if pair not in PRIMARY:
        return answer({"results": [{"id": str(DEFAULT[pair].forward), "name": plain}]})
    named_types = [
        {"id": str(PRIMARY[pair].forward), "name": plain},
        {"id": str(DEFAULT[pair].forward), "name": f"{plain}_unlabeled"},
    ]
    return answer({"results": named_types})


def read_batch(call: Call) -> Reply:
    """POST batch/read: records without associations are an error each of a 207 (believed)."""
    body = call.body(WantedBatch)
    check_size(body.inputs)
    other = partner(call.path["to"])
    results: list[dict[str, Any]] = []
    errors: list[Mapping[str, Any]] = []
    for asked in body.inputs:
        row = call.account.live(call.kind, str(asked.id))
        entries = [] if row is None else _entries(call, row, other)
        if entries:
            results.append({"from": {"id": str(asked.id)}, "to": entries})
        else:
            message = f"No {other.singular} is associated with {call.kind.singular} {asked.id}."
            errors.append(Problem(404, "OBJECT_NOT_FOUND", message).as_item({"fromObjectId": [str(asked.id)]}))
    return batch_answer(call, results, errors)


def create_batch(call: Call) -> Reply:
    """POST batch/create; nothing is done when one of them does not fit."""
    other, planned = _planned(call)
    for start, target, kind in planned:
        link(call.account, call.kind, start, ResolvedLink(other, target, kind))
    results = [
        {"from": {"id": str(start.id)}, "to": {"id": str(target.id)}, "type": _name(call.kind, other, kind)}
        for start, target, kind in planned
    ]
    return batch_answer(call, results, status=201, effect=f"linked {len(results)} pairs")


def archive_batch(call: Call) -> Reply:
    """POST batch/archive."""
    other, planned = _planned(call)
    for start, target, kind in planned:
        unlabel(call.account, (call.kind, start.id), (other, target.id), kind)
    return nothing(f"unlinked {len(planned)} pairs")


def _planned(call: Call) -> tuple[Kind, list[tuple[Row, Row, LinkType]]]:
    body = call.body(PairBatch)
    check_size(body.inputs)
    other = _other(call)
    planned: list[tuple[Row, Row, LinkType]] = []
    for pair in body.inputs:
        start, target = call.account.live(call.kind, str(pair.start.id)), call.account.live(other, str(pair.to.id))
        if start is None:
            raise bad_target(call.kind, str(pair.start.id))
        if target is None:
            raise bad_target(other, str(pair.to.id))
        planned.append((start, target, _type(call.kind, other, pair.type)))
    return other, planned


def _name(kind: Kind, other: Kind, link_type: LinkType) -> str:
    plain = f"{kind.singular}_to_{other.singular}"
    unlabelled = link_type.label is None and (kind.name, other.name) in PRIMARY
    return f"{plain}_unlabeled" if unlabelled else plain
