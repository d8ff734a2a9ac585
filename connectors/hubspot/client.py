"""One HubSpot account over HTTP: the official SDK as transport, our paths, typed answers, classified errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import perf_counter
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

import msgspec
from hubspot import HubSpot
from hubspot.crm.objects.exceptions import ApiException
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from connectors.contract import Call, Context
from connectors.errors import ConnectorError, ContractBroken, RetryLater
from connectors.hubspot.classify import Verdict, classify, read_refusal, verdict
from connectors.hubspot.paths import DAILY_USAGE, VERSIONS, Operation
from connectors.hubspot.settings import HubSpotSettings
from connectors.hubspot.usage import Usage, day_left
from connectors.secrets import reveal

T = TypeVar("T")
Query: TypeAlias = Sequence[tuple[str, str]]
Body: TypeAlias = Mapping[str, Any]

_CONNECT_SECONDS = 10.0
_TOO_MANY = 429
_ASK_AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer of any status, its body read to the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes | str


class Token:
    """A static token, read by reference when first needed and again after a refusal, since it may have been rotated."""

    def __init__(self, reference: str) -> None:
        self._reference = reference
        self._value: str | None = None
        self._reading = 0
        self._refused_in_a_row = 0
        self._lock = Lock()

    def current(self) -> tuple[str, int]:
        """The token, and the number of the reading it comes from.

        Raises:
            Reauthorise: there is nothing behind the reference.
        """
        with self._lock:
            if self._value is None:
                self._value = reveal(self._reference)
                self._reading += 1
            return self._value, self._reading

    def refused(self, reading: int) -> int:
        """Drop the token of that reading. Returns how many readings in a row were refused; calls sharing one count once."""
        with self._lock:
            if self._value is not None and reading == self._reading:
                self._value = None
                self._refused_in_a_row += 1
            return self._refused_in_a_row

    def accepted(self) -> None:
        """A call went through: the next refusal is a first one."""
        with self._lock:
            self._refused_in_a_row = 0


class HubSpotClient:
    """Makes single calls. Waits for the shared budget, never between attempts; never calls twice."""

    def __init__(self, settings: HubSpotSettings, context: Context) -> None:
        self._context = context
        self._version = VERSIONS[settings.api_version]
        self._timeout_seconds = (min(_CONNECT_SECONDS, settings.request_timeout_seconds), settings.request_timeout_seconds)
        self._token = Token(settings.token)
        self._reset_asked_until = datetime.min.replace(tzinfo=UTC)
        # Left to itself, urllib3 repeats calls, sleeps on Retry-After and follows redirects with the token.
        never = Retry(total=False)
        # Each attribute walk of the SDK builds a new connection pool, so one API object is held.
        self._api: Any = HubSpot(host=settings.host, retry=never).crm.objects.basic_api.api_client

    def call(self, operation: Operation, answer: type[T], *, query: Query = (), body: Body | None = None, **path: str) -> T:
        """Make one call and decode its answer. `path` fills the operation's placeholders.

        Raises:
            RetryLater: throttled, server trouble, cut or garbled answer, budget used up, or a first 401 in a row.
            Reauthorise: a second 401 in a row, or no token.
            Misconfigured: a scope or property is missing.
            RecordRejected: HubSpot refuses the input (400, 404, 409).
            ContractBroken: an answer in another shape, or a status that makes no sense.
        """
        template = self._version.root(operation.root) + operation.suffix
        shown = {name: value if name in {"object", "to"} else f"{{{name}}}" for name, value in path.items()}
        endpoint = f"{operation.method} {template.format(**shown)}"
        target = template.format(**{name: quote(value, safe="") for name, value in path.items()})
        # Connecting and each wait for bytes may take its timeout.
        with self._context.budget.call(*operation.kinds, timeout_seconds=sum(self._timeout_seconds)) as grant:
            token, reading = self._token.current()
            reply = self._exchange(operation, endpoint, target, query, body, token)
            left = day_left(reply.headers)
            if left is not None:
                grant.note_daily(limit=left.limit, remaining=left.remaining)
        if left is not None and self._context.budget.runs_low(limit=left.limit, remaining=left.remaining):
            self._learn_reset()
        if 200 <= reply.status <= 299:
            self._token.accepted()
            return _decode(reply.body, answer, endpoint)
        raise self._refused(reply, endpoint, reading)

    def close(self) -> None:
        """Close idle connections."""
        self._api.rest_client.pool_manager.clear()

    def _learn_reset(self) -> None:
        """Ask when the day's count starts anew, which no other answer tells. Without it the budget looks each hour."""
        now = self._context.now()
        if now < self._reset_asked_until:
            return
        self._reset_asked_until = now + _ASK_AGAIN_AFTER
        with suppress(ConnectorError):
            for one in self.call(DAILY_USAGE, Usage).results:
                self._reset_asked_until = one.resets_at
                self._context.budget.note_reset(one.resets_at)

    def _exchange(
        self, operation: Operation, endpoint: str, target: str, query: Query, body: Body | None, token: str
    ) -> Reply:
        began = perf_counter()
        status = 0
        try:
            reply = self._send(operation.method, target, query, body, token)
            status = reply.status
        except (HTTPError, OSError) as error:
            raise RetryLater(f"no whole answer to {endpoint} ({type(error).__name__})") from error
        finally:
            self._context.record_call(Call(endpoint, status, perf_counter() - began))
        return reply

    def _send(self, method: str, target: str, query: Query, body: Body | None, token: str) -> Reply:
        bearer = {"type": "oauth2", "in": "header", "key": "Authorization", "value": f"Bearer {token}"}
        try:
            response = self._api.call_api(
                target,
                method,
                {},
                list(query),
                {"Accept": "application/json"},
                body=body,
                auth_settings=["oauth2"],
                _preload_content=False,
                _request_timeout=self._timeout_seconds,
                _request_auth=bearer,
            )
            return Reply(response.status, response.headers, response.data)
        except ApiException as refused:
            return _reply_to(refused)
        except (UnicodeDecodeError, AttributeError) as slip:
            # The SDK decodes a refusal's body as text and trips where it is none, or where there is none.
            if isinstance(slip.__context__, ApiException):
                return _reply_to(slip.__context__)
            raise

    def _refused(self, reply: Reply, endpoint: str, reading: int) -> Exception:
        now = self._context.now()
        refusal = read_refusal(reply.status, reply.headers, reply.body, now=now)
        if reply.status == _TOO_MANY and "DAILY" in refusal.codes:
            seconds = refusal.retry_after_seconds
            return self._context.budget.note_spent(None if seconds is None else now + timedelta(seconds=seconds))
        if verdict(refusal.status, refusal.codes) is Verdict.REAUTHORISE and self._token.refused(reading) < 2:
            return RetryLater(f"HubSpot refused the token at {endpoint}; it is read anew", code=refusal.code)
        return classify(refusal, endpoint, now=now)


def _reply_to(refused: ApiException) -> Reply:
    if not refused.status:
        raise HTTPError("the TLS handshake failed")
    return Reply(refused.status, refused.headers or {}, refused.body or b"")


def _decode(body: bytes | str, answer: type[T], endpoint: str) -> T:
    try:
        return msgspec.json.decode(body, type=answer)
    except msgspec.ValidationError as error:
        # msgspec names the place and the types, never a value of the answer.
        raise ContractBroken(f"HubSpot's answer to {endpoint} has another shape than documented: {error}") from error
    except msgspec.DecodeError as error:
        raise RetryLater(f"HubSpot's answer to {endpoint} broke off or is no JSON") from error
