from typing import Any

import pytest

from sandbox.hubspot.account import PORTAL_ID
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

CONTACTS = "/crm/objects/2026-03/contacts"


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


def _ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer.json()["results"]]


def test_what_is_written_is_read_back(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example", jobtitle="CFO")
    assert desk.read("contacts", made, "email", "jobtitle", "phone") == {
        "email": "a@acme.example",
        "jobtitle": "CFO",
        "phone": None,
        "createdate": "2026-11-22T09:00:00Z",
        "lastmodifieddate": "2026-11-22T09:00:00Z",
        "hs_object_id": made,
    }


def test_a_list_has_ten_records_unless_told_and_at_most_a_hundred(desk: HubSpotBench) -> None:
    for number in range(12):
        desk.create("contacts", email=f"p{number}@acme.example")
    assert len(_ids(desk.http.get(CONTACTS))) == 10
    assert len(_ids(desk.http.get(CONTACTS, params={"limit": 100}))) == 12
    assert desk.http.get(CONTACTS, params={"limit": 101}).status_code == 400
    assert desk.http.get(CONTACTS, params={"limit": "many"}).status_code == 400


def test_following_the_cursor_gives_every_record_once(desk: HubSpotBench) -> None:
    made = [desk.create("contacts", email=f"p{number}@acme.example") for number in range(7)]
    seen: list[str] = []
    params: dict[str, str] = {"limit": "3"}
    for _ in range(5):
        page = desk.http.get(CONTACTS, params=params)
        seen += _ids(page)
        if "paging" not in page.json():
            break
        params["after"] = page.json()["paging"]["next"]["after"]
    assert seen == made


def test_the_link_of_the_next_page_works(desk: HubSpotBench) -> None:
    made = [desk.create("contacts", email=f"p{number}@acme.example") for number in range(3)]
    first = desk.http.get(CONTACTS, params={"limit": 2, "properties": "email,phone"}).json()
    link = first["paging"]["next"]["link"]
    assert link.startswith("http://twin/")
    second = desk.http.get(link)
    assert _ids(second) == made[2:]
    assert "phone" in second.json()["results"][0]["properties"]


def test_without_properties_a_few_default_ones_come(desk: HubSpotBench) -> None:
    made = desk.create("companies", name="Acme")
    assert set(desk.read("companies", made)) == {"createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"}


def test_properties_that_do_not_exist_are_left_out_without_a_word(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example")
    assert "nosuch" not in desk.read("contacts", made, "nosuch", "email")


def test_an_update_moves_the_modified_date_also_when_nothing_changes(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example", jobtitle="CFO")
    desk.bench.clock.advance(60)
    desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"jobtitle": "CFO"}})
    assert desk.read("contacts", made)["lastmodifieddate"] == "2026-11-22T09:01:00Z"


def test_an_empty_string_clears_a_value(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example", jobtitle="CFO")
    desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"jobtitle": ""}})
    assert desk.read("contacts", made, "jobtitle")["jobtitle"] is None


def test_a_record_is_found_by_email_when_asked_so(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="A@Acme.example")
    found = desk.http.get(f"{CONTACTS}/a@acme.example", params={"idProperty": "email"})
    assert found.json()["id"] == made
    assert desk.http.get(f"{CONTACTS}/x", params={"idProperty": "jobtitle"}).status_code == 400


def test_an_id_that_does_not_exist_is_a_404(desk: HubSpotBench) -> None:
    assert desk.http.get(f"{CONTACTS}/123").json()["message"] == "resource not found"
    word = desk.http.get(f"{CONTACTS}/abc")
    assert word.status_code == 404
    assert word.json()["context"] == {"id": ["abc"]}
    assert desk.http.patch(f"{CONTACTS}/123", json={"properties": {}}).status_code == 404
    assert desk.http.delete(f"{CONTACTS}/123").status_code == 404


def test_archived_records_leave_lists_and_reads_but_can_be_asked_for(desk: HubSpotBench) -> None:
    kept, gone = desk.create("contacts", email="k@acme.example"), desk.create("contacts", email="g@acme.example")
    assert desk.http.delete(f"{CONTACTS}/{gone}").status_code == 204
    assert _ids(desk.http.get(CONTACTS)) == [kept]
    assert desk.http.get(f"{CONTACTS}/{gone}").status_code == 404
    archived = desk.http.get(CONTACTS, params={"archived": "true"}).json()["results"]
    assert [(row["id"], row["archived"], row["archivedAt"]) for row in archived] == [(gone, True, "2026-11-22T09:00:00Z")]


