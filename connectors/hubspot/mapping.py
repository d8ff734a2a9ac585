"""HubSpot's contacts, companies, deals and owners as neutral records."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import TypeAlias

from connectors.hubspot import values
from connectors.hubspot.rollups import ROLLUP_PROPERTIES, page_address, rollups_of
from connectors.hubspot.wire import CrmObject, Owner
from connectors.records import (
    CompanyRecord,
    DealRecord,
    DealRole,
    OwnerRecord,
    PersonRecord,
    Ref,
    Removed,
    SameAs,
    Scalar,
)

Reader: TypeAlias = Callable[[str | None], Scalar]
Overrides: TypeAlias = Mapping[str, str | None]
Types: TypeAlias = Mapping[str, str]  # property name → HubSpot's type of it

CONTACTS = "contacts"
COMPANIES = "companies"
DEALS = "deals"
OWNERS = "owners"

PERSON_FIELDS: Mapping[str, str] = {
    "title": "jobtitle",
    "first_name": "firstname",
    "last_name": "lastname",
    "phone": "phone",
    "country": "country",
    "language": "hs_language",
    "opted_out": "hs_email_optout",
    "lead_source": "hs_analytics_source",
    "first_source": "hs_analytics_source",
    "first_source_detail": "hs_analytics_source_data_1",
    "first_source_detail_2": "hs_analytics_source_data_2",
    "first_campaign": "hs_analytics_first_touch_converting_campaign",
    "first_content": "first_conversion_event_name",
    "first_page": "hs_analytics_first_url",
    "last_source": "hs_latest_source",
    "last_source_detail": "hs_latest_source_data_1",
    "last_source_detail_2": "hs_latest_source_data_2",
    "last_campaign": "hs_analytics_last_touch_converting_campaign",
    "last_content": "recent_conversion_event_name",
    "lead_status": "hs_lead_status",
    "lifecycle": "lifecyclestage",
    "buying_role": "hs_buying_role",
}
SUBSCRIPTION_OPT_OUT = re.compile(r"hs_email_optout_\d+")
"""The property of one kind of mailing; each account has its own (HubSpot docs: subscription types)."""

COMPANY_FIELDS: Mapping[str, str] = {
    "name": "name",
    "domain": "domain",
    "employees": "numberofemployees",
    "industry": "industry",
    "annual_revenue": "annualrevenue",
    "country": "country",
}
DEAL_PROPERTIES = (
    "dealstage",
    "amount",
    "amount_in_home_currency",
    "closedate",
    "hs_is_closed",
    "hs_is_closed_won",
)

_ROLES_BY_WEIGHT = ("decision_maker", "budget_holder", "champion", "influencer", "end_user")
MERGED: Mapping[str, str] = {
    CONTACTS: "hs_calculated_merged_vids",
    COMPANIES: "hs_merged_object_ids",
    DEALS: "hs_merged_object_ids",
}
"""By object the property that lists the records merged into one; activities cannot be merged."""

_NATIVE_SYNC: Mapping[str, str] = {"salesforcecontactid": "Contact", "salesforceleadid": "Lead"}
_FRAME = ("email", "hubspot_owner_id", "associatedcompanyid", MERGED[CONTACTS], *_NATIVE_SYNC, *ROLLUP_PROPERTIES)


def _role(raw: str | None) -> str | None:
    """The weightiest of several buying roles."""
    held = values.choices(raw)
    return next((role for role in _ROLES_BY_WEIGHT if role in held), held[0] if held else None)


def _iso_day(raw: str | None) -> str | None:
    on = values.day(raw)
    return None if on is None else on.isoformat()


def _several(raw: str | None) -> str | None:
    return ";".join(values.choices(raw)) or None


def _page(raw: str | None) -> str | None:
    return page_address(raw) if raw else None


_READERS: Mapping[str, Reader] = {
    "opted_out": values.boolean,
    "do_not_call": values.boolean,
    "lead_source": values.choice,
    "first_source": values.choice,
    "first_page": _page,
    "last_source": values.choice,
    "lead_status": values.choice,
    "lifecycle": values.choice,
    "budget": values.number,
    "budget_status": values.choice,
    "buying_role": _role,
    "purchase_timeframe": values.choice,
    "target_date": _iso_day,
    "employees": values.integer,
    "industry": values.choice,
    "annual_revenue": values.number,
}


@dataclass(frozen=True, slots=True)
class FieldTable:
    """Which property feeds which neutral field, and how it is read: only properties the account has."""

    entries: tuple[tuple[str, str, Reader], ...]

    def properties(self) -> tuple[str, ...]:
        """The properties to ask for, each once."""
        return tuple(dict.fromkeys(name for _, name, _ in self.entries))

    def content(self) -> tuple[str, ...]:
        """Each field with its property."""
        return tuple(f"{neutral}={name}" for neutral, name, _ in self.entries)

    def fields(self, properties: Mapping[str, str | None]) -> dict[str, Scalar]:
        """The neutral fields; what is empty or unreadable is absent."""
        return {
            neutral: value
            for neutral, name, read in self.entries
            if (raw := properties.get(name)) and (value := read(raw)) is not None
        }


def fingerprint(names: Sequence[str]) -> str:
    """A short text that differs where the names do, in whatever order they come."""
    return f"{zlib.crc32(','.join(sorted(names)).encode()):08x}"


def effective_map(defaults: Mapping[str, str], overrides: Overrides) -> dict[str, str]:
    """The default table with the admin's entries added or put in place; null took entries out."""
    return {neutral: name for neutral, name in {**defaults, **overrides}.items() if name is not None}


