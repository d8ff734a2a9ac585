"""A visitor's pages and forms move the totals on the contact, over the control surface: no API may set them."""

from __future__ import annotations

import httpx
import pytest

from tests.unit.sandbox.salesforce_bench import SalesforceBench
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

DAY_SECONDS = 86_400.0


@pytest.fixture
def desk() -> HubSpotBench:
    return hubspot()


def visit(desk: HubSpotBench, **order: str) -> httpx.Response:
    return desk.http.post("/_twin/visit", json=order)


def test_a_page_counts_and_the_first_and_the_last_one_are_kept(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", email="a@acme.example")
    for page in ("/pricing", "/demo"):
        desk.bench.clock.advance(60)
        assert visit(desk, contact=contact, page=page).status_code == 200
    shown = desk.read(
        "contacts",
        contact,
        "hs_analytics_num_page_views",
        "hs_analytics_num_visits",
        "hs_analytics_first_url",
        "hs_analytics_last_url",
        "hs_analytics_last_visit_timestamp",
    )
    assert shown["hs_analytics_num_page_views"] == "2"
    assert (shown["hs_analytics_first_url"], shown["hs_analytics_last_url"]) == ("/pricing", "/demo")
    assert shown["hs_analytics_last_visit_timestamp"] == shown["lastmodifieddate"] == "2026-11-22T09:02:00Z"
    assert shown["hs_analytics_num_visits"] == "1"


def test_another_day_is_another_visit(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", email="a@acme.example")
    visit(desk, contact=contact, page="/")
    desk.bench.clock.advance(DAY_SECONDS)
    visit(desk, contact=contact, page="/")
    assert desk.read("contacts", contact, "hs_analytics_num_visits")["hs_analytics_num_visits"] == "2"


def test_a_form_counts_by_its_name(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", email="a@acme.example")
    visit(desk, contact=contact, form="Newsletter")
    desk.bench.clock.advance(60)
    visit(desk, contact=contact, form="Demo request")
    shown = desk.read(
        "contacts",
        contact,
        "num_conversion_events",
        "first_conversion_event_name",
        "recent_conversion_event_name",
        "recent_conversion_date",
    )
    assert shown["num_conversion_events"] == "2"
    assert (shown["first_conversion_event_name"], shown["recent_conversion_event_name"]) == ("Newsletter", "Demo request")
    assert shown["recent_conversion_date"] == "2026-11-22T09:01:00Z"


def test_only_a_live_contact_does_one_thing_at_a_time(desk: HubSpotBench) -> None:
    contact = desk.create("contacts", email="a@acme.example")
    assert visit(desk, contact=contact).status_code == 400
    assert visit(desk, contact=contact, page="/", form="Newsletter").status_code == 400
    assert visit(desk, contact="1", page="/").status_code == 400
    desk.http.delete(f"/crm/objects/2026-03/contacts/{contact}")
    assert visit(desk, contact=contact, page="/").status_code == 400


def test_salesforce_sees_no_visitors() -> None:
    assert SalesforceBench().bench.http.post("/_twin/visit", json={"contact": "1", "page": "/"}).status_code == 400
