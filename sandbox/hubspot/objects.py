"""Single records: list, read, create, update, archive (HubSpot docs: CRM objects)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot import render
from sandbox.hubspot.account import Account
from sandbox.hubspot.call import Call, answer, nothing
from sandbox.hubspot.kinds import LEADS, Kind, partner
from sandbox.hubspot.linking import NewLink, ResolvedLink, link, obey, resolve_links, sever
from sandbox.hubspot.links import PRIMARY
from sandbox.hubspot.problems import invalid, record_not_found
from sandbox.hubspot.records import Row
from sandbox.hubspot.values import Scalar


class NewRecord(msgspec.Struct, frozen=True):
    """The body of a create."""

    properties: dict[str, Scalar]
    associations: list[NewLink] = []
    objectWriteTraceId: str | None = None  # noqa: N815 - wire name


class Properties(msgspec.Struct, frozen=True):
    """The body of an update."""

    properties: dict[str, Scalar]


def list_records(call: Call) -> Reply:
    """GET: a page of records by id, 10 unless told, at most 100 (50 with history)."""
    histories = call.listed("propertiesWithHistory")
    limit = call.number("limit", 10, 1, 50 if histories else 100)
    after = call.word("after", "0")
    if not after.isdecimal() or len(after) > 18:
        raise invalid(f"after was not a valid cursor: {after}")
    records = call.account.records(call.kind)
    page = records.archived_page if call.flag("archived") else records.page
    rows = page(int(after), limit + 1)
    body: dict[str, Any] = {"results": _rendered(call, rows[:limit], histories)}
    if len(rows) > limit:
        body["paging"] = call.next_page(str(rows[limit - 1].id + 1))
    return answer(body)


def _rendered(call: Call, rows: Sequence[Row], histories: Sequence[str]) -> Sequence[Any]:
    kind = call.kind
    names = render.shown_names(call.account, kind, call.listed("properties"))
    others = [partner(alias) for alias in call.listed("associations")]
    if not histories and not others:
        return call.account.records(kind).fragments.of(rows, names, lambda row: render.record(kind, row, names))
    results = [render.record(kind, row, names) for row in rows]
    for row, body in zip(rows, results, strict=True):
        if histories:
            body["propertiesWithHistory"] = render.with_history(call.account, kind, row, histories)
        if others and (found := render.associated_ids(call.account, kind, row, others)):
            body["associations"] = found
    return results


def read_record(call: Call) -> Reply:
    """GET one: by id, or by a unique property named in `idProperty`."""
    row = wanted(call, call.path["id"])
    if (row.archived_ms is not None) != call.flag("archived"):
        raise record_not_found(call.path["id"])
    return answer(_rendered(call, [row], call.listed("propertiesWithHistory"))[0])


def wanted(call: Call, record_id: str) -> Row:
    """The record of a path. Raises `Problem` 404 when there is none, 400 for an unusable `idProperty`."""
    by = call.word("idProperty")
    row = find_row(call.account, call.kind, record_id, by)
    if row is None:
        raise record_not_found(record_id)
    return row


def find_row(account: Account, kind: Kind, record_id: str, by: str | None) -> Row | None:
    """A record by id or by a unique property. Raises `Problem` 400 when that property is not unique."""
    if not by or by == "hs_object_id":
        return account.records(kind).find(record_id)
    if by not in account.unique_names(kind):
        raise invalid(f"The property {by} is not a unique property of {kind.singular}")
    return account.holder(kind, by, record_id)


def create_record(call: Call) -> Reply:
    """POST: make a record, with its associations (HubSpot docs: create objects)."""
    body = call.body(NewRecord)
    values = call.check_create(body.properties)
    links = resolve_new_links(call.account, call.kind, body.associations)
    row = make(call.account, call.kind, values, links)
    return answer(render.written(call.kind, row, values), 201, f"created {call.kind.name} {row.id}")


def make(account: Account, kind: Kind, values: Mapping[str, str], links: Sequence[ResolvedLink]) -> Row:
    """Carry out a checked create."""
    row = account.create(kind, values)
    for new in links:
        link(account, kind, row, new)
    return obey(account, kind, row, values)


def resolve_new_links(account: Account, kind: Kind, asked: Sequence[NewLink]) -> list[ResolvedLink]:
    """The associations of a new record. A lead needs a primary one to the contact or company it is about.

    Raises:
        Problem: 400 when one does not fit, or the one that is needed is not there.
    """
    found = resolve_links(account, kind, asked)
    if kind is LEADS and not any(new.type == PRIMARY.get((kind.name, new.kind.name)) for new in found):
        raise invalid("A lead must be associated with a primary contact or company")
    return found


def archive(account: Account, kind: Kind, row: Row) -> None:
    """Put a record into the bin; its associations end."""
    if row.archived_ms is None:
        account.links.keep(kind, row.id)
    account.archive(kind, row)
    sever(account, kind, row)


def update_record(call: Call) -> Reply:
    """PATCH: set values of one record."""
    body = call.body(Properties)
    row = wanted(call, call.path["id"])
    if row.archived_ms is not None:
        raise record_not_found(call.path["id"])
    values = call.check_change(row, body.properties)
    changed = obey(call.account, call.kind, call.account.change(call.kind, row, values), values)
    return answer(render.written(call.kind, changed, values), effect=f"updated {call.kind.name} {row.id}")


def archive_record(call: Call) -> Reply:
    """DELETE: put a record into the bin; one that is there already is fine."""
    row = call.account.records(call.kind).find(call.path["id"])
    if row is None:
        raise record_not_found(call.path["id"])
    archive(call.account, call.kind, row)
    return nothing(f"archived {call.kind.name} {row.id}")
