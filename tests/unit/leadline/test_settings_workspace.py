"""What a loaded workspace is: the shipped one included."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path

import pytest

from leadline.settings.findings import SettingsInvalid
from leadline.settings.workspace import load_workspace

ROOT = Path(__file__).parents[3]
GOOD = ROOT / "tests" / "configs" / "good"
Secrets = Callable[..., None]


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Secrets:
    names = ("HUBSPOT_TOKEN", "SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET")
    for name in names:
        monkeypatch.delenv(name, raising=False)

    def known(*prefixes: str) -> None:
        for name in names:
            if name.startswith(prefixes):
                monkeypatch.setenv(name, "made-up")

    return known


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLINE_CORPUS_TOKEN", "made-up")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOOD / "minimal", tmp_path / "config"))


def disable(config: Path, name: str) -> None:
    path = config / "connections" / f"{name}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("enabled: true", "enabled: false"), encoding="utf-8")


def test_the_shipped_configuration_asks_for_its_secrets_and_nothing_else(secrets: Secrets) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_workspace(ROOT / "config")
    errors = [finding for finding in caught.value.findings if finding.severity == "error"]
    assert [(finding.file, "not set" in finding.message) for finding in errors] == [
        ("config/connections/hubspot.yaml", True),
        ("config/connections/salesforce.yaml", True),
        ("config/connections/salesforce.yaml", True),
    ]
    assert all("enabled: false" in finding.message for finding in errors)


@pytest.mark.parametrize(("used", "unused"), [("hubspot", "salesforce"), ("salesforce", "hubspot")])
def test_the_shipped_configuration_works_with_one_crm(tmp_path: Path, secrets: Secrets, used: str, unused: str) -> None:
    config = Path(shutil.copytree(ROOT / "config", tmp_path / "config"))
    disable(config, unused)
    secrets(used.upper())
    workspace = load_workspace(config)
    assert [connection.name for connection in workspace.connections] == [used]


def test_what_the_shipped_main_file_says_are_the_defaults(secrets: Secrets) -> None:
    secrets("HUBSPOT", "SALESFORCE")
    shipped = load_workspace(ROOT / "config").settings
    assert shipped == type(shipped)()


def test_bant_fields_that_no_connection_maps_are_told_once_each(secrets: Secrets) -> None:
    secrets("HUBSPOT", "SALESFORCE")
    told = [finding.message for finding in load_workspace(ROOT / "config").warnings]
    assert len([message for message in told if '"person.budget"' in message]) == 1
    assert all("no connection maps" in message for message in told)


def test_the_sales_home_goes_first() -> None:
    workspace = load_workspace(GOOD / "everything-set")
    assert workspace.preferred_connections() == ("salesforce", "hubspot")


def test_without_a_sales_home_connections_go_by_name() -> None:
    assert load_workspace(GOOD / "the-unused-crm-is-disabled").preferred_connections() == ("hubspot",)


def test_settings_have_the_meaning_that_is_written() -> None:
    workspace = load_workspace(GOOD / "everything-set")
    assert workspace.settings.delivery.max_age == timedelta(weeks=2)
    assert workspace.settings.working_hours.start == time(8, 30)
    assert {one.name: one.envelope.every for one in workspace.connections} == {
        "hubspot": timedelta(seconds=90),
        "salesforce": timedelta(minutes=5),
    }
    assert workspace.lists.values_of("targets") == {"acme.example"}


def test_the_hash_stays_while_the_meaning_stays(config: Path) -> None:
    before = load_workspace(config).hash
    path = config / "leadline.yaml"
    path.write_text("# a remark\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_workspace(config).hash == before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("leadline.yaml", "inbound\n", "inbound\ndelivery: {min_change: 4}\n"),
        ("connections/hubspot.yaml", "settings:", "every: 7m\nsettings:"),
        ("scoring/inbound.yaml", "points: 25", "points: 24"),
        ("qualification.yaml", "Who signs?", "Who decides?"),
    ],
)
def test_the_hash_changes_with_the_meaning(config: Path, name: str, old: str, new: str) -> None:
    before = load_workspace(config).hash
    path = config / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert load_workspace(config).hash != before


def test_the_hash_changes_with_a_list_and_with_a_connections_name(config: Path) -> None:
    hashes = [load_workspace(config).hash]
    (config / "lists").mkdir()
    (config / "lists" / "targets.csv").write_text("domain\nacme.example\n", encoding="utf-8")
    hashes.append(load_workspace(config).hash)
    (config / "connections" / "hubspot.yaml").rename(config / "connections" / "crm.yaml")
    hashes.append(load_workspace(config).hash)
    assert len(set(hashes)) == 3


def test_a_workspace_with_every_connection_disabled_loads_with_a_warning(config: Path) -> None:
    (config / "connections" / "hubspot.yaml").write_text("type: hubspot\nenabled: false\n", encoding="utf-8")
    workspace = load_workspace(config)
    assert workspace.connections == ()
    assert ["every connection is disabled" in str(warning) for warning in workspace.warnings] == [True]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load_workspace(tmp_path / "nowhere")
    (finding,) = caught.value.findings
    assert "nowhere" in finding.file
    assert "--config" in finding.message


def test_the_count_of_errors_leaves_warnings_out() -> None:
    with pytest.raises(SettingsInvalid, match=r"^1 error in the configuration$"):
        load_workspace(ROOT / "tests" / "configs" / "bad" / "model-unmapped-field")


def test_a_secret_from_a_file_is_found(config: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("made-up\n", encoding="utf-8")
    (config / "connections" / "hubspot.yaml").write_text(
        f"type: hubspot\nsettings: {{token: 'file:{tmp_path / 'token'}'}}\n", encoding="utf-8"
    )
    assert load_workspace(config).connections
