"""Batches of records: read, create, update, upsert, archive (HubSpot docs: batch requests, multi-status errors).

Rules: at most 100 inputs (50 with history); two inputs for one record reject the batch; an input that is refused
rejects the batch too, unless every refused input carries an `objectWriteTraceId`, in which case the others are
carried out and the answer is 207. Results come in no particular order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot import render
from sandbox.hubspot.call import BATCH_INPUTS, Call, batch_answer, check_size, missing_items, nothing
from sandbox.hubspot.linking import ResolvedLink, obey
from sandbox.hubspot.objects import NewRecord, archive, find_row, make, resolve_new_links
from sandbox.hubspot.problems import Problem, invalid
from sandbox.hubspot.records import Row
from sandbox.hubspot.values import Scalar, as_text


class IdInput(msgspec.Struct, frozen=True):
    """One id."""

    id: str | int


class ReadBatch(msgspec.Struct, frozen=True):
    """The body of a batch read."""

    inputs: list[IdInput]
    properties: list[str] = []
    propertiesWithHistory: list[str] = []  # noqa: N815 - wire name
    idProperty: str | None = None  # noqa: N815 - wire name


class Update(msgspec.Struct, frozen=True):
    """One input of a batch update or upsert."""

    id: str | int
    properties: dict[str, Scalar]
    idProperty: str | None = None  # noqa: N815 - wire name
    objectWriteTraceId: str | None = None  # noqa: N815 - wire name


class UpdateBatch(msgspec.Struct, frozen=True):
    """The body of a batch update or upsert."""

    inputs: list[Update]


class CreateBatch(msgspec.Struct, frozen=True):
    """The body of a batch create."""

    inputs: list[NewRecord]


class ArchiveBatch(msgspec.Struct, frozen=True):
    """The body of a batch archive."""

    inputs: list[IdInput]


@dataclass(slots=True)
class Refused:
    """What a batch could not do so far."""

    items: list[tuple[str | None, Problem]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, trace_id: str | None, problem: Problem) -> None:
        """Note a refused input."""
        self.items.append((trace_id, problem))

    def raise_unless_traced(self) -> None:
        """Reject the whole batch when a refused input cannot be told from the others."""
        for trace_id, problem in self.items:
            if trace_id is None:
                raise problem

    def errors(self, call: Call) -> list[Mapping[str, Any]]:
        """The `errors` of a 207."""
        found: list[Mapping[str, Any]] = [
            problem.as_item({"objectWriteTraceId": [str(trace_id)]}) for trace_id, problem in self.items
        ]
        if self.missing:
            found.append(missing_items(call.kind, self.missing).as_item({}))
        return found


def read_batch(call: Call) -> Reply:
    """POST batch/read. Associations do not come along."""
    body = call.body(ReadBatch)
    check_size(body.inputs, 50 if body.propertiesWithHistory else BATCH_INPUTS)
    ids = [str(entry.id) for entry in body.inputs]
    refuse_duplicates(ids)
    archived = call.flag("archived")
    names = render.shown_names(call.account, call.kind, body.properties)
    refused = Refused()
    results: list[dict[str, Any]] = []
    for record_id in ids:
        row = find_row(call.account, call.kind, record_id, body.idProperty)
        if row is None or (row.archived_ms is not None) != archived:
            refused.missing.append(record_id)
            continue
        shown = render.record(call.kind, row, names)
        if body.propertiesWithHistory:
            shown["propertiesWithHistory"] = render.with_history(call.account, call.kind, row, body.propertiesWithHistory)
        results.append(shown)
    call.account.dice.shuffle(results)
    return batch_answer(call, results, refused.errors(call))


def refuse_duplicates(ids: Sequence[str]) -> None:
    """Reject a batch in which an id occurs twice. Raises `Problem` 400."""
    twice = [record_id for record_id, times in Counter(ids).items() if times > 1]
    if twice:
        message = f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
        raise invalid(message, {"ids": twice})


def update_batch(call: Call) -> Reply:
    """POST batch/update, by record id or by a unique property that was added.

    With `idProperty: email` HubSpot answers 200 and changes nothing (seen by others); so does this.
    """
    body = call.body(UpdateBatch)
    check_size(body.inputs)
    by = _update_by(call, body.inputs)
    if by == "email":
        return batch_answer(call, [])
    refused = Refused()
    planned: list[tuple[Row, dict[str, str], str | None]] = []
    taken: set[tuple[str, str]] = set()
    for entry, row in _resolved(call, body.inputs, by, refused):
        try:
            values = call.check_change(row, entry.properties)
            _refuse_taken(call, values, taken)
        except Problem as problem:
            refused.add(entry.objectWriteTraceId, problem)
        else:
            planned.append((row, values, entry.objectWriteTraceId))
    refused.raise_unless_traced()
    results = [_change(call, row, values, trace) for row, values, trace in planned]
    call.account.dice.shuffle(results)
    effect = f"updated {len(results)} {call.kind.name}"
    return batch_answer(call, results, refused.errors(call), effect=effect)


def _update_by(call: Call, inputs: Sequence[Update]) -> str | None:
    named = {entry.idProperty or None for entry in inputs}
    by = named.pop()
    if named:
        raise invalid("All inputs of a batch must have the same idProperty")
    if by is not None and by not in call.account.unique_names(call.kind):
        raise invalid(f"idProperty {by} is not a valid unique property; leave idProperty out to update by record id")
    return by


def _resolved(call: Call, inputs: Sequence[Update], by: str | None, refused: Refused) -> list[tuple[Update, Row]]:
    refuse_duplicates([str(entry.id) for entry in inputs])
    found: list[tuple[Update, Row]] = []
    for entry in inputs:
        row = find_row(call.account, call.kind, str(entry.id), by)
        if row is None or row.archived_ms is not None:
            refused.missing.append(str(entry.id))
        else:
            found.append((entry, row))
    refuse_duplicates([str(row.id) for _, row in found])
    return found


def _change(call: Call, row: Row, values: Mapping[str, str], trace_id: str | None) -> dict[str, Any]:
    changed = obey(call.account, call.kind, call.account.change(call.kind, row, values), values)
    shown = render.written(call.kind, changed, values)
    if trace_id is not None:
        shown["objectWriteTraceId"] = trace_id
    return shown


def create_batch(call: Call) -> Reply:
    """POST batch/create."""
    body = call.body(CreateBatch)
    check_size(body.inputs)
    refused = Refused()
    planned: list[tuple[dict[str, str], list[ResolvedLink], str | None]] = []
    taken: set[tuple[str, str]] = set()
    for entry in body.inputs:
        try:
            values = call.check_create(entry.properties)
            links = resolve_new_links(call.account, call.kind, entry.associations)
            _refuse_taken(call, values, taken)
        except Problem as problem:
            refused.add(entry.objectWriteTraceId, problem)
        else:
            planned.append((values, links, entry.objectWriteTraceId))
    refused.raise_unless_traced()
    results: list[dict[str, Any]] = []
    for values, links, trace_id in planned:
        shown = render.written(call.kind, make(call.account, call.kind, values, links), values)
        results.append(shown if trace_id is None else shown | {"objectWriteTraceId": trace_id})
    call.account.dice.shuffle(results)
    effect = f"created {len(results)} {call.kind.name}"
    return batch_answer(call, results, refused.errors(call), 201, effect)


def _refuse_taken(call: Call, values: Mapping[str, str], taken: set[tuple[str, str]]) -> None:
    mine = {(name, values[name].lower()) for name in call.account.unique_names(call.kind) if values.get(name)}
    if mine & taken:
        raise Problem(409, "CONFLICT", f"{call.kind.singular.capitalize()} already exists.")
    taken |= mine


def upsert_batch(call: Call) -> Reply:
    """POST batch/upsert: `idProperty` is required, the same unique property in every input.

    By e-mail a refused input rejects the whole batch (HubSpot docs: partial upserts are not supported with `email`).
    """
    body = call.body(UpdateBatch)
    check_size(body.inputs)
    by = _id_property(call, body.inputs)
    refuse_duplicates([str(entry.id).lower() for entry in body.inputs])
    call.account.locks.take(call.kind.name, len(body.inputs), call.request.at)
    refused = Refused()
    planned: list[tuple[Update, Row | None, dict[str, str]]] = []
    taken: set[tuple[str, str]] = set()
    for entry in body.inputs:
        try:
            row, values = _upserted(call, by, entry)
            _refuse_taken(call, values, taken)
        except Problem as problem:
            refused.add(None if by == "email" else entry.objectWriteTraceId, problem)
        else:
            planned.append((entry, row, values))
    refused.raise_unless_traced()
    results = [_upsert(call, entry, row, values) for entry, row, values in planned]
    call.account.dice.shuffle(results)
    return batch_answer(call, results, refused.errors(call), effect=f"upserted {len(results)} {call.kind.name}")


def _id_property(call: Call, inputs: Sequence[Update]) -> str:
    named = {entry.idProperty for entry in inputs}
    by = named.pop()
    if named or by is None or by not in call.account.unique_names(call.kind):
        raise invalid("idProperty is required and must be one unique property")
    return by


def _upserted(call: Call, by: str, entry: Update) -> tuple[Row | None, dict[str, str]]:
    row = call.account.holder(call.kind, by, str(entry.id))
    if row is not None:
        return row, call.check_change(row, entry.properties)
    asked = {by: str(entry.id), **entry.properties}
    if as_text(asked[by]).lower() != str(entry.id).lower():
        raise invalid(f"{by} is {asked[by]} in the properties and {entry.id} as id")
    return None, call.check_create(asked)


def _upsert(call: Call, entry: Update, row: Row | None, values: Mapping[str, str]) -> dict[str, Any]:
    if row is not None:
        return {**_change(call, row, values, entry.objectWriteTraceId), "new": False}
    made = render.written(call.kind, make(call.account, call.kind, values, []), values)
    trace = {} if entry.objectWriteTraceId is None else {"objectWriteTraceId": entry.objectWriteTraceId}
    return {**made, **trace, "new": True}


def archive_batch(call: Call) -> Reply:
    """POST batch/archive: ids that are not there are passed over."""
    body = call.body(ArchiveBatch)
    check_size(body.inputs)
    rows = [call.account.live(call.kind, str(entry.id)) for entry in body.inputs]
    found = [row for row in rows if row is not None]
    for row in found:
        archive(call.account, call.kind, row)
    return nothing(f"archived {len(found)} {call.kind.name}")
