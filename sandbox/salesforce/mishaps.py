"""What goes half wrong at Salesforce: collections done by half, query pages with rows twice, pages that come again.

Each is a change of the request before the org answers it, or of the answer afterwards, so that no handler knows of it.
`UNABLE_TO_LOCK_ROW` in some rows of a collection is what load on shared parents does (Salesforce docs: record locking).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from sandbox.exchange import Reply, Request
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.trouble import LOCKED, trouble

_COLLECTIONS = "/composite/sobjects"
_FURTHER_PAGE = re.compile(r"-\d+$")
_LOCK = SalesforceError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records")
_ROLLED_BACK = SalesforceError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)

Answer = Callable[[Request], Reply]


def half_batch(request: Request, answer: Answer, dice: Random) -> Reply:
    """Half of a collection's rows are done, the others cannot be locked; a write of one record meets the lock whole."""
    if _COLLECTIONS not in request.path:
        return answer(request) if "/composite" in request.path or "/jobs/" in request.path else trouble(LOCKED, request)
    rows, strict = _rows_of(request)
    if len(rows) < 2:
        return trouble(LOCKED, request)
    struck = set(dice.sample(range(len(rows)), (len(rows) + 1) // 2))
    if strict:
        told = [_failure(_LOCK if place in struck else _ROLLED_BACK) for place in range(len(rows))]
        return Reply(200, msgspec.json.encode(told))
    reply = answer(_with_rows(request, [row for place, row in enumerate(rows) if place not in struck]))
    results = _decoded(reply.body)
    if reply.status != 200 or not isinstance(results, list):
        return reply
    done = iter(results)
    told = [_failure(_LOCK) if place in struck else next(done) for place in range(len(rows))]
    return replace(reply, body=msgspec.json.encode(told))


def duplicate_rows(request: Request, answer: Answer, dice: Random) -> Reply:
    """Some rows of a query's page come twice; its `totalSize` stays."""
    reply = answer(request)
    said = _decoded(reply.body)
    rows = said.get("records") if isinstance(said, dict) else None
    if reply.status != 200 or "/query" not in request.path or not isinstance(rows, list) or not rows or _counted(rows):
        return reply
    twice = set(dice.sample(range(len(rows)), min(len(rows), 3)))
    shown = [row for place, row in enumerate(rows) for _ in range(2 if place in twice else 1)]
    return replace(reply, body=msgspec.json.encode(said | {"records": shown}))


def repeat_page(request: Request, answer: Answer) -> Reply:
    """`nextRecordsUrl` leads to this very page, whose own then goes on."""
    reply = answer(request)
    said = _decoded(reply.body)
    following = said.get("nextRecordsUrl") if isinstance(said, dict) else None
    if reply.status != 200 or not isinstance(following, str):
        return reply
    is_first = "q" in request.parameters()
    again = _FURTHER_PAGE.sub("-0", following) if is_first else request.path
    return replace(reply, body=msgspec.json.encode(said | {"nextRecordsUrl": again}))


def _rows_of(request: Request) -> tuple[Sequence[Any], bool]:
    """The rows of a collection (records, or the ids of a delete), and whether all or none are to be done."""
    if request.method == "DELETE":
        asked = dict(parse_qsl(request.query))
        ids = [part for part in asked.get("ids", "").split(",") if part]
        return ids, asked.get("allOrNone", "").lower() == "true"
    body = _decoded(request.body)
    rows = body.get("records") if isinstance(body, dict) else None
    return (rows, body.get("allOrNone") is True) if isinstance(rows, list) else ((), False)


def _with_rows(request: Request, rows: Sequence[Any]) -> Request:
    if request.method == "DELETE":
        asked = dict(parse_qsl(request.query)) | {"ids": ",".join(rows)}
        query = urlencode(asked)
        return replace(request, query=query, target=f"{request.target.partition('?')[0]}?{query}")
    body = _decoded(request.body)
    return replace(request, body=msgspec.json.encode({**body, "records": list(rows)}))


def _counted(rows: Sequence[Any]) -> bool:
    """Whether these are rows of an aggregate, which are no records."""
    attributes = rows[0].get("attributes") if isinstance(rows[0], dict) else None
    return isinstance(attributes, dict) and attributes.get("type") == "AggregateResult"


def _failure(refusal: SalesforceError) -> dict[str, Any]:
    return {"success": False, "errors": [refusal.in_row()]}


def _decoded(body: bytes) -> Any:
    """The JSON value, None when it is none: what is wrong with it is the org's to say."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
