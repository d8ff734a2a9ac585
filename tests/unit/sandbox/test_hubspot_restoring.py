"""A person takes what was archived out of the bin, over the control surface: there is no API for it."""

from __future__ import annotations

import httpx
import pytest

from sandbox.hubspot import saved
from tests.unit.sandbox.salesforce_bench import SalesforceBench
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

ADDRESS = "a@acme.example"
DAY_SECONDS = 86_400.0
MEETING_TO_CONTACT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 200}


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


def archived(desk: HubSpotBench, **properties: str) -> str:
    made = desk.create("contacts", **properties)
    archive(desk, made)
    return made


def archive(desk: HubSpotBench, contact: str) -> None:
    assert desk.http.delete(f"/crm/objects/2026-03/contacts/{contact}").status_code == 204


def restore(desk: HubSpotBench, contact: str) -> httpx.Response:
    return desk.http.post("/_twin/restore", json={"object": "contacts", "id": contact})


def test_a_restored_contact_has_its_id_and_its_values_and_a_newer_modified_date(desk: HubSpotBench) -> None:
    contact = archived(desk, email=ADDRESS, jobtitle="CFO")
    desk.bench.clock.advance(60)
    assert restore(desk, contact).status_code == 200
    shown = desk.read("contacts", contact, "email", "jobtitle")
    assert (shown["email"], shown["jobtitle"], shown["lastmodifieddate"]) == (ADDRESS, "CFO", "2026-11-22T09:01:00Z")


def test_search_finds_it_a_moment_later(desk: HubSpotBench) -> None:
    contact = archived(desk, email=ADDRESS)
    desk.bench.clock.advance(60)
    restore(desk, contact)
    assert desk.search("contacts").json()["total"] == 0
    desk.bench.clock.advance(3)
    assert desk.search("contacts").json()["total"] == 1


def test_its_activities_come_back_with_it(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", email=ADDRESS)
    links = [{"to": {"id": contact}, "types": [MEETING_TO_CONTACT]}]
    values = {"hs_timestamp": "2026-11-20T10:00:00Z"}
    meeting = desk.post("meetings", {"properties": values, "associations": links}).json()["id"]
    archive(desk, contact)
    assert "associations" not in linked(desk, meeting)
    restore(desk, contact)
    assert [row["id"] for row in linked(desk, meeting)["associations"]["contacts"]["results"]] == [contact]


def linked(desk: HubSpotBench, meeting: str) -> dict[str, dict[str, dict[str, list[dict[str, str]]]]]:
    found: dict[str, dict[str, dict[str, list[dict[str, str]]]]]
    found = desk.http.get(f"/crm/objects/2026-03/meetings/{meeting}?associations=contacts").json()
    return found


def test_its_company_counts_it_again(desk: HubSpotBench) -> None:
    company = desk.create("companies", name="Acme")
    contact = desk.create("contacts", email=ADDRESS, associatedcompanyid=company)
    archive(desk, contact)
    assert desk.read("companies", company, "num_associated_contacts")["num_associated_contacts"] == "0"
    restore(desk, contact)
    assert desk.read("companies", company, "num_associated_contacts")["num_associated_contacts"] == "1"
    assert desk.read("contacts", contact, "associatedcompanyid")["associatedcompanyid"] == company


def test_not_what_is_live_or_was_erased_or_lay_there_for_more_than_ninety_days(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", email=ADDRESS)
    assert restore(desk, contact).status_code == 400
    desk.post("contacts/gdpr-delete", {"objectId": contact})
    assert restore(desk, contact).status_code == 400
    old = archived(desk, email=ADDRESS)
    desk.bench.clock.advance(91 * DAY_SECONDS)
    assert "90 days" in restore(desk, old).json()["error"]


def test_not_beside_another_contact_with_its_address(desk: HubSpotBench) -> None:
    contact = archived(desk, email=ADDRESS)
    desk.create("contacts", email=ADDRESS)
    assert "email" in restore(desk, contact).json()["error"]


def test_what_it_was_linked_to_is_known_after_the_state_was_saved_and_loaded(desk: HubSpotBench) -> None:
    company = desk.create("companies", name="Acme")
    contact = desk.create("contacts", email=ADDRESS, associatedcompanyid=company)
    archive(desk, contact)
    saved.load(desk.account, saved.save(desk.account))
    restore(desk, contact)
    assert desk.read("companies", company, "num_associated_contacts")["num_associated_contacts"] == "1"


def test_salesforce_has_an_api_for_it() -> None:
    org = SalesforceBench()
    order = {"object": "Lead", "id": org.lead()}
    assert org.http.post("/_twin/restore", json=order).status_code == 400
