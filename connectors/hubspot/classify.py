"""What HubSpot's refusals mean: one table from status and code to the error that says what helps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import msgspec

from connectors.errors import ConnectorError, ContractBroken, Misconfigured, Reauthorise, RecordRejected, RetryLater


class Verdict(StrEnum):
    """What a refusal calls for."""

    RETRY = "retry"
    REAUTHORISE = "reauthorise"
    MISCONFIGURED = "misconfigured"
    REJECTED = "rejected"
    BROKEN = "broken"


# Statuses that are not listed: 5xx is RETRY, everything else BROKEN. 414 (URL too long) and 413 are our own mistakes.
_BY_STATUS: Mapping[int, Verdict] = {
    400: Verdict.REJECTED,
    401: Verdict.REAUTHORISE,
    402: Verdict.MISCONFIGURED,
    403: Verdict.MISCONFIGURED,
    404: Verdict.REJECTED,
    407: Verdict.MISCONFIGURED,
    408: Verdict.RETRY,
    409: Verdict.REJECTED,
    410: Verdict.REJECTED,
    421: Verdict.RETRY,
    422: Verdict.REJECTED,
    423: Verdict.RETRY,  # locked: HubSpot docs ask for at least two seconds
    425: Verdict.RETRY,
    429: Verdict.RETRY,
    451: Verdict.MISCONFIGURED,
    477: Verdict.RETRY,  # the account is being moved between data centres
}

# Codes as HubSpot's docs name them in `category`, `subCategory`, `errors[].code`, `errorType` or `policyName`.
BY_CODE: Mapping[str, Verdict] = {
    "VALIDATION_ERROR": Verdict.REJECTED,
    "OBJECT_NOT_FOUND": Verdict.REJECTED,
    "CONFLICT": Verdict.REJECTED,
    "MISSING_REQUIRED_PROPERTY": Verdict.REJECTED,
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": Verdict.REJECTED,
    "Properties.PROPERTY_WITH_NAME_EXISTS": Verdict.REJECTED,
    "PROPERTY_DOESNT_EXIST": Verdict.MISCONFIGURED,
    "MISSING_SCOPES": Verdict.MISCONFIGURED,
    "INVALID_AUTHENTICATION": Verdict.REAUTHORISE,
    "EXPIRED_AUTHENTICATION": Verdict.REAUTHORISE,
    "BAD_REFRESH_TOKEN": Verdict.REAUTHORISE,
    "BAD_CLIENT_ID": Verdict.REAUTHORISE,
    "LOCKED": Verdict.RETRY,
    "RATE_LIMIT": Verdict.RETRY,
    "RATE_LIMITS": Verdict.RETRY,
    "DAILY": Verdict.RETRY,
    "TEN_SECONDLY_ROLLING": Verdict.RETRY,
    "SECONDLY": Verdict.RETRY,
    "INTERNAL_ERROR": Verdict.RETRY,
    "SERVICE_UNAVAILABLE": Verdict.RETRY,
    "MIGRATION_IN_PROGRESS": Verdict.RETRY,
}

_PAUSE_SECONDS: Mapping[str, float] = {"DAILY": 3600.0, "TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}
_PAUSE_SECONDS_BY_STATUS: Mapping[int, float] = {423: 2.0, 429: 10.0, 477: 3600.0, 502: 1.0, 504: 1.0}
_LONGEST_PAUSE_SECONDS = 86_400.0

_E_MAIL = re.compile(r"[^\s@\"'<>\[\](){},;:=]+@[^\s@\"'<>\[\](){},;]+")
_TOKEN = re.compile(r"\bpat-[\w-]+|\bBearer\s+\S+", re.IGNORECASE)
_UNKNOWN_PROPERTY = re.compile(r"[Pp]roperty \\?[\"']([\w.]+)\\?[\"'] does not exist")


class _RefusedValue(msgspec.Struct, frozen=True):
    message: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success, reduced to what may be kept: `codes` from the finest to the coarsest.

    `message` is in HubSpot's words without e-mail addresses and tokens. `properties` are those it says do not exist.
    """

    status: int
    codes: tuple[str, ...] = ()
    message: str = ""
    scopes: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    correlation_id: str = ""
    retry_after_seconds: float | None = None

    @property
    def code(self) -> str:
        """The finest code, or `HTTP <status>` without any."""
        return next((code for code in self.codes if code in BY_CODE), self.codes[0] if self.codes else f"HTTP {self.status}")


