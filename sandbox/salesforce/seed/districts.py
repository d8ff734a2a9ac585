"""This CRM's part of a market, made into records district by district: people apart from their activity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, count

from sandbox.market.generate import Keys
from sandbox.market.ids import ACCOUNT, CONTACT, LEAD, OPPORTUNITY
from sandbox.market.source import InSalesforce, MarketSource
from sandbox.salesforce.fields import Value
from sandbox.salesforce.ids import minted_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.seed.activity import load_activity
from sandbox.salesforce.seed.loader import Loader, Put, record_id
from sandbox.salesforce.seed.people import load_people, load_staff
from sandbox.salesforce.seed.selling import load_campaigns, load_deals
from sandbox.salesforce.store import Store
from sandbox.salesforce.table import Row

PEOPLE = ("Account", "Contact", "Lead", "Opportunity", "OpportunityContactRole")
ACTIVITY = ("CampaignMember", "Task", "Event", "EmailMessage", "EmailMessageRelation")

_COUNTS: dict[str, Callable[[InSalesforce], int]] = {
    "Account": lambda place: place.accounts,
    "Contact": lambda place: place.contacts,
    "Lead": lambda place: place.leads,
    "Opportunity": lambda place: place.opportunities,
    "OpportunityContactRole": lambda place: place.contact_roles,
    "CampaignMember": lambda place: place.campaign_members,
    "Task": lambda place: place.tasks,
    "Event": lambda place: place.events,
    "EmailMessage": lambda place: place.email_messages,
    "EmailMessageRelation": lambda place: place.email_messages,
}
_FIRST_KEYS: dict[str, tuple[str, Callable[[Keys], int]]] = {
    "Account": (ACCOUNT, lambda first: first.companies),
    "Contact": (CONTACT, lambda first: first.people),
    "Lead": (LEAD, lambda first: first.people),
    "Opportunity": (OPPORTUNITY, lambda first: first.deals),
}


class _Originals:
    """The market's records as they were: what a client has changed since must not reach what is made of them later."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, record_id: Value) -> Row | None:
        """The row with this id, unchanged."""
        return self._store.original(record_id)


class Districts:
    """The records of a market for a store to fetch. The others are numbered through all districts in their order."""

    def __init__(self, source: MarketSource, schema: Schema, store: Store) -> None:
        self._source = source
        self._prefixes = {name: schema.named(name).prefix for name in self.objects()}
        self._counts = {name: [of(place.salesforce) for place in source.places] for name, of in _COUNTS.items()}
        self._starts = {name: [0, *accumulate(counts)] for name, counts in self._counts.items()}
        self._loader = Loader(schema, _Originals(store))

    def objects(self) -> Sequence[str]:
        """The objects that the market has records of, beside those that all districts share."""
        return PEOPLE + ACTIVITY

    def together(self, object_name: str) -> Sequence[str]:
        """People and deals, or activity."""
        return PEOPLE if object_name in PEOPLE else ACTIVITY

    def counts(self, object_name: str) -> Sequence[int]:
        """How many records each district has."""
        return self._counts[object_name]

    def first_ids(self, object_name: str) -> Sequence[str]:
        """Where the ids of each district begin."""
        if object_name in _FIRST_KEYS:
            prefix, key_of = _FIRST_KEYS[object_name]
            return [record_id(prefix, key_of(place.first)) for place in self._source.places]
        return [minted_id(self._prefixes[object_name], start + 1) for start in self._starts[object_name][:-1]]

    def fill(self, object_name: str, place: int, put: Put) -> None:
        """Make the records of a district."""
        district = self._source.district(self._source.places[place])
        numbers = {name: count(starts[place] + 1) for name, starts in self._starts.items() if name not in _FIRST_KEYS}

        def put_numbered(name: str, values: dict[str, Value]) -> Row:
            if name in numbers:
                values["Id"] = minted_id(self._prefixes[name], next(numbers[name]))
            return put(name, values)

        if object_name in PEOPLE:
            load_people(district, self._loader, put_numbered)
            load_deals(district, self._loader, put_numbered)
        else:
            load_activity(district, self._loader, put_numbered)

    def load_shared(self, put: Put) -> None:
        """The records that all districts share and that are there from the start: reps, queues, campaigns."""
        self.load_staff(put)
        load_campaigns(self._source.ground, self._loader, put)

    def load_staff(self, put: Put) -> None:
        """Reps and queues alone."""
        load_staff(self._source, self._loader, put)


def settle(org: Org, source: MarketSource) -> None:
    """Fill an org with this CRM's part of a market; most of it is read when it is first asked for."""
    districts = Districts(source, org.schema, org.store)
    districts.load_shared(org.store.load)
    org.store.attach(districts)
    org.market = source.name


def staff(org: Org, source: MarketSource) -> None:
    """Give an org the reps and queues of a market and nobody else."""
    Districts(source, org.schema, org.store).load_staff(org.store.load)
