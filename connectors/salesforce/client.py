"""The one door to the org: simple-salesforce behind our own session, with the sign-in, budget and errors in our hands.

simple-salesforce is used at client level only, with a session id it cannot renew: its own renewals repeat without end on
`sf.Lead.*` calls and lose per-call headers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

import msgspec
import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from connectors.budget import Grant
from connectors.contract import Call, Context
from connectors.errors import ConnectorError, ContractBroken, RetryLater
from connectors.salesforce.auth import SignIn, Token
from connectors.salesforce.classify import ApiError, api_errors, classify, is_daily
from connectors.salesforce.paths import QUERY, Endpoint, Request
from connectors.salesforce.settings import SalesforceSettings

ShapeT = TypeVar("ShapeT")

_USAGE = re.compile(r"(?<!-)api-usage=(\d+)/(\d+)")


class QueryPage(msgspec.Struct, frozen=True):
    """One answer to a query. `done` False: the server shrank the page, more rows match."""

    records: list[dict[str, Any]]
    done: bool
    total: int = msgspec.field(name="totalSize", default=0)


class OrgSession(requests.Session):
    """A session that always has a timeout, never reassigns Leads, and heeds no proxy or certificate variables.

    `Sforce-Auto-Assign` defaults to TRUE: any update of a Lead may run assignment rules and change its owner (Salesforce
    docs: Assignment Rule Header). Without `allowSave` a duplicate rule that only alerts people refuses our updates of a
    Lead that has a twin (Salesforce docs: Duplicate Rule Header). Set here, both are on every call.
    """

    def __init__(self, timeout_seconds: float, ca_file: str | None) -> None:
        super().__init__()
        self._timeout_seconds = timeout_seconds
        self.trust_env = False
        self.verify = ca_file or True
        self.headers["Sforce-Auto-Assign"] = "FALSE"
        self.headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send with our timeout unless the caller brings one."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._timeout_seconds
        return super().send(request, **kwargs)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came. `headers` are found without regard to case; `errors` are what a refusal says."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[ApiError, ...] = ()


class Client:
    """Makes calls to one org. Every failure leaves as one of `connectors.errors`, without bodies or tokens."""

    def __init__(self, settings: SalesforceSettings, context: Context, session: OrgSession) -> None:
        self._settings = settings
        self._context = context
        self._session = session
        self._sign_in = SignIn(settings, session, context)
        self._library: tuple[Token, Salesforce] | None = None
        self._lock = Lock()

    def ask(self, request: Request, shape: type[ShapeT]) -> ShapeT:
        """Make the call and read its JSON answer as `shape`.

        Raises:
            RetryLater: the answer is cut off or no JSON; or as `run`.
            ContractBroken: the answer is JSON of another shape.
        """
        content = self.run(request)
        try:
            return msgspec.json.decode(content, type=shape)
        except msgspec.ValidationError:
            raise ContractBroken(f"Salesforce answered {request.label} with JSON of an unknown shape") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise RetryLater(f"Salesforce's answer to {request.label} is cut off or not JSON") from None

    def query(self, soql: str, endpoint: Endpoint = QUERY) -> QueryPage:
        """Run a query; `QUERY_ALL` includes deleted and archived rows."""
        return self.ask(Request(endpoint, params={"q": soql}), QueryPage)

    def user_id(self) -> str | None:
        """Id of the user that the session acts as, if the sign-in told."""
        return self._sign_in.token().user_id

    def clock_lead_seconds(self) -> float:
        """How far our clock is ahead of the org's, by its word at sign-in (negative: behind); 0.0 if it did not say."""
        return self._sign_in.token().clock_lead_seconds

    def run(self, request: Request) -> bytes:
        """Make the call; return the body of its 2xx answer. Raises as `reply`."""
        return self.reply(request).content

    def reply(self, request: Request) -> Reply:
        """Make the call; return its 2xx answer.

        Raises:
            RetryLater, Reauthorise, Misconfigured, RecordRejected, ContractBroken: as `classify` says.
        """
        # Connecting and each wait for bytes may take the timeout.
        with self._context.budget.call("requests", timeout_seconds=2 * self._settings.timeout_seconds) as grant:
            token = self._sign_in.token()
            reply = self._send(request, token)
            _note_usage(grant, reply.headers.get("Sforce-Limit-Info", ""))
        if reply.status == 401:
            raise self._sign_in.refused(token)
        if reply.status >= 300:
            raise self._refused(request, reply)
        self._sign_in.accepted()
        return reply

    def close(self) -> None:
        """Let kept connections go."""
        self._session.close()

    def _send(self, request: Request, token: Token) -> Reply:
        library = self._library_for(token)
        payload = None if request.payload is None else msgspec.json.encode(request.payload)
        started = time.perf_counter()
        status = 0
        try:
            response = library._call_salesforce(  # restful() hides the status and fails on empty bodies
                request.endpoint.method, library.base_url + request.path, params=dict(request.params), data=payload
            )
            status = response.status_code
            return Reply(status, response.content, response.headers)
        except SalesforceError as refusal:
            status = refusal.status
            return Reply(status, b"", errors=api_errors(refusal.content))
        except requests.RequestException as error:
            trouble = type(error).__name__
        finally:
            self._context.record_call(Call(request.label, status, time.perf_counter() - started))
        raise RetryLater(f"Salesforce cannot be reached for {request.label} ({trouble})")

    def _library_for(self, token: Token) -> Salesforce:
        with self._lock:
            if self._library is None or self._library[0] is not token:
                library = Salesforce(
                    instance_url=self._settings.instance_url,
                    session_id=token.access,
                    session=self._session,
                    version=self._settings.api_version,
                    object_pairs_hook=None,
                )
                library.headers.pop("X-PrettyPrint")  # indented bodies are a quarter bigger
                self._library = (token, library)
            return self._library[1]

    def _refused(self, request: Request, reply: Reply) -> ConnectorError:
        if reply.errors and is_daily(reply.status, reply.errors[0]):
            # The day is a rolling one: no moment is known at which it is over.
            return self._context.budget.note_spent()
        return classify(request.label, reply.status, reply.errors, self._context.now())


def _note_usage(grant: Grant, header: str) -> None:
    if found := _USAGE.search(header):
        used, limit = int(found[1]), int(found[2])
        grant.note_daily(limit=limit, remaining=max(0, limit - used))
