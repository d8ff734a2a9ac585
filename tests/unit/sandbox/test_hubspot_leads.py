"""Leads, and the pipelines in which leads and deals stand."""

from typing import Any

import pytest

from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

LEADS = "/crm/objects/2026-03/leads"
PIPELINES = "/crm/pipelines/2026-03"
WON = {"label": "Won", "displayOrder": 1, "metadata": {"probability": "1.0"}}
OPEN = {"label": "Open", "displayOrder": 0, "metadata": {"probability": "0.5"}}


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


def _lead(desk: HubSpotBench, *links: tuple[str, int], **properties: str) -> Any:
    associations = [
        {"to": {"id": to}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
        for to, type_id in links
    ]
    values = {"hs_lead_name": "Ann at Acme", **properties}
    return desk.http.post(LEADS, json={"properties": values, "associations": associations})


@pytest.mark.parametrize(("kind", "type_id"), [("contacts", 578), ("companies", 580)])
def test_a_lead_is_made_about_a_contact_or_a_company(desk: HubSpotBench, kind: str, type_id: int) -> None:
    about = desk.create("contacts", firstname="Ann"), desk.create("companies", name="Acme")
    made = _lead(desk, (about[kind == "companies"], type_id), hs_lead_label="WARM")
    assert made.status_code == 201
    assert desk.read("leads", made.json()["id"], "hs_lead_name", "hs_lead_label")["hs_lead_label"] == "WARM"
    linked = desk.http.get(f"{LEADS}/{made.json()['id']}/associations/{kind}").json()["results"]
    assert [one["typeId"] for one in linked[0]["associationTypes"]] == [type_id, 608 if kind == "contacts" else 610]


def test_a_lead_needs_its_name_and_a_primary_association(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", firstname="Ann")
    assert _lead(desk).status_code == 400
    assert _lead(desk, (contact, 608)).status_code == 400
    refused = _lead(desk, (contact, 578), hs_lead_name="")
    assert refused.json()["context"] == {"properties": ["hs_lead_name"]}
    assert desk.http.get(LEADS).json()["results"] == []


def test_leads_are_made_found_changed_and_archived_in_batches(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", firstname="Ann")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}]
    good = {"properties": {"hs_lead_name": "A"}, "associations": [{"to": {"id": contact}, "types": types}]}
    bad = {"properties": {"hs_lead_name": "B"}, "objectWriteTraceId": "b"}
    done = desk.post("leads/batch/create", {"inputs": [good, bad]})
    assert (done.status_code, len(done.json()["results"])) == (207, 1)
    lead = done.json()["results"][0]["id"]
    desk.post("leads/batch/update", {"inputs": [{"id": lead, "properties": {"hs_lead_type": "UPSELL"}}]})
    found = desk.post("leads/batch/read", {"inputs": [{"id": lead}], "properties": ["hs_lead_type"]}).json()["results"]
    assert found[0]["properties"]["hs_lead_type"] == "UPSELL"
    desk.bench.clock.advance(7200)
    assert desk.search("0-136").json()["total"] == 1
    desk.post("leads/batch/archive", {"inputs": [{"id": lead}]})
    assert desk.http.get(f"{LEADS}/{lead}").status_code == 404


def test_a_task_can_be_about_a_lead(desk: HubSpotBench) -> None:
    lead = _lead(desk, (desk.create("contacts", firstname="Ann"), 578)).json()["id"]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 647}]
    body = {"properties": {"hs_timestamp": "2026-11-23"}, "associations": [{"to": {"id": lead}, "types": types}]}
    task = desk.post("tasks", body).json()["id"]
    linked = desk.http.get(f"{LEADS}/{lead}/associations/tasks").json()["results"]
    assert [(one["toObjectId"], one["associationTypes"][0]["typeId"]) for one in linked] == [(task, 646)]


def test_a_new_lead_stands_in_the_first_stage_and_moves_within_its_pipeline(desk: HubSpotBench) -> None:
    lead = _lead(desk, (desk.create("contacts", firstname="Ann"), 578)).json()["id"]
    assert desk.read("leads", lead, "hs_pipeline_stage", "hs_pipeline")["hs_pipeline_stage"] == "new-stage-id"
    moved = desk.http.patch(f"{LEADS}/{lead}", json={"properties": {"hs_pipeline_stage": "connected-stage-id"}})
    assert moved.status_code == 200
    refused = desk.http.patch(f"{LEADS}/{lead}", json={"properties": {"hs_pipeline_stage": "closedwon"}})
    assert refused.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_a_deal_without_pipeline_stands_in_the_first_one(desk: HubSpotBench) -> None:
    deal = desk.create("deals", dealname="Big", dealstage="contractsent")
    assert desk.read("deals", deal, "pipeline")["pipeline"] == "default"


def test_a_deals_stage_is_one_of_its_pipelines(desk: HubSpotBench) -> None:
    values = {"dealname": "Big", "dealstage": "closedwon", "pipeline": "75e28846"}
    assert desk.post("deals", {"properties": values}).status_code == 400
    deal = desk.create("deals", dealname="Big", dealstage="contractsent", pipeline="default")
    path = f"/crm/objects/2026-03/deals/{deal}"
    assert desk.http.patch(path, json={"properties": {"pipeline": "75e28846"}}).status_code == 400
    both = {"pipeline": "75e28846", "dealstage": "75e28846_closedwon"}
    assert desk.http.patch(path, json={"properties": both}).status_code == 200


def test_what_a_record_needs_cannot_be_cleared(desk: HubSpotBench) -> None:
    task = desk.create("tasks", hs_timestamp="2026-11-23")
    refused = desk.http.patch(f"/crm/objects/2026-03/tasks/{task}", json={"properties": {"hs_timestamp": ""}})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "REQUIRED_FIELD")


