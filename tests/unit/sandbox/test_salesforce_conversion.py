"""A Lead that is converted: what it becomes, what goes with it, and what is refused."""

from __future__ import annotations

import re

import pytest

from sandbox.market.ids import salesforce_id
from tests.unit.sandbox.salesforce_bench import REP_ID, SalesforceBench
from tests.unit.sandbox.salesforce_soap import merge, soap

STATUS = "Closed - Converted"
QUEUE_ID = salesforce_id("00G", 991)


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def convert(org: SalesforceBench, lead: str, status: str = STATUS, **more: str) -> str:
    parts = {"convertedStatus": status, "leadId": lead, **more}
    return soap(org, "convertLead", f"<leadConverts>{''.join(f'<{k}>{v}</{k}>' for k, v in parts.items())}</leadConverts>")


def made(reply: str, what: str) -> str:
    assert "<success>true</success>" in reply, reply
    found = re.search(f"<{what}>(.*?)</{what}>", reply)
    assert found is not None, reply
    return found[1]


def test_a_lead_becomes_a_contact_of_an_account_with_an_opportunity(org: SalesforceBench) -> None:
    lead = org.lead(FirstName="Li", Email="li@acme.example", Title="CFO", City="Oslo", Industry="Banking", OwnerId=REP_ID)
    reply = convert(org, lead)
    contact = org.read("Contact", made(reply, "contactId"))
    account = org.read("Account", made(reply, "accountId"))
    deal = org.read("Opportunity", made(reply, "opportunityId"))
    assert (contact["Name"], contact["Email"], contact["Title"]) == ("Li Lind", "li@acme.example", "CFO")
    assert (contact["MailingCity"], contact["AccountId"], contact["OwnerId"]) == ("Oslo", account["Id"], REP_ID)
    assert (account["Name"], account["Industry"], account["BillingCity"]) == ("Acme", "Banking", "Oslo")
    assert (deal["Name"], deal["StageName"], deal["CloseDate"]) == ("Acme", "Prospecting", "2026-12-31")
    assert org.column(f"SELECT ContactId FROM OpportunityContactRole WHERE OpportunityId = '{deal['Id']}'") == [
        contact["Id"]
    ]


def test_the_lead_stays_and_says_what_it_became(org: SalesforceBench) -> None:
    lead = org.lead()
    before = org.read("Lead", lead)["SystemModstamp"]
    org.clock.advance(60)
    reply = convert(org, lead)
    shown = org.read("Lead", lead)
    assert (shown["IsConverted"], shown["Status"], shown["ConvertedDate"]) == (True, STATUS, "2026-11-22")
    became = {what: shown[f"Converted{what.capitalize()}Id"] for what in ("account", "contact", "opportunity")}
    assert became == {what: made(reply, f"{what}Id") for what in became}
    assert shown["SystemModstamp"] > before


def test_its_activities_open_or_closed_move_to_the_contact_with_newer_stamps(org: SalesforceBench) -> None:
    lead = org.lead()
    tasks = [org.create("Task", Subject="Call", WhoId=lead, Status=status) for status in ("Not Started", "Completed")]
    event = org.create("Event", WhoId=lead, ActivityDateTime="2026-11-20T10:00:00Z", DurationInMinutes=30)
    org.clock.advance(60)
    reply = convert(org, lead)
    rows = [org.read("Task", tasks[0]), org.read("Task", tasks[1]), org.read("Event", event)]
    assert {row["WhoId"] for row in rows} == {made(reply, "contactId")}
    assert {row["WhatId"] for row in rows} == {made(reply, "opportunityId")}
    assert {row["SystemModstamp"] for row in rows} == {"2026-11-22T09:01:00.000+0000"}
    assert org.read("Contact", made(reply, "contactId"))["LastActivityDate"] == "2026-11-22"


