"""The state of an account, kept and brought back: the same in every way a client can see, and over its own market only."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.hubspot.account import Account, Setup
from sandbox.hubspot.crm import HubSpotTwin
from sandbox.hubspot.records import FIRST_ID
from sandbox.hubspot.stock import Stock
from sandbox.market.source import Grown
from tests.unit.sandbox.twin_client import OWNERS, Bench, HubSpotBench, hubspot, still_clock

AS_OF = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OBJECTS = "/crm/objects/2026-03"


@pytest.fixture(scope="module")
def grown() -> Grown:
    return Grown(120, 7, AS_OF)


def opened(market: Grown) -> HubSpotBench:
    account = Account(Setup(owners=OWNERS), still_clock(), Stock(market))
    return HubSpotBench(Bench(HubSpotTwin(account), account.clock), account)


def busy(desk: HubSpotBench) -> dict[str, str]:
    """Do something of every kind that leaves a trace; ids of what is looked at later."""
    http = desk.http
    field = {"label": "Score", "type": "number", "fieldType": "number", "groupName": "contactinformation"}
    http.post("/crm/properties/2026-03/contacts", json=field | {"name": "fit_score"})
    badge = field | {"name": "badge", "label": "Badge", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    http.post("/crm/properties/2026-03/contacts", json=badge)
    http.delete("/crm/properties/2026-03/contacts/pain_point")
    http.patch(f"{OBJECTS}/contacts/{FIRST_ID}", json={"properties": {"fit_score": "71", "badge": "B1"}})
    http.delete(f"{OBJECTS}/contacts/{FIRST_ID + 1}")
    desk.post("contacts/gdpr-delete", {"objectId": str(FIRST_ID + 2)})
    merged = desk.post(
        "contacts/merge", {"primaryObjectId": str(FIRST_ID + 3), "objectIdToMerge": str(FIRST_ID + 4)}
    ).json()["id"]
    task = desk.create("tasks", hs_timestamp="2026-11-23", hs_task_subject="Call")
    http.put(f"{OBJECTS}/tasks/{task}/associations/default/contacts/{FIRST_ID}")
    stages = [{"label": "Begun", "displayOrder": 0, "metadata": {"probability": "0.5"}}]
    pipeline = http.post("/crm/pipelines/2026-03/deals", json={"label": "Renewals", "displayOrder": 2, "stages": stages})
    assert pipeline.status_code in (200, 201), pipeline.text
    return {"merged": merged, "task": task}


def seen(desk: HubSpotBench) -> list[Any]:
    """What a client can read of it."""
    paths = (
        f"{OBJECTS}/contacts?limit=100&properties=fit_score,badge,email&associations=companies,tasks",
        f"{OBJECTS}/contacts?archived=true",
        f"{OBJECTS}/contacts/{FIRST_ID}?propertiesWithHistory=fit_score",
        f"{OBJECTS}/contacts/{FIRST_ID + 2}",
        f"{OBJECTS}/contacts/{FIRST_ID + 4}",
        f"{OBJECTS}/tasks?limit=100",
        "/crm/properties/2026-03/contacts",
        "/crm/properties/2026-03/contacts?archived=true",
        "/crm/pipelines/2026-03/deals",
        "/_twin/state",
    )
    answers = [desk.http.get(path) for path in paths]
    # An error names its call by an id of its own.
    return [reply.json() if reply.status_code == 200 else reply.status_code for reply in answers]


def test_a_saved_state_comes_back_in_another_process(grown: Grown) -> None:
    first, second = opened(grown), opened(grown)
    busy(first)
    second.account.clock.advance(1)
    assert seen(second) != seen(first)
    assert second.http.post("/_twin/saved", content=first.http.get("/_twin/saved").content).status_code == 200
    assert seen(second) == seen(first)


def test_what_came_after_is_undone(grown: Grown) -> None:
    desk = opened(grown)
    made = busy(desk)
    saved, before = desk.http.get("/_twin/saved").content, seen(desk)
    desk.http.delete(f"{OBJECTS}/tasks/{made['task']}")
    desk.http.patch(f"{OBJECTS}/contacts/{FIRST_ID}", json={"properties": {"fit_score": "5"}})
    desk.http.delete("/crm/properties/2026-03/contacts/fit_score")
    desk.create("contacts", email="late@acme.example")
    assert seen(desk) != before
    desk.http.post("/_twin/saved", content=saved)
    assert seen(desk) == before


def test_a_reset_brings_the_market_back(grown: Grown) -> None:
    desk = opened(grown)
    untouched = seen(desk)
    busy(desk)
    desk.http.post("/_twin/reset")
    assert seen(desk) == untouched


def test_writing_goes_on_where_it_was(grown: Grown) -> None:
    first, second = opened(grown), opened(grown)
    made = busy(first)
    second.http.post("/_twin/saved", content=first.http.get("/_twin/saved").content)
    assert int(second.create("contacts", email="next@acme.example")) == int(made["merged"]) + 1
    taken = second.http.patch(f"{OBJECTS}/contacts/{FIRST_ID + 5}", json={"properties": {"badge": "b1"}})
    assert taken.status_code in (400, 409)
    found = second.search("contacts", [{"propertyName": "fit_score", "operator": "EQ", "value": "71"}]).json()
    assert [result["id"] for result in found["results"]] == [str(FIRST_ID)]


def test_a_saved_state_is_small_however_large_the_market(grown: Grown) -> None:
    desk = opened(grown)
    empty = len(hubspot().http.get("/_twin/saved").content)
    assert len(desk.http.get("/_twin/saved").content) - empty < 200


def test_the_state_of_another_market_is_refused_and_changes_nothing(grown: Grown) -> None:
    desk, other = opened(grown), opened(Grown(120, 8, AS_OF))
    busy(desk)
    before = seen(desk)
    refused = desk.http.post("/_twin/saved", content=other.http.get("/_twin/saved").content)
    assert refused.status_code == 400
    assert "another market" in refused.json()["error"]
    assert seen(desk) == before


def test_bytes_that_are_no_state_are_refused(grown: Grown) -> None:
    desk = opened(grown)
    for content in (b"", b"nonsense", b"\x80"):
        refused = desk.http.post("/_twin/saved", content=content)
        assert refused.status_code == 400
        assert "no saved state of a HubSpot twin" in refused.json()["error"]
