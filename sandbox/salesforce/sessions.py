"""Signing in: the token endpoint's flows, and the sessions they open.

A reply has no lifetime in it; a session ends after the org's timeout, or when it is ended (Salesforce docs: OAuth).
"""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jwt

from sandbox.clock import TwinClock

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """What the org's admin set up for the integration. `jwt_public_key` is PEM; without it that flow is refused."""

    client_id: str
    client_secret: str
    username: str
    user_id: str
    org_id: str
    jwt_public_key: str | None = None
    session_seconds: float = 7200.0


class SignInRefusedError(Exception):
    """The token endpoint says no: an object with `error` and `error_description`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


class Sessions:
    """The open sessions of one org. `wall_seconds` is the time that assertions are dated by, not the twin's own."""

    def __init__(self, app: ConnectedApp, clock: TwinClock, wall_seconds: Callable[[], float]) -> None:
        self._app = app
        self._clock = clock
        self._wall_seconds = wall_seconds
        self._ends: dict[str, float] = {}
        self._letters = random.Random(app.client_id)

    def user_of(self, authorization: str) -> str | None:
        """The user whose live session an Authorization header carries."""
        token = _token(authorization)
        if self._ends.get(token, 0.0) <= self._clock.seconds():
            self._ends.pop(token, None)
            return None
        return self._app.user_id

    def end(self, authorization: str) -> None:
        """End the session that an Authorization header carries."""
        self._ends.pop(_token(authorization), None)

    def sign_in(self, form: Mapping[str, str], authorization: str, host: str) -> dict[str, str]:
        """The token endpoint's reply to a form.

        Raises:
            SignInRefusedError: with the error object's words.
        """
        grant = form.get("grant_type", "")
        if grant == "client_credentials":
            self._check_client(form, authorization, host)
        elif grant == JWT_GRANT:
            self._check_assertion(form.get("assertion", ""), host)
        else:
            raise SignInRefusedError("unsupported_grant_type", "grant type not supported")
        return self._opened(grant, host)

    def _check_client(self, form: Mapping[str, str], authorization: str, host: str) -> None:
        if host in LOGIN_HOSTS:
            raise SignInRefusedError("invalid_grant", "request not supported on this domain")
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if authorization.lower().startswith("basic "):
            client_id, _, secret = _decoded(authorization[6:]).partition(":")
        if client_id != self._app.client_id:
            raise SignInRefusedError("invalid_client_id", "client identifier invalid")
        if secret != self._app.client_secret:
            raise SignInRefusedError("invalid_client", "invalid client credentials")

    def _check_assertion(self, assertion: str, host: str) -> None:
        if self._app.jwt_public_key is None:
            raise SignInRefusedError("invalid_grant", "user hasn't approved this consumer")
        try:
            claims = jwt.decode(
                assertion,
                self._app.jwt_public_key,
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_sub": False},
            )
        except jwt.PyJWTError:
            raise SignInRefusedError("invalid_grant", "invalid assertion") from None
        if claims.get("iss") != self._app.client_id:
            raise SignInRefusedError("invalid_client_id", "client identifier invalid")
        audiences = {f"https://{name}" for name in (*LOGIN_HOSTS, host, host.partition(":")[0])}
        if str(claims.get("aud", "")).rstrip("/") not in audiences:
            raise SignInRefusedError("invalid_grant", "audience is invalid")
        if not str(claims.get("exp", "")).isdigit() or int(claims["exp"]) <= self._wall_seconds():
            raise SignInRefusedError("invalid_grant", "expired authorization code")
        if claims.get("sub") != self._app.username:
            raise SignInRefusedError("invalid_grant", "user hasn't approved this consumer")

    def _opened(self, grant: str, host: str) -> dict[str, str]:
        org_id = self._app.org_id
        token = f"{org_id[:15]}!AQ{self._letters.getrandbits(256):064x}"
        self._ends[token] = self._clock.seconds() + self._app.session_seconds
        instance = f"https://{host}"
        reply = {
            "access_token": token,
            "signature": base64.b64encode(self._letters.randbytes(32)).decode(),
            "scope": "api",
            "instance_url": instance,
            "id": f"{instance}/id/{org_id}/{self._app.user_id}",
            "token_type": "Bearer",
            "issued_at": str(self._clock.milliseconds()),
        }
        if grant == "client_credentials":
            reply["api_instance_url"] = instance
        return reply


def _token(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else ""


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
