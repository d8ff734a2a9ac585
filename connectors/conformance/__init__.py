"""The suite every connector runs, ours and strangers'.

A connector's test file is a `World` (one account of the CRM under test, and hands to move it) and these lines:

    class TestAcme(ConnectorConformance):
        connector_type = AcmeConnector

        @pytest.fixture
        def world(self) -> Iterator[World]:
            with AcmeWorld() as world:
                yield world

Rules about optional abilities are added to the class for the abilities that the connector declares; nothing is skipped.
Each test gets a world of its own. Only tests import this package: it needs pytest. For readable failures, call
`pytest.register_assert_rewrite("connectors.conformance")` in a `conftest.py` first.
"""

from connectors.conformance.suite import ConnectorConformance
from connectors.conformance.world import Effect, FaultKind, SeenTask, World

__all__ = ["ConnectorConformance", "Effect", "FaultKind", "SeenTask", "World"]
