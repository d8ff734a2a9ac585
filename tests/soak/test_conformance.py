"""Both connectors keep every promise while the CRMs fail ten times as often as by default."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import pytest

from connectors.conformance import ConnectorConformance
from connectors.hubspot.connector import HubSpotConnector
from connectors.salesforce.connector import SalesforceConnector
from tests.conformance.test_salesforce import TRACKED
from tests.conformance.worlds.hubspot import HubSpotWorld
from tests.conformance.worlds.salesforce import SalesforceWorld
from tests.conformance.worlds.twin import Twin
from tests.soak.conftest import FACTOR, Note


@pytest.fixture(scope="module")
def hubspot_twin() -> Iterator[Twin]:
    with Twin("hubspot") as twin:
        yield twin


@pytest.fixture(scope="module")
def salesforce_twin() -> Iterator[Twin]:
    with Twin("salesforce", *TRACKED, "--late-share", "0") as twin:
        yield twin


class TestHubSpot(ConnectorConformance):
    connector_type = HubSpotConnector

    @pytest.fixture
    def world(self, hubspot_twin: Twin, seed: int, note: Note, request: pytest.FixtureRequest) -> Iterator[HubSpotWorld]:
        hubspot_twin.reset()
        with HubSpotWorld(hubspot_twin) as world:
            hubspot_twin.trouble(FACTOR, of_the_rule(request))
            yield world
            note(seed=seed, what="hubspot", **counted(hubspot_twin))


class TestSalesforce(ConnectorConformance):
    connector_type = SalesforceConnector

    @pytest.fixture
    def world(
        self, salesforce_twin: Twin, seed: int, note: Note, request: pytest.FixtureRequest
    ) -> Iterator[SalesforceWorld]:
        salesforce_twin.reset()
        with SalesforceWorld(salesforce_twin) as world:
            salesforce_twin.trouble(FACTOR, of_the_rule(request))
            yield world
            note(seed=seed, what="salesforce", **counted(salesforce_twin))


def of_the_rule(request: pytest.FixtureRequest) -> int:
    """A seed of its own for each rule under each seed, or all rules would meet the same faults at the same calls."""
    return crc32(request.node.name.encode())


def counted(twin: Twin) -> dict[str, int]:
    """Calls and faults since the account was fresh."""
    counts = twin.http.get("/_twin/counts").json()
    return {"calls": counts["total"]["calls"], "faults": counts["faults"]}