def field_table(wanted: Mapping[str, str], types: Types) -> FieldTable:
    """The table for the properties among `wanted` that exist. Names that we do not know are read by HubSpot's type."""
    return FieldTable(
        tuple(
            (neutral, name, _READERS.get(neutral) or _reader_of_type(types[name]))
            for neutral, name in wanted.items()
            if name in types
        )
    )


def _reader_of_type(kind: str) -> Reader:
    return _several if kind == "enumeration" else partial(values.from_crm, kind=kind)


@dataclass(frozen=True, slots=True)
class ContactMapping:
    """Reads contacts of an account with these properties. `ours` is property → (our field name, HubSpot's type)."""

    table: FieldTable
    frame: tuple[str, ...]
    subscriptions: tuple[str, ...]
    ours: Mapping[str, tuple[str, str]]
    conversions: Mapping[str, str]

    @classmethod
    def of(cls, overrides: Overrides, types: Types, *, prefix: str, conversions: Mapping[str, str]) -> ContactMapping:
        """The mapping for an account whose contacts have the properties `types`."""
        start = f"{prefix}_"
        return cls(
            table=field_table(effective_map(PERSON_FIELDS, overrides), types),
            frame=tuple(name for name in _FRAME if name in types),
            subscriptions=tuple(sorted(name for name in types if SUBSCRIPTION_OPT_OUT.fullmatch(name))),
            ours={name: (name.removeprefix(start), kind) for name, kind in types.items() if name.startswith(start)},
            conversions=conversions,
        )

    def properties(self) -> tuple[str, ...]:
        """Every property to ask for, each once."""
        return tuple(dict.fromkeys((*self.frame, *self.table.properties(), *self.subscriptions, *self.ours)))

    def person(self, contact: CrmObject) -> PersonRecord:
        """One contact as a person."""
        given = contact.properties
        company = values.text(given.get("associatedcompanyid"))
        return PersonRecord(
            ref=Ref(CONTACTS, contact.id),
            modified_at=contact.updated_at.astimezone(UTC),
            email=values.text(given.get("email")),
            owner_id=values.text(given.get("hubspot_owner_id")),
            company=Ref(COMPANIES, company) if company else None,
            fields={**self.table.fields(given), **self._partly_opted_out(given)},
            rollups=rollups_of(given, self.conversions),
            same_as=_same_as(contact),
            ours={
                field: value
                for name, (field, kind) in self.ours.items()
                if (value := values.from_crm(given.get(name), kind)) is not None
            },
        )

    def _partly_opted_out(self, given: Mapping[str, str | None]) -> dict[str, Scalar]:
        """Who left one mailing has not left all: whether that is a refusal of a rep's own e-mail is for the rep to see."""
        opted_out = any(values.boolean(given.get(name)) for name in self.subscriptions)
        return {"opted_out_partly": True} if opted_out else {}

    def records(self, contact: CrmObject) -> tuple[PersonRecord | Removed, ...]:
        """The person, preceded by the records that were merged into it."""
        return (*merged_into(CONTACTS, contact), self.person(contact))

    def shape(self) -> str:
        """A fingerprint of what the content is read from; our own properties are no content."""
        return fingerprint((*self.frame, *self.subscriptions, *self.table.content()))


