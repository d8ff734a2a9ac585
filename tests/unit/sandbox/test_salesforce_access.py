import base64
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.salesforce.org import OrgSettings
from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench, error
from tests.unit.sandbox.twin_client import START

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def test_client_credentials_open_a_session_without_a_lifetime(org: SalesforceBench) -> None:
    reply = org.token({"grant_type": "client_credentials"}).json()
    assert set(reply) == {
        "access_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
        "api_instance_url",
    }
    assert (reply["token_type"], reply["instance_url"]) == ("Bearer", "https://acme.my.example")


def test_the_client_may_also_stand_in_the_form(org: SalesforceBench) -> None:
    form = {"grant_type": "client_credentials", "client_id": org.settings.client_id}
    org.http.headers.pop("Authorization")
    reply = org.http.post("/services/oauth2/token", data=form | {"client_secret": org.settings.client_secret})
    assert reply.status_code == 200


@pytest.mark.parametrize(
    ("form", "secret", "host", "refusal"),
    [
        ({"grant_type": "client_credentials"}, "wrong", None, "invalid_client"),
        ({"grant_type": "client_credentials"}, None, "login.salesforce.com", "invalid_grant"),
        ({"grant_type": "password"}, None, None, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "another"}, None, None, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": OrgSettings().refresh_token}, "wrong", None, "invalid_client"),
        ({}, None, None, "unsupported_grant_type"),
        ({"grant_type": JWT_GRANT, "assertion": "x"}, None, None, "invalid_grant"),
    ],
)
def test_a_refused_sign_in_is_an_object_with_error_and_description(
    org: SalesforceBench, form: dict[str, str], secret: str | None, host: str | None, refusal: str
) -> None:
    reply = org.token(form, secret, host)
    assert (reply.status_code, set(reply.json())) == (400, {"error", "error_description"})
    assert reply.json()["error"] == refusal


def refreshed(org: SalesforceBench, host: str | None = None) -> httpx.Response:
    return org.token({"grant_type": "refresh_token", "refresh_token": org.settings.refresh_token}, host=host)


def oauth(org: SalesforceBench, verb: str, token: str) -> httpx.Response:
    client = (org.settings.client_id, org.settings.client_secret)
    return org.http.post(f"/services/oauth2/{verb}", data={"token": token}, auth=client)


def test_a_refresh_token_opens_sessions_again_and_again_and_is_not_given_out_anew(org: SalesforceBench) -> None:
    first, second = refreshed(org).json(), refreshed(org).json()
    assert first["access_token"] != second["access_token"]
    assert {"refresh_token", "expires_in", "api_instance_url"}.isdisjoint(second)


def test_the_login_host_sends_the_client_to_the_org_s_own_domain(org: SalesforceBench) -> None:
    reply = refreshed(org, "login.salesforce.com").json()
    assert reply["instance_url"] == "https://acme.my.salesforce.com"


