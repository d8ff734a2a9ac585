"""A literal secret is refused wherever it is pasted, and no finding repeats it."""

from __future__ import annotations

import shutil
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from connectors.secrets import SecretRef
from leadline.settings.anatomy import secret_refs
from leadline.settings.discretion import discreet, is_nameable
from leadline.settings.findings import SettingsInvalid
from leadline.settings.workspace import load_workspace

EVERYTHING = Path(__file__).parents[2] / "configs" / "good" / "everything-set"
TOKENS = {
    "hubspot": "pat-na1-11111111-2222-3333-4444-555555555555",
    "salesforce": "1F2E3D4C5B6A79881F2E3D4C5B6A79881F2E3D4C5B6A79881F2E3D4C5B6A7988",
    "jwt": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYWRlLXVwIn0.bWFkZS11cA",
    "hex": "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
}


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a value in a YAML file."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from places(inner, (*path, key))


FILES = ("leadline.yaml", "connections/hubspot.yaml", "connections/salesforce.yaml")
PLACES = [(name, path) for name in FILES for path in places(YAML(typ="safe", pure=True).load(EVERYTHING / name))]


def put(tree: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        tree = tree[step]
    tree[path[-1]] = value


def rename(tree: Any, path: tuple[Any, ...], key: str) -> None:
    for step in path[:-1]:
        tree = tree[step]
    if isinstance(tree, dict):
        tree[key] = tree.pop(path[-1])
    else:
        tree[path[-1]] = {key: None}


def everything_said(config: Path) -> str:
    """All that loading says: findings, or what the accepted workspace warns of, and any traceback."""
    try:
        workspace = load_workspace(config)
    except SettingsInvalid as invalid:
        return "\n".join([*map(str, invalid.findings), *traceback.format_exception(invalid)])
    return "\n".join(map(str, workspace.warnings))


@pytest.mark.parametrize(
    ("name", "path"), PLACES, ids=lambda part: part if isinstance(part, str) else ".".join(map(str, part))
)
def test_a_token_is_not_repeated_wherever_it_is_pasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, path: tuple[Any, ...]
) -> None:
    monkeypatch.setenv("LEADLINE_CORPUS_TOKEN", "made-up")
    config = tmp_path / "config"
    shutil.copytree(EVERYTHING, config)
    yaml = YAML(typ="safe", pure=True)
    for change, token in ((put, TOKENS["salesforce"]), (rename, TOKENS["hubspot"])):
        tree = yaml.load(EVERYTHING / name)
        change(tree, path, token)
        with (config / name).open("w", encoding="utf-8") as stream:
            yaml.dump(tree, stream)
        assert token not in everything_said(config)


@pytest.mark.parametrize("token", [*TOKENS.values(), "hunter2", "1234567890", "{value: hunter2}", "[hunter2]", "'env:'", ""])
def test_a_literal_secret_is_refused_with_the_two_ways_to_write_it(tmp_path: Path, token: str) -> None:
    config = tmp_path / "config"
    shutil.copytree(EVERYTHING.parent / "minimal", config)
    (config / "connections" / "hubspot.yaml").write_text(f"type: hubspot\nsettings:\n  token: {token}\n", encoding="utf-8")
    said = everything_said(config)
    assert "config/connections/hubspot.yaml:3:3: error: token: must be a reference" in said
    assert "env:NAME or file:PATH" in said
    assert "hunter2" not in said
    assert "1234567890" not in said


@pytest.mark.parametrize("kind", ["env", "file"])
@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_a_secret_behind_the_mark_of_a_reference_is_not_repeated(tmp_path: Path, kind: str, token: str) -> None:
    config = tmp_path / "config"
    shutil.copytree(EVERYTHING.parent / "minimal", config)
    (config / "connections" / "hubspot.yaml").write_text(
        f"type: hubspot\nsettings: {{token: '{kind}:{token}'}}\n", encoding="utf-8"
    )
    said = everything_said(config)
    assert "enabled: false" in said
    assert token not in said


@pytest.mark.parametrize(
    "text",
    [
        "config/connections/hubspot.yaml",
        "HUBSPOT_TOKEN",
        "SALESFORCE_SANDBOX_2_CLIENT_SECRET",
        "Budget_Status__c",
        "https://acme-2.my.salesforce.com",
        "connectors.salesforce.connector:SalesforceConnector",
        "person.purchase_timeframe",
        "/run/secrets/hubspot-token",
    ],
)
def test_names_people_write_are_said_aloud(text: str) -> None:
    assert discreet(text) == text


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
def test_text_made_by_a_machine_is_hidden(token: str) -> None:
    assert discreet(f'unknown key "{token}", sorry') == 'unknown key "…", sorry'
    assert not is_nameable(token)


def test_a_key_is_named_when_it_reads_like_a_name() -> None:
    assert [is_nameable(key) for key in ("tokn", "min_change", "Größe", "two words", "", "x" * 41)] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


class _Inner(BaseModel):
    key: SecretRef
    note: str = "env:NOTE"


class _Outer(BaseModel):
    token: SecretRef
    spare: SecretRef | None = None
    several: tuple[SecretRef, ...] = ()
    named: dict[str, SecretRef] = {}
    inner: _Inner | None = None
    parts: tuple[_Inner, ...] = ()
    open: Annotated[str, "not a secret"] = "file:open"


def test_references_are_found_at_every_depth() -> None:
    settings = _Outer(
        token="env:A",
        spare="env:B",
        several=("file:c", "env:D"),
        named={"e": "file:e"},
        inner=_Inner(key="env:F"),
        parts=(_Inner(key="file:g", note="none"),),
    )
    assert dict(secret_refs(settings)) == {
        ("token",): "env:A",
        ("spare",): "env:B",
        ("several", 0): "file:c",
        ("several", 1): "env:D",
        ("named", "e"): "file:e",
        ("inner", "key"): "env:F",
        ("inner", "note"): "env:NOTE",
        ("parts", 0, "key"): "file:g",
    }
