"""The Salesforce connector keeps every promise of a connector, over real HTTPS."""

from collections.abc import Iterator

import pytest

from connectors.conformance import ConnectorConformance
from connectors.salesforce.connector import SalesforceConnector
from tests.conformance.worlds.salesforce import SalesforceWorld
from tests.conformance.worlds.twin import Twin


class TestSalesforce(ConnectorConformance):
    connector_type = SalesforceConnector

    @pytest.fixture
    def world(self) -> Iterator[SalesforceWorld]:
        with Twin("salesforce") as twin, SalesforceWorld(twin) as world:
            yield world
