"""Signing in: the token endpoint's flows, and the sessions they open.

A reply has no lifetime in it; a session ends after the org's timeout, or when it is ended (Salesforce docs: OAuth). The
refresh token was given away once, by a person's consent that lies before the twin's time; it lives until it is revoked.
"""

from __future__ import annotations

import base64
import binascii
import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jwt

from sandbox.clock import TwinClock
from sandbox.salesforce.furniture import OWN_DOMAIN

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")
MAX_LOGINS_AN_HOUR = 3600
_HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """What the org's admin set up for the integration.

    `jwt_public_key` is PEM; without it that flow is refused. `refresh_token` is what the admin's consent gave.
    """

    client_id: str
    client_secret: str
    username: str
    user_id: str
    org_id: str
    refresh_token: str
    jwt_public_key: str | None = None
    session_seconds: float = 7200.0


@dataclass(frozen=True, slots=True)
class _Session:
    """An open session, in seconds of the twin's time. `refreshed` ones end with the refresh token they came from."""

    since: float
    until: float
    refreshed: bool


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
        self._open: dict[str, _Session] = {}
        self._consent = True
        self._logins: deque[float] = deque()
        self._letters = random.Random(app.client_id)

    def user_of(self, authorization: str) -> str | None:
        """The user whose live session an Authorization header carries."""
        return None if self._session(_token(authorization)) is None else self._app.user_id

    def end(self, authorization: str) -> None:
        """End the session that an Authorization header carries."""
        self._open.pop(_token(authorization), None)

    def sign_in(self, form: Mapping[str, str], authorization: str, host: str) -> dict[str, str]:
        """The token endpoint's reply to a form.

        Raises:
            SignInRefusedError: with the error object's words.
        """
        grant = form.get("grant_type", "")
        if grant == "client_credentials":
            self._check_own_client(form, authorization, host)
        elif grant == JWT_GRANT:
            self._check_assertion(form.get("assertion", ""), host)
        elif grant == "refresh_token":
            self.check_client(form, authorization)
            if not self._consent or form.get("refresh_token", "") != self._app.refresh_token:
                raise SignInRefusedError("invalid_grant", "expired access/refresh token")
        else:
            raise SignInRefusedError("unsupported_grant_type", "grant type not supported")
        self._count_login()
        return self._opened(grant, host)

    def revoke(self, token: str) -> None:
        """End a session, or the refresh token with all sessions that came from it.

        Raises:
            SignInRefusedError: there is no such token.
        """
        if self._consent and token == self._app.refresh_token:
            self._consent = False
            self._open = {name: session for name, session in self._open.items() if not session.refreshed}
        elif self._open.pop(token, None) is None:
            raise SignInRefusedError("invalid_token", "invalid token")

    def introspected(self, token: str) -> dict[str, object]:
        """What the org says of a token to the app it belongs to; only that it is not active where it is not."""
        session = self._session(token)
        if session is None:
            is_consent = self._consent and token == self._app.refresh_token
            return {"active": True, **self._holder(), "token_type": "refresh_token"} if is_consent else {"active": False}
        times = {"exp": int(session.until), "iat": int(session.since), "nbf": int(session.since)}
        return {"active": True, **self._holder(), "token_type": "access_token", **times}

    def _holder(self) -> dict[str, object]:
        app = self._app
        subject = f"https://{LOGIN_HOSTS[0]}/id/{app.org_id}/{app.user_id}"
        return {"scope": "api refresh_token", "client_id": app.client_id, "username": app.username, "sub": subject}

    def _session(self, token: str) -> _Session | None:
        session = self._open.get(token)
        if session is not None and session.until <= self._clock.seconds():
            del self._open[token]
            return None
        return session

    def _count_login(self) -> None:
        """More than 3,600 in an hour are refused (Salesforce release notes; the words are believed)."""
        now = self._clock.seconds()
        while self._logins and self._logins[0] <= now - _HOUR_SECONDS:
            self._logins.popleft()
        if len(self._logins) >= MAX_LOGINS_AN_HOUR:
            raise SignInRefusedError("invalid_grant", "login rate exceeded")
        self._logins.append(now)

    def _check_own_client(self, form: Mapping[str, str], authorization: str, host: str) -> None:
        if host in LOGIN_HOSTS:
            raise SignInRefusedError("invalid_grant", "request not supported on this domain")
        self.check_client(form, authorization)

    def check_client(self, form: Mapping[str, str], authorization: str) -> None:
        """The app's id and secret, in the form or in a Basic header.

        Raises:
            SignInRefusedError: they are not this app's.
        """
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
        now = self._clock.seconds()
        self._open[token] = _Session(now, now + self._app.session_seconds, grant == "refresh_token")
        instance = f"https://{OWN_DOMAIN if host in LOGIN_HOSTS else host}"
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
