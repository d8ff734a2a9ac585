"""Whatever comes in, the HubSpot twin answers as HubSpot: never a failure of its own, and a refusal changes nothing."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings

from sandbox.hubspot.access import Allowance
from sandbox.hubspot.kinds import COMPANIES, CONTACTS, DEALS
from sandbox.hubspot.state import state_of
from tests.unit.sandbox.requests_hubspot import FIRST, GONE, SECOND, Asked, requests
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

VALUES: dict[str, dict[str, str]] = {
    "contacts": {"firstname": "Ann"},
    "companies": {"name": "Acme"},
    "deals": {"dealname": "Acme", "dealstage": "closedwon", "pipeline": "default"},
}
PLENTY = Allowance(10**6, 10**6, 10**6, 10**6, 10**6)


def _desk() -> HubSpotBench:
    """An account with two records of three types and one that is archived."""
    desk = hubspot(PLENTY)
    now_ms = desk.bench.clock.milliseconds()
    for kind in (CONTACTS, COMPANIES, DEALS):
        for name in (FIRST, SECOND, GONE):
            row = desk.account.records(kind).load({**VALUES[kind.name], "email": f"{name}@acme.example"}, now_ms, now_ms)
            assert str(row.id) == name
        desk.account.archive(kind, row)
    desk.bench.clock.advance(5)
    return desk


def _send(desk: HubSpotBench, asked: Asked) -> httpx.Response:
    return desk.http.request(asked.method, f"http://twin{asked.target}", content=asked.body)


def _is_hubspots(answer: httpx.Response) -> bool:
    body = answer.json()
    return bool(body["category"]) and isinstance(body["message"], str) and UUID(body["correlationId"]).version == 4


@settings(max_examples=200, deadline=None, derandomize=True)
@given(asked=requests())
def test_a_request_that_is_nearly_right_is_answered_as_hubspot_would(asked: Asked) -> None:
    desk = _desk()
    before = state_of(desk.account)
    answer = _send(desk, asked)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert asked.method == "HEAD" or _is_hubspots(answer)
        assert state_of(desk.account) == before


@pytest.mark.parametrize("method", ["TRACE", "PUT", "OPTIONS", "BREW"])
def test_a_method_that_a_path_does_not_have_is_a_405(method: str) -> None:
    answer = _send(_desk(), Asked(method, "/crm/objects/2026-03/contacts", b""))
    assert answer.status_code == 405
    assert _is_hubspots(answer)


@pytest.mark.parametrize("path", ["/", "/crm", "/crm/objects", "/crm/objects/2026-03", "/nothing", "/crm//contacts", "/%00"])
def test_a_path_that_there_is_not_is_a_404(path: str) -> None:
    answer = _send(_desk(), Asked("GET", path, b""))
    assert answer.status_code == 404
    assert _is_hubspots(answer)
