"""The market as HubSpot would hold it: contacts with roll-ups, companies, deals, activities, owners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from sandbox.hubspot.kinds import CALLS, COMPANIES, CONTACTS, DEALS, EMAILS, MEETINGS, NOTES, TASKS, Kind
from sandbox.hubspot.links import DEFAULT, PRIMARY
from sandbox.hubspot.people import Owner
from sandbox.hubspot.records import Change, History, Row
from sandbox.hubspot.rollups import Totals, totals_by_person
from sandbox.hubspot.times import iso_of, to_milliseconds
from sandbox.market.generate import District
from sandbox.market.ids import ACCOUNT, CONTACT, LEAD, salesforce_id
from sandbox.market.model import Company, Deal, Event, Person
from sandbox.market.model import Owner as Rep

_FIRST_OWNER = 7_101
_FIRST_USER = 55_003
_LANGUAGES = {"zh-Hans": "zh-cn", "zh-Hant": "zh-tw"}
_SOURCES = {
    "web": "ORGANIC_SEARCH",
    "webinar": "OTHER_CAMPAIGNS",
    "trade_show": "OFFLINE",
    "referral": "REFERRALS",
    "partner": "REFERRALS",
    "paid_search": "PAID_SEARCH",
    "outbound": "OFFLINE",
}
_INDUSTRIES = {
    "software": "COMPUTER_SOFTWARE",
    "financial_services": "FINANCIAL_SERVICES",
    "manufacturing": "MACHINERY",
    "telecommunications": "TELECOMMUNICATIONS",
    "logistics": "LOGISTICS_AND_SUPPLY_CHAIN",
    "professional_services": "MANAGEMENT_CONSULTING",
    "retail": "RETAIL",
    "healthcare": "HOSPITAL_HEALTH_CARE",
    "public_sector": "GOVERNMENT_ADMINISTRATION",
    "education": "EDUCATION_MANAGEMENT",
}
_STAGES = {
    "qualification": "appointmentscheduled",
    "discovery": "qualifiedtobuy",
    "proposal": "presentationscheduled",
    "negotiation": "contractsent",
    "won": "closedwon",
    "lost": "closedlost",
}
_PIPELINES = {"new_business": ("default", ""), "expansion": ("75e28846", "75e28846_")}
_CALLS = {
    "connected": ("COMPLETED", "f240bbac-87c9-4f6e-bf70-924b57d47db7"),
    "left_voicemail": ("COMPLETED", "b2cf5968-551e-4856-9783-52b3da59a7d0"),
    "no_answer": ("NO_ANSWER", "73a0d17f-1163-4015-bdd5-ec830791da20"),
}
_ADMIN = ("CRM_UI", "userId:55003")
_SITE = "https://www.seller.example"

Values = dict[str, str]


_ACTIVITIES = (CALLS, EMAILS, MEETINGS, NOTES, TASKS)
_LINKED = (
    *((start, COMPANIES) for start in (CONTACTS, DEALS, *_ACTIVITIES)),
    *((start, CONTACTS) for start in (DEALS, *_ACTIVITIES)),
)


def _given_types() -> dict[tuple[str, str], frozenset[int]]:
    found: dict[tuple[str, str], frozenset[int]] = {}
    for start, to in _LINKED:
        pair = start.name, to.name
        # A labelled link is an unlabelled one as well.
        types = [DEFAULT[pair], *([PRIMARY[pair]] if pair in PRIMARY else [])]
        found[pair] = frozenset(each.forward for each in types)
        found[to.name, start.name] = frozenset(each.backward for each in types)
    return found


GIVEN_TYPES = _given_types()
"""By both object types the type ids that every link between them has in a new account."""


def owner_id(rep: int | None) -> str:
    """The owner id of a rep; empty for nobody."""
    return "" if rep is None else str(_FIRST_OWNER + 13 * rep)


def owners_of(reps: Iterable[Rep]) -> tuple[Owner, ...]:
    """The account's users; those who left are archived."""
    return tuple(
        Owner(
            id=owner_id(rep.key),
            user_id=_FIRST_USER + 7 * rep.key,
            email=rep.email,
            first_name=rep.first_name,
            last_name=rep.last_name,
            archived=not rep.active,
        )
        for rep in reps
    )


@dataclass(slots=True)
class Part:
    """What one district has in HubSpot, of the types that are made together.

    `rows` by object type, in the order of their ids; `histories` by object type, id and property where more is known
    than the present value; `links` by both object types and the id at the start.
    """

    rows: dict[str, list[Row]]
    histories: dict[tuple[str, int, str], History] = field(default_factory=dict)
    links: dict[tuple[str, str], Mapping[int, Sequence[int]]] = field(default_factory=dict)


FirstIds = Mapping[str, int]
"""By object type the id of the first record of a district."""


