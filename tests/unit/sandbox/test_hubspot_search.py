from typing import Any

import pytest

from sandbox.hubspot.access import Allowance
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

SEEN = 2.1
SETTLED = 3 * 3_600
MODIFIED_MS = 1_795_338_000_000  # 2026-11-22T09:00:00Z


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot(Allowance(searches_per_second=1_000))


@pytest.fixture
def people(desk: HubSpotBench) -> dict[str, str]:
    """Three contacts by first name, findable, and where they belong in the index."""
    rows: list[dict[str, str]] = [
        {"email": "ann@acme.example", "jobtitle": "Head of Sales", "budget_amount": "900", "hs_lead_status": "NEW"},
        {"email": "bob@bolt.example", "jobtitle": "Sales Intern", "budget_amount": "10000", "hs_lead_status": "OPEN"},
        {"email": "cyd@acme.example", "target_go_live": "2027-01-01"},
    ]
    made = {}
    for name, row in zip(("ann", "bob", "cyd"), rows, strict=True):
        made[name] = desk.create("contacts", firstname=name, **row)
        desk.bench.clock.advance(60)
    desk.bench.clock.advance(SETTLED)
    return made


def _names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["properties"]["firstname"] for row in answer.json()["results"]]


def _found(desk: HubSpotBench, name: str, operator: str, **values: Any) -> list[str]:
    condition = {"propertyName": name, "operator": operator, **values}
    return sorted(_names(desk.search("contacts", [condition], properties=["firstname"])))


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("name", "operator", "values", "expected"),
    [
        ("budget_amount", "GT", {"value": "1000"}, ["bob"]),
        ("budget_amount", "LTE", {"value": "900"}, ["ann"]),
        ("budget_amount", "EQ", {"value": 900}, ["ann"]),
        ("hs_object_id", "GTE", {"value": "9502"}, ["bob", "cyd"]),
        ("hs_object_id", "GT", {"value": "9501.5"}, ["bob", "cyd"]),
        ("hs_object_id", "LT", {"value": "9501.5"}, ["ann"]),
        ("hs_object_id", "BETWEEN", {"value": "9503", "highValue": "9501"}, []),
        ("hs_object_id", "NEQ", {"value": "9502"}, ["ann", "cyd"]),
        ("budget_amount", "BETWEEN", {"value": "1", "highValue": "20000"}, ["ann", "bob"]),
        ("budget_amount", "IN", {"values": ["900", "10000"]}, ["ann", "bob"]),
        ("budget_amount", "HAS_PROPERTY", {}, ["ann", "bob"]),
        ("budget_amount", "NOT_HAS_PROPERTY", {}, ["cyd"]),
        ("hs_lead_status", "EQ", {"value": "NEW"}, ["ann"]),
        ("hs_lead_status", "EQ", {"value": "new"}, []),
        ("hs_lead_status", "NEQ", {"value": "NEW"}, ["bob"]),
        ("hs_lead_status", "NOT_IN", {"values": ["NEW"]}, ["bob"]),
        ("email", "EQ", {"value": "ANN@acme.example"}, ["ann"]),
        ("email", "IN", {"values": ["ann@acme.example"]}, ["ann"]),
        ("email", "IN", {"values": ["ANN@acme.example"]}, []),
        ("jobtitle", "CONTAINS_TOKEN", {"value": "sales"}, ["ann", "bob"]),
        ("jobtitle", "CONTAINS_TOKEN", {"value": "int*"}, ["bob"]),
        ("jobtitle", "NOT_CONTAINS_TOKEN", {"value": "intern"}, ["ann"]),
        ("email", "CONTAINS_TOKEN", {"value": "*@acme.example"}, ["ann", "cyd"]),
        ("target_go_live", "GTE", {"value": "2027-01-01"}, ["cyd"]),
        ("createdate", "LT", {"value": "2026-11-22T09:00:30Z"}, ["ann"]),
        ("lastmodifieddate", "GT", {"value": str(MODIFIED_MS)}, ["bob", "cyd"]),
        ("lastmodifieddate", "BETWEEN", {"value": MODIFIED_MS, "highValue": MODIFIED_MS + 60_000}, ["ann", "bob"]),
    ],
)
def test_operators(desk: HubSpotBench, name: str, operator: str, values: dict[str, Any], expected: list[str]) -> None:
    assert _found(desk, name, operator, **values) == expected


@pytest.mark.usefixtures("people")
def test_groups_are_alternatives_and_filters_in_a_group_hold_together(desk: HubSpotBench) -> None:
    def group(*pairs: tuple[str, str]) -> dict[str, Any]:
        return {"filters": [{"propertyName": n, "operator": "EQ", "value": v} for n, v in pairs]}

    body = {
        "filterGroups": [group(("firstname", "ann"), ("hs_lead_status", "OPEN")), group(("firstname", "cyd"))],
        "properties": ["firstname"],
    }
    assert _names(desk.post("contacts/search", body)) == ["cyd"]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("budget_amount", ["ann", "bob", "cyd"]),
        ("-budget_amount", ["bob", "ann", "cyd"]),
        ({"propertyName": "hs_object_id", "direction": "DESCENDING"}, ["cyd", "bob", "ann"]),
        ({"propertyName": "lastmodifieddate"}, ["ann", "bob", "cyd"]),
    ],
)
def test_sorts_take_both_forms_and_put_missing_values_last(desk: HubSpotBench, sort: Any, expected: list[str]) -> None:
    assert _names(desk.search("contacts", sorts=[sort], properties=["firstname"])) == expected


