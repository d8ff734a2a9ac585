"""The HubSpot connector keeps every promise of a connector, over real HTTP that fails now and then."""

from collections.abc import Iterator
from zlib import crc32

import pytest

from connectors.conformance import ConnectorConformance
from connectors.hubspot.connector import HubSpotConnector
from tests.conformance.worlds.half_done import HalfDoneRules
from tests.conformance.worlds.hubspot import HubSpotWorld
from tests.conformance.worlds.twin import Twin


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    """One twin for all rules; each finds it as new."""
    with Twin("hubspot") as twin:
        yield twin


class TestHubSpot(ConnectorConformance, HalfDoneRules):
    connector_type = HubSpotConnector

    @pytest.fixture
    def world(self, twin: Twin, request: pytest.FixtureRequest) -> Iterator[HubSpotWorld]:
        twin.reset()
        with HubSpotWorld(twin) as world:
            twin.trouble(1.0, crc32(request.node.nodeid.encode()))
            yield world