def test_archiving_does_not_move_the_modified_date(desk: HubSpotBench) -> None:
    gone = desk.create("contacts", email="g@acme.example")
    desk.bench.clock.advance(60)
    desk.http.delete(f"{CONTACTS}/{gone}")
    archived = desk.http.get(CONTACTS, params={"archived": "true"}).json()["results"][0]
    assert archived["updatedAt"] == "2026-11-22T09:00:00Z"


def test_the_email_of_another_contact_is_a_409_that_names_it(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example")
    refused = desk.post("contacts", {"properties": {"email": "A@acme.example"}})
    assert (refused.status_code, refused.json()["category"]) == (409, "CONFLICT")
    assert refused.json()["message"] == f"Contact already exists. Existing ID: {made}"


@pytest.mark.parametrize(
    ("properties", "code"),
    [
        ({"nosuch": "1"}, "PROPERTY_DOESNT_EXIST"),
        ({"hs_email_open": "3"}, "READ_ONLY_VALUE"),
        ({"lastmodifieddate": "2026-01-01"}, "READ_ONLY_VALUE"),
        ({"budget_status": "huge"}, "INVALID_OPTION"),
        ({"hs_lead_status": "new"}, "INVALID_OPTION"),
        ({"budget_amount": "1,800.00"}, "INVALID_NUMBER"),
        ({"budget_amount": "NaN"}, "INVALID_NUMBER"),
        ({"budget_amount": "1_800"}, "INVALID_NUMBER"),
        ({"target_go_live": "1795340460000"}, "INVALID_DATE"),
        ({"target_go_live": "soon"}, "INVALID_DATE"),
        ({"email": "not an address"}, "INVALID_EMAIL"),
        ({"hubspot_owner_id": "55003"}, "INVALID_OPTION"),
        ({"hubspot_owner_id": "7127"}, "INVALID_OPTION"),
        ({"pain_point": "x" * 65_537}, "VALUE_TOO_LONG"),
    ],
)
def test_a_value_that_does_not_fit_is_a_400_with_its_code(desk: HubSpotBench, properties: dict[str, str], code: str) -> None:
    made = desk.create("contacts", email="a@acme.example")
    refused = desk.http.patch(f"{CONTACTS}/{made}", json={"properties": properties})
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    assert refused.json()["message"].startswith('Property values were not valid: [{"isValid":false')
    assert [error["code"] for error in refused.json()["errors"]] == [code]


def test_a_refused_value_keeps_the_other_values_of_the_write_out_too(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example")
    desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"jobtitle": "CFO", "nosuch": "1"}})
    assert desk.read("contacts", made, "jobtitle")["jobtitle"] is None


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("target_go_live", "1795305600000", "2026-11-22"),
        ("target_go_live", "2026-11-22T00:00:00Z", "2026-11-22"),
        ("budget_amount", 67340.5, "67340.5"),
        ("hubspot_owner_id", "7114", "7114"),
        ("hs_buying_role", "CHAMPION;END_USER", "CHAMPION;END_USER"),
    ],
)
def test_values_are_kept_in_hubspots_own_form(desk: HubSpotBench, name: str, sent: object, kept: str) -> None:
    made = desk.create("contacts", email="a@acme.example")
    desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {name: sent}})
    assert desk.read("contacts", made, name)[name] == kept


def test_a_leading_semicolon_appends_to_several_options(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example", hs_buying_role="CHAMPION")
    desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"hs_buying_role": ";END_USER"}})
    assert desk.read("contacts", made, "hs_buying_role")["hs_buying_role"] == "CHAMPION;END_USER"


def test_a_list_as_value_is_a_400(desk: HubSpotBench) -> None:
    assert desk.post("contacts", {"properties": {"email": ["a@acme.example"]}}).status_code == 400


def test_the_lifecycle_stage_moves_forward_only_and_says_nothing(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example", lifecyclestage="opportunity")
    back = desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"lifecyclestage": "lead"}})
    assert back.status_code == 200
    assert desk.read("contacts", made, "lifecyclestage")["lifecyclestage"] == "opportunity"
    desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"lifecyclestage": ""}})
    desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"lifecyclestage": "lead"}})
    assert desk.read("contacts", made, "lifecyclestage")["lifecyclestage"] == "lead"


