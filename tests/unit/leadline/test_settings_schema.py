"""The JSON schemas that editors use: committed, up to date, and of one mind with the loader about what is shipped."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from leadline.settings.document import read_document
from leadline.settings.schema import schemas, write_schemas

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "config"
SHIPPED = sorted(path for path in CONFIG.rglob("*.yaml"))
GOOD = sorted((ROOT / "tests" / "configs" / "good").glob("*/connections/*.yaml"))


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schemas()[name])
    return found


def complaints(data: Any, name: str) -> list[str]:
    return [error.message for error in OAS31Validator(schema(name)).iter_errors(data)]


def test_the_committed_schemas_are_up_to_date() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in (CONFIG / "schema").glob("*.json")}
    assert committed == schemas(), "stale: run `python -m leadline check --write-schema`"


def test_every_kind_of_file_has_a_schema() -> None:
    assert set(schemas()) == {
        "leadline.json",
        "scoring.json",
        "qualification.json",
        "words.json",
        "connection-hubspot.json",
        "connection-salesforce.json",
    }


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path in write_schemas(tmp_path / "schema")}
    again = {path.name: path.read_bytes() for path in write_schemas(tmp_path / "schema")}
    assert first == again
    assert set(first) == set(schemas())


def schema_for(path: Path) -> str:
    inside = path.relative_to(CONFIG).parts
    if inside[0] == "connections":
        return f"connection-{path.stem}.json"
    return f"{inside[0].removesuffix('.yaml')}.json"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(CONFIG).as_posix())
def test_a_shipped_file_fits_its_schema(path: Path) -> None:
    assert complaints(read_document(path, ROOT).data, schema_for(path)) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(CONFIG).as_posix())
def test_the_schema_that_a_shipped_file_names_to_editors_is_its_own(path: Path) -> None:
    named = re.findall(r"^# yaml-language-server: \$schema=(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    if path.name == "leadline.yaml" or path.parent.name == "connections":
        assert len(named) == 1
    assert all((path.parent / name).resolve() == CONFIG / "schema" / schema_for(path) for name in named)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_a_connection_that_loads_fits_its_schema(path: Path) -> None:
    data = read_document(path, ROOT).data
    if data["type"] in {"hubspot", "salesforce"}:
        assert complaints(data, f"connection-{data['type']}.json") == []


def test_an_unknown_key_is_marked_while_typing() -> None:
    assert complaints({"delivery": {"min_chnge": 3}}, "leadline.json")
    assert complaints({"type": "hubspot", "settings": {"token": "env:A", "teir": "free"}}, "connection-hubspot.json")
    assert complaints({"type": "salesforce", "settings": {"token": "env:A"}}, "connection-hubspot.json")


def test_every_setting_of_ours_is_described() -> None:
    for name in ("leadline.json", "connection-hubspot.json", "connection-salesforce.json"):
        nameless = [key for key, part in _properties(schema(name)) if not part.get("description") and "$ref" not in part]
        assert nameless in ([], ["type"])


def test_defaults_are_as_an_admin_writes_them() -> None:
    hubspot = schema("connection-hubspot.json")["properties"]["settings"]["properties"]
    assert hubspot["tier"]["default"] == "professional"
    assert "default" not in schema("leadline.json")["$defs"]["Delivery"]["properties"]["max_age"]


def _properties(node: Any) -> list[tuple[str, dict[str, Any]]]:
    if isinstance(node, list):
        return [found for part in node for found in _properties(part)]
    if not isinstance(node, dict):
        return []
    own = list(node["properties"].items()) if isinstance(node.get("properties"), dict) else []
    beside = [part for key, part in node.items() if key != "properties"]
    return own + [found for part in [*(part for _, part in own), *beside] for found in _properties(part)]
