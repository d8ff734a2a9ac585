"""Users, queues, Accounts, Leads and Contacts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sandbox.market.generate import District
from sandbox.market.ids import ACCOUNT, CONTACT, LEAD, OPPORTUNITY
from sandbox.market.model import Company, Deal, Event, Owner, Person
from sandbox.market.source import MarketSource
from sandbox.salesforce.fields import Value
from sandbox.salesforce.seed import names
from sandbox.salesforce.seed.loader import Loader, Put, as_float, queue_id, record_id, user_id
from sandbox.salesforce.soql.dates import stamp
from sandbox.salesforce.tables.people import CONVERTED_STATUS


class Activity:
    """When each person last had an activity, and whose mail bounced; read off the events before people are loaded."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.last_day: dict[int, date] = {}
        self.bounced_at: dict[int, datetime] = {}
        for event in events:
            if event.crm != "salesforce":
                continue
            if event.channel in ("task", "event"):
                day = event.at.date()
                self.last_day[event.person] = max(day, self.last_day.get(event.person, day))
            if event.kind == "email_bounce":
                self.bounced_at[event.person] = event.at


def load_staff(source: MarketSource, loader: Loader, put: Put) -> None:
    """Users and queues, who own what follows."""
    created = min((place.begun_at for place in source.places if place.begun_at), default=source.ground.as_of)
    for owner in source.ground.owners:
        loader.load("User", _user(owner), created, created, put)
    for queue in source.ground.queues:
        developer_name = queue.name.replace(" ", "_")
        values: dict[str, Value] = {"Id": queue_id(queue.key), "Name": queue.name, "Type": "Queue"}
        loader.load("Group", values | {"DeveloperName": developer_name}, created, created, put)


def load_people(district: District, loader: Loader, put: Put) -> None:
    """Accounts and everyone at them, or at none."""
    employers = [company for company in district.companies if company.in_salesforce]
    for company in employers:
        loader.load("Account", _account(company), company.created_at, company.modified_at, put)
    accounts = {company.key: record_id(ACCOUNT, company.key) for company in employers}
    activity = Activity(district.events)
    opportunities = _first_opportunities(district.deals)
    for person in district.people:
        account = None if person.company is None else accounts.get(person.company)
        _load_person(person, loader, put, _Around(account, activity, opportunities.get(person.key)))


@dataclass(frozen=True, slots=True)
class _Around:
    """What of the market touches one person: the Account, everybody's activity, the first Opportunity."""

    account: str | None
    activity: Activity
    opportunity: str | None


def _user(owner: Owner) -> dict[str, Value]:
    return {
        "Id": user_id(owner.key),
        "Username": owner.email,
        "FirstName": owner.first_name,
        "LastName": owner.last_name,
        "Email": owner.email,
        "Alias": f"rep{owner.key}",
        "TimeZoneSidKey": "GMT",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "UserType": "Standard",
        "IsActive": owner.active,
    }


def _account(company: Company) -> dict[str, Value]:
    return {
        "Id": record_id(ACCOUNT, company.key),
        "Name": company.name,
        "Website": f"https://www.{company.domain}",
        "NumberOfEmployees": company.employees,
        "Industry": None if company.industry is None else names.INDUSTRY.get(company.industry, company.industry),
        "AnnualRevenue": as_float(company.annual_revenue),
        "BillingCountry": company.country,
        "BillingCity": company.city,
        "OwnerId": user_id(company.owner),
    }


def _first_opportunities(deals: Iterable[Deal]) -> dict[int, str]:
    """The earliest deal of each person: the one a conversion would have made."""
    found: dict[int, str] = {}
    for deal in sorted(deals, key=lambda deal: deal.created_at):
        if deal.crm == "salesforce":
            for role in deal.roles:
                found.setdefault(role.person, record_id(OPPORTUNITY, deal.key))
    return found


def _load_person(person: Person, loader: Loader, put: Put, around: _Around) -> None:
    last_day = around.activity.last_day.get(person.key)
    settled: dict[str, Value] = {"LastActivityDate": None if last_day is None else last_day.isoformat()}
    common = _common(person, around.activity.bounced_at.get(person.key))
    became_contact = person.converted_at or person.created_at
    if person.in_salesforce in ("contact", "converted"):
        values = common | {
            "Id": record_id(CONTACT, person.key),
            "AccountId": around.account,
            "MailingCountry": person.country,
            "OwnerId": user_id(person.owner),
        }
        loader.load("Contact", values, became_contact, max(became_contact, person.modified_at), put, settled)
    if person.in_salesforce in ("lead", "converted"):
        changed = person.converted_at or person.modified_at
        values = common | _lead(person) | _conversion(person, around)
        loader.load("Lead", values, person.created_at, changed, put, settled)


def _common(person: Person, bounced: datetime | None) -> dict[str, Value]:
    return {
        "FirstName": person.first_name,
        "LastName": person.last_name,
        "Email": person.email_in_salesforce,
        "Title": person.title,
        "Phone": person.phone,
        "LeadSource": None if person.lead_source is None else names.LEAD_SOURCE[person.lead_source],
        "HasOptedOutOfEmail": person.opted_out,
        "EmailBouncedReason": None if bounced is None else "550 mailbox unavailable",
        "EmailBouncedDate": None if bounced is None else stamp(bounced),
        "Budget__c": as_float(person.budget),
        "Budget_Status__c": None if person.budget_status is None else names.BUDGET_STATUS[person.budget_status],
        "Purchase_Timeframe__c": (None if person.purchase_timeframe is None else names.TIMEFRAME[person.purchase_timeframe]),
        "Target_Go_Live__c": None if person.target_date is None else person.target_date.isoformat(),
        "Pain_Point__c": person.pain_point,
        "Buying_Role__c": None if person.buying_role is None else names.BUYING_ROLE[person.buying_role],
    }


def _lead(person: Person) -> dict[str, Value]:
    return {
        "Id": record_id(LEAD, person.key),
        "Company": person.company_name or "[not provided]",
        "Country": person.country,
        "OwnerId": user_id(person.owner) if person.queue is None else queue_id(person.queue),
        "Status": names.LEAD_STATUS["new" if person.lead_status is None else person.lead_status],
    }


def _conversion(person: Person, around: _Around) -> dict[str, Value]:
    if person.converted_at is None:
        return {}
    return {
        "Status": CONVERTED_STATUS,
        "IsConverted": True,
        "ConvertedDate": person.converted_at.date().isoformat(),
        "ConvertedContactId": record_id(CONTACT, person.key),
        "ConvertedAccountId": around.account,
        "ConvertedOpportunityId": around.opportunity,
    }
