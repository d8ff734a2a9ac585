"""The class that a connector's test file subclasses: rules for all, and rules for what the connector says it can do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from connectors.conformance.auditing import AuditRules
from connectors.conformance.dating import DatingRules
from connectors.conformance.failing import FailureRules
from connectors.conformance.provisioning import ProvisioningRules
from connectors.conformance.pulling import (
    CheckRules,
    CompanyRules,
    CountRules,
    DealRules,
    EngagementRules,
    FetchRules,
    OwnerRules,
    PullRules,
)
from connectors.conformance.reading import FIELDS
from connectors.conformance.tasking import TaskRules
from connectors.conformance.world import World
from connectors.conformance.writing import WriteRules
from connectors.contract import Capabilities, Connector
from connectors.records import Stream

OPTIONAL_RULES: Mapping[type, Callable[[Capabilities], bool]] = {
    OwnerRules: lambda able: Stream.OWNERS in able.streams,
    CompanyRules: lambda able: Stream.COMPANIES in able.streams,
    DealRules: lambda able: Stream.DEALS in able.streams,
    EngagementRules: lambda able: Stream.ENGAGEMENTS in able.streams,
    ProvisioningRules: lambda able: able.provisions,
    TaskRules: lambda able: able.tasks,
    CountRules: lambda able: able.counts,
    FetchRules: lambda able: able.fetches,
    AuditRules: lambda able: bool(able.audited),
    DatingRules: lambda able: able.dates,
}
"""Rules that hold only for connectors that declare the ability."""


class ConnectorConformance(CheckRules, PullRules, WriteRules, FailureRules):
    """Rules for every connector; those for declared abilities are added when a subclass names its connector.

    A subclass sets `connector_type` and overrides the fixture `world`. For a connector that cannot provision, the world
    starts with the properties in place.
    """

    connector_type: ClassVar[type[Connector[Any]]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for rules, wanted in OPTIONAL_RULES.items():
            if wanted(cls.connector_type.capabilities):
                for name, rule in vars(rules).items():
                    if name.startswith("test_"):
                        setattr(cls, name, rule)

    @pytest.fixture
    def world(self) -> World:
        """A fresh account; each connector's test class says which."""
        raise NotImplementedError(f"{type(self).__name__} must override the fixture `world`")

    @pytest.fixture
    def connector(self, world: World) -> Connector[Any]:
        """A connector for the account as it is."""
        return world.connector()

    @pytest.fixture
    def ready(self, world: World) -> Connector[Any]:
        """A connector for an account whose properties are in place."""
        connector = world.connector()
        if connector.capabilities.provisions:
            connector.apply_fields(FIELDS)
        return connector
