"""How the org fails when it fails: bodies by status.

423 stands for locked rows: a collection is answered with 200 and `UNABLE_TO_LOCK_ROW` in every row, a single record
with 400; nothing is locked at sign-in. 477 is a status that Salesforce does not have: it fails with 503 instead. A
proxy's 502 is no JSON, and 503 comes without a Retry-After (both observed by client authors).
"""

from __future__ import annotations

import msgspec

from sandbox.exchange import Reply, Request
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.routes import json_reply
from sandbox.salesforce.soap import SOAP_ROOT, fault

OAUTH_ROOT = "/services/oauth2"
LOCKED = 423
HUBSPOTS_OWN = 477
_HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_BODIES = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    429: ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 0-0"),
    503: ("SERVER_UNAVAILABLE", "Server Too Busy"),
}
_LOCK = SalesforceError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records")


def trouble(status: int, request: Request) -> Reply:
    """The body that goes with a failure, nothing having been done."""
    if status == 502:
        return Reply(502, _HTML.encode(), media_type="text/html;charset=utf-8")
    if status == HUBSPOTS_OWN:
        return trouble(503, request)
    if request.path.startswith(OAUTH_ROOT):
        status = 503 if status == LOCKED else status
        return json_reply({"error": "unknown_error", "error_description": "retry your request"}, status)
    code, message = _BODIES.get(status, ("UNKNOWN_EXCEPTION", "An unexpected error occurred."))
    if request.path.startswith(SOAP_ROOT):
        return fault(_LOCK.code, _LOCK.message) if status == LOCKED else fault(code, message)
    if status == LOCKED:
        return _locked(request)
    return json_reply(SalesforceError(code, message).top_level(), status)


def _locked(request: Request) -> Reply:
    if "/composite/sobjects" not in request.path:
        return json_reply(_LOCK.top_level(), 400)
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, RecursionError):
        body = None
    records = body.get("records") if isinstance(body, dict) else None
    count = len(records) if isinstance(records, list) else 1
    return json_reply([{"success": False, "errors": [_LOCK.in_row()]}] * count)
