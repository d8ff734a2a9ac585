"""An edited configuration is taken up; a broken edit leaves the last good one in force."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from leadline.problems import Problems
from leadline.reload import ConfigWatch
from leadline.settings.workspace import load_workspace
from leadline.state import runs
from leadline.state.database import Database, DatabaseUnavailable
from tests.engine import MovableTime

GOOD = Path(__file__).parents[2] / "configs" / "good"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEADLINE_CORPUS_TOKEN", "made-up")
    return Path(shutil.copytree(GOOD / "minimal", tmp_path / "config"))


@pytest.fixture
def watch(folder: Path, sqlite: Database) -> ConfigWatch:
    return ConfigWatch(folder, load_workspace(folder), Problems(sqlite, MovableTime().clock()))


def edit(folder: Path, text: str) -> None:
    path = folder / "leadline.yaml"
    path.write_text(text, encoding="utf-8")
    # File systems may round times; an edit is always seen by its size or a later second.
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 2_000_000_000))


def settled(watch: ConfigWatch) -> object:
    """Looked at twice: once while the files may still change, once at rest."""
    return watch.look() or watch.look()


def told(database: Database) -> list[str]:
    with database.begin() as tx:
        return [problem.what for problem in runs.open_problems(tx)]


def test_nothing_happens_while_nothing_is_edited(watch: ConfigWatch) -> None:
    assert settled(watch) is None


def test_an_edit_is_taken_up_once_the_files_are_at_rest(folder: Path, watch: ConfigWatch) -> None:
    edit(folder, "delivery: {min_change: 7}\n")
    assert watch.look() is None
    found = watch.look()
    assert found is not None
    assert found.settings.delivery.min_change == 7


def test_an_edit_while_the_database_is_away_is_taken_up_afterwards(
    folder: Path, watch: ConfigWatch, sqlite: Database
) -> None:
    away = [DatabaseUnavailable("the database is away", "Wait.")]

    def once(_tx: object) -> None:
        if away:
            raise away.pop()

    sqlite.only_if(once)
    edit(folder, "delivery: {min_change: 7}\n")
    with pytest.raises(DatabaseUnavailable):
        settled(watch)
    assert settled(watch) is not None


def test_a_broken_edit_is_a_problem_that_names_file_and_line(folder: Path, watch: ConfigWatch, sqlite: Database) -> None:
    edit(folder, "delivery:\n  min_chnge: 7\n")
    assert settled(watch) is None
    (what,) = told(sqlite)
    assert what.startswith("the edited configuration is not used: config/leadline.yaml:2:3: error: unknown key")


def test_a_broken_edit_is_told_once_and_its_correction_ends_it(folder: Path, watch: ConfigWatch, sqlite: Database) -> None:
    edit(folder, "delivery:\n  min_chnge: 7\n")
    settled(watch)
    edit(folder, "delivery:\n  min_change: 7\n  # corrected\n")
    assert settled(watch) is not None
    assert told(sqlite) == []


def test_a_comment_changes_nothing(folder: Path, watch: ConfigWatch) -> None:
    main = folder / "leadline.yaml"
    edit(folder, (main.read_text(encoding="utf-8") if main.exists() else "") + "\n# a note\n")
    assert settled(watch) is None


def test_a_hang_up_reads_the_files_at_once(folder: Path, watch: ConfigWatch) -> None:
    edit(folder, "delivery: {min_change: 7}\n")
    assert watch.read() is not None