def test_history_lists_values_newest_first_with_their_source(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example", jobtitle="CFO")
    desk.bench.clock.advance(60)
    desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"jobtitle": "CEO"}})
    found = desk.http.get(f"{CONTACTS}/{made}", params={"propertiesWithHistory": "jobtitle"}).json()
    history = found["propertiesWithHistory"]["jobtitle"]
    assert [(change["value"], change["timestamp"]) for change in history] == [
        ("CEO", "2026-11-22T09:01:00Z"),
        ("CFO", "2026-11-22T09:00:00Z"),
    ]
    assert {change["sourceType"] for change in history} == {"INTEGRATION"}


def test_history_halves_the_page(desk: HubSpotBench) -> None:
    asked: dict[str, str] = {"limit": "51", "propertiesWithHistory": "jobtitle"}
    assert desk.http.get(CONTACTS, params=asked).status_code == 400


def test_a_deal_knows_whether_its_stage_is_the_end(desk: HubSpotBench) -> None:
    made = desk.create("deals", dealname="Big", dealstage="contractsent", pipeline="default")
    path = f"/crm/objects/2026-03/deals/{made}"
    assert desk.read("deals", made, "hs_is_closed")["hs_is_closed"] == "false"
    desk.http.patch(path, json={"properties": {"dealstage": "closedwon"}})
    closed = desk.read("deals", made, "hs_is_closed", "hs_is_closed_won")
    assert (closed["hs_is_closed"], closed["hs_is_closed_won"]) == ("true", "true")
    assert desk.http.patch(path, json={"properties": {"dealstage": "nosuch"}}).status_code == 400


def test_a_task_needs_its_due_time(desk: HubSpotBench) -> None:
    refused = desk.post("tasks", {"properties": {"hs_task_subject": "Call"}})
    assert refused.status_code == 400
    assert refused.json()["message"] == "Error creating TASK. Some required properties were not set."
    assert refused.json()["context"] == {"properties": ["hs_timestamp"]}


def test_a_task_is_made_with_its_associations(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", email="a@acme.example")
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}
    body = {
        "properties": {"hs_timestamp": "2026-11-23T09:00:00Z", "hs_task_status": "NOT_STARTED"},
        "associations": [{"to": {"id": contact}, "types": [spec]}],
    }
    made = desk.post("tasks", body)
    assert made.status_code == 201
    linked = desk.http.get(f"{CONTACTS}/{contact}/associations/tasks").json()["results"]
    assert [entry["toObjectId"] for entry in linked] == [made.json()["id"]]


@pytest.mark.parametrize(("target", "type_id"), [("123", 204), ("contact", 203), ("contact", 279)])
def test_a_task_with_an_impossible_association_is_not_made(desk: HubSpotBench, target: str, type_id: int) -> None:
    contact = desk.create("contacts", email="a@acme.example")
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
    to = {"id": contact if target == "contact" else target}
    body = {"properties": {"hs_timestamp": "2026-11-23"}, "associations": [{"to": to, "types": [spec]}]}
    refused = desk.post("tasks", body)
    assert (refused.status_code, refused.json()["message"]) == (400, "One or more associations are invalid")
    assert _ids(desk.http.get("/crm/objects/2026-03/tasks")) == []


def test_a_completed_task_gets_its_completion_date(desk: HubSpotBench) -> None:
    made = desk.create("tasks", hs_timestamp="2026-11-23", hs_task_status="NOT_STARTED")
    desk.bench.clock.advance(60)
    path = f"/crm/objects/2026-03/tasks/{made}"
    desk.http.patch(path, json={"properties": {"hs_task_status": "COMPLETED"}})
    assert desk.read("tasks", made, "hs_task_completion_date")["hs_task_completion_date"] == "2026-11-22T09:01:00Z"


def test_a_record_that_refuses_writes_says_why(desk: HubSpotBench) -> None:
    made = desk.create("contacts", email="a@acme.example")
    rule = {"object": "contacts", "id": made, "message": "Region is required before anything is saved"}
    desk.http.post("/_twin/refuse", json=rule)
    refused = desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"jobtitle": "CFO"}})
    assert refused.status_code == 400
    assert "Region is required" in refused.json()["message"]
    desk.http.post("/_twin/refuse", json=[])
    assert desk.http.patch(f"{CONTACTS}/{made}", json={"properties": {"jobtitle": "CFO"}}).status_code == 200


def test_ids_of_different_object_types_overlap(desk: HubSpotBench) -> None:
    assert desk.create("contacts", email="a@acme.example") == desk.create("companies", name="Acme")


def test_the_account_tells_its_details(desk: HubSpotBench) -> None:
    assert desk.http.get("/account-info/2026-03/details").json()["portalId"] == PORTAL_ID
