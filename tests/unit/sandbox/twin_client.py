"""An httpx client that talks to a twin in this process, and a bench that holds the twin with a clock of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.types import Message, Scope

from sandbox.clock import TwinClock
from sandbox.exchange import Crm
from sandbox.faults import FaultPlan
from sandbox.gate import Gate
from sandbox.hubspot.access import Allowance, Credentials
from sandbox.hubspot.account import Account, Setup
from sandbox.hubspot.crm import HubSpotTwin
from sandbox.hubspot.people import Owner
from sandbox.hubspot.rules import Requirement
from sandbox.journal import Journal
from tests.contracts.wire import load

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TOKEN = "pat-eu1-made-up"
OWNERS = (
    Owner("7101", 55_003, "ana@seller.example", "Ana", "Ruiz"),
    Owner("7114", 55_010, "ben@seller.example", "Ben", "Katz"),
    Owner("7127", 55_017, "cleo@seller.example", "Cleo", "Marsh", archived=True),
)


class InProcess(httpx.BaseTransport):
    """Carries requests to an ASGI app without a socket."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run one request to its end. Raises what the app raises."""
        return asyncio.run(self._run(request))

    async def _run(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        raw_path, _, query = request.url.raw_path.partition(b"?")
        scope: Scope = {
            "type": "http",
            "method": request.method,
            "path": unquote(raw_path.decode()),
            "raw_path": raw_path,
            "query_string": query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._gate(scope, receive, send)
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)


class Bench:
    """A twin whose time stands still until it is moved, and a client for it."""

    def __init__(self, crm: Crm, clock: TwinClock) -> None:
        self.clock = clock
        self.journal = Journal()
        self.faults = FaultPlan()
        self.slept: list[float] = []
        self.sleep: Callable[[float], Awaitable[None]] = self._note_sleep
        gate = Gate(crm, clock, self.journal, self.faults, self._sleep)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.http = httpx.Client(transport=InProcess(gate), base_url="http://twin", headers=headers)

    async def _sleep(self, seconds: float) -> None:
        await self.sleep(seconds)

    async def _note_sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def still_clock(start: datetime = START) -> TwinClock:
    """A clock that only `advance` moves."""
    return TwinClock(start, ticks=lambda: 0.0)


@dataclass
class HubSpotBench:
    """An account with three owners, and short ways to use it."""

    bench: Bench
    account: Account

    @property
    def http(self) -> httpx.Client:
        """The client, signed in."""
        return self.bench.http

    def create(self, kind: str, **properties: str) -> str:
        """Make a record and return its id."""
        made = self.http.post(f"/crm/objects/2026-03/{kind}", json={"properties": properties})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def read(self, kind: str, record_id: str, *properties: str) -> dict[str, Any]:
        """The properties of a record."""
        asked = {"properties": ",".join(properties)}
        found = self.http.get(f"/crm/objects/2026-03/{kind}/{record_id}", params=asked)
        assert found.status_code == 200, found.text
        values: dict[str, Any] = found.json()["properties"]
        return values

    def post(self, path: str, body: Any) -> httpx.Response:
        """POST JSON below the dated objects path."""
        return self.http.post(f"/crm/objects/2026-03/{path}", json=body)

    def search(self, kind: str, filters: Sequence[dict[str, Any]] = (), **rest: Any) -> httpx.Response:
        """Search with one group of filters."""
        return self.post(f"{kind}/search", {"filterGroups": [{"filters": list(filters)}], **rest})


def hubspot(
    allowance: Allowance | None = None,
    credentials: Credentials | None = None,
    requirements: tuple[Requirement, ...] = (),
) -> HubSpotBench:
    """An account without records."""
    clock = still_clock()
    setup = Setup(credentials or Credentials(), allowance or Allowance(), OWNERS, requirements)
    account = Account(setup, clock)
    bench = Bench(HubSpotTwin(account), clock)
    bench.http.event_hooks["response"].append(_hold)
    return HubSpotBench(bench, account)


_CONTRACT = load()


def _hold(answer: httpx.Response) -> None:
    """Fail when an answer is not one that HubSpot's wire contract has for such a call."""
    method, path = answer.request.method, answer.request.url.path
    if _CONTRACT is not None and _CONTRACT.knows(method, path):
        _CONTRACT.hold_answer(method, path, answer.status_code, answer.read())
