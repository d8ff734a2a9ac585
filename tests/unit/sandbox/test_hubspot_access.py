from typing import Any

import pytest

from sandbox.hubspot.access import Allowance
from sandbox.journal import Question
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

OWNERS = "/crm/owners/2026-03"
APP = {"client_id": "00000000-made-up-client", "client_secret": "made-up-client-secret"}


def _refresh(desk: HubSpotBench, **fields: str) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": "eu1-made-up-refresh", **APP, **fields}
    return desk.http.post("/oauth/2026-03/token", data=form)


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic pat-eu1-made-up", "pat-eu1-made-up"])
def test_without_the_token_every_call_is_a_401_invalid_authentication(header: str | None) -> None:
    desk = hubspot()
    headers = {"Authorization": header or ""}
    refused = desk.http.get(OWNERS, headers=headers)
    assert refused.status_code == 401
    assert refused.json()["category"] == "INVALID_AUTHENTICATION"


def test_an_oauth_token_works_until_it_expires_and_can_be_refreshed() -> None:
    desk = hubspot()
    issued = _refresh(desk).json()
    assert (issued["token_type"], issued["expires_in"]) == ("bearer", 1800)
    headers = {"Authorization": f"Bearer {issued['access_token']}"}
    assert desk.http.get(OWNERS, headers=headers).status_code == 200
    desk.bench.clock.advance(1801)
    expired = desk.http.get(OWNERS, headers=headers)
    assert (expired.status_code, expired.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    fresh = {"Authorization": f"Bearer {_refresh(desk).json()['access_token']}"}
    assert desk.http.get(OWNERS, headers=fresh).status_code == 200


def test_a_dead_refresh_token_is_a_400_bad_refresh_token() -> None:
    refused = _refresh(hubspot(), refresh_token="old")
    assert refused.status_code == 400
    assert (refused.json()["status"], refused.json()["category"]) == ("BAD_REFRESH_TOKEN", "BAD_REFRESH_TOKEN")


def test_the_old_token_endpoint_answers_too() -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "eu1-made-up-refresh", **APP}
    assert hubspot().http.post("/oauth/v1/token", data=form).status_code == 200


@pytest.mark.parametrize("fields", [{"client_secret": "x"}, {"grant_type": "password"}])
def test_a_wrong_app_or_grant_gets_no_token(fields: dict[str, str]) -> None:
    assert _refresh(hubspot(), **fields).status_code == 400


def test_an_expire_token_fault_ends_an_oauth_token() -> None:
    desk = hubspot()
    headers = {"Authorization": f"Bearer {_refresh(desk).json()['access_token']}"}
    desk.http.post("/_twin/faults", json=[{"endpoint": "GET /crm/owners/*", "kind": "expire_token"}])
    assert desk.http.get(OWNERS, headers=headers).json()["category"] == "EXPIRED_AUTHENTICATION"
    assert desk.http.get(OWNERS).status_code == 200


def test_a_revoked_static_token_stays_invalid() -> None:
    desk = hubspot()
    desk.http.post("/_twin/faults", json=[{"kind": "expire_token"}])
    assert [desk.http.get(OWNERS).status_code for _ in range(2)] == [401, 401]


def test_every_answer_tells_what_is_left_of_the_ten_seconds_and_of_the_day() -> None:
    desk = hubspot(Allowance(burst_per_ten_seconds=5, per_day=100))
    desk.http.get(OWNERS)
    headers = desk.http.get(OWNERS).headers
    assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert headers["X-HubSpot-RateLimit-Max"] == "5"
    assert headers["X-HubSpot-RateLimit-Remaining"] == "3"
    assert headers["X-HubSpot-RateLimit-Daily"] == "100"
    assert headers["X-HubSpot-RateLimit-Daily-Remaining"] == "98"


def test_an_oauth_app_has_no_daily_headers_and_its_own_ten_second_limit() -> None:
    desk = hubspot()
    headers = {"Authorization": f"Bearer {_refresh(desk).json()['access_token']}"}
    answer = desk.http.get(OWNERS, headers=headers)
    assert answer.headers["X-HubSpot-RateLimit-Max"] == "110"
    assert "X-HubSpot-RateLimit-Daily" not in answer.headers


