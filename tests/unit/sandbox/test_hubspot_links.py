from typing import Any

import pytest

from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

V4 = "/crm/associations/2026-03"


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


def _put(desk: HubSpotBench, start: str, start_id: str, to: str, to_id: str) -> Any:
    return desk.http.put(f"/crm/objects/2026-03/{start}/{start_id}/associations/default/{to}/{to_id}")


def _linked(desk: HubSpotBench, start: str, start_id: str, to: str) -> dict[str, list[int]]:
    found = desk.http.get(f"/crm/objects/2026-03/{start}/{start_id}/associations/{to}").json()["results"]
    return {entry["toObjectId"]: [kind["typeId"] for kind in entry["associationTypes"]] for entry in found}


def test_a_default_association_is_seen_from_both_ends(desk: HubSpotBench) -> None:
    task, contact = desk.create("tasks", hs_timestamp="2026-11-23"), desk.create("contacts", firstname="Ann")
    made = _put(desk, "tasks", task, "contacts", contact)
    assert made.status_code == 200
    assert {row["associationSpec"]["associationTypeId"] for row in made.json()["results"]} == {203, 204}
    assert _linked(desk, "tasks", task, "contacts") == {contact: [204]}
    assert _linked(desk, "contacts", contact, "tasks") == {task: [203]}


def test_making_it_again_changes_nothing(desk: HubSpotBench) -> None:
    task, contact = desk.create("tasks", hs_timestamp="2026-11-23"), desk.create("contacts", firstname="Ann")
    for _ in range(2):
        _put(desk, "tasks", task, "contacts", contact)
    assert _linked(desk, "tasks", task, "contacts") == {contact: [204]}


