"""Opportunities with their contact roles, and campaigns."""

from __future__ import annotations

from datetime import UTC, datetime, time

from sandbox.market.ids import ACCOUNT, CONTACT, OPPORTUNITY, salesforce_id
from sandbox.market.model import Campaign, Deal, Market
from sandbox.salesforce.fields import Value
from sandbox.salesforce.seed import names
from sandbox.salesforce.seed.loader import Loader, as_float, campaign_id, user_id
from sandbox.salesforce.soql.dates import stamp


def load_selling(market: Market, loader: Loader) -> None:
    """Campaigns and this CRM's deals; their people are loaded already."""
    for campaign in market.campaigns:
        started = datetime.combine(campaign.start, time(), UTC)
        loader.load("Campaign", _campaign(campaign), started, started)
    for deal in market.deals:
        if deal.crm == "salesforce":
            _load_deal(deal, loader)


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


def _load_deal(deal: Deal, loader: Loader) -> None:
    account = salesforce_id(ACCOUNT, deal.company + 1)
    primary = next((role.person for role in deal.roles if role.primary), None)
    contact = None if primary is None else salesforce_id(CONTACT, primary + 1)
    values: dict[str, Value] = {
        "Id": salesforce_id(OPPORTUNITY, deal.key + 1),
        "Name": deal.name[:120],
        "AccountId": account if loader.has(account) else None,
        "ContactId": contact if contact is not None and loader.has(contact) else None,
        "StageName": names.STAGE[deal.stage],
        "Amount": as_float(deal.amount),
        "CloseDate": deal.close_date.isoformat(),
        "Type": names.DEAL_TYPE[deal.pipeline],
        "OwnerId": user_id(deal.owner),
    }
    settled: dict[str, Value] = {"LastStageChangeDate": stamp(deal.stages[-1].at)} if deal.stages else {}
    row = loader.load("Opportunity", values, deal.created_at, deal.modified_at, settled)
    for role in deal.roles:
        person = salesforce_id(CONTACT, role.person + 1)
        if loader.has(person):
            link: dict[str, Value] = {"OpportunityId": row.id, "ContactId": person, "IsPrimary": role.primary}
            loader.load(
                "OpportunityContactRole",
                link | {"Role": names.CONTACT_ROLE[role.role]},
                deal.created_at,
                deal.created_at,
            )
