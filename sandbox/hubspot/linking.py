"""Associations made and undone, with what follows from them: the primary company, and how many contacts a company has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from sandbox.hubspot.account import Account
from sandbox.hubspot.kinds import COMPANIES, CONTACTS, Kind, named
from sandbox.hubspot.links import DEFAULT, PRIMARY, LinkType
from sandbox.hubspot.problems import Problem
from sandbox.hubspot.records import Row


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


@dataclass(frozen=True, slots=True)
class ResolvedLink:
    """A new association whose other end is there."""

    kind: Kind
    target: Row
    type: LinkType


_PRIMARY_COMPANY = PRIMARY[CONTACTS.name, COMPANIES.name]
_BOTH = {CONTACTS, COMPANIES}


def resolve_links(account: Account, kind: Kind, asked: Sequence[NewLink]) -> list[ResolvedLink]:
    """The targets of new associations.

    Raises:
        Problem: 400 for a type id that does not fit or a target that is not there.
    """
    found: list[ResolvedLink] = []
    for new in asked:
        for spec in new.types:
            category, type_id = spec.associationCategory, spec.associationTypeId
            other = account.labels.other_end(kind, category, type_id)
            link_type = account.labels.type_with(kind, other, category, type_id)
            target = account.live(other, str(new.to.id))
            if target is None:
                raise bad_target(other, str(new.to.id))
            found.append(ResolvedLink(other, target, link_type))
    return found


def bad_target(kind: Kind, record_id: str) -> Problem:
    """400: an association with a record that is not there."""
    context = {
        "INVALID_OBJECT_IDS": [f"{kind.singular.upper()}={record_id} is not valid"],
        "objectId": [record_id],
    }
    return Problem(400, "VALIDATION_ERROR", "One or more associations are invalid", context)


def link(account: Account, kind: Kind, row: Row, new: ResolvedLink) -> None:
    """Associate two records; the first company of a contact becomes its primary one."""
    if {kind, new.kind} != _BOTH:
        account.links.add(kind, row.id, new.kind, new.target.id, new.type)
        return
    contact, company = (row, new.target) if kind is CONTACTS else (new.target, row)
    to_primary = new.type if kind is CONTACTS else new.type.turned()
    first = not account.links.of(CONTACTS, contact.id, COMPANIES)
    if to_primary != _PRIMARY_COMPANY:
        account.links.add(CONTACTS, contact.id, COMPANIES, company.id, to_primary)
    if first or to_primary == _PRIMARY_COMPANY:
        _make_primary(account, contact.id, company.id)
    _recount(account, company.id)


def obey(account: Account, kind: Kind, row: Row, values: Mapping[str, str]) -> Row:
    """Let a contact's primary company be the one that a write has named; the record as it is then."""
    if kind is CONTACTS and "associatedcompanyid" in values:
        company = account.live(COMPANIES, values["associatedcompanyid"])
        if company is not None:
            _make_primary(account, row.id, company.id)
        else:
            for company_id in list(account.links.of(CONTACTS, row.id, COMPANIES)):
                unlabel(account, (CONTACTS, row.id), (COMPANIES, company_id), _PRIMARY_COMPANY)
    return account.live(kind, str(row.id)) or row


def check_company(account: Account, kind: Kind, values: Mapping[str, str]) -> None:
    """Refuse a company that is not there as a contact's primary one. Raises `Problem` 400."""
    company = values.get("associatedcompanyid") if kind is CONTACTS else None
    if company and account.live(COMPANIES, company) is None:
        raise bad_target(COMPANIES, company)


def unlink(account: Account, start: Kind, record_id: int, other: Kind, other_id: int) -> None:
    """Undo all associations between two records; none is fine."""
    unlabel(account, (start, record_id), (other, other_id), None)