def people_of(district: District, first_ids: FirstIds) -> Part:
    """Companies, contacts and deals of a district."""
    maker = _Maker(district, first_ids, (COMPANIES, CONTACTS, DEALS))
    totals = totals_by_person(district.events)
    stages = _lifecycle_stages(district.deals)
    staff = Counter(person.company for person in district.people if person.in_hubspot)
    for company in district.companies:
        if company.in_hubspot:
            maker.company(company, staff[company.key])
    for person in district.people:
        if person.in_hubspot:
            maker.contact(person, totals.get(person.key) or Totals(), stages.get(person.key, "lead"))
    for deal in district.deals:
        if deal.crm == "hubspot":
            maker.deal(deal)
    return maker.done()


def activities_of(district: District, first_ids: FirstIds) -> Part:
    """Calls, e-mails, meetings, notes and tasks of a district."""
    maker = _Maker(district, first_ids, _ACTIVITIES)
    for event in district.events:
        if event.crm == "hubspot" and event.channel != "rollup":
            maker.activity(event)
    return maker.done()


class _Maker:
    """Makes the rows of one district, in an order in which links find both ends."""

    def __init__(self, district: District, first_ids: FirstIds, kinds: Iterable[Kind]) -> None:
        self.part = Part({kind.name: [] for kind in kinds})
        self._links: dict[tuple[str, str], dict[int, list[int]]] = {}
        self._first_ids = first_ids
        # Colleagues have much in common, and a contact's dates often fall together: one string each saves a third.
        self._shared: dict[str, str] = {}
        in_hubspot = (company.key for company in district.companies if company.in_hubspot)
        self._companies = dict(zip(in_hubspot, count(first_ids["companies"])))
        contacts = [person for person in district.people if person.in_hubspot]
        self._contacts = dict(zip((person.key for person in contacts), count(first_ids["contacts"])))
        self._employers = {
            person.key: self._companies.get(person.company) for person in contacts if person.company is not None
        }

    def done(self) -> Part:
        """The finished part; those who are linked to the same records share one tuple of them."""
        shared: dict[tuple[int, ...], tuple[int, ...]] = {}
        for pair, table in self._links.items():
            self.part.links[pair] = {
                number: shared.setdefault(ends := tuple(others), ends) for number, others in table.items()
            }
        return self.part

    def company(self, company: Company, staff: int) -> None:
        values = {
            "name": company.name,
            "domain": company.domain,
            "website": f"https://{company.domain}",
            "city": company.city or "",
            "country": company.country,
            "industry": _INDUSTRIES.get(company.industry or "", ""),
            "numberofemployees": _number(company.employees),
            "annualrevenue": _number(company.annual_revenue),
            "hubspot_owner_id": owner_id(company.owner),
            "num_associated_contacts": _number(staff or None),
            "salesforceaccountid": salesforce_id(ACCOUNT, company.key + 1) if company.in_salesforce else "",
        }
        self._add(COMPANIES, values, company.created_at, company.modified_at)

    def contact(self, person: Person, totals: Totals, stage: str) -> None:
        company_id = self._employers.get(person.key)
        qualification = _qualification(person)
        values = _identity(person) | qualification | totals.properties(_SITE)
        values["lifecyclestage"] = stage
        values["associatedcompanyid"] = _number(company_id)
        if person.opted_out:
            values["hs_email_optout"] = "true"
        modified = max(person.modified_at, totals.last_at or person.modified_at)
        row = self._add(CONTACTS, values, person.created_at, modified)
        if company_id is not None:
            self._link(CONTACTS, row.id, COMPANIES, company_id)
        if person.bant_at is not None:
            at_ms = to_milliseconds(person.bant_at)
            for name, value in qualification.items():
                if value:
                    self.part.histories[CONTACTS.name, row.id, name] = (Change(value, at_ms, *_ADMIN),)

    def deal(self, deal: Deal) -> None:
        pipeline, prefix = _PIPELINES[deal.pipeline]
        values = {
            "dealname": deal.name,
            "dealstage": prefix + _STAGES[deal.stage],
            "pipeline": pipeline,
            "amount": _number(deal.amount),
            "closedate": f"{deal.close_date.isoformat()}T00:00:00Z",
            "dealtype": "newbusiness" if deal.pipeline == "new_business" else "existingbusiness",
            "hs_is_closed": str(not deal.open).lower(),
            "hs_is_closed_won": str(deal.won).lower(),
            "hubspot_owner_id": owner_id(deal.owner),
        }
        row = self._add(DEALS, values, deal.created_at, deal.modified_at)
        steps = [Change(prefix + _STAGES[step.stage], to_milliseconds(step.at), *_ADMIN) for step in deal.stages]
        self.part.histories[DEALS.name, row.id, "dealstage"] = tuple(reversed(steps))
        company_id = self._companies.get(deal.company)
        if company_id is not None:
            self._link(DEALS, row.id, COMPANIES, company_id)
        for role in deal.roles:
            contact_id = self._contacts.get(role.person)
            if contact_id is not None:
                self._link(DEALS, row.id, CONTACTS, contact_id)

    def activity(self, event: Event) -> None:
        kind, values = _activity_values(event)
        values["hs_timestamp"] = iso_of(event.at)
        values["hubspot_owner_id"] = owner_id(event.owner)
        row = self._add(kind, values, event.at, event.at)
        contact_id = self._contacts.get(event.person)
        if contact_id is None:
            return
        self._link(kind, row.id, CONTACTS, contact_id)
        company_id = self._employers.get(event.person)
        if company_id is not None:
            self._link(kind, row.id, COMPANIES, company_id)

    def _add(self, kind: Kind, values: Values, created: datetime, modified: datetime) -> Row:
        rows = self.part.rows[kind.name]
        number = self._first_ids[kind.name] + len(rows)
        created_ms = to_milliseconds(created)
        modified_ms = max(created_ms, to_milliseconds(modified))
        share = self._shared.setdefault
        kept = {name: share(value, value) for name, value in values.items() if value}
        kept["hs_object_id"] = str(number)
        kept[kind.created] = iso_of(created)
        kept[kind.modified] = iso_of(max(created, modified))
        row = Row(number, kept, created_ms, modified_ms)
        rows.append(row)
        return row

    def _link(self, start: Kind, record_id: int, to: Kind, other_id: int) -> None:
        links = self._links
        links.setdefault((start.name, to.name), {}).setdefault(record_id, []).append(other_id)
        links.setdefault((to.name, start.name), {}).setdefault(other_id, []).append(record_id)


