from typing import Any

import httpx
import pytest

from tests.unit.sandbox.salesforce_bench import BASE, QUIET, SalesforceBench, error, row_error

PHONE_FOR_HOT = {
    "object": "Lead",
    "message": "A hot lead needs a phone number",
    "when": [{"field": "Rating", "test": "equals", "value": "hot"}, {"field": "Phone", "test": "blank"}],
    "error_field": "Phone",
}
NO_SHRINKING = {
    "object": "Lead",
    "message": "Ask before touching big accounts",
    "when": [{"field": "NumberOfEmployees", "test": "above", "value": 1000}],
}
SAME_EMAIL = {"object": "Contact", "name": "Same_Email", "match": ["Email"], "against": ["Lead", "Contact"]}
SAVE_ANYWAY = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def kim(org: SalesforceBench, **headers: str) -> httpx.Response:
    values = {"LastName": "Park", "Email": "KIM@globex.example"}
    return org.http.post(f"{BASE}/sobjects/Contact", json=values, headers=headers)


def test_a_validation_rule_refuses_writes_that_touch_none_of_its_fields(org: SalesforceBench) -> None:
    lead = org.lead(Rating="Hot")
    org.org.rules.replace({"validation": [PHONE_FOR_HOT]})
    reply = org.update("Lead", lead, Title="CTO")
    assert reply.status_code == 400
    assert reply.json() == [
        {
            "message": "A hot lead needs a phone number",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": ["Phone"],
        }
    ]
    assert org.read("Lead", lead)["Title"] is None
    assert org.update("Lead", lead, Title="CTO", Phone="+49 30 1").status_code == 204


def test_every_broken_rule_is_told_and_one_at_the_top_names_no_field(org: SalesforceBench) -> None:
    org.org.rules.replace({"validation": [PHONE_FOR_HOT, NO_SHRINKING]})
    reply = org.collection("POST", "Lead", {"LastName": "Lind", "Company": "A", "Rating": "Hot", "NumberOfEmployees": 5000})
    assert [entry["fields"] for entry in reply.json()[0]["errors"]] == [["Phone"], []]


def test_a_rule_may_look_at_what_changed(org: SalesforceBench) -> None:
    rule = {"object": "Lead", "message": "Company is settled", "when": [{"field": "company", "test": "changed"}]}
    org.org.rules.replace({"validation": [rule]})
    lead = org.lead()
    assert org.update("Lead", lead, Title="CTO").status_code == 204
    assert error(org.update("Lead", lead, Company="Globex")) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")


def test_a_duplicate_is_shown_with_the_record_it_duplicates(org: SalesforceBench) -> None:
    lead = org.lead(Email="kim@globex.example")
    org.org.rules.replace({"duplicates": [SAME_EMAIL]})
    reply = kim(org)
    assert error(reply) == (400, "DUPLICATES_DETECTED")
    found = reply.json()[0]["duplicateResut"]
    assert (found["allowSave"], found["duplicateRule"], found["duplicateRuleEntityType"]) == (True, "Same_Email", "Contact")
    match = found["matchResults"][0]
    assert (match["entityType"], match["size"]) == ("Lead", 1)
    assert match["matchRecords"][0]["record"] == {
        "attributes": {"type": "Lead", "url": f"{BASE}/sobjects/Lead/{lead}"},
        "Id": lead,
    }


def test_an_alert_lets_the_record_pass_when_the_client_insists(org: SalesforceBench) -> None:
    org.lead(Email="kim@globex.example")
    org.org.rules.replace({"duplicates": [SAME_EMAIL]})
    assert kim(org, **SAVE_ANYWAY).status_code == 201


def test_a_block_lets_nothing_pass(org: SalesforceBench) -> None:
    org.lead(Email="kim@globex.example")
    org.org.rules.replace({"duplicates": [SAME_EMAIL | {"action": "block"}]})
    reply = kim(org, **SAVE_ANYWAY)
    assert reply.json()[0]["duplicateResut"]["allowSave"] is False


def test_a_duplicate_fails_its_row_of_a_collection(org: SalesforceBench) -> None:
    org.lead(Email="kim@globex.example")
    org.org.rules.replace({"duplicates": [SAME_EMAIL]})
    rows = ({"LastName": "Park", "Email": "kim@globex.example"}, {"LastName": "Lee", "Email": "lee@globex.example"})
    reply = org.collection("POST", "Contact", *rows)
    assert (row_error(reply), reply.json()[1]["success"]) == ("DUPLICATES_DETECTED", True)


def test_a_write_that_leaves_the_matched_fields_alone_is_no_duplicate(org: SalesforceBench) -> None:
    first = kim(org).json()["id"]
    org.lead(Email="kim@globex.example")
    org.org.rules.replace({"duplicates": [SAME_EMAIL]})
    assert org.update("Contact", first, Title="CTO").status_code == 204
    assert error(org.update("Contact", first, Email="kim@globex.example")) == (400, "DUPLICATES_DETECTED")


