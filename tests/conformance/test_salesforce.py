"""The Salesforce connector keeps every promise of a connector, over real HTTPS that fails now and then."""

from collections.abc import Iterator
from zlib import crc32

import pytest

from connectors.conformance import ConnectorConformance
from connectors.salesforce.connector import SalesforceConnector
from tests.conformance.worlds.salesforce import SalesforceWorld
from tests.conformance.worlds.twin import Twin


class TestSalesforce(ConnectorConformance):
    connector_type = SalesforceConnector

    @pytest.fixture
    def world(self, request: pytest.FixtureRequest) -> Iterator[SalesforceWorld]:
        with Twin("salesforce", "--late-share", "0") as twin, SalesforceWorld(twin) as world:
            twin.trouble(1.0, crc32(request.node.nodeid.encode()))
            yield world