@pytest.mark.usefixtures("people")
def test_a_free_text_query_looks_at_names_and_addresses(desk: HubSpotBench) -> None:
    assert _names(desk.search("contacts", query="BOLT.example", properties=["firstname"])) == ["bob"]


def test_all_values_are_strings_and_what_is_unset_is_null(desk: HubSpotBench, people: dict[str, str]) -> None:
    condition = {"propertyName": "hs_object_id", "operator": "EQ", "value": people["ann"]}
    (row,) = desk.search("contacts", [condition], properties=["budget_amount", "phone"]).json()["results"]
    assert row["properties"]["budget_amount"] == "900"
    assert row["properties"]["phone"] is None
    assert row["archived"] is False


def test_archived_records_are_hidden_from_search(desk: HubSpotBench, people: dict[str, str]) -> None:
    desk.http.delete(f"/crm/objects/2026-03/contacts/{people['ann']}")
    desk.bench.clock.advance(SEEN)
    assert _found(desk, "firstname", "HAS_PROPERTY") == ["bob", "cyd"]


def test_records_are_found_by_what_they_are_associated_with(desk: HubSpotBench, people: dict[str, str]) -> None:
    task = desk.create("tasks", hs_timestamp="2026-11-23")
    desk.http.put(f"/crm/objects/2026-03/tasks/{task}/associations/default/contacts/{people['bob']}")
    desk.bench.clock.advance(SEEN)
    condition = {"propertyName": "associations.contact", "operator": "EQ", "value": people["bob"]}
    assert [row["id"] for row in desk.search("tasks", [condition]).json()["results"]] == [task]


def _load(desk: HubSpotBench, number: int) -> None:
    from sandbox.hubspot.kinds import CONTACTS

    for place in range(number):
        desk.account.records(CONTACTS).load({"firstname": f"p{place}"}, MODIFIED_MS, MODIFIED_MS)


def test_pages_have_ten_rows_unless_told_and_at_most_two_hundred(desk: HubSpotBench) -> None:
    _load(desk, 205)
    assert len(desk.search("contacts").json()["results"]) == 10
    page = desk.search("contacts", limit=200).json()
    assert (len(page["results"]), page["total"], page["paging"]["next"]["after"]) == (200, 205, "200")
    rest = desk.search("contacts", limit=200, after="200").json()
    assert len(rest["results"]) == 5
    assert "paging" not in rest
    assert desk.search("contacts", limit=201).status_code == 400


def test_past_ten_thousand_results_is_a_400_though_the_total_tells_more(desk: HubSpotBench) -> None:
    _load(desk, 10_050)
    last = desk.search("contacts", limit=200, after="9800")
    assert (last.status_code, last.json()["total"]) == (200, 10_050)
    assert desk.search("contacts", limit=200, after="10000").status_code == 400
    assert desk.search("contacts", limit=200, after="9801").status_code == 400


def _condition(number: int = 0) -> dict[str, Any]:
    return {"propertyName": "firstname", "operator": "EQ", "value": f"v{number}"}


@pytest.mark.parametrize(
    "groups",
    [[1] * 6, [7], [6, 6, 6, 1], [5, 5, 5, 4]],
    ids=["six groups", "seven in a group", "nineteen in all", "nineteen spread"],
)
def test_too_many_filters_are_a_400(desk: HubSpotBench, groups: list[int]) -> None:
    body = {"filterGroups": [{"filters": [_condition(n) for n in range(size)]} for size in groups]}
    assert desk.post("contacts/search", body).status_code == 400


def test_five_groups_and_eighteen_filters_are_fine(desk: HubSpotBench) -> None:
    body = {"filterGroups": [{"filters": [_condition(n) for n in range(size)]} for size in (6, 6, 4, 1, 1)]}
    assert desk.post("contacts/search", body).status_code == 200


def test_a_body_over_three_thousand_characters_is_a_400(desk: HubSpotBench) -> None:
    long = {"propertyName": "email", "operator": "IN", "values": [f"{n:04}@acme.example" for n in range(200)]}
    assert desk.search("contacts", [long]).status_code == 400


@pytest.mark.parametrize(
    "condition",
    [
        {"propertyName": "nosuch", "operator": "EQ", "value": "1"},
        {"propertyName": "firstname", "operator": "LIKE", "value": "1"},
        {"propertyName": "firstname", "operator": "EQ"},
        {"propertyName": "firstname", "operator": "IN", "value": "x"},
        {"propertyName": "budget_amount", "operator": "GT", "value": "much"},
        {"propertyName": "budget_amount", "operator": "GT", "value": "nan"},
        {"propertyName": "hs_object_id", "operator": "LT", "value": "1_000"},
        {"propertyName": "hs_object_id", "operator": "EQ", "value": "inf"},
        {"propertyName": "lastmodifieddate", "operator": "GT", "value": "9" * 30},
        {"propertyName": "lastmodifieddate", "operator": "BETWEEN", "value": "1"},
        {"propertyName": "associations.widget", "operator": "EQ", "value": "1"},
    ],
)
def test_a_filter_that_makes_no_sense_is_a_400(desk: HubSpotBench, condition: dict[str, Any]) -> None:
    refused = desk.search("contacts", [condition])
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")


def test_two_sorts_or_an_unknown_one_are_a_400(desk: HubSpotBench) -> None:
    assert desk.search("contacts", sorts=["email", "phone"]).status_code == 400
    assert desk.search("contacts", sorts=["nosuch"]).status_code == 400
