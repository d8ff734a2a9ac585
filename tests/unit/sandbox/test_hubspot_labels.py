"""Association labels of an account's own, the older form of associations, and what follows from links."""

from typing import Any

import pytest

from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

LABELS = "/crm/associations/2026-03/contacts/companies/labels"
BATCH = "/crm/associations/2026-03/contacts/companies/batch"
V3 = "/crm/v3"


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


def _label(desk: HubSpotBench, **rest: str) -> list[dict[str, Any]]:
    made = desk.http.post(LABELS, json={"label": "Advisor", "name": "advisor", **rest})
    assert made.status_code == 200, made.text
    results: list[dict[str, Any]] = made.json()["results"]
    return results


def _pair(desk: HubSpotBench) -> tuple[str, str]:
    return desk.create("contacts", firstname="Ann"), desk.create("companies", name="Acme")


def _put(desk: HubSpotBench, contact: str, company: str, category: str, type_id: int) -> Any:
    path = f"/crm/objects/2026-03/contacts/{contact}/associations/companies/{company}"
    return desk.http.put(path, json=[{"associationCategory": category, "associationTypeId": type_id}])


def _types(desk: HubSpotBench, start: str, start_id: str, to: str) -> dict[str, list[tuple[str, int, str | None]]]:
    found = desk.http.get(f"/crm/objects/2026-03/{start}/{start_id}/associations/{to}").json()["results"]
    return {
        entry["toObjectId"]: [(one["category"], one["typeId"], one["label"]) for one in entry["associationTypes"]]
        for entry in found
    }


def test_a_pair_of_labels_has_a_type_in_each_direction(desk: HubSpotBench) -> None:
    there, back = _label(desk, inverseLabel="Advised by")
    assert (there["category"], there["label"], back["label"]) == ("USER_DEFINED", "Advisor", "Advised by")
    listed = desk.http.get(LABELS).json()["results"]
    assert [(one["category"], one["typeId"]) for one in listed] == [
        ("HUBSPOT_DEFINED", 1),
        ("HUBSPOT_DEFINED", 279),
        ("USER_DEFINED", there["typeId"]),
    ]


def test_a_labelled_link_is_seen_from_both_ends_each_with_its_label(desk: HubSpotBench) -> None:
    there, back = _label(desk, inverseLabel="Advised by")
    contact, company = _pair(desk)
    made = _put(desk, contact, company, "USER_DEFINED", there["typeId"])
    assert (made.status_code, made.json()["labels"]) == (201, ["Advisor"])
    assert ("USER_DEFINED", there["typeId"], "Advisor") in _types(desk, "contacts", contact, "companies")[company]
    assert ("USER_DEFINED", back["typeId"], "Advised by") in _types(desk, "companies", company, "contacts")[contact]


def test_type_ids_of_own_labels_overlap_with_hubspots_and_are_told_apart_by_category(desk: HubSpotBench) -> None:
    there, _ = _label(desk)
    assert there["typeId"] == 1
    contact, first = _pair(desk)
    second = desk.create("companies", name="B")
    _put(desk, contact, first, "HUBSPOT_DEFINED", 279)
    _put(desk, contact, second, "USER_DEFINED", 1)
    assert _types(desk, "contacts", contact, "companies")[second] == [
        ("USER_DEFINED", 1, "Advisor"),
        ("HUBSPOT_DEFINED", 279, None),
    ]


def test_a_type_of_the_wrong_category_or_direction_is_a_400(desk: HubSpotBench) -> None:
    _, back = _label(desk)
    contact, company = _pair(desk)
    assert _put(desk, contact, company, "USER_DEFINED", back["typeId"]).status_code == 400
    assert _put(desk, contact, company, "USER_DEFINED", 279).status_code == 400


def test_a_new_record_can_come_with_an_own_label(desk: HubSpotBench) -> None:
    there, _ = _label(desk)
    company = desk.create("companies", name="Acme")
    types = [{"associationCategory": "USER_DEFINED", "associationTypeId": there["typeId"]}]
    body = {"properties": {"firstname": "Ann"}, "associations": [{"to": {"id": company}, "types": types}]}
    contact = desk.post("contacts", body).json()["id"]
    assert ("USER_DEFINED", 1, "Advisor") in _types(desk, "contacts", contact, "companies")[company]


