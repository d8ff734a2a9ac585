"""The HubSpot connector keeps every promise of a connector, over real HTTP that fails now and then."""

from collections.abc import Iterator
from zlib import crc32

import pytest

from connectors.conformance import ConnectorConformance
from connectors.hubspot.connector import HubSpotConnector
from tests.conformance.worlds.hubspot import HubSpotWorld
from tests.conformance.worlds.twin import Twin


class TestHubSpot(ConnectorConformance):
    connector_type = HubSpotConnector

    @pytest.fixture
    def world(self, request: pytest.FixtureRequest) -> Iterator[HubSpotWorld]:
        with Twin("hubspot") as twin, HubSpotWorld(twin) as world:
            twin.trouble(1.0, crc32(request.node.nodeid.encode()))
            yield world
