"""What each refusal means: one table from Salesforce's codes, one from HTTP statuses, one for rows of a collection.

Sources: Salesforce docs "SOAP API: Core Data Types", "REST API: Status Codes and Error Responses", "sObject Collections".
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from msgspec import Struct

from connectors.errors import ConnectorError, ContractBroken, Misconfigured, Reauthorise, RecordRejected, RetryLater


class ApiError(Struct, frozen=True):
    """One entry of the list that Salesforce answers a refused call with."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


class RowVerdict(Enum):
    """What a refused row of a collection needs."""

    RETRY = "retry"
    GONE = "gone"
    MISCONFIGURED = "misconfigured"
    REJECTED = "rejected"


RETRY_CODES = frozenset(
    {
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",  # this row was fine; another one of its call was not
        "EXCEEDED_ID_LIMIT",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        "INVALID_QUERY_LOCATOR",
        "OPERATION_TOO_LARGE",
        "QUERY_LOCATOR_EXPIRED",
        "QUERY_LOCATOR_NOT_FOUND",
        "QUERY_TIMEOUT",
        "REQUEST_LIMIT_EXCEEDED",
        "REQUEST_RUNNING_TOO_LONG",
        "SERVER_UNAVAILABLE",
        "TEMPORARY_QUERY_MORE_FAILURE",
        "TOO_MANY_APEX_REQUESTS",
        "UNABLE_TO_LOCK_ROW",
        "UNKNOWN_EXCEPTION",
    }
)
GONE_CODES = frozenset(
    {
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "ENTITY_IS_ARCHIVED",
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "NOT_FOUND",
    }
)
FIELD_CODES = frozenset({"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"})
MISCONFIGURED_CODES = FIELD_CODES | {
    "API_CURRENTLY_DISABLED",
    "API_DISABLED_FOR_ORG",
    "FUNCTIONALITY_NOT_ENABLED",
    "INVALID_TYPE",
    "UNSUPPORTED_API_VERSION",
}
REAUTHORISE_CODES = frozenset(
    {
        "INACTIVE_USER",
        "INVALID_LOGIN",
        "INVALID_SESSION_ID",
        "InvalidSessionId",  # as the older bulk API spells it
        "PASSWORD_LOCKOUT",
        "USER_DISABLED",
    }
)
REJECTED_CODES = frozenset(
    {
        "DUPLICATES_DETECTED",
        "DUPLICATE_DEVELOPER_NAME",
        "DUPLICATE_EXTERNAL_ID",
        "DUPLICATE_VALUE",
        "ENTITY_IS_LOCKED",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "FIELD_INTEGRITY_EXCEPTION",
        "INACTIVE_OWNER_OR_USER",
        "INVALID_EMAIL_ADDRESS",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "REQUIRED_FIELD_MISSING",
        "STORAGE_LIMIT_EXCEEDED",
        "STRING_TOO_LONG",
    }
)
BUG_CODES = frozenset(
    {
        "INVALID_OPERATION",
        "INVALID_QUERY_FILTER_OPERATOR",
        "JSON_PARSER_ERROR",
        "MALFORMED_ID",
        "MALFORMED_QUERY",
        "METHOD_NOT_ALLOWED",
        "REQUEST_HEADER_FIELDS_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        "URI_TOO_LONG",
    }
)
_KINDS: tuple[tuple[frozenset[str], type[ConnectorError]], ...] = (
    (REAUTHORISE_CODES, Reauthorise),
    (RETRY_CODES, RetryLater),
    (MISCONFIGURED_CODES, Misconfigured),
    (REJECTED_CODES | GONE_CODES, RecordRejected),
    (BUG_CODES, ContractBroken),
)
RETRY_STATUSES = frozenset({0, 406, 408, 409, 420, 421, 423, 425, 429})
TOO_LARGE_STATUSES = frozenset({413, 414})
MISCONFIGURED_STATUSES = frozenset({402, 403, 404, 407, 410, 451})

RETIRED = ": this API version is retired; set a newer api_version"

_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_NO_COLUMN = re.compile(r"[Nn]o such column '([\w.]+)' on (?:entity|sobject of type) '?(\w+)'?")
_CONCURRENT_WAIT = timedelta(seconds=10)
_DAILY_WAIT = timedelta(hours=1)