@pytest.mark.parametrize("change", [{"name": "other"}, {"label": "Other"}, {"name": "2nd", "label": "Other"}])
def test_names_and_labels_are_unique_and_names_plain(desk: HubSpotBench, change: dict[str, str]) -> None:
    _label(desk)
    assert desk.http.post(LABELS, json={"label": "Advisor", "name": "advisor", **change}).status_code == 400


def test_two_object_types_have_ten_labels_at_most(desk: HubSpotBench) -> None:
    for number in range(10):
        _label(desk, label=f"L{number}", name=f"l{number}")
    assert desk.http.post(LABELS, json={"label": "L", "name": "l"}).status_code == 400


def test_a_label_is_renamed_and_deleted_and_the_link_outlives_it(desk: HubSpotBench) -> None:
    there, _ = _label(desk)
    contact, company = _pair(desk)
    _put(desk, contact, company, "USER_DEFINED", there["typeId"])
    change = {"associationTypeId": there["typeId"], "label": "Mentor"}
    assert desk.http.put(LABELS, json=change).status_code == 204
    assert ("USER_DEFINED", 1, "Mentor") in _types(desk, "contacts", contact, "companies")[company]
    assert desk.http.delete(f"{LABELS}/{there['typeId']}").status_code == 204
    assert [one[1] for one in _types(desk, "contacts", contact, "companies")[company]] == [1, 279]
    assert {one[0] for one in _types(desk, "contacts", contact, "companies")[company]} == {"HUBSPOT_DEFINED"}
    assert desk.http.delete(f"{LABELS}/{there['typeId']}").status_code == 400


def test_labels_are_taken_away_one_by_one_and_the_plain_link_takes_all_with_it(desk: HubSpotBench) -> None:
    there, _ = _label(desk)
    contact, company = _pair(desk)
    _put(desk, contact, company, "USER_DEFINED", there["typeId"])

    def archive(category: str, type_id: int) -> int:
        types = [{"associationCategory": category, "associationTypeId": type_id}]
        inputs = [{"from": {"id": contact}, "to": {"id": company}, "types": types}]
        return desk.http.post(f"{BATCH}/labels/archive", json={"inputs": inputs}).status_code

    assert archive("USER_DEFINED", there["typeId"]) == 204
    assert [one[1] for one in _types(desk, "contacts", contact, "companies")[company]] == [1, 279]
    assert archive("HUBSPOT_DEFINED", 1) == 204
    assert desk.read("contacts", contact, "associatedcompanyid")["associatedcompanyid"] is None
    assert archive("HUBSPOT_DEFINED", 279) == 204
    assert _types(desk, "contacts", contact, "companies") == {}
    assert archive("HUBSPOT_DEFINED", 5) == 400


@pytest.mark.parametrize("action", ["create", "archive", "labels/archive", "associate/default"])
def test_a_batch_of_pairs_takes_two_thousand(desk: HubSpotBench, action: str) -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    pair = {"from": {"id": "1"}, "to": [{"id": "1"}] if action == "archive" else {"id": "1"}, "types": types}
    refused = desk.http.post(f"{BATCH}/{action}", json={"inputs": [pair] * 2001})
    assert (refused.status_code, "2000" in refused.json()["message"]) == (400, True)


def test_a_batch_pair_without_a_type_is_a_400(desk: HubSpotBench) -> None:
    contact, company = _pair(desk)
    inputs = [{"from": {"id": contact}, "to": {"id": company}, "types": []}]
    assert desk.http.post(f"{BATCH}/create", json={"inputs": inputs}).status_code == 400


def test_a_company_counts_its_contacts_and_a_contact_knows_its_primary_company(desk: HubSpotBench) -> None:
    contact, company = _pair(desk)

    def told() -> tuple[Any, Any]:
        staff = desk.read("companies", company, "num_associated_contacts")["num_associated_contacts"]
        return staff, desk.read("contacts", contact, "associatedcompanyid")["associatedcompanyid"]

    _put(desk, contact, company, "HUBSPOT_DEFINED", 279)
    assert told() == ("1", company)
    desk.http.delete(f"/crm/objects/2026-03/contacts/{contact}/associations/companies/{company}")
    assert told() == ("0", None)


