"""Single records: list, read, create, update, archive (HubSpot docs: CRM objects)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot import render
from sandbox.hubspot.account import Account
from sandbox.hubspot.call import Call, answer, nothing
from sandbox.hubspot.kinds import COMPANIES, CONTACTS, Kind, named
from sandbox.hubspot.links import DEFAULT, PRIMARY, LinkType, type_with
from sandbox.hubspot.problems import Problem, invalid, record_not_found
from sandbox.hubspot.records import Row
from sandbox.hubspot.values import Scalar


class Target(msgspec.Struct, frozen=True):
    """The other end of an association."""

    id: str | int


class LinkSpec(msgspec.Struct, frozen=True):
    """Category and type id of an association."""

    associationCategory: str  # noqa: N815 - wire name
    associationTypeId: int  # noqa: N815 - wire name


class NewLink(msgspec.Struct, frozen=True):
    """An association in the body of a create."""

    to: Target
    types: list[LinkSpec]


class NewRecord(msgspec.Struct, frozen=True):
    """The body of a create."""

    properties: dict[str, Scalar]
    associations: list[NewLink] = []
    objectWriteTraceId: str | None = None  # noqa: N815 - wire name


class Properties(msgspec.Struct, frozen=True):
    """The body of an update."""

    properties: dict[str, Scalar]


ResolvedLink = tuple[Kind, Row, LinkType]


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


def _rendered(call: Call, rows: Sequence[Row], histories: Sequence[str]) -> list[dict[str, Any]]:
    kind = call.kind
    names = render.shown_names(call.account, kind, call.listed("properties"))
    others = [named(alias) for alias in call.listed("associations")]
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
    if by not in kind.unique:
        raise invalid(f"The property {by} is not a unique property of {kind.singular}")
    return account.records(kind).find_by(by, record_id)


def create_record(call: Call) -> Reply:
    """POST: make a record, with its associations (HubSpot docs: create objects)."""
    body = call.body(NewRecord)
    values = call.account.check_create(call.kind, body.properties)
    links = resolve_links(call.account, call.kind, body.associations)
    row = make(call.account, call.kind, values, links)
    return answer(render.written(call.kind, row, values), 201, f"created {call.kind.name} {row.id}")


def make(account: Account, kind: Kind, values: Mapping[str, str], links: Sequence[ResolvedLink]) -> Row:
    """Carry out a checked create."""
    row = account.create(kind, values)
    for other, target, link_type in links:
        link(account, kind, row, other, target, link_type)
    return account.records(kind).find(str(row.id)) or row


def resolve_links(account: Account, kind: Kind, asked: Sequence[NewLink]) -> list[ResolvedLink]:
    """The targets of new associations.

    Raises:
        Problem: 400 for a type id that does not fit or a target that is not there.
    """
    found: list[ResolvedLink] = []
    for new in asked:
        for spec in new.types:
            other = _other_end(kind, spec)
            link_type = type_with(kind, other, spec.associationCategory, spec.associationTypeId)
            target = account.live(other, str(new.to.id))
            if target is None:
                raise bad_target(other, str(new.to.id))
            found.append((other, target, link_type))
    return found


def bad_target(kind: Kind, record_id: str) -> Problem:
    """400: an association with a record that is not there."""
    context = {
        "INVALID_OBJECT_IDS": [f"{kind.singular.upper()}={record_id} is not valid"],
        "objectId": [record_id],
    }
    return Problem(400, "VALIDATION_ERROR", "One or more associations are invalid", context)


def _other_end(kind: Kind, spec: LinkSpec) -> Kind:
    """The object type that a type id leads to; a type id of another start is refused by `type_with`."""
    for table in (DEFAULT, PRIMARY):
        for (start, to), link_type in table.items():
            if start == kind.name and link_type.forward == spec.associationTypeId:
                return named(to)
    return CONTACTS


def link(account: Account, kind: Kind, row: Row, other: Kind, target: Row, link_type: LinkType) -> None:
    """Associate two records; the first company of a contact becomes its primary one."""
    if {kind.name, other.name} != {"contacts", "companies"}:
        account.links.add(kind, row.id, other, target.id, link_type)
        return
    contact, company = (row, target) if kind is CONTACTS else (target, row)
    present = account.links.of(CONTACTS, contact.id, COMPANIES)
    if present and link_type.label is None:
        account.links.add(CONTACTS, contact.id, COMPANIES, company.id, DEFAULT["contacts", "companies"])
    else:
        _make_primary(account, contact, company)


def _make_primary(account: Account, contact: Row, company: Row) -> None:
    primary = PRIMARY["contacts", "companies"]
    for former_id, types in list(account.links.of(CONTACTS, contact.id, COMPANIES).items()):
        if primary.forward in types and former_id != company.id:
            account.links.remove(CONTACTS, contact.id, COMPANIES, former_id)
            account.links.add(CONTACTS, contact.id, COMPANIES, former_id, DEFAULT["contacts", "companies"])
    account.links.add(CONTACTS, contact.id, COMPANIES, company.id, primary)
    account.change(CONTACTS, contact, {"associatedcompanyid": str(company.id)})


def update_record(call: Call) -> Reply:
    """PATCH: set values of one record."""
    body = call.body(Properties)
    row = wanted(call, call.path["id"])
    if row.archived_ms is not None:
        raise record_not_found(call.path["id"])
    values = call.account.check_change(call.kind, row, body.properties)
    changed = call.account.change(call.kind, row, values)
    return answer(render.written(call.kind, changed, values), effect=f"updated {call.kind.name} {row.id}")


def archive_record(call: Call) -> Reply:
    """DELETE: put a record into the bin; one that is there already is fine."""
    row = call.account.records(call.kind).find(call.path["id"])
    if row is None:
        raise record_not_found(call.path["id"])
    call.account.archive(call.kind, row)
    return nothing(f"archived {call.kind.name} {row.id}")
