"""What integrations on the market ask for, besides what the documentation of today shows."""

import pytest

from tests.unit.sandbox.twin_client import HubSpotBench, hubspot


@pytest.fixture
def crm() -> HubSpotBench:
    return hubspot()


@pytest.mark.parametrize("kind", ["contact", "contacts", "0-1"])
def test_the_old_list_of_properties_is_a_bare_list(crm: HubSpotBench, kind: str) -> None:
    bare = crm.http.get(f"/properties/v2/{kind}/properties")
    wrapped = crm.http.get("/crm/v3/properties/contacts")
    assert bare.status_code == 200
    assert bare.json() == wrapped.json()["results"]


def test_the_old_list_of_properties_has_no_other_methods_and_no_other_paths(crm: HubSpotBench) -> None:
    assert crm.http.post("/properties/v2/contacts/properties").status_code == 405
    assert crm.http.get("/properties/v2/contacts").status_code == 404
    assert crm.http.get("/properties/v2/").status_code == 404
    assert crm.http.get("/properties/v2/sandwiches/properties").status_code == 400


def test_an_account_without_custom_objects_lists_none(crm: HubSpotBench) -> None:
    assert crm.http.get("/crm/v3/schemas").json() == {"results": []}


@pytest.mark.parametrize(
    "path", ["objects/tickets", "objects/line_item", "properties/communications", "properties/0-116", "objects/products/7"]
)
def test_a_standard_type_that_is_not_emulated_is_one_without_its_scope(crm: HubSpotBench, path: str) -> None:
    refused = crm.http.get(f"/crm/v3/{path}")
    assert refused.status_code == 403
    assert refused.json()["category"] == "MISSING_SCOPES"
    (scope,) = refused.json()["errors"][0]["context"]["requiredGranularScopes"]
    assert scope.startswith("crm.objects.")


def test_filters_without_a_group_are_one_group(crm: HubSpotBench) -> None:
    found = crm.create("contacts", email="ann@calder.example", firstname="Ann")
    crm.create("contacts", email="bob@calder.example", firstname="Bob")
    crm.create("contacts", email="ann@other.example", firstname="Ann")
    crm.bench.clock.advance(10)
    filters = [
        {"propertyName": "firstname", "operator": "EQ", "value": "Ann"},
        {"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "ann@calder.example"},
    ]
    searched = crm.post("contacts/search", {"filters": filters})
    assert [record["id"] for record in searched.json()["results"]] == [found]


def test_filters_without_a_group_count_like_one(crm: HubSpotBench) -> None:
    filters = [{"propertyName": "firstname", "operator": "EQ", "value": "Ann"}] * 7
    assert crm.post("contacts/search", {"filters": filters}).status_code == 400


def test_a_number_given_for_a_text_filter_is_read(crm: HubSpotBench) -> None:
    found = crm.create("contacts", email="ann@calder.example")
    crm.bench.clock.advance(10)
    filters = [{"propertyName": "hs_object_id", "operator": "GTE", "value": 0}]
    searched = crm.post("contacts/search", {"filters": filters, "after": 0})
    assert [record["id"] for record in searched.json()["results"]] == [found]


def test_associations_with_a_type_that_is_not_emulated_are_none(crm: HubSpotBench) -> None:
    record_id = crm.create("contacts", email="ann@calder.example")
    listed = crm.http.get("/crm/v3/objects/contacts", params={"associations": "companies,tickets"})
    assert listed.status_code == 200
    assert "associations" not in listed.json()["results"][0]
    read = crm.http.post("/crm/v4/associations/contacts/tickets/batch/read", json={"inputs": [{"id": record_id}]})
    assert read.status_code == 207
    assert read.json()["results"] == []


def test_nothing_can_be_associated_with_a_type_that_is_not_emulated(crm: HubSpotBench) -> None:
    record_id = crm.create("contacts", email="ann@calder.example")
    default = crm.http.put(f"/crm/v4/objects/contacts/{record_id}/associations/default/tickets/7")
    assert default.status_code == 403
    body = {"properties": {"email": "bob@calder.example"}, "associations": []}
    assert crm.http.post("/crm/v3/objects/tickets", json=body).status_code == 403
