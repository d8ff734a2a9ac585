"""What the wire contract lets pass, and what not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from sandbox.hubspot import app
from sandbox.hubspot.account import Account, Setup
from sandbox.hubspot.crm import HubSpotTwin
from tests.contracts import hubspot as launcher
from tests.contracts.excerpt import EXCERPT
from tests.contracts.hubspot import Ledger, watched
from tests.contracts.shapes import Shapes
from tests.contracts.wire import ABSENT, PLACE, Breach, WireContract, load
from tests.unit.sandbox.twin_client import OWNERS, TOKEN, Bench, still_clock

OBJECTS = "/crm/objects/2026-03"
SEARCH = f"{OBJECTS}/contacts/search"
ID = "9d1a1e3c-3a3f-4b8e-9a3b-5b7f2b1c9d10"


@pytest.fixture(scope="module")
def contract() -> WireContract:
    return WireContract(EXCERPT)


def _request(contract: WireContract, method: str, path: str, body: Any = None, **query: str) -> str:
    try:
        contract.hold_request(method, path, [*query.items()], None if body is None else json.dumps(body).encode())
    except Breach as breach:
        return str(breach)
    return ""


def _answer(contract: WireContract, method: str, path: str, status: int, body: Any = None) -> str:
    try:
        contract.hold_answer(method, path, status, b"" if body is None else json.dumps(body).encode())
    except Breach as breach:
        return str(breach)
    return ""


def test_a_search_may_leave_out_all_but_its_filters_and_sort_in_both_forms(contract: WireContract) -> None:
    assert _request(contract, "POST", SEARCH, {"filterGroups": []}) == ""
    assert _request(contract, "POST", SEARCH, {"filterGroups": [], "sorts": ["-email"]}) == ""
    sort = {"propertyName": "email", "direction": "ASCENDING"}
    assert _request(contract, "POST", SEARCH, {"filterGroups": [], "sorts": [sort]}) == ""


@pytest.mark.parametrize("path", ["/crm/v3/objects/contacts", f"{OBJECTS}/contacts"])
def test_both_path_families_are_held_to_the_same(contract: WireContract, path: str) -> None:
    assert _request(contract, "POST", path, {"properties": {"email": "a@acme.example"}}) == ""
    assert "$.properties" in _request(contract, "POST", path, {"properties": {"email": 1}})


def test_the_whole_contract_is_understood_where_it_is_there() -> None:
    whole = load()
    assert (whole is None) == (not PLACE.is_file())
    assert whole is None or whole.knows("POST", "/oauth/2026-03/token")


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "place"),
    [
        ("GET", "/crm/objects/2026-03/contacts", None, {"offset": "1"}, "offset"),
        ("GET", "/crm/nothing/2026-03/contacts", None, {}, "HubSpot has no GET"),
        ("PUT", "/crm/objects/2026-03/contacts", {}, {}, "HubSpot has no PUT"),
        ("GET", "/crm/objects/2026-03/contacts", {"a": 1}, {}, "no body"),
        ("POST", SEARCH, {"filterGroups": [{"filters": [{"propertyName": "a", "operator": "LIKE"}]}]}, {}, "operator"),
        ("POST", SEARCH, {"filterGroups": [], "limit": "9"}, {}, "$.limit"),
        ("POST", SEARCH, {"filterGroups": [], "archived": True}, {}, "archived"),
        ("POST", SEARCH, {}, {}, "filterGroups"),
        ("POST", "/crm/objects/2026-03/contacts", None, {}, "the body sent"),
        ("POST", "/crm/objects/2026-03/contacts", {"properties": {"email": 1}}, {}, "$.properties"),
    ],
)
def test_a_request_that_hubspot_does_not_take_is_a_breach(
    contract: WireContract, method: str, path: str, body: Any, query: dict[str, str], place: str
) -> None:
    assert place in _request(contract, method, path, body, **query)


ROW = {"id": "1", "properties": {"a": None}, "createdAt": "2026-11-22T09:00:00Z", "updatedAt": "2026-11-22T09:00:00Z"}


@pytest.mark.parametrize(
    ("status", "body", "place"),
    [
        (200, {"results": [ROW | {"archived": False}]}, ""),
        (200, {"results": [ROW]}, "archived"),
        (200, {"results": [ROW | {"archived": False, "id": 1}]}, "$.results[0].id"),
        (200, {"results": [ROW | {"archived": False, "createdAt": "yesterday"}]}, "$.results[0].createdAt"),
        (200, {"results": [ROW | {"archived": False, "properties": {"a": 1}}]}, "$.results[0].properties"),
        (200, {"results": [], "paging": {"next": {}}}, "after"),
        (200, None, "the answer 200"),
        (201, {"results": []}, "never answers 201"),
        (404, {"category": "OBJECT_NOT_FOUND", "message": "m", "correlationId": ID}, ""),
        (404, {"category": "OBJECT_NOT_FOUND", "correlationId": ID}, "message"),
        (404, {"category": "OBJECT_NOT_FOUND", "message": "m", "correlationId": "made up"}, "correlationId"),
    ],
)
def test_an_answer_that_hubspot_does_not_give_is_a_breach(
    contract: WireContract, status: int, body: Any, place: str
) -> None:
    found = _answer(contract, "GET", f"{OBJECTS}/contacts", status, body)
    assert place in found
    assert bool(place) == bool(found)


def test_an_answer_without_a_body_stays_without_one(contract: WireContract) -> None:
    assert _answer(contract, "DELETE", f"{OBJECTS}/contacts/1", 204) == ""
    assert "no body" in _answer(contract, "DELETE", f"{OBJECTS}/contacts/1", 204, {})


def test_a_watched_twin_writes_each_sort_of_breach_down_once(contract: WireContract, tmp_path: Path) -> None:
    file = tmp_path / "breaches"
    clock = still_clock()
    twin = watched(contract, Ledger(file))(Account(Setup(owners=OWNERS), clock))
    http: httpx.Client = Bench(twin, clock).http
    assert http.headers["authorization"].endswith(TOKEN)
    http.get(f"{OBJECTS}/contacts").raise_for_status()
    assert http.get(f"{OBJECTS}/contacts/1").status_code == 404
    assert not file.exists()
    for number in (1, 2):
        http.get(f"{OBJECTS}/contacts/{number}", params={"offset": 1})
    assert file.read_text().splitlines() == [
        "GET /crm/objects/{version}/{objectType}/{objectId} takes no query parameter offset"
    ]


@pytest.mark.parametrize("whole", [None, WireContract(EXCERPT)], ids=["without a contract", "with one"])
def test_the_twin_starts_under_watch_or_says_that_nobody_watches(
    whole: WireContract | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    started: list[tuple[Any, bool]] = []

    def main(arguments: list[str]) -> None:
        started.append((arguments, vars(app)["HubSpotTwin"] is HubSpotTwin))

    monkeypatch.setattr(launcher, "load", lambda: whole)
    monkeypatch.setattr(
        launcher, "main", lambda arguments: started.append((arguments, vars(app)["HubSpotTwin"] is HubSpotTwin))
    )
    launcher.start([str(tmp_path / "breaches"), "--port", "0"])
    assert started == [(["hubspot", "--port", "0"], whole is None)]
    assert (ABSENT in capsys.readouterr().err) == (whole is None)
    assert vars(app)["HubSpotTwin"] is HubSpotTwin


def test_schemas_mean_what_they_say() -> None:
    member = {"from": {"$ref": "#/components/schemas/Id"}}
    schemas: dict[str, Any] = {
        "Pair": {"type": "object", "required": ["from"], "properties": member},
        "Id": {"type": "string", "nullable": True},
    }
    shape = Shapes(schemas, strangers="refused").of({"type": "array", "items": {"$ref": "#/components/schemas/Pair"}})
    assert len(msgspec.json.decode(b'[{"from": "1"}, {"from": null}]', type=shape)) == 2
    for bad in (b"[{}]", b'[{"from": 1}]', b'[{"from": "1", "to": "2"}]', b"{}"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(bad, type=shape)
