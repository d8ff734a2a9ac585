"""What goes half wrong at HubSpot: batches done by half, pages with rows twice, pages that come again, lapsed tokens.

Each is a change of the request before the account answers it, or of the answer afterwards, so that no handler knows of
it. Believed: that a locked record of a batch comes back in a 207 with the category that 423 has, as any other refused
input does. Pages that repeat rows were seen by others wherever records change while they are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import msgspec

from sandbox.exchange import Reply, Request
from sandbox.hubspot.problems import trouble

LOCKED = 423
MULTI_STATUS = 207
_LOCK_MESSAGE = "The resource is locked. Try again later."
_AFTER = re.compile(r"(?<=[?&]after=)[^&]*")

Answer = Callable[[Request], Reply]


def half_batch(request: Request, answer: Answer, dice: Random) -> Reply:
    """Half of the inputs are done; the others meet a lock, and say so in a 207.

    A write of one record meets the lock whole, and so does an archive, whose answer has no place for errors.
    """
    body = _object(request.body)
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or len(inputs) < 2 or request.path.endswith("/archive"):
        return _locked(request)
    spared = sorted(dice.sample(range(len(inputs)), len(inputs) // 2))
    kept = [inputs[place] for place in spared]
    struck = [entry for place, entry in enumerate(inputs) if place not in spared]
    reply = answer(replace(request, body=msgspec.json.encode(body | {"inputs": kept})))
    if reply.status >= 300:
        return reply
    said = _object(reply.body) or {"status": "COMPLETE", "results": []}
    errors = [*said.get("errors", []), *(_lock_on(entry) for entry in struck)]
    told = said | {"numErrors": len(errors), "errors": errors}
    return replace(reply, status=MULTI_STATUS, body=msgspec.json.encode(told))


def duplicate_rows(request: Request, answer: Answer, dice: Random) -> Reply:
    """Some rows of the page come twice."""
    reply = answer(request)
    said = _object(reply.body)
    rows = said.get("results")
    if reply.status != 200 or not isinstance(rows, list) or not rows:
        return reply
    twice = set(dice.sample(range(len(rows)), min(len(rows), 3)))
    shown = [row for place, row in enumerate(rows) for _ in range(2 if place in twice else 1)]
    return replace(reply, body=msgspec.json.encode(said | {"results": shown}))


def repeat_page(request: Request, answer: Answer) -> Reply:
    """The cursor leads to this very page, whose own cursor then goes on."""
    reply = answer(request)
    said = _object(reply.body)
    following = _member(_member(said, "paging"), "next")
    if reply.status != 200 or "after" not in following:
        return reply
    this_page = _cursor_of(request)
    again = following | {"after": this_page}
    if isinstance(link := following.get("link"), str):
        again["link"] = _AFTER.sub(this_page, link)
    return replace(reply, body=msgspec.json.encode(said | {"paging": {"next": again}}))


def _cursor_of(request: Request) -> str:
    """What the request said in `after`; the first page is that after 0, in lists and searches alike."""
    asked = request.parameters().get("after")
    return asked[-1] if asked else str(_object(request.body).get("after") or "0")


def _locked(request: Request) -> Reply:
    request_id = request.correlation_id.replace("-", "")
    return trouble(LOCKED, request_id, "TEN_SECONDLY_ROLLING").reply(request.correlation_id)


def _lock_on(entry: Any) -> dict[str, Any]:
    named = entry if isinstance(entry, dict) else {}
    trace_id, record_id = named.get("objectWriteTraceId"), named.get("id")
    context = {"objectWriteTraceId": [str(trace_id)]} if trace_id is not None else {"ids": [str(record_id)]}
    return {
        "status": "error",
        "category": "LOCKED",
        "message": _LOCK_MESSAGE,
        "context": context,
        "errors": [],
        "links": {},
    }


def _object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object, empty when it is none: what is wrong with it is the account's to say."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _member(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}
