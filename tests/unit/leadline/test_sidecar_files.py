"""The sidecar's files are a cache: whatever is wrong with them, there is no sidecar, and nobody is scored wrongly."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from filelock import FileLock

from leadline.sidecar import build, rescore
from leadline.sidecar.shelf import Shelf
from scoring.core import CompiledModel
from scoring.facts import Event as Touch
from scoring.facts import Facts
from tests.engine import START, workspace

SPACE = workspace()
COMPILED = CompiledModel(SPACE.model, SPACE.lists)
VISIT = Touch("e", "page_view", START, {"url": "/pricing"})


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf(tmp_path / "columns")
    shelf.replace("rules", build.of_facts(COMPILED, people(3), START))
    return shelf


def people(count: int) -> list[Facts]:
    titles = ["CEO", "", "Intern"]
    return [Facts(f"p{n}", person={"title": titles[n % 3]}, events=(VISIT,) * (n % 2)) for n in range(count)]


def files(shelf: Shelf) -> list[Path]:
    return sorted(path for path in shelf.folder.rglob("*") if path.is_file())


def test_there_is_none_to_begin_with(tmp_path: Path) -> None:
    assert Shelf(tmp_path / "columns").read("rules") is None


def test_one_of_other_rules_is_none(shelf: Shelf) -> None:
    assert shelf.read("other rules") is None
    assert shelf.read("rules") is not None


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbled(path: Path) -> None:
    path.write_bytes(b"\xff" + path.read_bytes()[1:])


@pytest.mark.parametrize("spoil", [cut_short, emptied, garbled, Path.unlink])
def test_a_spoilt_file_is_none(shelf: Shelf, spoil: Callable[[Path], None]) -> None:
    whole = {path: path.read_bytes() for path in files(shelf)}
    in_use = [path for path in whole if np_length(path) and not (path.suffix == ".values" and spoil is garbled)]
    assert len(in_use) > 30
    for path in in_use:
        spoil(path)
        assert shelf.read("rules") is None, path
        path.write_bytes(whole[path])
    assert shelf.read("rules") is not None


def np_length(path: Path) -> int:
    """An empty array is never read from its file."""
    return len(np.load(path)) if path.suffix == ".npy" else 1


@pytest.mark.parametrize("written", range(5))
def test_a_crash_while_writing_leaves_the_old_one(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, written: int) -> None:
    before = shelf.read("rules")
    assert before is not None
    real, count = np.save, 0

    def dies(*given: object, **named: object) -> None:
        nonlocal count
        count += 1
        if count > written:
            raise KeyboardInterrupt
        real(*given, **named)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(np, "save", dies)
    with pytest.raises(KeyboardInterrupt):
        shelf.replace("rules", build.of_facts(COMPILED, people(9), START))
    monkeypatch.undo()
    after = shelf.read("rules")
    assert after is not None
    assert after[0].kept.rows == before[0].kept.rows == 3
    shelf.replace("rules", build.of_facts(COMPILED, people(9), START))
    assert sorted(path.name for path in shelf.folder.iterdir()) == ["layer-2", "manifest.json"]


def test_who_writes_waits_for_another_process_that_writes(shelf: Shelf) -> None:
    written = Event()

    def write() -> None:
        Shelf(shelf.folder).replace("rules", build.of_facts(COMPILED, people(9), START))
        written.set()

    with FileLock(shelf.folder.with_name("columns.lock")):
        writer = Thread(target=write)
        writer.start()
        assert not written.wait(0.2)
        held = shelf.read("rules")
    writer.join()
    after = shelf.read("rules")
    assert held is not None
    assert after is not None
    assert (held[0].kept.rows, after[0].kept.rows) == (3, 9)


def test_nothing_is_laid_on_what_another_process_made_by_other_rules(shelf: Shelf, tmp_path: Path) -> None:
    layer = build.of_facts(COMPILED, people(1), START)
    assert shelf.add("rules", layer)
    shelf.replace("other rules", build.of_facts(COMPILED, people(9), START))
    before = files(shelf)
    assert not shelf.add("rules", layer)
    assert not Shelf(tmp_path / "nothing there").add("rules", layer)
    assert files(shelf) == before


def test_a_reader_keeps_what_it_has_opened_when_a_new_one_is_written(shelf: Shelf) -> None:
    before = shelf.read("rules")
    assert before is not None
    shelf.replace("rules", build.of_facts(COMPILED, people(9), START))
    assert len(rescore.rescored(COMPILED, before, START, 3).ids) == 3


def test_numbers_are_as_narrow_as_they_can_be(shelf: Shelf) -> None:
    layers = shelf.read("rules")
    assert layers is not None
    kept = layers[0].kept
    assert kept.fields.column("person.title").codes.dtype == np.uint8
    assert {folded.days.dtype.str for folded in kept.folds.values() if len(folded.days)} == {"<u2"}


def test_scores_and_changes_are_written_whole(shelf: Shelf, tmp_path: Path) -> None:
    layers = shelf.read("rules")
    assert layers is not None
    for days in (0, 1):
        found = rescore.rescored(COMPILED, layers, START + timedelta(days=days), 3)
        rescore.write(tmp_path / "scores", found, START)
    assert list(np.load(tmp_path / "scores" / "total.npy")) == list(found.standings.total)
    assert list(np.load(tmp_path / "scores" / "changed-ids.npy")) == [b"p0", b"p1", b"p2"]
