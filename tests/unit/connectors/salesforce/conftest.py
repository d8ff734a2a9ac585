"""The two stand-ins as fixtures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.salesforce.connector import SalesforceConnector
from tests.unit.connectors.salesforce.stand_ins import (
    SECRET,
    MovableClock,
    Twin,
    World,
    connector_for,
    scripted_world,
    settings_for,
)

ROOT = Path(__file__).parents[4]


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime(2026, 11, 22, 8, 0, tzinfo=UTC))


@pytest.fixture
def world(clock: MovableClock, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SF_SECRET", SECRET)
    return scripted_world(clock)


@pytest.fixture(scope="session")
def twin_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """One twin with a small market; tests that write choose their own records."""
    ca_file = tmp_path_factory.mktemp("salesforce-twin") / "ca.pem"
    command = [sys.executable, "-m", "sandbox", "salesforce", "--port", "0", "--people", "120", "--ca-out", str(ca_file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Twin(json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait(timeout=20)


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
