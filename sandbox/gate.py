"""The front door of a twin: ASGI on the outside, `Crm` on the inside, faults and journal in between."""

from __future__ import annotations

import asyncio
import random
import traceback
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from starlette.types import Message, Receive, Scope, Send

from sandbox.admin import ControlSurface
from sandbox.clock import TwinClock
from sandbox.exchange import Crm, Reply, Request
from sandbox.faults import Fault, FaultPlan
from sandbox.journal import Entry, Journal

HANG_UP = "twin.hang_up"
"""ASGI extension that `sandbox.serve` offers: a function that ends the connection at once."""


CALM = "x-twin-calm"
"""A request with this header meets no fault: the hands of a test are not what is tested. It counts for no occurrence."""


class ConnectionCutError(Exception):
    """The connection was to be cut, and the server offers no way to do so (an in-process client)."""


class Gate:
    """One twin as an ASGI app."""

    def __init__(
        self,
        crm: Crm,
        clock: TwinClock,
        journal: Journal,
        faults: FaultPlan,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._crm = crm
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._sleep = sleep
        self._admin = ControlSurface(crm, clock, journal, faults).app()
        self._correlation = random.Random(0)
        self._dice = random.Random(0)
        self._dated = (datetime(1970, 1, 1, tzinfo=UTC), b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: the control surface answers `/_twin/`, the CRM everything else."""
        if scope["type"] != "http" or scope["path"].startswith("/_twin/"):
            await self._admin(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = self._request(scope, await _whole_body(receive))
        endpoint = self._crm.endpoint(request)
        number = self._journal.arrive(endpoint, request.at)
        fault = None if CALM in request.headers else self._faults.draw(endpoint)
        reply = await self._answer(request, fault)
        self._journal.add(
            Entry(
                number=number,
                at=request.at,
                method=request.method,
                path=request.path,
                endpoint=endpoint,
                query=request.query,
                status=0 if fault is not None and fault.kind == "cut" else reply.status,
                effect=reply.effect,
                correlation_id=request.correlation_id,
                fault="" if fault is None else fault.describe(),
            )
        )
        if fault is not None and fault.kind == "cut":
            await _hang_up(scope, receive)
        elif fault is not None and fault.kind == "truncate":
            await send(self._start(reply, request.at))
            await _send_half(reply, scope, receive, send)
        else:
            skewed_by = fault.seconds if fault is not None and fault.kind == "clock_skew" else 0.0
            await send(self._start(reply, request.at + timedelta(seconds=skewed_by)))
            await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else reply.body})

    async def _answer(self, request: Request, fault: Fault | None) -> Reply:
        """The CRM's answer. A mistake in a handler is told on standard error, and ends this call only."""
        try:
            return self._crm.answer(request) if fault is None else await self._misbehave(fault, request)
        except Exception:  # noqa: BLE001 - whatever it is, the twin has to go on for everybody else
            traceback.print_exc()
            return replace(self._crm.trouble(500, request), effect="a mistake in the twin")

    async def _misbehave(self, fault: Fault, request: Request) -> Reply:
        """What is answered under this fault; the effect happens or not, as the fault says."""
        match fault.kind:
            case "half_batch" | "duplicate_rows" | "repeat_page" | "lapse":
                return self._crm.misbehave(fault.kind, request, self._dice)
            case "clock_skew":
                with self._clock.skewed(fault.seconds):
                    return self._crm.answer(request)
            case "slow":
                await self._sleep(fault.seconds)
            case "expire_token":
                self._crm.expire_token(request)
            case "status" | "cut" if fault.when == "before":
                return self._crm.trouble(fault.status, request)
        reply = self._crm.answer(request)
        if fault.kind == "status":
            return replace(self._crm.trouble(fault.status, request), effect=reply.effect)
        return reply

    def _start(self, reply: Reply, at: datetime) -> Message:
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
        headers.append((b"Date", self._date(at)))
        if reply.body or reply.status != 204:
            headers.append((b"Content-Type", reply.media_type.encode("latin-1")))
            headers.append((b"Content-Length", str(len(reply.body)).encode()))
        return {"type": "http.response.start", "status": reply.status, "headers": headers}

    def _date(self, at: datetime) -> bytes:
        """The twin's time for the Date header, worded once a second."""
        second = at.replace(microsecond=0)
        if self._dated[0] != second:
            self._dated = (second, format_datetime(second, usegmt=True).encode())
        return self._dated[1]

    def _request(self, scope: Scope, body: bytes) -> Request:
        query = scope["query_string"].decode("latin-1")
        raw_path = scope.get("raw_path") or scope["path"].encode()
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            headers[name.decode("latin-1")] = value.decode("latin-1")
        path = raw_path.decode("latin-1")
        return Request(
            method=scope["method"],
            path=scope["path"],
            target=f"{path}?{query}" if query else path,
            query=query,
            headers=headers,
            body=body,
            correlation_id=str(uuid.UUID(int=self._correlation.getrandbits(128), version=4)),
            at=self._clock.now(),
        )


async def _whole_body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    chunks = [body]
    while message.get("more_body", False):
        message = await receive()
        chunks.append(message.get("body", b""))
    return b"".join(chunks)


async def _send_half(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    """Half of the body that was announced; then hang up."""
    half = reply.body[: len(reply.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    await _hang_up(scope, receive)


async def _hang_up(scope: Scope, receive: Receive) -> None:
    hang_up = scope.get("extensions", {}).get(HANG_UP)
    if hang_up is None:
        raise ConnectionCutError("the connection was cut by a fault")
    hang_up["close"]()
    while (await receive())["type"] != "http.disconnect":
        pass