def test_the_first_company_of_a_contact_is_its_primary_one(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", firstname="Ann")
    first, second = desk.create("companies", name="A"), desk.create("companies", name="B")
    for company in (first, second):
        _put(desk, "contacts", contact, "companies", company)
    assert _linked(desk, "contacts", contact, "companies") == {first: [1, 279], second: [279]}
    assert desk.read("contacts", contact, "associatedcompanyid")["associatedcompanyid"] == first


def test_a_new_primary_company_takes_the_place_of_the_former(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", firstname="Ann")
    first, second = desk.create("companies", name="A"), desk.create("companies", name="B")
    _put(desk, "contacts", contact, "companies", first)
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    path = f"/crm/objects/2026-03/contacts/{contact}/associations/companies/{second}"
    made = desk.http.put(path, json=spec)
    assert (made.status_code, made.json()["labels"]) == (201, ["Primary"])
    assert _linked(desk, "contacts", contact, "companies") == {first: [279], second: [1, 279]}
    assert desk.read("contacts", contact, "associatedcompanyid")["associatedcompanyid"] == second


def test_a_list_shows_each_association_type_as_an_entry(desk: HubSpotBench) -> None:
    contact, company = desk.create("contacts", firstname="Ann"), desk.create("companies", name="A")
    _put(desk, "contacts", contact, "companies", company)
    (row,) = desk.http.get("/crm/objects/2026-03/contacts?associations=companies,deals").json()["results"]
    assert row["associations"] == {
        "companies": {
            "results": [
                {"id": company, "type": "contact_to_company"},
                {"id": company, "type": "contact_to_company_unlabeled"},
            ]
        }
    }


def test_a_batch_read_takes_a_thousand_inputs_and_names_those_without(desk: HubSpotBench) -> None:
    contact, company = desk.create("contacts", firstname="Ann"), desk.create("companies", name="A")
    _put(desk, "contacts", contact, "companies", company)
    path = f"{V4}/contacts/companies/batch/read"
    done = desk.http.post(path, json={"inputs": [{"id": contact}, *({"id": str(n)} for n in range(999))]})
    assert done.status_code == 207
    (result,) = done.json()["results"]
    assert (result["from"], [to["toObjectId"] for to in result["to"]]) == ({"id": contact}, [company])
    assert done.json()["numErrors"] == 999
    assert done.json()["errors"][0]["context"] == {"fromObjectId": ["0"]}
    assert desk.http.post(path, json={"inputs": [{"id": str(n)} for n in range(1001)]}).status_code == 400


def test_more_than_five_hundred_associations_come_in_pages(desk: HubSpotBench) -> None:
    company = desk.create("companies", name="A")
    inputs = [{"properties": {"firstname": f"p{n}"}} for n in range(100)]
    made = [row["id"] for _ in range(6) for row in desk.post("contacts/batch/create", {"inputs": inputs}).json()["results"]]
    pairs = [{"from": {"id": company}, "to": {"id": one}} for one in made]
    path = f"{V4}/companies/contacts/batch"
    assert desk.http.post(f"{path}/associate/default", json={"inputs": pairs}).status_code == 200
    (first,) = desk.http.post(f"{path}/read", json={"inputs": [{"id": company}]}).json()["results"]
    after = first["paging"]["next"]["after"]
    (second,) = desk.http.post(f"{path}/read", json={"inputs": [{"id": company, "after": after}]}).json()["results"]
    found = [to["toObjectId"] for to in first["to"] + second["to"]]
    assert len(first["to"]) == 500
    assert sorted(found) == sorted(made)


def test_a_batch_create_with_one_wrong_type_makes_nothing(desk: HubSpotBench) -> None:
    task, contact = desk.create("tasks", hs_timestamp="2026-11-23"), desk.create("contacts", firstname="Ann")
    good = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}
    pairs = [
        {"from": {"id": task}, "to": {"id": contact}, "types": [good]},
        {"from": {"id": task}, "to": {"id": contact}, "types": [{**good, "associationTypeId": 9}]},
    ]
    path = f"{V4}/tasks/contacts/batch/create"
    assert desk.http.post(path, json={"inputs": pairs}).status_code == 400
    assert _linked(desk, "tasks", task, "contacts") == {}
    assert desk.http.post(path, json={"inputs": pairs[:1]}).status_code == 201
    assert _linked(desk, "tasks", task, "contacts") == {contact: [204]}


def test_an_association_can_be_undone_one_by_one_or_in_a_batch(desk: HubSpotBench) -> None:
    task = desk.create("tasks", hs_timestamp="2026-11-23")
    first, second = desk.create("contacts", firstname="Ann"), desk.create("contacts", firstname="Bob")
    for contact in (first, second):
        _put(desk, "tasks", task, "contacts", contact)
    path = f"/crm/objects/2026-03/tasks/{task}/associations/contacts/{first}"
    assert [desk.http.delete(path).status_code for _ in range(2)] == [204, 204]
    assert _linked(desk, "tasks", task, "contacts") == {second: [204]}
    inputs = [{"from": {"id": task}, "to": [{"id": second}]}]
    assert desk.http.post(f"{V4}/tasks/contacts/batch/archive", json={"inputs": inputs}).status_code == 204
    assert _linked(desk, "contacts", second, "tasks") == {}


def test_an_archived_record_loses_its_associations(desk: HubSpotBench) -> None:
    task, contact = desk.create("tasks", hs_timestamp="2026-11-23"), desk.create("contacts", firstname="Ann")
    _put(desk, "tasks", task, "contacts", contact)
    desk.http.delete(f"/crm/objects/2026-03/tasks/{task}")
    assert _linked(desk, "contacts", contact, "tasks") == {}


def test_types_that_cannot_be_associated_are_a_400(desk: HubSpotBench) -> None:
    task, note = desk.create("tasks", hs_timestamp="2026-11-23"), desk.create("notes", hs_timestamp="2026-11-23")
    assert _put(desk, "tasks", task, "notes", note).status_code == 400


def test_the_old_path_of_associations_answers_too(desk: HubSpotBench) -> None:
    task, contact = desk.create("tasks", hs_timestamp="2026-11-23"), desk.create("contacts", firstname="Ann")
    path = f"/crm/v4/objects/tasks/{task}/associations/default/contacts/{contact}"
    assert desk.http.put(path).status_code == 200
    done = desk.http.post("/crm/v4/associations/tasks/contacts/batch/read", json={"inputs": [{"id": task}]})
    assert [to["toObjectId"] for to in done.json()["results"][0]["to"]] == [contact]


def test_labels_tell_the_types_between_two_object_types(desk: HubSpotBench) -> None:
    found = desk.http.get(f"{V4}/contacts/companies/labels").json()["results"]
    assert [(kind["typeId"], kind["label"]) for kind in found] == [(1, "Primary"), (279, None)]


def test_linking_without_a_label_keeps_the_label_that_is_there(desk: HubSpotBench) -> None:
    deal = desk.create("deals", dealname="Big", dealstage="contractsent", pipeline="default")
    company = desk.create("companies", name="A")
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    desk.http.put(f"/crm/objects/2026-03/deals/{deal}/associations/companies/{company}", json=spec)
    _put(desk, "deals", deal, "companies", company)
    assert _linked(desk, "deals", deal, "companies") == {company: [5, 341]}
