from typing import Any

import pytest

from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

PROPERTIES = "/crm/properties/2026-03/contacts"
SCORE = {
    "name": "ll_score",
    "label": "Lead score",
    "type": "number",
    "fieldType": "number",
    "groupName": "leadscore",
}
GROUP = {"name": "leadscore", "label": "Lead score", "displayOrder": 1}
GRADE = {
    **SCORE,
    "name": "ll_grade",
    "label": "Grade",
    "type": "enumeration",
    "fieldType": "select",
    "options": [{"label": "A1", "value": "A1", "displayOrder": 0, "hidden": False}],
}


@pytest.fixture
def desk() -> HubSpotBench:
    """An account whose contacts have our group already."""
    found = hubspot()
    assert found.http.post(f"{PROPERTIES}/groups", json=GROUP).status_code == 201
    return found


def _create(desk: HubSpotBench, body: dict[str, Any]) -> Any:
    return desk.http.post(PROPERTIES, json=body)


def test_a_property_that_was_made_can_be_read_and_written(desk: HubSpotBench) -> None:
    made = _create(desk, SCORE)
    assert made.status_code == 201
    assert desk.http.get(f"{PROPERTIES}/ll_score").json() == made.json()
    contact = desk.create("contacts", firstname="Ann", ll_score="71")
    assert desk.read("contacts", contact, "ll_score")["ll_score"] == "71"


def test_an_existing_name_is_a_409_with_its_sub_category_and_stays_as_it_was(desk: HubSpotBench) -> None:
    _create(desk, SCORE)
    refused = _create(desk, {**SCORE, "label": "Other"})
    assert refused.status_code == 409
    assert refused.json()["category"] == "OBJECT_ALREADY_EXISTS"
    assert refused.json()["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
    assert desk.http.get(f"{PROPERTIES}/ll_score").json()["label"] == "Lead score"


def test_an_archived_name_is_brought_back_by_a_create(desk: HubSpotBench) -> None:
    _create(desk, SCORE)
    assert desk.http.delete(f"{PROPERTIES}/ll_score").status_code == 204
    assert desk.http.get(f"{PROPERTIES}/ll_score").status_code == 404
    archived = desk.http.get(PROPERTIES, params={"archived": "true"}).json()["results"]
    assert [(one["name"], one["archived"]) for one in archived] == [("ll_score", True)]
    assert _create(desk, {**SCORE, "label": "Back"}).status_code == 201
    assert desk.http.get(f"{PROPERTIES}/ll_score").json()["label"] == "Back"
    assert desk.http.get(PROPERTIES, params={"archived": "true"}).json()["results"] == []


def test_an_archived_property_takes_no_values(desk: HubSpotBench) -> None:
    _create(desk, SCORE)
    desk.http.delete(f"{PROPERTIES}/ll_score")
    refused = desk.post("contacts", {"properties": {"firstname": "Ann", "ll_score": "1"}})
    assert "PROPERTY_DOESNT_EXIST" in refused.json()["message"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "LL Score"},
        {"name": "hs_score"},
        {"groupName": "nosuch"},
        {"fieldType": "date"},
        {"type": "integer"},
        {"type": "enumeration", "fieldType": "select"},
    ],
)
def test_a_definition_that_does_not_fit_is_a_400(desk: HubSpotBench, change: dict[str, str]) -> None:
    assert _create(desk, {**SCORE, **change}).status_code == 400


@pytest.mark.parametrize("missing", ["name", "label", "type", "fieldType", "groupName"])
def test_name_label_type_field_type_and_group_are_required(desk: HubSpotBench, missing: str) -> None:
    assert _create(desk, {key: value for key, value in SCORE.items() if key != missing}).status_code == 400


def test_a_batch_create_makes_the_new_and_names_the_existing(desk: HubSpotBench) -> None:
    _create(desk, SCORE)
    done = desk.http.post(f"{PROPERTIES}/batch/create", json={"inputs": [SCORE, GRADE]})
    assert done.status_code == 207
    assert [one["name"] for one in done.json()["results"]] == ["ll_grade"]
    assert done.json()["errors"][0]["context"] == {"name": ["ll_score"]}
    assert done.json()["errors"][0]["category"] == "OBJECT_ALREADY_EXISTS"


def test_given_options_replace_the_whole_list(desk: HubSpotBench) -> None:
    _create(desk, GRADE)
    option = {"label": "B1", "value": "B1", "displayOrder": 0, "hidden": False}
    desk.http.patch(f"{PROPERTIES}/ll_grade", json={"options": [option]})
    found = desk.http.get(f"{PROPERTIES}/ll_grade").json()
    assert [one["value"] for one in found["options"]] == ["B1"]
    assert found["label"] == "Grade"


