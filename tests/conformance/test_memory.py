"""The memory connector keeps every promise of a connector."""

import pytest

from connectors.conformance import ConnectorConformance
from connectors.memory import MemoryConnector
from tests.conformance.worlds.memory import MemoryWorld


class TestMemory(ConnectorConformance):
    connector_type = MemoryConnector

    @pytest.fixture
    def world(self) -> MemoryWorld:
        return MemoryWorld()