def api_errors(body: Any) -> tuple[ApiError, ...]:
    """Read a refused call's body: a list of errors, a sign-in error object, or neither (then nothing)."""
    if isinstance(body, dict) and "error" in body:
        return (ApiError(str(body["error"]), str(body.get("error_description", ""))),)
    if not isinstance(body, list):
        return ()
    return tuple(
        ApiError(str(item.get("errorCode", "")), str(item.get("message", "")), tuple(map(str, item.get("fields") or ())))
        for item in body
        if isinstance(item, dict)
    )


def scrub(words: str) -> str:
    """Salesforce's words on one line, without e-mail addresses, cut to 500 characters."""
    return " ".join(_ADDRESS.sub("(address)", words).split())[:500]


def classify(endpoint: str, status: int, errors: tuple[ApiError, ...], now: datetime) -> ConnectorError:
    """The error for a refused call: by Salesforce's code where it is known, else by HTTP status.

    A 401 is `Reauthorise` here; the client softens the first one, which only means that the session lapsed.
    """
    error = errors[0] if errors else ApiError("", "")
    said = f"Salesforce refused {endpoint} with {error.code or status}"
    if error.code == "REQUEST_LIMIT_EXCEEDED" and status == 403:
        return _over_limit(said, error.message, now)
    kind = Reauthorise if status == 401 else _kind(error.code)
    if kind is None:
        return _by_status(said, status, error.code or None)
    return kind(f"{said}{_detail(kind, error)}", code=error.code or None)


def is_daily(status: int, error: ApiError) -> bool:
    """Whether the org's calls of the day are used up, and not only those it serves at once."""
    return status == 403 and error.code == "REQUEST_LIMIT_EXCEEDED" and "Concurrent" not in error.message


def _kind(code: str) -> type[ConnectorError] | None:
    if code.startswith("INSUFFICIENT_ACCESS"):
        return Misconfigured
    return next((kind for codes, kind in _KINDS if code in codes), None)


def _detail(kind: type[ConnectorError], error: ApiError) -> str:
    if error.code == "UNSUPPORTED_API_VERSION":
        return RETIRED
    if error.code in FIELD_CODES:
        return f": {_field_named(error)}"
    if kind is RecordRejected:
        return f": {scrub(error.message)}"
    return {
        Reauthorise: ": the sign-in is not accepted",
        Misconfigured: ": the integration user lacks access to it",
    }.get(kind, "")


def _by_status(said: str, status: int, code: str | None) -> ConnectorError:
    if status in RETRY_STATUSES or status >= 500:
        return RetryLater(said, code=code)
    if status == 410:
        return Misconfigured(f"{said}{RETIRED}", code=code)
    if status in MISCONFIGURED_STATUSES:
        return Misconfigured(f"{said}: the integration user or the org lacks access to it", code=code)
    if status in TOO_LARGE_STATUSES:
        return ContractBroken(f"{said}: the request is too large", code=code or f"HTTP {status}")
    return ContractBroken(said, code=code)


def _over_limit(said: str, message: str, now: datetime) -> RetryLater:
    wait = _CONCURRENT_WAIT if "Concurrent" in message else _DAILY_WAIT
    return RetryLater(f"{said}: the org's API allowance is used up", at=now + wait, code="REQUEST_LIMIT_EXCEEDED")


def _field_named(error: ApiError) -> str:
    """Which field a refusal is about, in words for the admin. Only names leave the message, never values."""
    if found := _NO_COLUMN.search(error.message):
        return f"{found[2]}.{found[1]} does not exist or may not be read by the integration user"
    if error.fields:
        return f"no access to {', '.join(error.fields)}"
    return "a field does not exist or may not be used by the integration user"


def classify_row(code: str) -> RowVerdict:
    """What a row's `statusCode` asks for. Anything unknown is a matter for a person: the record is rejected."""
    if code in RETRY_CODES:
        return RowVerdict.RETRY
    if code in GONE_CODES:
        return RowVerdict.GONE
    if code in FIELD_CODES:
        return RowVerdict.MISCONFIGURED
    return RowVerdict.REJECTED
