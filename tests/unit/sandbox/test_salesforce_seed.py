import pytest

from sandbox.market.generate import generate
from sandbox.market.ids import CONTACT, LEAD, salesforce_id
from sandbox.market.model import Market
from sandbox.salesforce.app import seed_org
from tests.unit.sandbox.salesforce_bench import SalesforceBench
from tests.unit.sandbox.twin_client import START

PEOPLE, SEED = 400, 7


@pytest.fixture(scope="module")
def market() -> Market:
    return generate(PEOPLE, SEED, START)


@pytest.fixture(scope="module")
def org() -> SalesforceBench:
    org = SalesforceBench()
    seed_org(org.org, PEOPLE, SEED, START)
    return org


def count(org: SalesforceBench, query: str) -> int:
    return int(org.ask(f"SELECT COUNT() FROM {query}").json()["totalSize"])


def test_everyone_of_this_crm_is_there_as_what_they_are(org: SalesforceBench, market: Market) -> None:
    kinds = [person.in_salesforce for person in market.people]
    assert count(org, "Lead WHERE IsConverted = false") == kinds.count("lead")
    assert count(org, "Lead WHERE IsConverted = true") == kinds.count("converted")
    assert count(org, "Contact") == kinds.count("contact") + kinds.count("converted")


def test_a_converted_lead_points_to_its_contact(org: SalesforceBench, market: Market) -> None:
    moved = {person.key for person in market.people if person.in_salesforce == "converted"}
    rows = org.rows("SELECT Id, ConvertedContactId FROM Lead WHERE IsConverted = true")
    pairs = {(row["Id"], row["ConvertedContactId"]) for row in rows}
    assert pairs == {(salesforce_id(LEAD, key + 1), salesforce_id(CONTACT, key + 1)) for key in moved}
    assert count(org, "Contact WHERE Id IN (SELECT ConvertedContactId FROM Lead)") == len(moved)


def test_every_event_of_this_crm_has_its_record(org: SalesforceBench, market: Market) -> None:
    ours = [event.channel for event in market.events if event.crm == "salesforce"]
    assert count(org, "Task") == ours.count("task")
    assert count(org, "Event") == ours.count("event")
    assert count(org, "EmailMessage") == ours.count("email_message")
    assert count(org, "EmailMessageRelation") == ours.count("email_message")
    assert count(org, "CampaignMember WHERE HasResponded = true") == ours.count("campaign_member")


def test_every_deal_of_this_crm_has_its_people(org: SalesforceBench, market: Market) -> None:
    deals = [deal for deal in market.deals if deal.crm == "salesforce"]
    assert count(org, "Opportunity") == len(deals)
    assert count(org, "Opportunity WHERE IsWon = true") == sum(deal.won for deal in deals)
    assert count(org, "OpportunityContactRole") == sum(len(deal.roles) for deal in deals)


def test_every_reference_leads_somewhere(org: SalesforceBench) -> None:
    store = org.org.store
    for sobject in org.org.schema:
        references = [field.name for field in sobject.fields.values() if field.type == "reference"]
        for row in store.rows(sobject.name):
            for name in references:
                assert row.values.get(name) is None or store.find(row.values[name]) is not None, (sobject.name, name)


def test_reps_are_users_and_queues_own_leads(org: SalesforceBench, market: Market) -> None:
    reps = {(row["Email"], row["IsActive"]) for row in org.rows("SELECT Email, IsActive FROM User")}
    assert {(owner.email, owner.active) for owner in market.owners} <= reps
    queued = [p for p in market.people if p.in_salesforce == "lead" and p.queue is not None]
    assert count(org, "Lead WHERE Owner.Type = 'Group' AND IsConverted = false") == len(queued) > 0


def test_nothing_is_dated_later_than_now(org: SalesforceBench) -> None:
    for sobject in org.org.schema:
        stamped = "SystemModstamp" if sobject.field("SystemModstamp") else "CreatedDate"
        assert count(org, f"{sobject.name} WHERE {stamped} > 2026-11-22T09:00:00Z") == 0


def test_the_same_seed_gives_the_same_org(org: SalesforceBench) -> None:
    again = SalesforceBench()
    seed_org(again.org, PEOPLE, SEED, START)
    assert again.http.get("/_twin/state").content == org.http.get("/_twin/state").content


def test_without_people_there_are_only_those_who_could_own_them() -> None:
    org = SalesforceBench()
    seed_org(org.org, 0, SEED, START)
    assert count(org, "User WHERE IsActive = true") > 5
    assert count(org, "Lead") == count(org, "Account") == count(org, "Task") == 0


def test_two_runs_that_write_the_same_end_in_the_same_comparable_state() -> None:
    states = []
    for waiting in (0, 60):
        org = SalesforceBench()
        lead = org.load("Lead", LastName="Seeded", Company="Acme", IsDeleted=False)
        org.clock.advance(waiting)
        if waiting:
            org.create("Task", Subject="Deleted and made again")
            org.http.delete(f"/services/data/v67.0/sobjects/Task/{org.column('SELECT Id FROM Task')[0]}")
        org.create("Task", Subject="Call", WhoId=lead)
        org.create("PermissionSet", Name="Sync", Label="Sync")
        states.append(org.http.get("/_twin/state").json())
    first, second = (state["comparable"] for state in states)
    live = [task for task in second["Task"]["created"] if not task["IsDeleted"]]
    assert first["Task"]["created"] == live
    assert first["PermissionSet"] == second["PermissionSet"]
    assert states[0]["volatile"] != states[1]["volatile"]


def test_a_reference_to_a_created_record_is_shown_by_its_name() -> None:
    org = SalesforceBench()
    account = org.create("Account", Name="Globex")
    org.create("Contact", LastName="Park", AccountId=account)
    contact = org.http.get("/_twin/state").json()["comparable"]["Contact"]["created"][0]
    assert (contact["AccountId"], "Id" in contact) == ("Account: Globex", False)