def unlabel(account: Account, start: tuple[Kind, int], end: tuple[Kind, int], kind: LinkType | None) -> None:
    """Undo one association between two records; the one without a label takes all with it (HubSpot docs: associations)."""
    (from_kind, record_id), (to_kind, other_id) = start, end
    if other_id not in account.links.of(from_kind, record_id, to_kind):
        return
    if kind is None or kind == DEFAULT.get((from_kind.name, to_kind.name)):
        account.links.remove(from_kind, record_id, to_kind, other_id)
    else:
        account.links.unlabel(from_kind, record_id, to_kind, other_id, kind)
    if {from_kind, to_kind} == _BOTH:
        contact_id, company_id = (record_id, other_id) if from_kind is CONTACTS else (other_id, record_id)
        _settle(account, contact_id, company_id)


def sever(account: Account, kind: Kind, row: Row) -> None:
    """Undo every association of a record that goes away."""
    if kind in _BOTH:
        (other,) = _BOTH - {kind}
        for other_id in list(account.links.of(kind, row.id, other)):
            unlink(account, kind, row.id, other, other_id)
    account.links.remove_all(kind, row.id)


def rejoin(account: Account, kind: Kind, row: Row) -> None:
    """Give a record that leaves the bin its associations back."""
    account.links.bring_back(kind, row.id, lambda name, number: account.live(named(name), str(number)) is not None)
    if kind is CONTACTS:
        former = row.properties.get("associatedcompanyid") or "0"
        for company_id in {int(former), *account.links.of(CONTACTS, row.id, COMPANIES)}:
            _settle(account, row.id, company_id)
    elif kind is COMPANIES:
        for contact_id in list(account.links.of(COMPANIES, row.id, CONTACTS)):
            _settle(account, contact_id, row.id)
        _recount(account, row.id)


def hand_over(account: Account, kind: Kind, former: Row, now: Row) -> None:
    """Give the associations of a record to what it was merged into, which keeps the primary company it has."""
    account.links.move(kind, former.id, now.id)
    if kind is COMPANIES:
        for contact_id, types in list(account.links.of(COMPANIES, now.id, CONTACTS).items()):
            if _PRIMARY_COMPANY.backward in types:
                _make_primary(account, contact_id, now.id)
        _recount(account, now.id)
    elif kind is CONTACTS:
        linked = account.links.of(CONTACTS, now.id, COMPANIES)
        primary = [company_id for company_id, types in linked.items() if _PRIMARY_COMPANY.forward in types]
        for company_id in primary[1:]:
            account.links.unlabel(CONTACTS, now.id, COMPANIES, company_id, _PRIMARY_COMPANY)
        for company_id in list(linked):
            _settle(account, now.id, company_id)


def _make_primary(account: Account, contact_id: int, company_id: int) -> None:
    for former_id, types in list(account.links.of(CONTACTS, contact_id, COMPANIES).items()):
        if _PRIMARY_COMPANY.forward in types and former_id != company_id:
            account.links.unlabel(CONTACTS, contact_id, COMPANIES, former_id, _PRIMARY_COMPANY)
    account.links.add(CONTACTS, contact_id, COMPANIES, company_id, _PRIMARY_COMPANY)
    _settle(account, contact_id, company_id)


def _settle(account: Account, contact_id: int, company_id: int) -> None:
    """Let both records tell what their associations are."""
    linked = account.links.of(CONTACTS, contact_id, COMPANIES)
    primary = next((str(number) for number, types in linked.items() if _PRIMARY_COMPANY.forward in types), "")
    contact = account.live(CONTACTS, str(contact_id))
    if contact is not None and contact.properties.get("associatedcompanyid", "") != primary:
        account.change(CONTACTS, contact, {"associatedcompanyid": primary})
    _recount(account, company_id)


def _recount(account: Account, company_id: int) -> None:
    company = account.live(COMPANIES, str(company_id))
    staff = len(account.links.of(COMPANIES, company_id, CONTACTS))
    if company is not None and company.properties.get("num_associated_contacts", "0") != str(staff):
        account.change(COMPANIES, company, {"num_associated_contacts": str(staff)})