def test_over_the_ten_second_limit_is_a_429_that_names_its_policy() -> None:
    desk = hubspot(Allowance(burst_per_ten_seconds=2))
    codes = [desk.http.get(OWNERS).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    refused = desk.http.get(OWNERS).json()
    assert refused["policyName"] == "TEN_SECONDLY_ROLLING"
    assert refused["errorType"] == "RATE_LIMIT"
    assert refused["message"] == "You have reached your ten_secondly_rolling limit."
    assert {"correlationId", "requestId", "status"} <= refused.keys()


def test_the_ten_seconds_roll() -> None:
    desk = hubspot(Allowance(burst_per_ten_seconds=1))
    desk.http.get(OWNERS)
    desk.bench.clock.advance(9.9)
    assert desk.http.get(OWNERS).status_code == 429
    desk.bench.clock.advance(10.1)
    assert desk.http.get(OWNERS).status_code == 200


def test_search_has_a_limit_per_second_of_its_own_and_no_rate_headers() -> None:
    desk = hubspot(Allowance(burst_per_ten_seconds=1, searches_per_second=2))
    answers = [desk.search("contacts") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["policyName"] == "SECONDLY"
    assert answers[2].json()["message"] == "You have reached your secondly limit."
    assert not [name for name in answers[0].headers if "ratelimit" in name.lower()]
    desk.bench.clock.advance(1.1)
    assert desk.search("contacts").status_code == 200


def test_the_search_limit_is_shared_by_all_object_types() -> None:
    desk = hubspot(Allowance(searches_per_second=1))
    assert [desk.search(kind).status_code for kind in ("contacts", "companies")] == [200, 429]


def test_associations_have_a_lower_limit_than_the_rest() -> None:
    desk = hubspot(Allowance(associations_per_ten_seconds=1))
    path = "/crm/associations/2026-03/contacts/companies/batch/read"
    codes = [desk.http.post(path, json={"inputs": [{"id": "1"}]}).status_code for _ in range(2)]
    assert codes == [207, 429]
    assert desk.http.get(OWNERS).status_code == 200


def test_a_used_up_day_is_a_429_daily_until_midnight_of_the_account() -> None:
    desk = hubspot(Allowance(per_day=2))
    codes = [desk.http.get(OWNERS).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert desk.search("contacts").json()["policyName"] == "DAILY"
    desk.bench.clock.advance(19.9 * 3600)  # 09:00 UTC is 04:00 in New York: 20 hours to midnight
    assert desk.http.get(OWNERS).status_code == 429
    desk.bench.clock.advance(0.2 * 3600)
    assert desk.http.get(OWNERS).status_code == 200


def test_usage_tells_limit_use_and_reset() -> None:
    desk = hubspot(Allowance(per_day=10))
    desk.http.get(OWNERS)
    usage = desk.http.get("/account-info/2026-03/api-usage/daily/private-apps").json()["results"][0]
    assert (usage["usageLimit"], usage["currentUsage"]) == (10, 2)
    assert usage["resetsAt"] == "2026-11-23T05:00:00Z"


def test_too_long_a_url_is_a_414() -> None:
    desk = hubspot()
    asked = {"properties": ",".join(f"property_number_{n}" for n in range(600))}
    assert desk.http.get("/crm/objects/2026-03/contacts", params=asked).status_code == 414


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/crm/objects/2019-01/contacts", 404),
        ("GET", "/crm/v4/objects/contacts", 404),
        ("GET", "/crm/contacts/2026-03", 404),
        ("PUT", "/crm/objects/2026-03/contacts", 405),
        ("TRACE", "/crm/v3/objects/contacts", 405),
        ("POST", "/crm/owners/2026-03", 405),
        ("GET", "/crm/objects/2026-03/widgets", 400),
    ],
)
def test_paths_methods_and_types_that_do_not_exist_get_hubspots_own_error(method: str, path: str, status: int) -> None:
    refused = hubspot().http.request(method, path)
    assert refused.status_code == status
    assert {"status", "message", "correlationId", "category"} <= refused.json().keys()


def test_an_unknown_object_type_is_named() -> None:
    refused = hubspot().http.get("/crm/objects/2026-03/widgets").json()
    assert refused["message"] == "Unable to infer object type from: widgets"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"inputs": {}}', b'{"inputs": [1]}', b"\xff", b"null"])
