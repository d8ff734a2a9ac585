"""Signing in: client credentials or JWT bearer, one at a time, and what a refused session means."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import jwt
import msgspec
import requests

from connectors.contract import Call, Context
from connectors.errors import ConnectorError, ContractBroken, Misconfigured, Reauthorise, RetryLater
from connectors.salesforce.paths import TOKEN_PATH
from connectors.salesforce.settings import ClientCredentials, JwtBearer, SalesforceSettings, literal_or_secret
from connectors.secrets import reveal

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_LIFE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Token:
    """A session. `user_id` is the user it acts as; None when the sign-in reply does not say.

    `clock_lead_seconds`: how far our clock was ahead of the org's when it was granted.
    """

    access: str = field(repr=False)
    user_id: str | None
    minted_at: datetime
    clock_lead_seconds: float = 0.0


class _TokenReply(msgspec.Struct, frozen=True):
    access_token: str
    id: str = ""
    issued_at: str = ""


class SignIn:
    """Holds the session of one org. Threads that meet one expiry share one new sign-in."""

    def __init__(self, settings: SalesforceSettings, session: requests.Session, context: Context) -> None:
        self._settings = settings
        self._session = session
        self._context = context
        self._lock = Lock()
        self._token: Token | None = None
        self._refused_in_a_row = 0
        self._sign_in_refused = False

    def token(self) -> Token:
        """The session in use; signs in when there is none or it has grown old.

        Salesforce tells no lifetime (no `expires_in`), so age is ours to limit and a 401 is the truth.
        """
        with self._lock:
            life = timedelta(minutes=self._settings.session_minutes)
            if self._token is None or self._context.now() - self._token.minted_at >= life:
                self._token = self._mint()
            return self._token

    def accepted(self) -> None:
        """A call succeeded: the next refused session counts as the first again."""
        self._refused_in_a_row = 0

    def refused(self, token: Token) -> ConnectorError:
        """What a 401 with this token means: a lapsed session; refused credentials when a fresh one is refused as well."""
        with self._lock:
            if token is self._token:
                self._token = None
                self._refused_in_a_row += 1
            if self._refused_in_a_row >= 2:
                return Reauthorise("Salesforce refuses a session it has just granted", code="INVALID_SESSION_ID")
            return RetryLater("the Salesforce session has lapsed", code="INVALID_SESSION_ID")

    def _mint(self) -> Token:
        now = self._context.now()
        form = self._form(now)
        reply = self._post(form)
        if reply.status_code == 401 and not self._sign_in_refused:
            self._sign_in_refused = True
            raise RetryLater("Salesforce refused the sign-in with 401 for the first time", code="401")
        if reply.status_code >= 300:
            raise _refusal(reply.status_code, reply.content)
        self._sign_in_refused = False
        return _token_from(reply.content, now)

    def _post(self, form: dict[str, str]) -> requests.Response:
        started = time.perf_counter()
        status = 0
        try:
            reply = self._session.post(f"{self._settings.instance_url}{TOKEN_PATH}", data=form)
            status = reply.status_code
            return reply
        except requests.RequestException as error:
            trouble = type(error).__name__
        finally:
            self._context.record_call(Call(f"POST {TOKEN_PATH}", status, time.perf_counter() - started))
        raise RetryLater(f"Salesforce cannot be reached for sign-in ({trouble})")

    def _form(self, now: datetime) -> dict[str, str]:
        auth = self._settings.auth
        client_id = literal_or_secret(auth.client_id)
        if isinstance(auth, ClientCredentials):
            secret = reveal(auth.client_secret)
            return {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        return {"grant_type": JWT_GRANT, "assertion": self._assertion(auth, client_id, now)}

    def _assertion(self, auth: JwtBearer, client_id: str, now: datetime) -> str:
        host = urlsplit(self._settings.instance_url).hostname or ""
        login = "https://test.salesforce.com" if ".sandbox." in host else "https://login.salesforce.com"
        expires_at = int((now + JWT_LIFE).timestamp())
        claims = {"iss": client_id, "sub": auth.username, "aud": auth.audience or login, "exp": expires_at}
        key = reveal(auth.private_key)
        try:
            return jwt.encode(claims, key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise Reauthorise(f"the private key at {auth.private_key} is not an RSA key in PEM form") from None


def _token_from(body: bytes, now: datetime) -> Token:
    try:
        reply = msgspec.json.decode(body, type=_TokenReply)
    except msgspec.ValidationError:
        raise ContractBroken("Salesforce's sign-in reply has no access token") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RetryLater("Salesforce's sign-in reply is cut off or not JSON") from None
    lead_seconds = now.timestamp() - int(reply.issued_at) / 1000 if reply.issued_at.isdigit() else 0.0
    return Token(reply.access_token, reply.id.rsplit("/", 1)[-1] or None, now, lead_seconds)


def _refusal(status: int, body: bytes) -> ConnectorError:
    """The token endpoint answers with an object `{error, error_description}`, unlike the rest of the API."""
    try:
        said: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = None
    error = str(said.get("error", "")) if isinstance(said, dict) else ""
    if status >= 500 or status in {408, 420, 429}:
        return RetryLater(f"Salesforce refused the sign-in with {status}", code=error or None)
    description = str(said.get("error_description", "")) if isinstance(said, dict) else ""
    if "not supported on this domain" in description:
        return Misconfigured("Salesforce wants this sign-in at the org's own My Domain; correct instance_url", code=error)
    return Reauthorise(
        f"Salesforce refused the sign-in ({error or status}); check the External Client App", code=error or None
    )