def test_revoking_the_refresh_token_ends_the_sessions_that_came_from_it(org: SalesforceBench) -> None:
    header = {"Authorization": f"Bearer {refreshed(org).json()['access_token']}"}
    assert org.http.get(f"{BASE}/limits", headers=header).status_code == 200
    revoked = oauth(org, "revoke", org.settings.refresh_token)
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert error(org.http.get(f"{BASE}/limits", headers=header)) == (401, "INVALID_SESSION_ID")
    assert refreshed(org).json() == {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    assert org.http.get(f"{BASE}/limits").status_code == 200


def test_a_revoked_session_is_over_and_cannot_be_revoked_again(org: SalesforceBench) -> None:
    token = refreshed(org).json()["access_token"]
    assert org.http.get("/services/oauth2/revoke", params={"token": token}).status_code == 200
    again = oauth(org, "revoke", token)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_token")


def test_introspection_tells_until_when_a_session_lives(org: SalesforceBench) -> None:
    token = refreshed(org).json()["access_token"]
    told = oauth(org, "introspect", token).json()
    assert (told["active"], told["exp"] - told["iat"], told["username"]) == (True, 7200, org.settings.username)
    org.clock.advance(7200)
    assert oauth(org, "introspect", token).json() == {"active": False}


def test_more_than_3600_logins_in_an_hour_are_refused(org: SalesforceBench) -> None:
    form = {"grant_type": "client_credentials", "client_id": org.settings.client_id}
    secret = {"client_secret": org.settings.client_secret}
    for _ in range(3599):
        org.org.sessions.sign_in(form | secret, "", "acme.my.example")
    assert refreshed(org).json()["error_description"] == "login rate exceeded"
    org.clock.advance(3600)
    assert refreshed(org).status_code == 200


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def jwt_org(key: rsa.RSAPrivateKey) -> SalesforceBench:
    kind, shape = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return SalesforceBench(OrgSettings(jwt_public_key=key.public_key().public_bytes(kind, shape).decode()))


def assertion(org: SalesforceBench, key: rsa.RSAPrivateKey, **changes: Any) -> dict[str, str]:
    claims = {
        "iss": org.settings.client_id,
        "sub": org.settings.username,
        "aud": "https://login.salesforce.com",
        "exp": str(int(START.timestamp()) + 180),
    }
    return {"grant_type": JWT_GRANT, "assertion": jwt.encode(claims | changes, key, algorithm="RS256")}


def test_a_signed_assertion_opens_a_session(jwt_org: SalesforceBench, key: rsa.RSAPrivateKey) -> None:
    reply = jwt_org.token(assertion(jwt_org, key))
    assert reply.status_code == 200
    assert "api_instance_url" not in reply.json()


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": str(int(START.timestamp()) - 1)},
        {"aud": "https://elsewhere.example"},
        {"sub": "someone@acme.example"},
        {"iss": "another app"},
    ],
)
def test_an_assertion_must_be_fresh_and_meant_for_this_org(
    jwt_org: SalesforceBench, key: rsa.RSAPrivateKey, changes: dict[str, str]
) -> None:
    assert jwt_org.token(assertion(jwt_org, key, **changes)).status_code == 400


def test_an_assertion_signed_by_another_key_is_invalid(jwt_org: SalesforceBench) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    reply = jwt_org.token(assertion(jwt_org, other))
    assert reply.json() == {"error": "invalid_grant", "error_description": "invalid assertion"}


@pytest.mark.parametrize("header", ["Bearer made-up", "", "Basic " + base64.b64encode(b"a:b").decode()])
def test_without_a_session_nothing_is_told(org: SalesforceBench, header: str) -> None:
    reply = org.http.get(f"{BASE}/limits", headers={"Authorization": header})
    assert error(reply) == (401, "INVALID_SESSION_ID")


def test_a_session_ends_and_a_new_one_can_be_opened(org: SalesforceBench) -> None:
    org.clock.advance(7201)
    assert error(org.http.get(f"{BASE}/limits")) == (401, "INVALID_SESSION_ID")
    org.sign_in()
    assert org.http.get(f"{BASE}/limits").status_code == 200


def test_a_fault_can_end_the_session(org: SalesforceBench) -> None:
    org.bench.faults.replace([{"endpoint": "*", "occurrence": 2, "kind": "expire_token"}])
    statuses = [org.http.get(f"{BASE}/limits").status_code for _ in range(3)]
    assert statuses == [200, 401, 401]


