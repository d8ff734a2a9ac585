"""The memory connector keeps every promise of a connector."""

from collections.abc import Iterator

import pytest

from connectors.conformance import ConnectorConformance
from connectors.memory import MemoryConnector
from tests.conformance.worlds.memory import MemoryWorld


class TestMemory(ConnectorConformance):
    connector_type = MemoryConnector

    @pytest.fixture
    def world(self) -> Iterator[MemoryWorld]:
        with MemoryWorld() as world:
            yield world
