"""Growing the market, district by district, so that a million people need no more memory at once than two hundred.

Nothing but the arguments decides what comes out: every district has its own generator, seeded by text (which Python
hashes the same way in every process), and no set or hash order is ever walked. Two processes that must agree have to be
given the same `as_of`, to the second.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from sandbox.market.bant import draw_bant, elements_known
from sandbox.market.bargains import Bench, draw_deals
from sandbox.market.calendar import Calendar
from sandbox.market.campaigns import Programme
from sandbox.market.diary import draw_events
from sandbox.market.draw import pick, share
from sandbox.market.employers import Employer, draw_employer
from sandbox.market.humans import Human, draw_humans
from sandbox.market.model import Company, Deal, Event, Language, Market, Owner, Person, Queue
from sandbox.market.names import draw_name
from sandbox.market.rows import Keeper, Story, tell_stories

_PEOPLE_PER_COMPANY = 5
_COMPANIES_PER_DISTRICT = 40
_PEOPLE_PER_OWNER = 160
_SELLER_DOMAIN = "seller.example"
_LANGUAGES_OF_OWNERS: tuple[Language, ...] = ("en", "en", "de", "fr", "es", "en")
_COUNTRIES_OF_OWNERS = ("US", "GB", "DE", "FR", "ES", "IE")
_Row = TypeVar("_Row", Person, Deal)
_QUEUES = ("Inbound leads", "Partner leads")


class Size(msgspec.Struct, frozen=True):
    """How many of each: a market of `people` has a company to every five, 15 deals and 1,250 events to every hundred."""

    people: int

    @property
    def companies(self) -> int:
        """Companies, at least one where anybody is."""
        return max(min(1, self.people), self.people // _PEOPLE_PER_COMPANY)

    @property
    def deals(self) -> int:
        """Deals of both CRMs."""
        return self.people * 15 // 100

    @property
    def events(self) -> int:
        """Events of both CRMs."""
        return self.people * 25 // 2

    @property
    def districts(self) -> int:
        """Parts that grow independently of each other."""
        return max(1, self.companies // _COMPANIES_PER_DISTRICT)


class District(msgspec.Struct, frozen=True, array_like=True):
    """A part of the market that refers outside only to owners, queues and campaigns; keys count through the market."""

    companies: tuple[Company, ...]
    people: tuple[Person, ...]
    deals: tuple[Deal, ...]
    events: tuple[Event, ...]


class Ground(msgspec.Struct, frozen=True):
    """What all districts share."""

    as_of: datetime
    owners: tuple[Owner, ...]
    queues: tuple[Queue, ...]
    programme: Programme


def generate(people: int, seed: int, as_of: datetime) -> Market:
    """The whole market in memory: fit for a twin, at about 5,000 people a second.

    `as_of` is aware and counts to the second; ValueError if it is naive or `people` is below 0. Without people there are
    still owners, queues and campaigns, as in an account that was just opened.
    """
    ground = lay_ground(people, seed, as_of)
    parts = list(grow(people, seed, as_of))
    return Market(
        as_of=ground.as_of,
        owners=ground.owners,
        queues=ground.queues,
        campaigns=ground.programme.campaigns,
        companies=tuple(company for part in parts for company in part.companies),
        people=tuple(person for part in parts for person in part.people),
        deals=tuple(deal for part in parts for deal in part.deals),
        events=tuple(event for part in parts for event in part.events),
    )


def lay_ground(people: int, seed: int, as_of: datetime) -> Ground:
    """Owners, queues and campaigns of the market of `generate` with the same arguments; raises as it does."""
    if as_of.tzinfo is None:
        raise ValueError("as_of needs a time zone")
    if people < 0:
        raise ValueError("a market has no people or some")
    calendar = Calendar(as_of.astimezone(UTC).replace(microsecond=0))
    return Ground(
        as_of=calendar.as_of,
        owners=_hire(random.Random(f"{seed}/owners"), min(400, max(4, people // _PEOPLE_PER_OWNER))),
        queues=tuple(Queue(key, name) for key, name in enumerate(_QUEUES)),
        programme=Programme(calendar),
    )


def grow(people: int, seed: int, as_of: datetime) -> Iterator[District]:
    """The districts of the market of `generate` with the same arguments, one at a time in key order; raises as it does."""
    ground = lay_ground(people, seed, as_of)
    for plot in parcel(people):
        yield grow_district(seed, plot, ground)


class Keys(msgspec.Struct, frozen=True, array_like=True):
    """A number for each kind of thing: the first key of a district, or how many it has."""

    companies: int = 0
    people: int = 0
    deals: int = 0
    events: int = 0

    def after(self, other: "Keys") -> "Keys":
        """The first keys behind those that begin at `self` and are as many as `other` says."""
        return Keys(
            self.companies + other.companies,
            self.people + other.people,
            self.deals + other.deals,
            self.events + other.events,
        )


class Plot(msgspec.Struct, frozen=True):
    """Where a district will stand: its number, the first key of each kind of thing and how many of each it will have."""

    number: int
    first: Keys
    count: Keys


def parcel(people: int) -> Iterator[Plot]:
    """The plots of a market of `people`, in key order."""
    size = Size(people)
    totals = (size.companies, people, size.deals, size.events)
    first = Keys()
    for number in range(size.districts):
        count = Keys(*(share(total, number, size.districts) for total in totals))
        yield Plot(number, first, count)
        first = first.after(count)


def grow_district(seed: int, plot: Plot, ground: Ground) -> District:
    """The district of a plot; `ground` must be that of the whole market. No other district is needed for it."""
    # A generator for each purpose: who people are must not hang on how many draws the weekends before as_of took.
    identity, trade, traffic, ledger = (
        random.Random(f"{seed}/{plot.number}/{part}") for part in ("who", "deals", "events", "rows")
    )
    first, counts = plot.first, plot.count
    calendar = Calendar(ground.as_of)
    employers = [
        draw_employer(identity, key, seed, _owner(identity, ground.owners).key)
        for key in range(first.companies, first.companies + counts.companies)
    ]
    humans = draw_humans(identity, first.people, counts.people, employers)
    benches = _benches(employers, humans)
    deals = draw_deals(trade, first.deals, counts.deals, benches, calendar)
    events = draw_events(traffic, first.events, counts.events, humans, deals, calendar, ground.programme)
    keeper = Keeper(ledger, calendar, ground.owners, len(ground.queues))
    stories = tell_stories(deals, events)
    people = [
        keeper.person(human, draw_bant(ledger, human, known, ground.as_of), stories.get(human.key, Story()))
        for human, known in zip(humans, elements_known(ledger, humans), strict=True)
    ]
    staff = _by_company(people)
    sold = _by_company(deals)
    companies = [keeper.company(employer, staff.get(employer.key, []), sold.get(employer.key, [])) for employer in employers]
    return District(tuple(companies), tuple(people), tuple(deals), tuple(events))


def _hire(rng: random.Random, count: int) -> tuple[Owner, ...]:
    """The reps; every sixth has left."""
    owners = []
    for key in range(count):
        name = draw_name(rng, _LANGUAGES_OF_OWNERS[key % len(_LANGUAGES_OF_OWNERS)])
        owners.append(
            Owner(
                key=key,
                first_name=name.first,
                last_name=name.last,
                # The key keeps reps of one name apart.
                email=f"{name.latin_first}.{name.latin_last}{key + 1}@{_SELLER_DOMAIN}",
                country=_COUNTRIES_OF_OWNERS[key % len(_COUNTRIES_OF_OWNERS)],
                active=key % 6 != 5,
            )
        )
    return tuple(owners)


def _owner(rng: random.Random, owners: tuple[Owner, ...]) -> Owner:
    """A rep for a company; those who have left kept a few."""
    first = pick(rng, owners)
    return first if first.active or rng.random() < 0.4 else owners[first.key - 1]


def _benches(employers: list[Employer], humans: list[Human]) -> list[Bench]:
    staff: dict[int, list[Human]] = {employer.key: [] for employer in employers}
    for human in humans:
        if human.twin_of is None:
            staff[human.employer.key].append(human)
    return [Bench(employer, staff[employer.key]) for employer in employers]


def _by_company(rows: Sequence[_Row]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = {}
    for row in rows:
        if row.company is not None:
            found.setdefault(row.company, []).append(row)
    return found
