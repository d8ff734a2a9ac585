"""An edited configuration is taken up; a broken edit leaves the last good one in force."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leadline.problems import Problems
from leadline.reload import ConfigWatch
from leadline.settings.findings import SettingsInvalid
from leadline.settings.workspace import Workspace, load_workspace
from leadline.state import runs
from leadline.state.database import Database, DatabaseUnavailable
from scoring.engine import Engine
from scoring.facts import read_facts
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


RIVAL = "        - {id: rival, points: -9, when: {company.domain: {domain_listed: rivals}}, say: Rival}\n"


@pytest.fixture
def list_file(folder: Path) -> Path:
    """A list that the model names."""
    model = folder / "scoring" / "inbound.yaml"
    text = model.read_text(encoding="utf-8")
    model.write_text(text.replace("      rules:\n", "      rules:\n" + RIVAL, 1), encoding="utf-8")
    path = folder / "lists" / "rivals.csv"
    path.parent.mkdir()
    path.write_text("domain\nrival.example\n", encoding="utf-8")
    return path


def removed(path: Path) -> None:
    path.unlink()


def replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def saved_in_another_encoding(path: Path) -> None:
    path.write_bytes("domain\nbücher.example\n".encode("latin-1"))


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (removed, 'there is no list named "rivals"'),
        (replaced_by_a_folder, "config/lists/rivals.csv: error: is not a file"),
        (emptied, "config/lists/rivals.csv:1:1: error: the first row must be a header"),
        (saved_in_another_encoding, "config/lists/rivals.csv:2:1: error: is not UTF-8 text"),
    ],
)
def test_a_list_that_goes_missing_or_unreadable_is_a_problem_and_the_last_good_one_stays_in_force(
    broken: Callable[[Path], None], words: str, list_file: Path, folder: Path, sqlite: Database
) -> None:
    in_force = load_workspace(folder)
    watch = ConfigWatch(folder, in_force, Problems(sqlite, MovableTime().clock()))
    broken(list_file)
    assert settled(watch) is None
    (what,) = told(sqlite)
    assert words in what
    with pytest.raises(SettingsInvalid):
        load_workspace(folder)
    rival = read_facts({"id": "p", "company": {"domain": "www.rival.example"}})
    scored = Engine(in_force.model, in_force.lists).score(rival, datetime(2026, 3, 30, tzinfo=UTC))
    assert [line.say for line in scored.lines if not line.is_adjustment] == ["Rival"]


def test_a_list_that_is_whole_again_ends_the_problem_and_what_changed_in_it_is_taken_up(
    list_file: Path, folder: Path, sqlite: Database
) -> None:
    watch = ConfigWatch(folder, load_workspace(folder), Problems(sqlite, MovableTime().clock()))
    removed(list_file)
    assert settled(watch) is None
    list_file.write_text("domain\nrival.example\nfoe.example\n", encoding="utf-8")
    found = settled(watch)
    assert isinstance(found, Workspace)
    assert found.lists.domains_of("rivals") == {"rival.example", "foe.example"}
    assert told(sqlite) == []
