"""The OAuth endpoints: tokens given, looked at and revoked, all by form (HubSpot docs: OAuth)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from sandbox.exchange import Reply
from sandbox.hubspot.access import ACCESS_TOKEN_SECONDS, oauth_problem
from sandbox.hubspot.account import PORTAL_ID
from sandbox.hubspot.call import Call, answer, nothing


def token(call: Call) -> Reply:
    """POST token: `grant_type=refresh_token`. Codes of an installation are never good, as nobody installs anything here."""
    asked = _form(call)
    tokens = call.account.tokens
    if asked.get("grant_type") == "authorization_code":
        tokens.check_app(asked.get("client_id"), asked.get("client_secret"))
        raise oauth_problem("BAD_AUTH_CODE", "missing or unknown auth code")
    if asked.get("grant_type") != "refresh_token":
        raise oauth_problem("BAD_GRANT_TYPE", "missing or unknown grant type")
    issued = tokens.issue(asked.get("client_id"), asked.get("client_secret"), asked.get("refresh_token"), call.request.at)
    body: dict[str, Any] = {
        "access_token": issued,
        "expires_in": ACCESS_TOKEN_SECONDS,
        "refresh_token": asked["refresh_token"],
        "token_type": "bearer",
    }
    if call.version != "v1":
        body |= {"hub_id": PORTAL_ID, "scopes": sorted(tokens.granted)}
    return answer(body, effect="issued an access token")


def introspect(call: Call) -> Reply:
    """POST introspect: whether a token is good; of one that is not, nothing else is told."""
    asked = _form(call)
    tokens = call.account.tokens
    tokens.check_app(asked.get("client_id"), asked.get("client_secret"))
    its_token = asked.get("token", "")
    left = tokens.seconds_left(its_token, call.request.at)
    if not left and not tokens.refreshes(its_token):
        return answer({"active": False})
    body: dict[str, Any] = {
        "active": True,
        "client_id": asked["client_id"],
        "hub_id": PORTAL_ID,
        "scopes": sorted(tokens.granted),
        "token_type": "bearer",
        "token_use": "access_token" if left else "refresh_token",
    }
    return answer(body | {"expires_in": left} if left else body)


def revoke(call: Call) -> Reply:
    """POST revoke: a token ends; one that is unknown is fine (RFC 7009)."""
    asked = _form(call)
    tokens = call.account.tokens
    tokens.check_app(asked.get("client_id"), asked.get("client_secret"))
    its_token = asked.get("token", "")
    if tokens.refreshes(its_token) or tokens.seconds_left(its_token, call.request.at):
        tokens.revoke(its_token)
        return nothing("revoked a token")
    return nothing("")


def _form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.request.body.decode("utf-8", "replace"), keep_blank_values=True))
