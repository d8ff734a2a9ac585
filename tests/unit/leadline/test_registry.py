"""Which connector a type names: ours by a table, strangers' by entry point, any by module and class."""

from __future__ import annotations

from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from connectors.contract import Connector
from leadline import registry
from leadline.registry import ENTRY_POINT_GROUP, UnknownConnector, connector_class, known_types


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("stranger", "connectors.memory:MemoryConnector", ENTRY_POINT_GROUP),
        EntryPoint("hubspot", "connectors.memory:MemoryConnector", ENTRY_POINT_GROUP),
        EntryPoint("broken", "connectors.nowhere:Connector", ENTRY_POINT_GROUP),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda **wanted: EntryPoints(points).select(**wanted))


@pytest.mark.parametrize("name", ["hubspot", "salesforce"])
def test_ours_are_found_without_an_installation(name: str) -> None:
    found = connector_class(name)
    assert issubclass(found, Connector)
    assert found.type_name == name


def test_any_class_is_found_by_module_and_name() -> None:
    assert connector_class("connectors.memory:MemoryConnector").__name__ == "MemoryConnector"


@pytest.mark.usefixtures("stranger")
def test_a_stranger_is_found_by_its_entry_point() -> None:
    assert connector_class("stranger").__name__ == "MemoryConnector"
    assert {"stranger", "hubspot", "salesforce"} <= known_types()


@pytest.mark.usefixtures("stranger")
def test_a_stranger_cannot_take_the_place_of_one_of_ours() -> None:
    assert connector_class("hubspot").__name__ == "HubSpotConnector"


@pytest.mark.parametrize("name", ["", "pipedrive", "HubSpot", "connectors.memory.MemoryConnector", "\0"])
def test_a_name_that_nobody_registered_is_unknown(name: str) -> None:
    with pytest.raises(UnknownConnector, match="there is no connector of type"):
        connector_class(name)


@pytest.mark.parametrize(
    "name",
    [
        "connectors.nowhere:Connector",
        "connectors.memory:Nowhere",
        "connectors.memory:",
        ":MemoryConnector",
        ":",
        "..memory:MemoryConnector",
        "connectors.memory:MemoryConnector:again",
        "a b:c",
        "\0:x",
    ],
)
def test_what_cannot_be_imported_is_unknown(name: str) -> None:
    with pytest.raises(UnknownConnector, match="cannot be loaded"):
        connector_class(name)


@pytest.mark.usefixtures("stranger")
def test_a_registered_one_that_cannot_be_imported_is_unknown() -> None:
    with pytest.raises(UnknownConnector, match="cannot be loaded"):
        connector_class("broken")


@pytest.mark.parametrize("name", ["connectors.budget:Budget", "connectors.memory:__name__", "json:dumps"])
def test_what_is_no_connector_is_unknown(name: str) -> None:
    with pytest.raises(UnknownConnector, match="is not a connector"):
        connector_class(name)


def test_a_module_that_fails_while_it_is_imported_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "leadline_stranger_that_fails.py").write_text("raise RuntimeError('no licence')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UnknownConnector, match="no licence"):
        connector_class("leadline_stranger_that_fails:Connector")
