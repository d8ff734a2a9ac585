"""People and companies as the CRMs hold them: with gaps, in two spellings, owned by somebody, dated by what happened."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from sandbox.market.bant import Bant
from sandbox.market.calendar import Calendar
from sandbox.market.draw import Wheel, between, pick
from sandbox.market.employers import Employer
from sandbox.market.humans import FREE_MAIL_DOMAINS, Human
from sandbox.market.model import Company, Deal, Event, LeadSource, LeadStatus, Owner, Person
from sandbox.market.places import draw_phone

_SOURCES: Wheel[LeadSource | None] = Wheel(
    ("web", 30), ("webinar", 12), ("trade_show", 10), ("referral", 9), ("partner", 7), ("paid_search", 10),
    ("outbound", 12), (None, 10),
)  # fmt: skip # a table reads better in few lines
_COLD_STATUSES: Wheel[LeadStatus | None] = Wheel(
    ("new", 35), ("open", 20), ("attempted_to_contact", 14), ("unqualified", 8), ("bad_timing", 7), (None, 16)
)  # fmt: skip # a table reads better in few lines
_WARM_STATUSES: Wheel[LeadStatus | None] = Wheel(
    ("open", 25), ("in_progress", 30), ("connected", 25), ("attempted_to_contact", 12), (None, 8)
)  # fmt: skip # a table reads better in few lines


_OTHER_LETTERS = frozenset({"zh-Hans", "zh-Hant", "ru"})


class Story(msgspec.Struct, frozen=True):
    """What happened to one person, as far as it dates the row: None and empty where nothing did."""

    first_event_at: datetime | None = None
    last_event_at: datetime | None = None
    deals: tuple[Deal, ...] = ()


def tell_stories(deals: list[Deal], events: list[Event]) -> dict[int, Story]:
    """The story of each person whom an event or a deal names, by key."""
    firsts: dict[int, datetime] = {}
    lasts: dict[int, datetime] = {}
    for event in events:
        person, at = event.person, event.at
        if person not in firsts:
            firsts[person] = lasts[person] = at
        elif at > lasts[person]:
            lasts[person] = at
        elif at < firsts[person]:
            firsts[person] = at
    stories = {person: Story(first, lasts[person]) for person, first in firsts.items()}
    for deal in deals:
        for role in deal.roles:
            story = stories.get(role.person, Story())
            stories[role.person] = msgspec.structs.replace(story, deals=(*story.deals, deal))
    return stories


class Keeper:
    """Keeps the rows of a market: fills them, forgets parts of them, gives them to owners."""

    def __init__(self, rng: random.Random, calendar: Calendar, owners: tuple[Owner, ...], queues: int) -> None:
        self._rng = rng
        self._calendar = calendar
        self._owners = owners
        self._queues = queues

    def person(self, human: Human, bant: Bant, story: Story) -> Person:
        """The row of a person."""
        rng, employer, name = self._rng, human.employer, human.name
        created_at = self._created_at(story, bant)
        converted_at = self._converted_at(human, created_at, story)
        linked = not human.free_mail or rng.random() < 0.4
        latin = not human.native_letters and human.language in _OTHER_LETTERS
        row = Person(
            key=human.key,
            first_name=None if rng.random() < 0.03 else name.latin_first.capitalize() if latin else name.first,
            last_name=name.latin_last.capitalize() if latin else name.last,
            email=human.address,
            email_in_salesforce=self._other_address(human),
            title=None if rng.random() < 0.08 else human.title,
            phone=draw_phone(rng, employer.country) if rng.random() < 0.62 else None,
            country=None if rng.random() < 0.07 else employer.country.code,
            language=human.language,
            opted_out=human.opted_out,
            lead_source=_SOURCES.spin(rng),
            lead_status=self._status(human, story),
            company=employer.key if linked else None,
            company_name=employer.name if linked or rng.random() < 0.5 else None,
            owner=self._owner_of(employer),
            queue=self._queue_of(human),
            created_at=created_at,
            modified_at=max(at for at in (created_at, story.last_event_at, bant.at, converted_at) if at is not None),
            converted_at=converted_at,
            in_hubspot=human.in_hubspot,
            in_salesforce=human.in_salesforce,
            salesforce_synced=human.in_hubspot and human.in_salesforce != "none" and rng.random() < 0.2,
            duplicate_of=human.twin_of,
            seniority=human.seniority,
            function=human.function,
            propensity=human.propensity,
        )
        return _with_bant(row, bant)

    def company(self, employer: Employer, people: Iterable[Person], deals: Iterable[Deal]) -> Company:
        """The row of a company: in a CRM when one of its linked people or its deals is."""
        rng = self._rng
        staff = [person for person in people if person.company == employer.key]
        crms = {deal.crm for deal in deals}
        born = [person.created_at for person in staff] + [deal.created_at for deal in deals]
        created_at = min(born, default=self._calendar.start) - timedelta(minutes=1 + int(rng.random() * 60))
        return Company(
            key=employer.key,
            name=employer.name,
            domain=employer.domain,
            country=employer.country.code,
            city=None if rng.random() < 0.06 else employer.city,
            employees=None if rng.random() < 0.1 else employer.employees,
            industry=None if rng.random() < 0.08 else employer.industry,
            annual_revenue=None if rng.random() < 0.35 else employer.annual_revenue,
            owner=employer.owner,
            created_at=created_at,
            modified_at=between(rng, created_at, self._calendar.as_of),
            in_hubspot="hubspot" in crms or any(person.in_hubspot for person in staff),
            in_salesforce="salesforce" in crms or any(person.in_salesforce in {"contact", "converted"} for person in staff),
        )

    def _created_at(self, story: Story, bant: Bant) -> datetime:
        age_days = 1 + 900 * self._rng.random() ** 1.6
        chance = (self._calendar.as_of - timedelta(days=age_days)).replace(microsecond=0)
        marks = [story.first_event_at, bant.at, *(deal.created_at for deal in story.deals)]
        earliest = min((mark for mark in marks if mark is not None), default=chance)
        return min(chance, earliest - timedelta(seconds=30 + int(self._rng.random() * 3600)))

    def _converted_at(self, human: Human, created_at: datetime, story: Story) -> datetime | None:
        if human.in_salesforce != "converted":
            return None
        latest = min((deal.created_at for deal in story.deals), default=self._calendar.as_of)
        return between(self._rng, created_at, latest)

    def _other_address(self, human: Human) -> str | None:
        if human.address is None or not human.in_hubspot or human.in_salesforce == "none":
            return human.address
        chance = self._rng.random()
        if chance < 0.12:
            return f"{human.name.latin_first.capitalize()}.{human.address.partition('.')[2]}"
        if chance < 0.16:
            return f"{human.name.latin_last}.{human.key}@{pick(self._rng, FREE_MAIL_DOMAINS)}"
        return human.address

    def _status(self, human: Human, story: Story) -> LeadStatus | None:
        if any(deal.open for deal in story.deals):
            return "open_deal"
        warm = self._rng.random() < human.propensity
        return (_WARM_STATUSES if warm else _COLD_STATUSES).spin(self._rng)

    def _queue_of(self, human: Human) -> int | None:
        untaken = human.in_salesforce == "lead" and not human.in_hubspot and self._rng.random() < 0.3
        return int(self._rng.random() * self._queues) if untaken else None

    def _owner_of(self, employer: Employer) -> int | None:
        chance = self._rng.random()
        if chance < 0.08:
            return None
        return employer.owner if chance < 0.85 else pick(self._rng, self._owners).key


def _with_bant(row: Person, bant: Bant) -> Person:
    return msgspec.structs.replace(
        row,
        budget=bant.budget,
        budget_status=bant.budget_status,
        buying_role=bant.buying_role,
        purchase_timeframe=bant.purchase_timeframe,
        target_date=bant.target_date,
        pain_point=bant.pain_point,
        bant_at=bant.at,
    )
