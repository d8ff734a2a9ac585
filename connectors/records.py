"""What a CRM says about one thing, in words that both CRMs share.

Every value is frozen. Times are aware UTC. Ids are the CRM's own, as text. `fields` hold only mapped content under neutral
names (`title`, `employees`); a field the CRM leaves empty is absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from msgspec import Struct

Scalar: TypeAlias = str | int | float | bool | None
Fields: TypeAlias = Mapping[str, Scalar]


class Stream(StrEnum):
    """What can be pulled. A stream may cover several objects of the CRM (`contacts` covers Salesforce Lead and Contact)."""

    OWNERS = "owners"
    COMPANIES = "companies"
    CONTACTS = "contacts"
    DEALS = "deals"
    ENGAGEMENTS = "engagements"


class Ref(Struct, frozen=True, order=True):
    """One thing in one CRM: the CRM's own name of the object (`contacts`, `Lead`) and its id."""

    object: str
    id: str

    def __str__(self) -> str:
        return f"{self.object}/{self.id}"


class SameAs(Struct, frozen=True):
    """An explicit statement that the record and `ref` are one human.

    `crm` is None when `ref` lives in the same account; otherwise the connector type (`salesforce`) whose id the vendor's
    native sync stored on the record.
    """

    ref: Ref
    reason: Literal["conversion", "merge", "native_sync"]
    crm: str | None = None


class RollUp(Struct, frozen=True):
    """A running total the CRM keeps instead of single events (`hs_email_click`), with the time of the latest one.

    `event_type` is the engagement type one step of the total stands for. `last_at` is None when the CRM tells no time.
    """

    name: str
    event_type: str
    total: int
    last_at: datetime | None
    fields: dict[str, Scalar] = {}


class PersonRecord(Struct, frozen=True, kw_only=True, tag_field="record", tag="person"):
    """A contact or lead.

    `ours` holds what the CRM shows in the properties Leadline writes, under Leadline's field names; it is read back, never
    scored, and only what reps fill in there (`feedback`) counts as a change of content. `writable` is False where the CRM
    refuses writes for good (a converted Lead): its score goes to the record it names in `same_as`.
    """

    ref: Ref
    modified_at: datetime
    email: str | None = None
    owner_id: str | None = None
    company: Ref | None = None
    fields: dict[str, Scalar] = {}
    rollups: tuple[RollUp, ...] = ()
    same_as: tuple[SameAs, ...] = ()
    writable: bool = True
    ours: dict[str, Scalar] = {}


class CompanyRecord(Struct, frozen=True, kw_only=True, tag_field="record", tag="company"):
    """A company or Account."""

    ref: Ref
    modified_at: datetime
    fields: dict[str, Scalar] = {}


class DealRole(Struct, frozen=True):
    """One person's part in a deal; `role` is a neutral buying role (`decision_maker`) or None."""

    person: Ref
    role: str | None = None


class DealRecord(Struct, frozen=True, kw_only=True, tag_field="record", tag="deal"):
    """A deal or Opportunity. `amount` is in the account's currency."""

    ref: Ref
    modified_at: datetime
    stage: str
    open: bool
    won: bool
    amount: float | None = None
    close_date: date | None = None
    people: tuple[DealRole, ...] = ()
    company: Ref | None = None


class EngagementRecord(Struct, frozen=True, kw_only=True, tag_field="record", tag="engagement"):
    """One engagement that the CRM keeps as a record of its own, with everybody who took part.

    `type` is one of the shipped event types or the connector's own word; `at` is when it happened, not when it was logged.
    `fields["owner_id"]` is who of the owner's side did or logged it, where the CRM tells.
    """

    ref: Ref
    modified_at: datetime
    type: str
    at: datetime
    people: tuple[Ref, ...] = ()
    fields: dict[str, Scalar] = {}


class OwnerRecord(Struct, frozen=True, kw_only=True, tag_field="record", tag="owner"):
    """Somebody (or a queue) that records can be assigned to.

    `time_zone` is an IANA name and `manager_id` the owner they report to, where the CRM tells.
    """

    ref: Ref
    name: str
    email: str | None = None
    active: bool = True
    kind: Literal["user", "queue"] = "user"
    time_zone: str | None = None
    manager_id: str | None = None


class Removed(Struct, frozen=True, kw_only=True, tag_field="record", tag="removed"):
    """The record is no longer there: archived, deleted, merged into `into`, or erased for privacy."""

    ref: Ref
    at: datetime
    reason: Literal["archived", "merged", "privacy"]
    into: Ref | None = None


class Sighting(Struct, frozen=True):
    """A live record as a census sees it: its id, and when it last changed (aware UTC)."""

    ref: Ref
    modified_at: datetime


Record: TypeAlias = PersonRecord | CompanyRecord | DealRecord | EngagementRecord | OwnerRecord | Removed
