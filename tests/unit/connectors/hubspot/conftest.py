from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from connectors.budget import Budget
from connectors.contract import Call, Context
from connectors.hubspot.client import Body, HubSpotClient, Query, Reply
from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.settings import HubSpotSettings
from sandbox.clock import TwinClock
from sandbox.hubspot.access import Allowance, Credentials
from sandbox.hubspot.account import Account, Setup
from sandbox.hubspot.crm import HubSpotTwin
from tests.contracts import wire
from tests.unit.connectors.hubspot.scripted import Asked, Script, serving
from tests.unit.sandbox.twin_client import OWNERS, Bench, HubSpotBench

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
TOKEN = "pat-eu1-00000000-made-up"


@dataclass
class Desk:
    """What an engine lends: a clock that only sleeping moves, and an ear for calls."""

    at: datetime = NOW
    calls: list[Call] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def context(self, settings: HubSpotSettings) -> Context:
        budget = Budget(HubSpotConnector.limits(settings), now=self.now, sleep=self.sleep)
        return Context(connection="hubspot", now=self.now, budget=budget, record_call=self.calls.append)


Build = Callable[..., HubSpotConnector]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def script() -> Iterator[Script]:
    with serving() as script:
        yield script


@pytest.fixture
def account(desk: Desk, script: Script) -> HubSpotBench:
    """An account of the twin that answers in the script's place, in the desk's time; how often is not its concern."""
    clock = TwinClock(desk.at, ticks=lambda: desk.now().timestamp())
    much = 1_000_000
    allowance = Allowance(burst_per_ten_seconds=much, associations_per_ten_seconds=much, searches_per_second=much)
    account = Account(Setup(Credentials(), allowance, OWNERS), clock)
    bench = HubSpotBench(Bench(HubSpotTwin(account), clock), account)

    def answered(asked: Asked) -> tuple[int, Any]:
        reply = bench.http.request(asked.method, asked.path, params=tuple(asked.query), json=asked.body)
        return reply.status_code, reply.json()

    script.by(answered)
    return bench


@pytest.fixture
def build(desk: Desk, script: Script, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """Builds connectors to the scripted server; keyword arguments are further settings."""
    monkeypatch.setenv("MADE_UP_TOKEN", TOKEN)
    made: list[HubSpotConnector] = []

    def make(**more: Any) -> HubSpotConnector:
        settings = HubSpotSettings.model_validate({"token": "env:MADE_UP_TOKEN", "host": script.url, **more})
        made.append(HubSpotConnector(settings, desk.context(settings)))
        return made[-1]

    yield make
    for connector in made:
        connector.close()


@pytest.fixture
def connector(build: Build) -> HubSpotConnector:
    return build()


@pytest.fixture(autouse=True)
def _requests_held_against_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request that these tests make is held against the wire contract."""
    contract = wire.load()
    if contract is None:
        return
    send = HubSpotClient._send

    def held(self: HubSpotClient, method: str, target: str, query: Query, body: Body | None, token: str) -> Reply:
        reply = send(self, method, target, query, body, token)
        contract.hold_request(method, target, query, None if body is None else msgspec.json.encode(body))
        return reply

    monkeypatch.setattr(HubSpotClient, "_send", held)
