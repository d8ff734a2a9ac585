"""Which connector a `type:` names: a small table for ours, entry points for strangers, or `module:Class`."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from connectors.contract import Connector

ENTRY_POINT_GROUP = "leadline.connectors"

_OURS = {
    "hubspot": "connectors.hubspot.connector:HubSpotConnector",
    "salesforce": "connectors.salesforce.connector:SalesforceConnector",
}


class UnknownConnector(Exception):
    """The `type:` names nothing that can be used; the message says why."""


def known_types() -> frozenset[str]:
    """Every name that `type:` may have, besides `module:Class`."""
    return frozenset(_OURS) | {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}


def connector_class(type_name: str) -> type[Connector[Any]]:
    """The connector class that a connection's `type:` names.

    Raises:
        UnknownConnector: no such name, nothing importable there, or not a connector.
    """
    target = _OURS.get(type_name)
    if target is None:
        target = next((point.value for point in entry_points(group=ENTRY_POINT_GROUP, name=type_name)), None)
    if target is None and ":" in type_name:
        target = type_name
    if target is None:
        raise UnknownConnector(f'there is no connector of type "{type_name}"')
    module_name, _, class_name = target.partition(":")
    try:
        found = getattr(import_module(module_name), class_name)
    except Exception as error:  # importing a stranger's module can raise anything
        raise UnknownConnector(f'the connector "{type_name}" cannot be loaded ({type(error).__name__}: {error})') from error
    if not (isinstance(found, type) and issubclass(found, Connector)):
        raise UnknownConnector(f'"{type_name}" is not a connector: it does not derive from connectors.contract.Connector')
    return found