def test_versions_are_listed_for_everybody_and_cost_nothing(org: SalesforceBench) -> None:
    reply = org.http.get("/services/data/", headers={"Authorization": ""})
    assert reply.json()[-1] == {"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}
    assert reply.headers["Sforce-Limit-Info"] == "api-usage=0/100000"


@pytest.mark.parametrize(("version", "status"), [("v30.0", 410), ("v68.0", 404), ("v31.0", 200), ("67", 404)])
def test_retired_and_unknown_versions_are_refused(org: SalesforceBench, version: str, status: int) -> None:
    assert org.http.get(f"/services/data/{version}/limits").status_code == status


def test_every_reply_tells_the_usage_of_the_day(org: SalesforceBench) -> None:
    first = org.http.get(f"{BASE}/limits")
    failed = org.ask("SELECT")
    assert first.headers["Sforce-Limit-Info"] == "api-usage=1/100000"
    assert failed.headers["Sforce-Limit-Info"] == "api-usage=2/100000"
    assert org.http.get(f"{BASE}/limits").json()["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_997}


def test_when_the_allowance_is_gone_the_org_refuses_until_the_window_moves() -> None:
    org = SalesforceBench(OrgSettings(daily_calls=2))
    replies = [org.http.get(f"{BASE}/limits") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 403]
    assert replies[2].json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    org.clock.advance(86_400 + 60)
    org.sign_in()
    assert org.http.get(f"{BASE}/limits").status_code == 200


def test_an_address_longer_than_16384_bytes_is_refused(org: SalesforceBench) -> None:
    listed = ", ".join(["'00Q8d0000000007EAA'"] * 700)
    assert org.ask(f"SELECT Id FROM Lead WHERE Id IN ({listed})").status_code == 414


def test_the_headers_count_with_the_address(org: SalesforceBench) -> None:
    listed = ", ".join(["'00Q8d0000000007EAA'"] * 560)
    asked = f"SELECT Id FROM Lead WHERE Id IN ({listed})"
    assert org.ask(asked).status_code == 200
    assert org.ask(asked, Cookie="x" * 3000).status_code == 431


def test_unknown_paths_and_wrong_methods_get_the_org_s_own_errors(org: SalesforceBench) -> None:
    assert error(org.http.get(f"{BASE}/nope")) == (404, "NOT_FOUND")
    assert error(org.http.put(f"{BASE}/limits")) == (405, "METHOD_NOT_ALLOWED")
    assert error(org.http.request("TRACE", f"{BASE}/limits")) == (405, "METHOD_NOT_ALLOWED")
    assert error(org.http.get("/elsewhere")) == (404, "NOT_FOUND")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_troubles_have_the_org_s_own_list_body(org: SalesforceBench, status: int) -> None:
    org.bench.faults.replace([{"endpoint": "*", "kind": "status", "status": status}])
    assert error(org.http.get(f"{BASE}/limits"))[0] == status


def test_a_lost_reply_has_had_its_effect(org: SalesforceBench) -> None:
    rule = {"endpoint": "POST *sobjects/Account", "kind": "status", "status": 502, "when": "after"}
    org.bench.faults.replace([rule])
    reply = org.http.post(f"{BASE}/sobjects/Account", json={"Name": "Globex"})
    assert (reply.status_code, reply.headers["Content-Type"]) == (502, "text/html;charset=utf-8")
    assert org.column("SELECT Name FROM Account") == ["Globex"]


def test_a_lock_fails_every_row_of_the_batch(org: SalesforceBench) -> None:
    leads = [org.lead(), org.lead()]
    rule = {"endpoint": "PATCH */composite/sobjects", "kind": "status", "status": 423}
    org.bench.faults.replace([rule])
    reply = org.collection("PATCH", "Lead", *({"Id": lead, "Title": "CTO"} for lead in leads))
    assert reply.status_code == 200
    assert {row["errors"][0]["statusCode"] for row in reply.json()} == {"UNABLE_TO_LOCK_ROW"}
    assert org.collection("PATCH", "Lead", {"Id": leads[0], "Title": "CTO"}).json()[0]["success"] is True


def test_the_wall_clock_dates_assertions_and_not_the_twin_s(jwt_org: SalesforceBench, key: rsa.RSAPrivateKey) -> None:
    jwt_org.clock.advance(30 * 86_400)
    assert jwt_org.token(assertion(jwt_org, key)).status_code == 200