def test_a_rule_over_a_field_that_is_gone_says_nothing(org: SalesforceBench) -> None:
    key = {"type": "Text", "label": "Key", "length": 20}
    ids = [org.make_field(f"{kind}.Key__c", **key).json()["id"] for kind in ("Lead", "Contact")]
    org.grant("Lead.Key__c", "Contact.Key__c")
    rule = {"object": "Contact", "name": "Same_Key", "match": ["Key__c"], "against": ["Lead"]}
    org.org.rules.replace({"duplicates": [rule]})
    org.lead(Key__c="K")
    assert (
        error(org.http.post(f"{BASE}/sobjects/Contact", json={"LastName": "Park", "Key__c": "k"}))[1]
        == "DUPLICATES_DETECTED"
    )
    org.http.delete(f"{BASE}/tooling/sobjects/CustomField/{ids[0]}")
    assert org.create("Contact", LastName="Park", Key__c="k")


def test_a_held_record_cannot_be_written_until_its_holder_lets_go(org: SalesforceBench) -> None:
    lead = org.lead()
    org.org.rules.replace({"locks": [{"id": lead[:15], "seconds": 30}]})
    path = f"{BASE}/sobjects/Lead/{lead}"
    refused = [org.update("Lead", lead, Title="CTO"), org.http.delete(path)]
    assert [error(reply) for reply in refused] == [(400, "UNABLE_TO_LOCK_ROW")] * 2
    assert lead in refused[0].json()[0]["message"]
    org.clock.advance(30)
    assert org.update("Lead", lead, Title="CTO").status_code == 204


def test_what_hangs_on_a_held_record_waits_too_and_the_whole_batch_with_it(org: SalesforceBench) -> None:
    held, free = org.create("Account", Name="Globex"), org.create("Account", Name="Initech")
    org.org.rules.replace({"locks": [{"id": held, "seconds": 30}]})
    rows: list[dict[str, Any]] = [
        {"LastName": "Lee", "AccountId": free},
        {"LastName": "Park", "AccountId": held},
        {"LastName": 5, "Nope": 1},
    ]
    reply = org.collection("POST", "Contact", *rows)
    assert reply.status_code == 200
    assert [entry["errors"][0]["statusCode"] for entry in reply.json()] == ["UNABLE_TO_LOCK_ROW"] * 3
    assert org.column("SELECT LastName FROM Contact") == []


@pytest.mark.parametrize(
    "order",
    [
        [],
        {"validation": [{"object": "Nope", "message": "x", "when": [{"field": "Title", "test": "blank"}]}]},
        {"validation": [{"object": "Lead", "message": "x", "when": [{"field": "Nope", "test": "blank"}]}]},
        {"duplicates": [{"object": "Lead", "name": "x", "match": []}]},
        {"locks": [{"id": "nonsense", "seconds": 1}]},
        {"rules": []},
    ],
)
def test_an_order_that_names_what_is_not_there_is_refused(org: SalesforceBench, order: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        org.org.rules.replace(order)


def test_the_control_surface_sets_and_ends_rules(org: SalesforceBench) -> None:
    lead = org.lead(Rating="Hot")
    assert org.http.post("/_twin/rules", json={"validation": [PHONE_FOR_HOT]}).status_code == 200
    assert org.update("Lead", lead, Title="CTO").status_code == 400
    assert org.http.post("/_twin/rules", json={"validation": [{"object": "Nope"}]}).status_code == 400
    assert org.http.post("/_twin/rules", json={}).status_code == 200
    assert org.update("Lead", lead, Title="CTO").status_code == 204


def test_deleting_a_parent_deletes_what_hangs_on_it(org: SalesforceBench) -> None:
    account = org.create("Account", Name="Globex")
    contact = org.create("Contact", LastName="Park", AccountId=account)
    task = org.create("Task", Subject="Call", WhoId=contact)
    other = org.create("Contact", LastName="Lee")
    org.http.delete(f"{BASE}/sobjects/Account/{account}", headers=QUIET)
    assert org.column("SELECT Id FROM Contact") == [other]
    deleted = org.rows("SELECT Id FROM Task WHERE IsDeleted = true", "queryAll")
    assert deleted == [{"Id": task}]


def test_the_last_activity_follows_events_and_closed_tasks_without_moving_a_stamp(org: SalesforceBench) -> None:
    account = org.create("Account", Name="Globex")
    contact = org.create("Contact", LastName="Park", AccountId=account)
    stamp = org.read("Contact", contact)["SystemModstamp"]
    org.clock.advance(60)
    task = org.create("Task", Subject="Call", WhoId=contact, ActivityDate="2026-11-20")
    assert org.read("Contact", contact)["LastActivityDate"] is None
    org.update("Task", task, Status="Completed")
    org.create("Event", Subject="Next year", WhoId=contact, StartDateTime="2027-01-04T08:00:00Z", DurationInMinutes=30)
    found = org.read("Contact", contact)
    assert (found["LastActivityDate"], found["SystemModstamp"]) == ("2026-11-20", stamp)
    assert org.read("Account", account)["LastActivityDate"] == "2026-11-20"
