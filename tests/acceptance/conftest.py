"""Worlds: two twins with the same small market, a workspace, and the commands that run in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

import pytest

from tests.acceptance.end_state import State, timeless
from tests.acceptance.world import World
from tests.acceptance.worlds import opened
from tests.databases import postgresql_server


@pytest.fixture(scope="session")
def as_of() -> datetime:
    """When every market ends and every world begins: a Thursday noon, hours from the next day, with which scores change."""
    return datetime(2026, 3, 12, 12, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path, as_of: datetime, request: pytest.FixtureRequest) -> Iterator[World]:
    """A fresh world: provisioned, nothing read yet, and its CRMs fail now and then until a test plans its own faults."""
    with opened(tmp_path, as_of) as fresh:
        fresh.trouble(1.0, crc32(request.node.nodeid.encode()))
        yield fresh


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory, as_of: datetime) -> Iterator[tuple[World, State]]:
    """A world after one undisturbed cycle, and the state that this cycle left."""
    with opened(tmp_path_factory.mktemp("settled"), as_of) as calm:
        calm.once()
        yield calm, timeless(calm.state())


@pytest.fixture(scope="session")
def undisturbed(settled: tuple[World, State]) -> State:
    """The state that an undisturbed cycle leaves in both CRMs."""
    return settled[1]


@pytest.fixture
def world_on_postgresql(tmp_path: Path, as_of: datetime) -> Iterator[World]:
    """A fresh world whose database is a PostgreSQL."""
    with postgresql_server() as url, opened(tmp_path, as_of, url) as fresh:
        yield fresh
