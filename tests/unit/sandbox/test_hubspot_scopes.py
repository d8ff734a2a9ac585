"""Tokens that may not do everything, OAuth tokens that are looked at and revoked."""

import argparse
from typing import Any

import pytest

from sandbox.hubspot import scopes
from sandbox.hubspot.access import Credentials
from sandbox.hubspot.app import add_arguments
from sandbox.hubspot.rules import requirement
from tests.unit.sandbox.twin_client import HubSpotBench, hubspot

APP = {"client_id": "00000000-made-up-client", "client_secret": "made-up-client-secret"}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "eu1-made-up-refresh", **APP}


def _without(*names: str) -> HubSpotBench:
    return hubspot(credentials=Credentials(without_scopes=frozenset(names)))


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "objects/2026-03/contacts", "crm.objects.contacts.read"),
        ("POST", "objects/2026-03/contacts/search", "crm.objects.contacts.read"),
        ("POST", "objects/2026-03/contacts/batch/read", "crm.objects.contacts.read"),
        ("POST", "objects/2026-03/contacts/batch/update", "crm.objects.contacts.write"),
        ("POST", "objects/2026-03/contacts/merge", "crm.objects.contacts.write"),
        ("PATCH", "v3/objects/deals/1", "crm.objects.deals.write"),
        ("DELETE", "objects/2026-03/0-2/1", "crm.objects.companies.write"),
        ("GET", "objects/2026-03/leads", "crm.objects.leads.read"),
        ("POST", "objects/2026-03/tasks", "crm.objects.contacts.write"),
        ("GET", "objects/2026-03/emails/1", "sales-email-read"),
        ("POST", "associations/2026-03/tasks/deals/batch/read", "crm.objects.deals.read"),
        ("POST", "v4/associations/contacts/companies/batch/create", "crm.objects.companies.write"),
        ("GET", "properties/2026-03/contacts", "crm.schemas.contacts.read"),
        ("POST", "properties/2026-03/companies", "crm.schemas.companies.write"),
        ("GET", "pipelines/2026-03/deals", "crm.schemas.deals.read"),
        ("GET", "owners/2026-03", "crm.objects.owners.read"),
    ],
)
def test_a_call_without_its_scope_is_a_403_that_names_it(method: str, path: str, scope: str) -> None:
    refused = _without(scope).http.request(method, f"/crm/{path}")
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert refused.json()["errors"][0]["context"] == {"requiredGranularScopes": [scope]}
    others = scopes.ALL - {scope}
    assert _without(*others).http.request(method, f"/crm/{path}").json().get("category") != "INVALID_AUTHENTICATION"


def test_every_missing_scope_is_listed() -> None:
    refused = _without("sales-email-read", "crm.objects.contacts.read").http.get("/crm/objects/2026-03/emails")
    assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == [
        "crm.objects.contacts.read",
        "sales-email-read",
    ]


def test_one_missing_scope_leaves_the_other_streams_alone() -> None:
    desk = _without("crm.objects.deals.read")
    codes = [desk.http.get(f"/crm/objects/2026-03/{kind}").status_code for kind in ("contacts", "deals", "tasks")]
    assert codes == [200, 403, 200]


def test_refused_for_scopes_nothing_happens() -> None:
    desk = _without("crm.objects.contacts.write")
    assert desk.post("contacts", {"properties": {"firstname": "Ann"}}).status_code == 403
    assert desk.http.get("/crm/objects/2026-03/contacts").json()["results"] == []


def _post(desk: HubSpotBench, path: str, **form: str) -> Any:
    return desk.http.post(f"/oauth/2026-03/{path}", data=form)


def _authorised(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_an_oauth_token_tells_its_scopes_and_account() -> None:
    desk = _without("crm.objects.leads.write")
    issued = _post(desk, "token", **REFRESH).json()
    assert "crm.objects.contacts.write" in issued["scopes"]
    assert "crm.objects.leads.write" not in issued["scopes"]
    seen = _post(desk, "token/introspect", token=issued["access_token"], **APP).json()
    assert (seen["active"], seen["token_use"], seen["expires_in"]) == (True, "access_token", 1800)
    assert (seen["hub_id"], seen["scopes"]) == (issued["hub_id"], issued["scopes"])


def test_the_old_token_endpoint_tells_no_scopes() -> None:
    assert "scopes" not in hubspot().http.post("/oauth/v1/token", data=REFRESH).json()


def test_an_expired_or_unknown_token_is_not_active() -> None:
    desk = hubspot()
    token = _post(desk, "token", **REFRESH).json()["access_token"]
    desk.bench.clock.advance(1801)
    for its_token in (token, "made-up"):
        assert _post(desk, "token/introspect", token=its_token, **APP).json() == {"active": False}


def test_a_revoked_access_token_ends_at_once() -> None:
    desk = hubspot()
    token = _post(desk, "token", **REFRESH).json()["access_token"]
    assert _post(desk, "token/revoke", token=token, **APP).status_code == 204
    refused = desk.http.get("/crm/owners/2026-03", headers=_authorised(token))
    assert (refused.status_code, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_revoked_refresh_token_gives_no_more_tokens_but_those_given_live_on() -> None:
    desk = hubspot()
    token = _post(desk, "token", **REFRESH).json()["access_token"]
    assert _post(desk, "token/introspect", token=REFRESH["refresh_token"], **APP).json()["active"] is True
    _post(desk, "token/revoke", token=REFRESH["refresh_token"], **APP)
    assert _post(desk, "token", **REFRESH).json()["category"] == "BAD_REFRESH_TOKEN"
    assert desk.http.get("/crm/owners/2026-03", headers=_authorised(token)).status_code == 200


def test_the_static_token_cannot_be_revoked_by_an_app() -> None:
    desk = hubspot()
    assert _post(desk, "token/revoke", token="pat-eu1-made-up", **APP).status_code == 204
    assert desk.http.get("/crm/owners/2026-03").status_code == 200


@pytest.mark.parametrize("path", ["token", "token/introspect", "token/revoke"])
def test_another_app_gets_nothing(path: str) -> None:
    refused = _post(hubspot(), path, **{**REFRESH, "client_secret": "x", "token": "y"})
    assert (refused.status_code, refused.json()["status"]) == (400, "BAD_CLIENT_ID")


def test_an_installation_code_is_never_good() -> None:
    refused = _post(hubspot(), "token", **{**APP, "grant_type": "authorization_code", "code": "x"})
    assert refused.json()["category"] == "BAD_AUTH_CODE"


def test_the_command_line_takes_scopes_away_and_requires_properties() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    found = parser.parse_args(["--without-scope", "crm.objects.deals.read", "--require", "contacts.city"])
    assert (found.without_scope, found.require) == (["crm.objects.deals.read"], [requirement("contacts.city")])
    for wrong in (["--without-scope", "crm.objects.deals.raed"], ["--require", "city"]):
        with pytest.raises(SystemExit):
            parser.parse_args(wrong)