def test_writing_a_contacts_company_associates_it(desk: HubSpotBench) -> None:
    contact, company = _pair(desk)
    path = f"/crm/objects/2026-03/contacts/{contact}"
    desk.http.patch(path, json={"properties": {"associatedcompanyid": company}})
    assert [one[1] for one in _types(desk, "contacts", contact, "companies")[company]] == [1, 279]
    other = desk.create("companies", name="B")
    inputs = [{"id": contact, "properties": {"associatedcompanyid": other}}]
    desk.post("contacts/batch/update", {"inputs": inputs})
    linked = _types(desk, "contacts", contact, "companies")
    assert {one: [kind[1] for kind in kinds] for one, kinds in linked.items()} == {company: [279], other: [1, 279]}
    desk.http.patch(path, json={"properties": {"associatedcompanyid": ""}})
    assert [one[1] for one in _types(desk, "contacts", contact, "companies")[other]] == [279]
    assert desk.http.patch(path, json={"properties": {"associatedcompanyid": "77"}}).status_code == 400


def test_an_archived_company_is_no_ones_primary_one(desk: HubSpotBench) -> None:
    contact, company = _pair(desk)
    _put(desk, contact, company, "HUBSPOT_DEFINED", 279)
    desk.http.delete(f"/crm/objects/2026-03/companies/{company}")
    assert desk.read("contacts", contact, "associatedcompanyid")["associatedcompanyid"] is None


def test_after_a_merge_of_companies_their_contacts_lead_to_the_new_one(desk: HubSpotBench) -> None:
    contact, first = _pair(desk)
    second = desk.create("companies", name="B")
    _put(desk, contact, first, "HUBSPOT_DEFINED", 279)
    merged = desk.post("companies/merge", {"primaryObjectId": second, "objectIdToMerge": first}).json()["id"]
    assert desk.read("contacts", contact, "associatedcompanyid")["associatedcompanyid"] == merged
    assert desk.read("companies", merged, "num_associated_contacts")["num_associated_contacts"] == "1"


def test_a_merged_contact_keeps_one_primary_company(desk: HubSpotBench) -> None:
    (ann, acme), (bob, other) = _pair(desk), _pair(desk)
    _put(desk, ann, acme, "HUBSPOT_DEFINED", 279)
    _put(desk, bob, other, "HUBSPOT_DEFINED", 279)
    merged = desk.post("contacts/merge", {"primaryObjectId": ann, "objectIdToMerge": bob}).json()["id"]
    linked = _types(desk, "contacts", merged, "companies")
    assert {company: [one[1] for one in types] for company, types in linked.items()} == {acme: [1, 279], other: [279]}
    assert desk.read("contacts", merged, "associatedcompanyid")["associatedcompanyid"] == acme


def test_the_older_form_links_by_the_name_or_id_of_a_type(desk: HubSpotBench) -> None:
    contact, company = _pair(desk)
    path = f"{V3}/objects/contacts/{contact}/associations/companies"
    made = desk.http.put(f"{path}/{company}/contact_to_company_unlabeled")
    assert (made.status_code, made.json()["id"]) == (200, contact)
    named = ["contact_to_company", "contact_to_company_unlabeled"]
    assert [one["type"] for one in desk.http.get(path).json()["results"]] == named
    assert desk.http.delete(f"{path}/{company}/1").status_code == 204
    assert desk.http.get(path).json()["results"] == [{"id": company, "type": "contact_to_company"}]
    assert desk.http.put(f"{path}/{company}/company_to_contact").status_code == 400
    assert desk.http.put(f"{path}/77/279").status_code == 404


def test_the_older_form_has_batches_and_lists_types(desk: HubSpotBench) -> None:
    contact, company = _pair(desk)
    path = f"{V3}/associations/contacts/companies"
    types = desk.http.get(f"{path}/types").json()["results"]
    assert types == [{"id": "1", "name": "contact_to_company"}, {"id": "279", "name": "contact_to_company_unlabeled"}]
    pair = {"from": {"id": contact}, "to": {"id": company}, "type": "contact_to_company"}
    made = desk.http.post(f"{path}/batch/create", json={"inputs": [pair]})
    assert (made.status_code, made.json()["results"]) == (201, [pair])
    done = desk.http.post(f"{path}/batch/read", json={"inputs": [{"id": contact}, {"id": "77"}]})
    assert done.status_code == 207
    assert [one["id"] for one in done.json()["results"][0]["to"]] == [company, company]
    assert desk.http.post(f"{path}/batch/archive", json={"inputs": [{**pair, "type": "279"}]}).status_code == 204
    assert desk.http.post(f"{path}/batch/read", json={"inputs": [{"id": contact}]}).json()["results"] == []