def test_a_body_that_is_no_fitting_json_is_a_400(body: bytes) -> None:
    refused = hubspot().http.post("/crm/objects/2026-03/contacts/batch/update", content=body)
    assert refused.status_code == 400
    assert refused.json()["message"].startswith("Invalid input JSON")


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/crm/v3/objects/contacts", "GET /crm/objects/v3/contacts"),
        ("/crm/objects/2026-03/contacts/9501", "GET /crm/objects/2026-03/contacts/{id}"),
        ("/crm/objects/2026-03/0-1/9501", "GET /crm/objects/2026-03/contacts/{id}"),
        ("/crm/v4/objects/contact/1/associations/task", "GET /crm/objects/v4/contacts/{id}/associations/tasks"),
        ("/crm/v3/properties/deals/amount", "GET /crm/properties/v3/deals/{property}"),
        ("/account-info/v3/details", "GET /account-info/v3/details"),
    ],
)
def test_both_path_families_have_endpoints_of_one_form(path: str, endpoint: str) -> None:
    desk = hubspot()
    desk.http.get(path)
    assert list(desk.bench.journal.by_endpoint()) == [endpoint]


@pytest.mark.parametrize(
    ("path", "policy"), [("owners/2026-03", "TEN_SECONDLY_ROLLING"), ("objects/2026-03/contacts/search", "SECONDLY")]
)
def test_an_injected_429_names_the_policy_of_its_endpoint(path: str, policy: str) -> None:
    desk = hubspot()
    desk.http.post("/_twin/faults", json=[{"status": 429}])
    refused = desk.http.request("POST" if "search" in path else "GET", f"/crm/{path}", json={})
    assert (refused.status_code, refused.json()["policyName"]) == (429, policy)


@pytest.mark.parametrize("status", [414, 502, 504, 520, 522, 524])
def test_what_the_servers_in_front_answer_is_a_page_and_no_json(status: int) -> None:
    desk = hubspot()
    desk.http.post("/_twin/faults", json=[{"status": status}])
    refused = desk.http.get(OWNERS)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "text/html")
    assert refused.text.startswith(f"<html><head><title>{status} ")


def test_an_account_that_is_moved_says_when_to_come_back() -> None:
    desk = hubspot()
    desk.http.post("/_twin/faults", json=[{"status": 477}])
    assert int(desk.http.get(OWNERS).headers["Retry-After"]) > 0


def _upsert(desk: HubSpotBench, number: int) -> int:
    inputs = [{"id": f"p{n}@acme.example", "idProperty": "email", "properties": {}} for n in range(number)]
    return desk.post("contacts/batch/upsert", {"inputs": inputs}).status_code


def test_too_many_upserts_within_moments_lock_their_object_type_for_two_seconds() -> None:
    desk = hubspot(Allowance(upserts_before_lock=150))
    assert [_upsert(desk, 100), _upsert(desk, 100), _upsert(desk, 1)] == [200, 423, 423]
    assert desk.http.get("/crm/objects/2026-03/contacts").status_code == 200
    desk.bench.clock.advance(2)
    assert _upsert(desk, 1) == 200


def test_upserts_spread_over_time_lock_nothing() -> None:
    desk = hubspot(Allowance(upserts_before_lock=150))
    for _ in range(3):
        assert _upsert(desk, 100) == 200
        desk.bench.clock.advance(2)


@pytest.mark.parametrize(
    ("status", "category"),
    [
        (401, "INVALID_AUTHENTICATION"),
        (403, "MISSING_SCOPES"),
        (423, "LOCKED"),
        (500, "INTERNAL_ERROR"),
        (477, "MIGRATION_IN_PROGRESS"),
        (503, "SERVICE_UNAVAILABLE"),
    ],
)
def test_an_injected_failure_has_hubspots_body(status: int, category: str) -> None:
    desk = hubspot()
    desk.http.post("/_twin/faults", json=[{"status": status}])
    refused = desk.http.get(OWNERS)
    assert (refused.status_code, refused.json()["category"]) == (status, category)
    assert refused.json()["correlationId"] == desk.bench.journal.asked(Question())[0].correlation_id