def _identity(person: Person) -> Values:
    number = person.key + 1
    lead = person.salesforce_synced and person.in_salesforce in ("lead", "converted")
    contact = person.salesforce_synced and person.in_salesforce in ("contact", "converted")
    return {
        "email": (person.email or "").lower(),
        "firstname": person.first_name or "",
        "lastname": person.last_name,
        "jobtitle": person.title or "",
        "phone": person.phone or "",
        "company": person.company_name or "",
        "country": person.country or "",
        "hs_language": _LANGUAGES.get(person.language, person.language),
        "hs_lead_status": (person.lead_status or "").upper(),
        "hs_analytics_source": _SOURCES.get(person.lead_source or "", ""),
        "hubspot_owner_id": owner_id(person.owner),
        "salesforceleadid": salesforce_id(LEAD, number) if lead else "",
        "salesforcecontactid": salesforce_id(CONTACT, number) if contact else "",
    }


def _qualification(person: Person) -> Values:
    return {
        "budget_amount": _number(person.budget),
        "budget_status": person.budget_status or "",
        "hs_buying_role": (person.buying_role or "").upper(),
        "purchase_timeframe": person.purchase_timeframe or "",
        "target_go_live": "" if person.target_date is None else person.target_date.isoformat(),
        "pain_point": person.pain_point or "",
    }


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _activity_values(event: Event) -> tuple[Kind, Values]:
    match event.channel:
        case "call":
            return CALLS, _call_values(event)
        case "email":
            incoming = event.direction == "inbound"
            return EMAILS, {
                "hs_email_subject": event.name,
                "hs_email_direction": "INCOMING_EMAIL" if incoming else "EMAIL",
                "hs_email_status": "SENT",
            }
        case "meeting":
            end = event.at + timedelta(seconds=event.seconds or 1_800)
            return MEETINGS, {
                "hs_meeting_title": event.name,
                "hs_meeting_start_time": iso_of(event.at),
                "hs_meeting_end_time": iso_of(end),
                "hs_meeting_outcome": "NO_SHOW" if event.outcome == "no_show" else "COMPLETED",
            }
        case "task":
            return TASKS, {
                "hs_task_subject": event.name,
                "hs_task_status": "COMPLETED",
                "hs_task_priority": "NONE",
                "hs_task_type": "TODO",
                "hs_task_is_completed": "1",
                "hs_task_completion_date": iso_of(event.at),
            }
    return NOTES, {"hs_note_body": event.name}


def _call_values(event: Event) -> Values:
    status, disposition = _CALLS.get(event.outcome or "connected", _CALLS["connected"])
    return {
        "hs_call_title": event.name,
        "hs_call_direction": event.direction.upper(),
        "hs_call_status": status,
        "hs_call_disposition": disposition,
        "hs_call_duration": "" if event.seconds is None else str(event.seconds * 1000),
    }


def _lifecycle_stages(deals: Iterable[Deal]) -> dict[int, str]:
    """The stage of everyone who takes part in a deal: customer when one was won, else opportunity."""
    stages: dict[int, str] = {}
    for deal in deals:
        for role in deal.roles:
            if deal.won:
                stages[role.person] = "customer"
            elif deal.open:
                stages.setdefault(role.person, "opportunity")
    return stages
