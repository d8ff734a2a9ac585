"""The HubSpot connector keeps every promise of a connector, over real HTTP."""

from collections.abc import Iterator

import pytest

from connectors.conformance import ConnectorConformance
from connectors.hubspot.connector import HubSpotConnector
from tests.conformance.worlds.hubspot import HubSpotWorld
from tests.conformance.worlds.twin import Twin


class TestHubSpot(ConnectorConformance):
    connector_type = HubSpotConnector

    @pytest.fixture
    def world(self) -> Iterator[HubSpotWorld]:
        with Twin("hubspot") as twin, HubSpotWorld(twin) as world:
            yield world