def test_its_place_in_campaigns_is_the_contacts_too(org: SalesforceBench) -> None:
    lead, campaign = org.lead(), org.create("Campaign", Name="Fair")
    member = org.create("CampaignMember", CampaignId=campaign, LeadId=lead, Status="Responded")
    contact = made(convert(org, lead), "contactId")
    shown = org.read("CampaignMember", member)
    assert (shown["LeadId"], shown["ContactId"], shown["Type"]) == (lead, contact, "Contact")


def test_without_an_opportunity_activities_are_about_the_account(org: SalesforceBench) -> None:
    lead = org.lead()
    task = org.create("Task", Subject="Call", WhoId=lead)
    reply = convert(org, lead, doNotCreateOpportunity="true")
    assert "opportunityId" not in reply
    assert org.read("Task", task)["WhatId"] == made(reply, "accountId")


def test_a_contact_that_is_given_gets_what_it_lacks_and_keeps_what_it_has(org: SalesforceBench) -> None:
    account = org.create("Account", Name="Acme Ltd")
    contact = org.create("Contact", LastName="Lindh", AccountId=account)
    lead = org.lead(Title="CFO")
    assert made(convert(org, lead, accountId=account, contactId=contact), "contactId") == contact
    shown = org.read("Contact", contact)
    assert (shown["LastName"], shown["Title"]) == ("Lindh", "CFO")
    assert org.read("Account", account)["Name"] == "Acme Ltd"


def test_a_contact_of_another_account_is_refused_and_nothing_is_done(org: SalesforceBench) -> None:
    lead, contact = org.lead(), org.create("Contact", LastName="Lindh")
    assert "FIELD_INTEGRITY_EXCEPTION" in convert(org, lead, contactId=contact)
    assert org.column("SELECT Id FROM Account") == []
    assert org.read("Lead", lead)["IsConverted"] is False


def test_a_converted_lead_is_neither_converted_again_nor_written_nor_merged(org: SalesforceBench) -> None:
    lead = org.lead()
    convert(org, lead)
    assert "CANNOT_UPDATE_CONVERTED_LEAD" in convert(org, lead)
    assert org.update("Lead", lead, Title="CFO").json()[0]["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert "CANNOT_UPDATE_CONVERTED_LEAD" in merge(org, org.lead(), lead)


def test_a_status_that_converts_nothing_is_refused(org: SalesforceBench) -> None:
    assert "INVALID_STATUS" in convert(org, org.lead(), status="Working - Contacted")


def test_what_is_no_lead_or_is_gone_is_refused(org: SalesforceBench) -> None:
    lead = org.lead()
    org.http.delete(f"/services/data/v67.0/sobjects/Lead/{lead}")
    assert "ENTITY_IS_DELETED" in convert(org, lead)
    assert "MALFORMED_ID" in convert(org, org.create("Contact", LastName="Lindh"))
    assert "INVALID_CROSS_REFERENCE_KEY" in convert(org, salesforce_id("00Q", 991))


def test_a_queues_lead_needs_somebody_to_own_what_it_becomes(org: SalesforceBench) -> None:
    org.load("Group", Id=QUEUE_ID, Name="Inbound", Type="Queue")
    lead = org.lead(OwnerId=QUEUE_ID)
    assert "UNKNOWN_EXCEPTION" in convert(org, lead)
    assert org.read("Contact", made(convert(org, lead, ownerId=REP_ID), "contactId"))["OwnerId"] == REP_ID


def test_each_lead_of_a_call_is_converted_or_refused_alone(org: SalesforceBench) -> None:
    good, bad = org.lead(), org.lead()
    convert(org, bad)
    orders = [
        f"<leadConverts><convertedStatus>{STATUS}</convertedStatus><leadId>{lead}</leadId></leadConverts>"
        for lead in (bad, good)
    ]
    reply = soap(org, "convertLead", "".join(orders))
    assert re.findall("<success>(.*?)</success>", reply) == ["false", "true"]
