"""Opportunities with their contact roles, and campaigns."""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime, time

from sandbox.market.generate import District, Ground
from sandbox.market.ids import ACCOUNT, CONTACT, OPPORTUNITY
from sandbox.market.model import Campaign, Deal
from sandbox.salesforce.fields import Value
from sandbox.salesforce.seed import names
from sandbox.salesforce.seed.loader import Loader, Put, as_float, campaign_id, record_id, user_id
from sandbox.salesforce.soql.dates import stamp


def load_campaigns(ground: Ground, loader: Loader, put: Put) -> None:
    """What the events of the market answer."""
    for campaign in ground.programme.campaigns:
        started = datetime.combine(campaign.start, time(), UTC)
        loader.load("Campaign", _campaign(campaign), started, started, put)


def load_deals(district: District, loader: Loader, put: Put) -> None:
    """This CRM's deals and their people."""
    accounts = {company.key for company in district.companies if company.in_salesforce}
    contacts = {person.key for person in district.people if person.in_salesforce in ("contact", "converted")}
    for deal in district.deals:
        if deal.crm == "salesforce":
            _load_deal(deal, accounts, contacts, loader, put)


def _campaign(campaign: Campaign) -> dict[str, Value]:
    return {
        "Id": campaign_id(campaign.key),
        "Name": campaign.name,
        "Type": names.CAMPAIGN_TYPE.get(campaign.kind, "Other"),
        "Status": "In Progress",
        "IsActive": True,
        "StartDate": campaign.start.isoformat(),
        "OwnerId": user_id(None),
    }


def _load_deal(deal: Deal, accounts: Set[int], contacts: Set[int], loader: Loader, put: Put) -> None:
    primary = next((role.person for role in deal.roles if role.primary), None)
    values: dict[str, Value] = {
        "Id": record_id(OPPORTUNITY, deal.key),
        "Name": deal.name[:120],
        "AccountId": record_id(ACCOUNT, deal.company) if deal.company in accounts else None,
        "ContactId": record_id(CONTACT, primary) if primary is not None and primary in contacts else None,
        "StageName": names.STAGE[deal.stage],
        "Amount": as_float(deal.amount),
        "CloseDate": deal.close_date.isoformat(),
        "Type": names.DEAL_TYPE[deal.pipeline],
        "OwnerId": user_id(deal.owner),
    }
    settled: dict[str, Value] = {"LastStageChangeDate": stamp(deal.stages[-1].at)} if deal.stages else {}
    row = loader.load("Opportunity", values, deal.created_at, deal.modified_at, put, settled)
    for role in deal.roles:
        link: dict[str, Value] = {
            "OpportunityId": row.id,
            "ContactId": record_id(CONTACT, role.person),
            "IsPrimary": role.primary,
            "Role": names.CONTACT_ROLE[role.role],
        }
        loader.load("OpportunityContactRole", link, deal.created_at, deal.created_at, put)
