"""What HubSpot says when it refuses: statuses, categories and bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from sandbox.exchange import Reply

CREDENTIALS_NOT_FOUND = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more "
    "details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)

_SCOPES = "https://developers.hubspot.com/scopes"


class Problem(Exception):
    """A request is refused; carries all that the error body shows (HubSpot docs: error handling)."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        context: Mapping[str, Sequence[str]] | None = None,
        sub_category: str | None = None,
        extra: Mapping[str, Any] | None = None,
        details: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.context = context
        self.sub_category = sub_category
        self.extra = extra or {}
        self.details = details

    def reply(self, correlation_id: str) -> Reply:
        """The error as an HTTP response."""
        body: dict[str, Any] = {
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id,
            "category": self.category,
        }
        if self.context is not None:
            body["context"] = self.context
        if self.details:
            body["errors"] = self.details
        if self.sub_category is not None:
            body["subCategory"] = self.sub_category
        return Reply(self.status, msgspec.json.encode(body | dict(self.extra)))

    def as_item(self, context: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """The error as one element of a batch answer's `errors` (status 207).

        It has no sub-category: the published contract has another type for it there than in a whole answer.
        """
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": {**(self.context or {}), **context},
            "errors": self.details,
            "links": {},
        }


@dataclass(frozen=True, slots=True)
class BadValue:
    """One property value that HubSpot does not take, with its code."""

    name: str
    code: str
    message: str


def bad_values(found: Sequence[BadValue]) -> Problem:
    """400 for property values; the details are JSON inside the message, as HubSpot sends them."""
    details = [
        {
            "isValid": False,
            "message": bad.message,
            "error": bad.code,
            "name": bad.name,
            "localizedErrorMessage": bad.message,
        }
        for bad in found
    ]
    inner = msgspec.json.encode(details).decode()
    errors = [{"message": bad.message, "code": bad.code, "context": {"propertyName": [bad.name]}} for bad in found]
    return Problem(400, "VALIDATION_ERROR", f"Property values were not valid: {inner}", details=errors)


def invalid(message: str, context: Mapping[str, Sequence[str]] | None = None) -> Problem:
    """400 VALIDATION_ERROR."""
    return Problem(400, "VALIDATION_ERROR", message, context)


def missing_scopes(scopes: Sequence[str]) -> Problem:
    """403 MISSING_SCOPES that lists what is missing (HubSpot docs: error handling)."""
    message = f"This app hasn't been granted all required scopes to make this call. Read more about them here: {_SCOPES}."
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": scopes},
    }
    return Problem(403, "MISSING_SCOPES", message, extra={"links": {"scopes": _SCOPES}}, details=[detail])


def record_not_found(record_id: str) -> Problem:
    """404 for one record; HubSpot words it differently for ids that are no numbers."""
    if record_id.isdigit():
        return Problem(404, "OBJECT_NOT_FOUND", "resource not found")
    message = "Object not found.  objectId are usually numeric."
    return Problem(404, "OBJECT_NOT_FOUND", message, {"id": [record_id]})


def too_many(policy: str, request_id: str) -> Problem:
    """429; `policy` is DAILY, TEN_SECONDLY_ROLLING or SECONDLY (HubSpot docs: usage limits)."""
    message = f"You have reached your {policy.lower()} limit."
    extra = {"errorType": "RATE_LIMIT", "policyName": policy, "requestId": request_id}
    return Problem(429, "RATE_LIMITS", message, extra=extra)


_LOCKED = "The resource is locked. Try again later."
_PAGES = {
    414: "Request-URI Too Large",
    502: "Bad Gateway",
    504: "Gateway Time-out",
    520: "Web server is returning an unknown error",
    522: "Connection timed out",
    524: "A timeout occurred",
}


def page(status: int) -> Reply | None:
    """The HTML page of the web servers in front of HubSpot, which answer some statuses themselves."""
    words = _PAGES.get(status)
    if words is None:
        return None
    text = (
        f"<html><head><title>{status} {words}</title></head><body><center><h1>{status} {words}</h1></center></body></html>"
    )
    return Reply(status, text.encode(), media_type="text/html")


def locked() -> Problem:
    """423: wait at least two seconds (HubSpot docs: error handling)."""
    return Problem(423, "LOCKED", _LOCKED)


_BY_STATUS = {
    401: ("INVALID_AUTHENTICATION", CREDENTIALS_NOT_FOUND),
    403: ("MISSING_SCOPES", "This app hasn't been granted all required scopes."),
    423: ("LOCKED", _LOCKED),
    477: ("MIGRATION_IN_PROGRESS", "This account is being moved between data centres."),
    503: ("SERVICE_UNAVAILABLE", "The service is temporarily unavailable."),
}


def trouble(status: int, request_id: str, policy: str) -> Problem:
    """The body that goes with a failure status by itself, for injected faults; `policy` is that of a 429."""
    if status == 429:
        return too_many(policy, request_id)
    unknown = ("INTERNAL_ERROR" if status >= 500 else "VALIDATION_ERROR", "internal error")
    category, message = _BY_STATUS.get(status, unknown)
    return Problem(status, category, message)