def test_name_and_uniqueness_cannot_be_changed(desk: HubSpotBench) -> None:
    _create(desk, SCORE)
    desk.http.patch(f"{PROPERTIES}/ll_score", json={"name": "other", "hasUniqueValue": True})
    found = desk.http.get(f"{PROPERTIES}/ll_score").json()
    assert (found["name"], found["hasUniqueValue"]) == ("ll_score", False)


def test_hubspots_own_properties_cannot_be_archived_nor_retyped(desk: HubSpotBench) -> None:
    assert desk.http.delete(f"{PROPERTIES}/jobtitle").status_code == 400
    assert desk.http.patch(f"{PROPERTIES}/jobtitle", json={"type": "number"}).status_code == 400


def test_definitions_tell_what_is_read_only(desk: HubSpotBench) -> None:
    found = {one["name"]: one for one in desk.http.get(PROPERTIES).json()["results"]}
    assert found["hs_email_open"]["modificationMetadata"]["readOnlyValue"] is True
    assert found["budget_amount"]["modificationMetadata"]["readOnlyValue"] is False
    assert found["budget_amount"]["groupName"] == "qualification"
    assert found["hubspot_owner_id"]["externalOptions"] is True


def test_definitions_are_read_in_batches_by_name(desk: HubSpotBench) -> None:
    body = {"inputs": [{"name": "jobtitle"}, {"name": "nosuch"}], "archived": False}
    done = desk.http.post(f"{PROPERTIES}/batch/read", json=body)
    assert done.status_code == 207
    assert [one["name"] for one in done.json()["results"]] == ["jobtitle"]


def test_groups_are_made_once_changed_and_archived_when_empty(desk: HubSpotBench) -> None:
    path = f"{PROPERTIES}/groups"
    assert desk.http.post(path, json=GROUP).status_code == 409
    assert desk.http.patch(f"{path}/leadscore", json={"label": "Score"}).json()["label"] == "Score"
    _create(desk, SCORE)
    assert desk.http.delete(f"{path}/leadscore").status_code == 400
    desk.http.delete(f"{PROPERTIES}/ll_score")
    assert desk.http.delete(f"{path}/leadscore").status_code == 204
    assert desk.http.get(f"{path}/leadscore").status_code == 404
    assert "leadscore" not in {one["name"] for one in desk.http.get(path).json()["results"]}


def test_owners_are_listed_active_or_archived_with_two_different_ids(desk: HubSpotBench) -> None:
    active = desk.http.get("/crm/owners/2026-03").json()["results"]
    assert [(one["id"], one["userId"]) for one in active] == [("7101", 55003), ("7114", 55010)]
    archived = desk.http.get("/crm/owners/2026-03", params={"archived": "true"}).json()["results"]
    assert [(one["id"], one["archived"]) for one in archived] == [("7127", True)]


def test_owners_come_in_pages_and_by_email(desk: HubSpotBench) -> None:
    first = desk.http.get("/crm/owners/2026-03", params={"limit": 1}).json()
    second = desk.http.get(first["paging"]["next"]["link"]).json()
    assert [page["results"][0]["id"] for page in (first, second)] == ["7101", "7114"]
    assert "paging" not in second
    found = desk.http.get("/crm/owners/2026-03", params={"email": "ben@seller.example"}).json()["results"]
    assert [one["id"] for one in found] == ["7114"]


def test_an_owner_is_read_by_either_of_its_ids(desk: HubSpotBench) -> None:
    path = "/crm/owners/2026-03"
    assert desk.http.get(f"{path}/7101").json()["email"] == "ana@seller.example"
    assert desk.http.get(f"{path}/55003").status_code == 404
    assert desk.http.get(f"{path}/55003", params={"idProperty": "userId"}).json()["id"] == "7101"


def test_pipelines_tell_their_stages_and_which_of_them_close_a_deal(desk: HubSpotBench) -> None:
    found = desk.http.get("/crm/pipelines/2026-03/deals").json()["results"]
    closing = [stage["id"] for stage in found[0]["stages"] if stage["metadata"]["isClosed"] == "true"]
    assert (found[0]["id"], closing) == ("default", ["closedwon", "closedlost"])
    stages = desk.http.get("/crm/v3/pipelines/deals/default/stages").json()["results"]
    assert stages == found[0]["stages"]
    assert desk.http.get("/crm/pipelines/2026-03/deals/nosuch").status_code == 404