def _pipeline(desk: HubSpotBench, *stages: dict[str, Any], **rest: Any) -> Any:
    return desk.http.post(f"{PIPELINES}/deals", json={"label": "Partners", "displayOrder": 5, "stages": stages, **rest})


def test_a_pipeline_that_was_made_takes_deals_which_close_where_it_says(desk: HubSpotBench) -> None:
    made = _pipeline(desk, WON, OPEN)
    assert made.status_code == 201
    open_stage, won = made.json()["stages"]
    assert (open_stage["label"], won["metadata"]) == ("Open", {"isClosed": "true", "probability": "1.0"})
    deal = desk.create("deals", dealname="Big", dealstage=won["id"], pipeline=made.json()["id"])
    assert desk.read("deals", deal, "hs_is_closed_won")["hs_is_closed_won"] == "true"
    listed = desk.http.get("/crm/v3/pipelines/deals").json()["results"]
    assert [one["label"] for one in listed] == ["Sales pipeline", "Expansion", "Partners"]


@pytest.mark.parametrize(
    "change",
    [
        {"label": "Sales pipeline"},
        {"label": " "},
        {"stages": []},
        {"stages": [OPEN, OPEN]},
        {"stages": [{**OPEN, "metadata": {}}]},
        {"stages": [{**OPEN, "metadata": {"probability": "2"}}]},
        {"stages": [{**OPEN, "metadata": {"probability": "nan"}}]},
    ],
)
def test_a_pipeline_that_does_not_fit_is_a_400(desk: HubSpotBench, change: dict[str, Any]) -> None:
    assert _pipeline(desk, **{"stages": [OPEN], **change}).status_code == 400


@pytest.mark.parametrize("change", [{"pipelineId": "default"}, {"stages": [{**OPEN, "stageId": "closedwon"}]}])
def test_an_id_that_is_taken_is_a_409(desk: HubSpotBench, change: dict[str, Any]) -> None:
    assert _pipeline(desk, **{"stages": [OPEN], **change}).status_code == 409


