"""Associations v4: read in batches of 1,000, made and undone (HubSpot docs: associations v4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot import render
from sandbox.hubspot.call import Call, answer, batch_answer, check_size, nothing, whole
from sandbox.hubspot.kinds import Kind, named, partner
from sandbox.hubspot.linking import LinkSpec, ResolvedLink, Target, bad_target, link, unlabel, unlink
from sandbox.hubspot.links import CATEGORY, LinkType, default_type
from sandbox.hubspot.problems import Problem, invalid, record_not_found
from sandbox.hubspot.records import Row

READ_INPUTS = 1_000
WRITE_INPUTS = 2_000
PAGE = 500


class Wanted(msgspec.Struct, frozen=True):
    """One record whose associations are asked for, from a page on."""

    id: str | int
    after: str | None = None


class WantedBatch(msgspec.Struct, frozen=True):
    """The body of a batch read."""

    inputs: list[Wanted]


class Pair(msgspec.Struct, frozen=True):
    """Two records to be associated."""

    start: Target = msgspec.field(name="from")
    to: Target
    types: list[LinkSpec] = []


class PairBatch(msgspec.Struct, frozen=True):
    """The body of a batch create."""

    inputs: list[Pair]


class Parting(msgspec.Struct, frozen=True):
    """A record and those it shall no longer be associated with."""

    start: Target = msgspec.field(name="from")
    to: list[Target]


class LabelParting(msgspec.Struct, frozen=True):
    """Two records and the associations between them that shall end."""

    start: Target = msgspec.field(name="from")
    to: Target
    types: list[LinkSpec]


class LabelPartingBatch(msgspec.Struct, frozen=True):
    """The body of a batch archive of labels."""

    inputs: list[LabelParting]


class PartingBatch(msgspec.Struct, frozen=True):
    """The body of a batch archive."""

    inputs: list[Parting]


def _other(call: Call) -> Kind:
    return named(call.path["to"])


def _entries(call: Call, record_id: int, other: Kind) -> list[dict[str, Any]]:
    links = call.account.links.of(call.kind, record_id, other)
    return [
        {"toObjectId": str(other_id), "associationTypes": call.account.labels.shown(call.kind, other, types)}
        for other_id, types in links.items()
    ]


def read_one(call: Call) -> Reply:
    """GET the associations of one record with one object type, 500 a page unless told."""
    row = _present(call, call.kind, call.path["id"])
    limit = call.number("limit", PAGE, 1, PAGE)
    after = call.number("after", 0, 0, 10**9)
    entries = _entries(call, row.id, partner(call.path["to"]))
    body: dict[str, Any] = {"results": entries[after : after + limit]}
    if after + limit < len(entries):
        body["paging"] = call.next_page(str(after + limit))
    return answer(body)


def read_batch(call: Call) -> Reply:
    """POST batch/read. Records without associations are left out, with an error each in a 207 (believed)."""
    body = call.body(WantedBatch)
    check_size(body.inputs, READ_INPUTS)
    other = partner(call.path["to"])
    results: list[dict[str, Any]] = []
    errors: list[Mapping[str, Any]] = []
    for wanted in body.inputs:
        row = call.account.live(call.kind, str(wanted.id))
        entries = [] if row is None else _entries(call, row.id, other)
        if not entries:
            errors.append(_no_associations(call.kind, other, str(wanted.id)))
            continue
        start = whole(wanted.after or "") or 0
        result: dict[str, Any] = {"from": {"id": str(wanted.id)}, "to": entries[start : start + PAGE]}
        if start + PAGE < len(entries):
            result["paging"] = {"next": {"after": str(start + PAGE)}}
        results.append(result)
    return batch_answer(call, results, errors)


def _no_associations(kind: Kind, other: Kind, record_id: str) -> dict[str, Any]:
    message = f"No {other.singular} is associated with {kind.singular} {record_id}."
    return Problem(404, "OBJECT_NOT_FOUND", message).as_item({"fromObjectId": [record_id]})


def _present(call: Call, kind: Kind, record_id: str) -> Row:
    row = call.account.live(kind, record_id)
    if row is None:
        raise record_not_found(record_id)
    return row


def make_default(call: Call) -> Reply:
    """PUT the unlabelled association between two records; doing it again changes nothing."""
    other = _other(call)
    start, target = _present(call, call.kind, call.path["id"]), _present(call, other, call.path["to_id"])
    link_type = default_type(call.kind, other)
    link(call.account, call.kind, start, ResolvedLink(other, target, link_type))
    results = [
        _default_result(start, target, link_type.forward),
        _default_result(target, start, link_type.backward),
    ]
    return batch_answer(call, results, effect=_effect(call.kind, start, other, target))


def make_labelled(call: Call) -> Reply:
    """PUT associations of given types between two records."""
    other = _other(call)
    start, target = _present(call, call.kind, call.path["id"]), _present(call, other, call.path["to_id"])
    specs = call.body(list[LinkSpec])
    kinds = _types(call, other, specs)
    for link_type in kinds:
        link(call.account, call.kind, start, ResolvedLink(other, target, link_type))
    shown = render.labels_between(call.kind, start.id, other, target.id, kinds)
    return answer(shown, 201, _effect(call.kind, start, other, target))


def undo(call: Call) -> Reply:
    """DELETE every association between two records; none is fine."""
    other = _other(call)
    _part(call, other, call.path["id"], call.path["to_id"])
    return nothing(f"unlinked {call.kind.name} {call.path['id']} and {other.name} {call.path['to_id']}")


def create_batch(call: Call) -> Reply:
    """POST batch/create: pairs with their types; nothing is done when one of them does not fit."""
    body = call.body(PairBatch)
    check_size(body.inputs, WRITE_INPUTS)
    other = _other(call)
    planned: list[tuple[Row, Row, list[LinkType]]] = []
    for pair in body.inputs:
        if not pair.types:
            raise invalid("An association needs at least one type")
        planned.append((*_ends(call, other, pair), _types(call, other, pair.types)))
    results = []
    for start, target, kinds in planned:
        for link_type in kinds:
            link(call.account, call.kind, start, ResolvedLink(other, target, link_type))
        results.append(render.labels_between(call.kind, start.id, other, target.id, kinds))
    return batch_answer(call, results, status=201, effect=f"linked {len(results)} pairs")


def create_default_batch(call: Call) -> Reply:
    """POST batch/associate/default: pairs to be associated without a label."""
    body = call.body(PairBatch)
    check_size(body.inputs, WRITE_INPUTS)
    other = _other(call)
    link_type = default_type(call.kind, other)
    results = []
    for start, target in [_ends(call, other, pair) for pair in body.inputs]:
        link(call.account, call.kind, start, ResolvedLink(other, target, link_type))
        results.append(_default_result(start, target, link_type.forward))
    return batch_answer(call, results, effect=f"linked {len(results)} pairs")


def _ends(call: Call, other: Kind, pair: Pair) -> tuple[Row, Row]:
    start = call.account.live(call.kind, str(pair.start.id))
    target = call.account.live(other, str(pair.to.id))
    if start is None:
        raise bad_target(call.kind, str(pair.start.id))
    if target is None:
        raise bad_target(other, str(pair.to.id))
    return start, target


def archive_batch(call: Call) -> Reply:
    """POST batch/archive: undo all associations between the pairs."""
    body = call.body(PartingBatch)
    check_size(body.inputs, WRITE_INPUTS)
    other = _other(call)
    pairs = [(str(parting.start.id), str(target.id)) for parting in body.inputs for target in parting.to]
    for start, target in pairs:
        _part(call, other, start, target)
    return nothing(f"unlinked {len(pairs)} pairs")


def archive_labels(call: Call) -> Reply:
    """POST batch/labels/archive: end the named associations; the one without a label takes all with it."""
    body = call.body(LabelPartingBatch)
    check_size(body.inputs, WRITE_INPUTS)
    other = _other(call)
    planned = [(parting, _types(call, other, parting.types)) for parting in body.inputs]
    for parting, kinds in planned:
        start, target = call.account.live(call.kind, str(parting.start.id)), call.account.live(other, str(parting.to.id))
        if start is not None and target is not None:
            for kind in kinds:
                unlabel(call.account, (call.kind, start.id), (other, target.id), kind)
    return nothing(f"took labels from {len(planned)} pairs")


def _types(call: Call, other: Kind, specs: Sequence[LinkSpec]) -> list[LinkType]:
    labels = call.account.labels
    return [labels.type_with(call.kind, other, spec.associationCategory, spec.associationTypeId) for spec in specs]


def _part(call: Call, other: Kind, start: str, target: str) -> None:
    one, two = call.account.live(call.kind, start), call.account.live(other, target)
    if one is not None and two is not None:
        unlink(call.account, call.kind, one.id, other, two.id)


def _default_result(start: Row, target: Row, type_id: int) -> dict[str, Any]:
    return {
        "from": {"id": str(start.id)},
        "to": {"id": str(target.id)},
        "associationSpec": {"associationCategory": CATEGORY, "associationTypeId": type_id},
    }


def _effect(kind: Kind, start: Row, other: Kind, target: Row) -> str:
    return f"linked {kind.name} {start.id} and {other.name} {target.id}"
