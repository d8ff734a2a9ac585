"""`/composite/batch`: up to 25 requests in one call that know nothing of each other (shapes as recorded)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from sandbox.exchange import Reply, Request
from sandbox.salesforce.api.composite import MAX_REQUESTS, subrequest
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.routes import DATA_ROOT, Call, Route, json_reply

_HALTED = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}]


class BatchApi:
    """Handler of `/composite/batch`; `answer` carries out one request below the version."""

    def __init__(self, answer: Callable[[Request, str], Reply]) -> None:
        self._answer = answer

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [Route("POST", "/composite/batch", self.run)]

    def run(self, call: Call) -> Reply:
        """Carry the requests out in order; with `haltOnError` none after the first that fails."""
        body = call.json_object()
        requests = body.get("batchRequests")
        if not isinstance(requests, list) or not all(isinstance(one, dict) for one in requests):
            raise SalesforceError("JSON_PARSER_ERROR", "batchRequests must be an array of requests")
        if len(requests) > MAX_REQUESTS:
            raise SalesforceError("LIMIT_EXCEEDED", f"Limit of {MAX_REQUESTS} requests exceeded")
        results: list[dict[str, Any]] = []
        failed = False
        for one in requests:
            if failed and body.get("haltOnError") is True:
                results.append({"statusCode": 412, "result": _HALTED})
                continue
            reply = self._one(call, one)
            failed = failed or reply.status >= 400
            results.append({"statusCode": reply.status, "result": msgspec.json.decode(reply.body) if reply.body else None})
        return json_reply({"hasErrors": failed, "results": results}, effect=f"ran {len(results)} requests")

    def _one(self, call: Call, one: dict[str, Any]) -> Reply:
        url = str(one.get("url", "")).lstrip("/").removeprefix(DATA_ROOT.lstrip("/")).lstrip("/")
        filled = {"method": one.get("method"), "url": f"{DATA_ROOT}/{url}", "body": one.get("richInput")}
        try:
            return self._answer(subrequest(call.request, filled), call.user_id)
        except SalesforceError as refusal:
            return json_reply(refusal.top_level(), refusal.status)
