"""`/composite`: up to 25 requests in one call, each able to refer to the answers before it.

At most five of them may be queries or collections (Salesforce docs: composite). A failed one stops nothing unless
`allOrNone` is set, which takes everything back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import msgspec

from sandbox.exchange import Reply, Request
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import Call, Route, json_reply

MAX_REQUESTS = 25
MAX_HEAVY = 5
Json = dict[str, Any]
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_HEAVY = ("/query", "/composite/sobjects")
_HALTED = [{"errorCode": "PROCESSING_HALTED", "message": "The transaction was rolled back since another operation failed."}]


class CompositeApi:
    """Handler of `/composite`; `answer` carries out one request below the version."""

    def __init__(self, org: Org, answer: Callable[[Request, str], Reply]) -> None:
        self._org = org
        self._answer = answer

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [Route("POST", "/composite", self.run)]

    def run(self, call: Call) -> Reply:
        """Carry the requests out in order."""
        body = call.json_object()
        requests = body.get("compositeRequest")
        if not isinstance(requests, list) or not all(isinstance(one, dict) for one in requests):
            raise SalesforceError("JSON_PARSER_ERROR", "compositeRequest must be an array of requests")
        _check_limits(requests)
        with self._org.store.all_or_nothing() as take_back:
            results = self._each(call, requests)
            if body.get("allOrNone") is True and any(r["httpStatusCode"] >= 400 for r in results):
                take_back()
                results = [
                    r if r["httpStatusCode"] >= 400 else r | {"body": _HALTED, "httpStatusCode": 400} for r in results
                ]
        return json_reply({"compositeResponse": results}, effect=f"ran {len(results)} requests")

    def _each(self, call: Call, requests: list[Json]) -> list[Json]:
        bodies: dict[str, Any] = {}
        results: list[Json] = []
        for one in requests:
            reference = str(one.get("referenceId", ""))
            reply = self._one(call, one, bodies)
            bodies[reference] = msgspec.json.decode(reply.body) if reply.body else None
            results.append(
                {
                    "body": bodies[reference],
                    "httpHeaders": {name: value for name, value in reply.headers if name == "Location"},
                    "httpStatusCode": reply.status,
                    "referenceId": reference,
                }
            )
        return results

    def _one(self, call: Call, one: Json, bodies: Json) -> Reply:
        try:
            filled = _filled(one, bodies)
            return self._answer(subrequest(call.request, filled), call.user_id)
        except SalesforceError as refusal:
            return json_reply(refusal.top_level(), refusal.status)


def _check_limits(requests: list[Json]) -> None:
    heavy = sum(any(part in str(one.get("url", "")) for part in _HEAVY) for one in requests)
    if len(requests) > MAX_REQUESTS or heavy > MAX_HEAVY:
        message = f"Limit of {MAX_REQUESTS} requests, {MAX_HEAVY} of them queries or collections, exceeded"
        raise SalesforceError("LIMIT_EXCEEDED", message)


def _filled(one: Json, bodies: Json) -> Json:
    """The request with `@{reference.path}` replaced by what the answers hold.

    Raises:
        SalesforceError: PROCESSING_HALTED where an answer does not hold it.
    """

    def value(matched: re.Match[str]) -> str:
        found: Any = bodies.get(matched[1])
        for name, index in _STEP.findall(matched[2]):
            try:
                found = found[name] if name else found[int(index)]
            except (KeyError, IndexError, TypeError):
                found = None
        if not isinstance(found, str | int | float):
            message = f"Invalid reference specified. No value for {matched[0][2:-1]} found"
            raise SalesforceError("PROCESSING_HALTED", message)
        return json.dumps(str(found))[1:-1]

    filled: Json = json.loads(_REFERENCE.sub(value, json.dumps(one)))
    return filled


def subrequest(outer: Request, one: Json) -> Request:
    """The request that one entry of a composite stands for; its url may hold plain spaces."""
    headers = dict(outer.headers)
    extra = one.get("httpHeaders")
    if isinstance(extra, dict):
        headers.update({str(name).lower(): str(value) for name, value in extra.items()})
    target = quote(str(one.get("url", "")), safe="/?&=%+,.:@'()*!-_~")
    path, _, query = target.partition("?")
    body = one.get("body")
    return replace(
        outer,
        method=str(one.get("method", "")).upper(),
        path=path,
        target=target,
        query=query,
        headers={**headers, "content-type": "application/json"},
        body=b"" if body is None else msgspec.json.encode(body),
    )
