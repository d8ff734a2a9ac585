import base64
from typing import Any

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
