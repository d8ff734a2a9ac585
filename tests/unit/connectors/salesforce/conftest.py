"""The two stand-ins as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.salesforce.connector import SalesforceConnector
from tests.unit.connectors.salesforce.stand_ins import (
    SECRET,
    MovableClock,
    Twin,
    World,
    connector_for,
    running_twin,
    scripted_world,
    settings_for,
)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


@pytest.fixture
def world(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SF_SECRET", SECRET)
    return scripted_world(clock)


@pytest.fixture(scope="session")
def twin_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """One twin with a small market for all; tests that write choose their own records."""
    with running_twin(tmp_path_factory.mktemp("salesforce-twin"), "--people", "120") as found:
        yield found


@pytest.fixture
def twin(twin_process: Twin) -> Iterator[Twin]:
    twin_process.control("faults", [])
    yield twin_process
    twin_process.control("faults", [])
    twin_process.control("refuse", [])


@pytest.fixture
def connector(twin: Twin, monkeypatch: pytest.MonkeyPatch) -> Iterator[SalesforceConnector]:
    found = connector_for(settings_for(twin, monkeypatch))
    yield found
    found.close()