def test_an_account_has_fifteen_pipelines_at_most(desk: HubSpotBench) -> None:
    codes = [_pipeline(desk, OPEN, label=f"P{number}").status_code for number in range(14)]
    assert codes == [201] * 13 + [400]


def test_pipelines_and_stages_are_changed_and_leave_an_audit(desk: HubSpotBench) -> None:
    pipeline = _pipeline(desk, OPEN, WON).json()
    path = f"{PIPELINES}/deals/{pipeline['id']}"
    assert desk.http.patch(path, json={"label": "Resellers"}).json()["label"] == "Resellers"
    stage = f"{path}/stages/{pipeline['stages'][0]['id']}"
    assert desk.http.patch(stage, json={"label": "Talks", "metadata": {}}).json()["metadata"]["probability"] == "0.5"
    assert desk.http.put(stage, json={**OPEN, "label": "New"}).json()["label"] == "New"
    lost = {"label": "Lost", "displayOrder": 2, "metadata": {"probability": "0.0"}}
    made = desk.http.post(f"{path}/stages", json=lost)
    assert (made.status_code, made.json()["metadata"]["isClosed"]) == (201, "true")
    assert desk.http.get(f"{path}/stages/{made.json()['id']}").json() == made.json()
    assert [one["action"] for one in desk.http.get(f"{path}/audit").json()["results"]] == ["UPDATE", "CREATE"]
    assert [one["action"] for one in desk.http.get(f"{stage}/audit").json()["results"]] == ["UPDATE", "UPDATE"]
    replaced = desk.http.put(path, json={"label": "Resellers", "displayOrder": 0, "stages": [OPEN]}).json()
    assert [one["label"] for one in replaced["stages"]] == ["Open"]


def test_a_stage_with_deals_in_it_cannot_be_deleted_a_pipeline_only_when_nobody_looks(desk: HubSpotBench) -> None:
    pipeline = _pipeline(desk, OPEN, WON).json()
    path, (used, free) = f"{PIPELINES}/deals/{pipeline['id']}", [stage["id"] for stage in pipeline["stages"]]
    deal = desk.create("deals", dealname="Big", dealstage=used, pipeline=pipeline["id"])
    assert desk.http.delete(f"{path}/stages/{used}").status_code == 400
    assert desk.http.delete(f"{path}/stages/{free}").status_code == 204
    assert desk.http.delete(f"{path}?validateReferencesBeforeDelete=true").status_code == 400
    assert desk.http.delete(path).status_code == 204
    assert desk.http.get(path).status_code == 404
    assert desk.read("deals", deal, "dealstage")["dealstage"] == used


def test_the_last_pipeline_and_its_last_stage_stay(desk: HubSpotBench) -> None:
    pipeline = _pipeline(desk, OPEN).json()
    assert desk.http.delete(f"{PIPELINES}/deals/{pipeline['id']}/stages/{pipeline['stages'][0]['id']}").status_code == 400
    assert desk.http.delete(f"{PIPELINES}/leads/lead-pipeline-id").status_code == 400


def test_lead_stages_say_what_state_they_mean(desk: HubSpotBench) -> None:
    stage = {"label": "Later", "displayOrder": 9, "metadata": {"leadState": "CONNECTED"}}
    path = f"{PIPELINES}/leads/lead-pipeline-id/stages"
    assert desk.http.post(path, json=stage).json()["metadata"] == {"leadState": "CONNECTED"}
    assert desk.http.post(path, json={**stage, "label": "X", "metadata": {"leadState": "ODD"}}).status_code == 400


def test_other_object_types_have_no_pipelines(desk: HubSpotBench) -> None:
    assert desk.http.get(f"{PIPELINES}/contacts").json() == {"results": []}
    body = {"label": "X", "displayOrder": 0, "stages": [OPEN]}
    assert desk.http.post(f"{PIPELINES}/contacts", json=body).status_code == 400
