"""Both connectors, each twice as two processes have it, at work on the twins: as fast as is allowed, by the twins' count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import cycle

import pytest

from connectors.budget import Budget
from connectors.conformance import World
from connectors.contract import Update, Written
from connectors.fields import FieldKind, FieldSpec
from connectors.records import Stream
from leadline.clock import Clock
from leadline.state.budgets import DatabaseLedger
from leadline.state.database import Database
from sandbox.journal import Entry
from tests.conformance.worlds.hubspot import HubSpotWorld
from tests.conformance.worlds.salesforce import SalesforceWorld
from tests.conformance.worlds.twin import Twin
from tests.unit.connectors.windows import most_within

CALLS, SEARCHES = 300, 25
PEOPLE = 30
SCORE = FieldSpec(name="score", label="Score", description="How well a person fits.", kind=FieldKind.INTEGER)


@pytest.fixture
def hubspot() -> Iterator[Twin]:
    with Twin("hubspot") as twin:
        yield twin


@pytest.fixture
def salesforce() -> Iterator[Twin]:
    with Twin("salesforce", "--late-share", "0") as twin:
        yield twin


def test_hubspot_never_refuses_a_call_for_its_rate(hubspot: Twin, sqlite: Database) -> None:
    journal = worked(HubSpotWorld(hubspot), hubspot, sqlite)
    searches = [entry.at for entry in journal if entry.endpoint.endswith("/search")]
    associations = [entry.at for entry in journal if "/associations/" in entry.endpoint]
    others = [entry.at for entry in journal if not entry.endpoint.endswith("/search")]
    assert {entry.status for entry in journal} <= {200, 207}
    assert most_within(searches, 1.0) <= 5 < len(searches)
    assert most_within(associations, 10.0) <= 150
    assert most_within(others, 10.0) <= 190 < len(others)


def test_salesforce_hears_no_more_than_its_settings_allow(salesforce: Twin, sqlite: Database) -> None:
    journal = worked(SalesforceWorld(salesforce), salesforce, sqlite)
    calls = [entry.at for entry in journal if "/oauth2/" not in entry.endpoint]
    assert {entry.status for entry in journal} <= {200, 201, 204}
    assert most_within(calls, 10.0) <= 100 < len(calls)


def worked(world: World, twin: Twin, database: Database) -> list[Entry]:
    """Let both read the market and write to it in turns until enough calls were made; what the twin heard."""
    ledger = DatabaseLedger(database, "crm", Clock(world.now, world.advance))
    budgets = [Budget(world.limits(), now=world.now, sleep=world.advance, ledger=ledger) for _ in range(2)]
    connectors = [world.connect(world.context(budget)) for budget in budgets]
    connectors[0].apply_fields((SCORE,))
    people = world.add_people(PEOPLE)
    # What the scene was set with counts no more.
    twin.advance(11)
    before = _journal(twin, 0)[-1].number
    world.calls.clear()
    for score, connector in enumerate(cycle(connectors)):
        outcomes = connector.write([Update(person, {"score": score}) for person in people])
        assert outcomes == tuple(Written(person) for person in people)
        for stream in (Stream.CONTACTS, Stream.DEALS, Stream.ENGAGEMENTS):
            for _page in connector.pull(stream, None):
                pass
        if score < SEARCHES:
            assert connector.count(Stream.CONTACTS) == PEOPLE
        if len(world.calls) >= CALLS:
            break
    for connector in connectors:
        connector.close()
    return _journal(twin, before)


def _journal(twin: Twin, since: int) -> list[Entry]:
    entries = twin.http.get("/_twin/journal", params={"since": since}).json()["entries"]
    return [Entry(**{**entry, "at": datetime.fromisoformat(entry["at"])}) for entry in entries]