def read_refusal(status: int, headers: Mapping[str, str], body: bytes | str, *, now: datetime) -> Refusal:
    """Read a refusal leniently: a body that is no JSON, or another JSON than documented, leaves the status to speak."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeEncodeError):
        said = {}
    said = said if isinstance(said, dict) else {}
    details = [one for one in _list(said.get("errors")) if isinstance(one, dict)]
    codes = [one.get("code") for one in details] + [one.get("subCategory") for one in details]
    codes += [said.get(key) for key in ("policyName", "subCategory", "category", "errorType")]
    message = " ".join(
        part for part in [said.get("message"), *(one.get("message") for one in details)] if isinstance(part, str)
    )
    return Refusal(
        status=status,
        codes=tuple(dict.fromkeys(code for code in codes if isinstance(code, str) and code)),
        message=words(message),
        scopes=_from_contexts([said, *details], "requiredGranularScopes"),
        properties=_from_contexts([said, *details], "propertyName") or unknown_properties(message),
        correlation_id=str(said.get("correlationId") or ""),
        retry_after_seconds=_retry_after_seconds(headers.get("Retry-After"), now),
    )


def verdict(status: int, codes: tuple[str, ...]) -> Verdict:
    """What a status with these codes calls for. 401, 429 and 5xx speak for themselves; elsewhere a known code is finer."""
    if status in {401, 429}:
        return _BY_STATUS[status]
    if 500 <= status <= 599:
        return Verdict.RETRY
    known = next((BY_CODE[code] for code in codes if code in BY_CODE), None)
    if known is not None and (status == 207 or 400 <= status <= 499):
        return known
    return _BY_STATUS.get(status, Verdict.BROKEN)


def classify(refusal: Refusal, endpoint: str, *, now: datetime) -> ConnectorError:
    """The error to raise for a refusal of `endpoint`. Only a rejected record's error carries HubSpot's own words."""
    seen_as = f" (correlation id {refusal.correlation_id})" if refusal.correlation_id else ""
    what = f"HubSpot answered {refusal.status} to {endpoint}: {refusal.code}{seen_as}"
    match verdict(refusal.status, refusal.codes):
        case Verdict.RETRY:
            return RetryLater(what, at=_retry_at(refusal, now), code=refusal.code)
        case Verdict.REAUTHORISE:
            return Reauthorise(f"{what}; renew the token", code=refusal.code)
        case Verdict.MISCONFIGURED:
            return Misconfigured(what + _advice(refusal), code=refusal.code)
        case Verdict.REJECTED:
            return RecordRejected(refusal.message or what, code=refusal.code)
        case Verdict.BROKEN:
            return ContractBroken(what, code=refusal.code)


def words(message: str) -> str:
    """HubSpot's words for an admin: without e-mail addresses and tokens, at most 300 characters.

    Refused values come as JSON inside the message; of those the property and the sentence about it are kept.
    """
    return _TOKEN.sub("<token>", _E_MAIL.sub("<e-mail>", _plain(message))).strip()[:300]


def unknown_properties(message: str) -> tuple[str, ...]:
    """The properties that HubSpot says do not exist."""
    return tuple(dict.fromkeys(_UNKNOWN_PROPERTY.findall(message)))


def run_provision(properties: Sequence[str]) -> str:
    """What to do about properties that do not exist."""
    named = f" {', '.join(properties)}" if properties else ""
    return f"the property{named} does not exist in this account: run provision, or correct the mapping"


def _plain(message: str) -> str:
    try:
        items = msgspec.json.decode(message[message.index("[{") :], type=list[_RefusedValue])
    except (ValueError, msgspec.DecodeError):
        return message
    return "; ".join(f"{item.name}: {item.message}" if item.name else item.message for item in items)


def _advice(refusal: Refusal) -> str:
    if refusal.scopes:
        return f"; grant the token the scopes {', '.join(refusal.scopes)}"
    if refusal.code == "PROPERTY_DOESNT_EXIST":
        return f"; {run_provision(refusal.properties)}"
    return ""


def _retry_at(refusal: Refusal, now: datetime) -> datetime | None:
    seconds = refusal.retry_after_seconds
    if seconds is None:
        seconds = next((_PAUSE_SECONDS[code] for code in refusal.codes if code in _PAUSE_SECONDS), None)
    if seconds is None:
        seconds = _PAUSE_SECONDS_BY_STATUS.get(refusal.status)
    return None if seconds is None else now + timedelta(seconds=seconds)


def _retry_after_seconds(header: str | None, now: datetime) -> float | None:
    if not header:
        return None
    try:
        seconds = float(header) if header.strip().isdigit() else (parsedate_to_datetime(header) - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), _LONGEST_PAUSE_SECONDS)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _from_contexts(parts: list[dict[str, Any]], key: str) -> tuple[str, ...]:
    found: list[str] = []
    for part in parts:
        context = part.get("context")
        if isinstance(context, dict):
            found += [one for one in _list(context.get(key)) if isinstance(one, str)]
    return tuple(dict.fromkeys(found))
