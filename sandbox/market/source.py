"""Where the twins get their market from: what all of it shares, and its districts one at a time.

A twin must be able to start on a million people without reading them, so that `Place` tells how many of each thing a
district brings to each CRM: ids that count through the whole market follow from these numbers alone.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from sandbox.market.generate import District, Ground, Keys, Plot, grow_district, lay_ground, parcel


class MarketName(msgspec.Struct, frozen=True, array_like=True):
    """What makes one market that one and no other."""

    people: int
    seed: int
    as_of: datetime


class InHubSpot(msgspec.Struct, frozen=True, array_like=True):
    """How many records a district has in HubSpot, by object type."""

    companies: int
    contacts: int
    deals: int
    calls: int
    emails: int
    meetings: int
    notes: int
    tasks: int


class InSalesforce(msgspec.Struct, frozen=True, array_like=True):
    """How many records a district has in Salesforce, by object; a converted person is a Lead and a Contact."""

    accounts: int
    leads: int
    contacts: int
    opportunities: int
    contact_roles: int
    campaign_members: int
    tasks: int
    events: int
    email_messages: int


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A district from outside: its number, its first key and its count of each kind of thing, and what each CRM has of it.

    `begun_at` is when the first of its companies was created, None without companies.
    """

    number: int
    first: Keys
    count: Keys
    hubspot: InHubSpot
    salesforce: InSalesforce
    begun_at: datetime | None


class MarketSource(Protocol):
    """A market that gives out its districts one at a time."""

    @property
    def name(self) -> MarketName:
        """Which market this is."""
        ...

    @property
    def ground(self) -> Ground:
        """What all districts share: owners, queues, campaigns, the market's end."""
        ...

    @property
    def places(self) -> Sequence[Place]:
        """All districts from outside, in key order: `places[n].number == n`."""
        ...

    def district(self, place: Place) -> District:
        """The district of a place; asking again is cheap only for the last few."""
        ...


class Grown:
    """A market grown in memory and kept there: fit for some ten thousand people, at about 5,000 a second."""

    def __init__(self, people: int, seed: int, as_of: datetime) -> None:
        """Grow it. Raises ValueError as `lay_ground` does."""
        self.ground = lay_ground(people, seed, as_of)
        self.name = MarketName(people, seed, self.ground.as_of)
        plots = list(parcel(people))
        self._districts = [grow_district(seed, plot, self.ground) for plot in plots]
        self.places: Sequence[Place] = [survey(*pair) for pair in zip(plots, self._districts, strict=True)]

    def district(self, place: Place) -> District:
        """The district of a place."""
        return self._districts[place.number]


def survey(plot: Plot, district: District) -> Place:
    """What there is to say of a district from outside."""
    return Place(
        plot.number,
        plot.first,
        plot.count,
        _in_hubspot(district),
        _in_salesforce(district),
        min((company.created_at for company in district.companies), default=None),
    )


def _in_hubspot(district: District) -> InHubSpot:
    channels = Counter(event.channel for event in district.events if event.crm == "hubspot")
    return InHubSpot(
        companies=sum(company.in_hubspot for company in district.companies),
        contacts=sum(person.in_hubspot for person in district.people),
        deals=sum(deal.crm == "hubspot" for deal in district.deals),
        calls=channels["call"],
        emails=channels["email"],
        meetings=channels["meeting"],
        notes=channels["note"],
        tasks=channels["task"],
    )


def _in_salesforce(district: District) -> InSalesforce:
    channels = Counter(event.channel for event in district.events if event.crm == "salesforce")
    kinds = Counter(person.in_salesforce for person in district.people)
    deals = [deal for deal in district.deals if deal.crm == "salesforce"]
    return InSalesforce(
        accounts=sum(company.in_salesforce for company in district.companies),
        leads=kinds["lead"] + kinds["converted"],
        contacts=kinds["contact"] + kinds["converted"],
        opportunities=len(deals),
        contact_roles=sum(len(deal.roles) for deal in deals),
        campaign_members=channels["campaign_member"],
        tasks=channels["task"],
        events=channels["event"],
        email_messages=channels["email_message"],
    )
