"""The Salesforce connector keeps every promise of a connector, over real HTTPS that fails now and then."""

from collections.abc import Iterator
from zlib import crc32

import pytest

from connectors.conformance import ConnectorConformance
from connectors.salesforce.connector import SalesforceConnector
from tests.conformance.worlds.half_done import HalfDoneRules
from tests.conformance.worlds.salesforce import SalesforceWorld
from tests.conformance.worlds.twin import Twin

TRACKED = ("--track-field", "Lead.Title", "--track-field", "Contact.Title")


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    """One twin for all rules; each finds it as new."""
    with Twin("salesforce", *TRACKED, "--late-share", "0") as twin:
        yield twin


class TestSalesforce(ConnectorConformance, HalfDoneRules):
    connector_type = SalesforceConnector

    @pytest.fixture
    def world(self, twin: Twin, request: pytest.FixtureRequest) -> Iterator[SalesforceWorld]:
        twin.reset()
        with SalesforceWorld(twin) as world:
            twin.trouble(1.0, crc32(request.node.nodeid.encode()))
            yield world