def merged_into(object_name: str, survivor: CrmObject) -> tuple[Removed, ...]:
    """The records merged into this one (HubSpot docs: `id:epoch-ms;…` on contacts, `id;…` elsewhere).

    A merge may also give the survivor a new id.
    """
    merged = []
    for part in (survivor.properties.get(MERGED.get(object_name, "")) or "").split(";"):
        former_id, _, merged_at = part.strip().partition(":")
        if former_id.isdigit() and former_id != survivor.id:
            at = values.moment(merged_at) or survivor.updated_at.astimezone(UTC)
            into = Ref(object_name, survivor.id)
            merged.append(Removed(ref=Ref(object_name, former_id), at=at, reason="merged", into=into))
    return tuple(merged)


def _same_as(contact: CrmObject) -> tuple[SameAs, ...]:
    links = [SameAs(removed.ref, "merge") for removed in merged_into(CONTACTS, contact)]
    for name, foreign in _NATIVE_SYNC.items():
        if foreign_id := values.text(contact.properties.get(name)):
            links.append(SameAs(Ref(foreign, foreign_id), "native_sync", crm="salesforce"))
    return tuple(links)


@dataclass(frozen=True, slots=True)
class CompanyMapping:
    """Reads companies of an account."""

    table: FieldTable

    @classmethod
    def of(cls, overrides: Overrides, types: Types) -> CompanyMapping:
        """The mapping for an account whose companies have the properties `types`."""
        return cls(field_table(effective_map(COMPANY_FIELDS, overrides), types))

    def company(self, company: CrmObject) -> CompanyRecord:
        """One company."""
        return CompanyRecord(
            ref=Ref(COMPANIES, company.id),
            modified_at=company.updated_at.astimezone(UTC),
            fields=self.table.fields(company.properties),
        )


def deal_record(deal: CrmObject, contacts: Sequence[str], company: str | None) -> DealRecord:
    """One deal with the ids of its contacts and of its main company. The amount is in the account's currency where known."""
    given = deal.properties
    stage = values.text(given.get("dealstage")) or ""
    closed, won = values.boolean(given.get("hs_is_closed")), values.boolean(given.get("hs_is_closed_won"))
    amount = values.number(given.get("amount_in_home_currency"))
    return DealRecord(
        ref=Ref(DEALS, deal.id),
        modified_at=deal.updated_at.astimezone(UTC),
        stage=stage,
        # The calculated flags are authoritative: admins rename stages. The names are those of HubSpot's default pipeline.
        open=not (stage in {"closedwon", "closedlost"} if closed is None else closed),
        won=stage == "closedwon" if won is None else won,
        amount=values.number(given.get("amount")) if amount is None else amount,
        close_date=values.day(given.get("closedate")),
        people=tuple(DealRole(Ref(CONTACTS, contact)) for contact in contacts),
        company=Ref(COMPANIES, company) if company else None,
    )


def owner_record(owner: Owner) -> OwnerRecord:
    """One owner; an archived one is inactive."""
    name = " ".join(part for part in (owner.first_name, owner.last_name) if part)
    return OwnerRecord(
        ref=Ref(OWNERS, owner.id),
        name=name or f"Owner {owner.id}",
        email=owner.email or None,
        active=not owner.archived,
        kind="queue" if owner.type == "QUEUE" else "user",
    )
