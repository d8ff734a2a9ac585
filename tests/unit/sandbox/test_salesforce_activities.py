import pytest

from sandbox.salesforce.furniture import INBOUND_QUEUE_ID
from tests.unit.sandbox.salesforce_bench import BASE, REP_ID, SalesforceBench, error
from tests.unit.sandbox.test_salesforce_records import converted_lead


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def refused(org: SalesforceBench, kind: str, **values: object) -> tuple[int, str]:
    return error(org.http.post(f"{BASE}/sobjects/{kind}", json=values))


def test_a_task_has_the_org_s_defaults_and_belongs_to_its_maker(org: SalesforceBench) -> None:
    task = org.read("Task", org.create("Task", Subject="Call", ActivityDate="2026-11-24"))
    assert (task["Status"], task["Priority"], task["IsClosed"]) == ("Not Started", "Normal", False)
    assert (task["ActivityDate"], task["OwnerId"], task["TaskSubtype"]) == ("2026-11-24", task["CreatedById"], "Task")


def test_completing_a_task_closes_it_and_reopening_opens_it(org: SalesforceBench) -> None:
    task = org.create("Task", Subject="Call")
    org.update("Task", task, Status="Completed")
    closed = org.read("Task", task)
    org.update("Task", task, Status="In Progress")
    assert (closed["IsClosed"], closed["CompletedDateTime"]) == (True, "2026-11-22T09:00:00.000+0000")
    assert org.read("Task", task)["IsClosed"] is False


def test_a_task_cannot_belong_to_a_queue(org: SalesforceBench) -> None:
    assert refused(org, "Task", Subject="Call", OwnerId=INBOUND_QUEUE_ID) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert org.create("Task", Subject="Call", OwnerId=REP_ID)


def test_a_lead_s_task_cannot_be_about_something_else_as_well(org: SalesforceBench) -> None:
    account = org.create("Account", Name="Globex")
    contact = org.create("Contact", LastName="Park", AccountId=account)
    values = {"Subject": "Call", "WhatId": account}
    assert refused(org, "Task", WhoId=org.lead(), **values) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert org.read("Task", org.create("Task", WhoId=contact, **values))["AccountId"] == account


def test_nothing_is_logged_on_a_converted_lead(org: SalesforceBench) -> None:
    assert refused(org, "Task", Subject="Call", WhoId=converted_lead(org)) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")


def test_a_reminder_needs_its_switch(org: SalesforceBench) -> None:
    at = {"Subject": "Call", "ReminderDateTime": "2026-11-23T08:00:00Z"}
    assert refused(org, "Task", **at) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert org.create("Task", IsReminderSet=True, **at)


def test_a_key_that_is_taken_names_the_record_that_has_it(org: SalesforceBench) -> None:
    org.make_activity_key()
    first = org.create("Task", Subject="Call", Sync_Key__c="sql|00Q|1")
    reply = org.http.post(f"{BASE}/sobjects/Task", json={"Subject": "Call", "Sync_Key__c": "SQL|00Q|1"})
    assert error(reply) == (400, "DUPLICATE_VALUE")
    expected = f"duplicate value found: Sync_Key__c duplicates value on record with id: {first[:15]}"
    assert reply.json()[0]["message"] == expected


def test_a_key_is_unique_over_tasks_and_events_together(org: SalesforceBench) -> None:
    org.make_activity_key()
    org.create("Task", Subject="Call", Sync_Key__c="k")
    event = {"Subject": "Meet", "StartDateTime": "2026-11-23T08:00:00Z", "DurationInMinutes": 30, "Sync_Key__c": "k"}
    assert refused(org, "Event", **event) == (400, "DUPLICATE_VALUE")


def test_a_deleted_task_gives_its_key_free(org: SalesforceBench) -> None:
    org.make_activity_key()
    task = org.create("Task", Subject="Call", Sync_Key__c="k")
    org.http.delete(f"{BASE}/sobjects/Task/{task}")
    assert org.create("Task", Subject="Call", Sync_Key__c="k") != task


def test_a_task_can_be_found_and_written_by_its_key(org: SalesforceBench) -> None:
    org.make_activity_key()
    place = f"{BASE}/sobjects/Task/Sync_Key__c/sql%7C00Q%2F1"
    made = org.http.patch(place, json={"Subject": "Call"})
    assert made.status_code == 201
    assert org.http.get(place).json()["Id"] == made.json()["id"]
    assert org.column("SELECT Subject FROM Task WHERE Sync_Key__c = 'sql|00Q/1'") == ["Call"]


def test_an_event_needs_a_time_and_a_length(org: SalesforceBench) -> None:
    start = "2026-11-23T08:00:00.000+0000"
    assert refused(org, "Event", Subject="Meet") == (400, "REQUIRED_FIELD_MISSING")
    event = org.read("Event", org.create("Event", Subject="Meet", StartDateTime=start, DurationInMinutes=45))
    assert (event["EndDateTime"], event["ActivityDate"]) == ("2026-11-23T08:45:00.000+0000", "2026-11-23")


def test_a_campaign_response_shows_whose_it_is(org: SalesforceBench) -> None:
    campaign = org.create("Campaign", Name="Webinar", Type="Webinar")
    lead = org.lead(Email="lind@acme.example")
    member = org.create("CampaignMember", CampaignId=campaign, LeadId=lead, Status="Responded")
    found = org.read("CampaignMember", member)
    assert (found["HasResponded"], found["FirstRespondedDate"], found["Type"]) == (True, "2026-11-22", "Lead")
    assert (found["Email"], found["CompanyOrAccount"]) == ("lind@acme.example", "Acme")
    assert refused(org, "CampaignMember", CampaignId=campaign) == (400, "REQUIRED_FIELD_MISSING")
