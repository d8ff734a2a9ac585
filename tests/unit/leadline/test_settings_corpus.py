"""Whole workspaces, good and bad. A folder in tests/configs/good or tests/configs/bad is a test; no line here changes.

A bad one is named after the verdict and holds `expected.txt`: every finding, as the command line prints it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leadline.settings.findings import SettingsInvalid
from leadline.settings.workspace import load_workspace

CORPUS = Path(__file__).parents[2] / "configs"


def folders(kind: str) -> list[str]:
    return sorted(folder.name for folder in (CORPUS / kind).iterdir())


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADLINE_CORPUS_TOKEN", "made-up")
    monkeypatch.delenv("LEADLINE_CORPUS_ABSENT", raising=False)


@pytest.mark.parametrize("name", folders("good"))
def test_a_good_workspace_loads_without_a_word(name: str) -> None:
    workspace = load_workspace(CORPUS / "good" / name)
    assert workspace.warnings == ()
    assert workspace.connections


@pytest.mark.parametrize("name", folders("bad"))
def test_a_bad_workspace_is_told_exactly_what_to_correct(name: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CORPUS / "bad" / name, config)
    with pytest.raises(SettingsInvalid) as caught:
        load_workspace(config)
    told = [str(finding) for finding in caught.value.findings]
    assert told == (config / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert told == [str(finding) for finding in sorted(caught.value.findings)]
