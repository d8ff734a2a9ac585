"""Two processes build what one does, bit for bit; and one does without the other."""

from __future__ import annotations

import os
import signal
from random import Random

import pytest

from leadline.sidecar import apart, build
from leadline.sidecar.gathering import Gathered, gather
from leadline.state.database import Database
from tests.engine import START
from tests.unit.leadline.made_up_rows import PREFERRED, fill
from tests.unit.leadline.test_sidecar_rows import MODEL, shown


def meant(found: Gathered) -> list[object]:
    """What was gathered, by row."""
    rows = range(found.fields.rows)
    fields = [found.fields.row(row) for row in rows]
    return [list(found.keys), found.own.tolist(), found.at.tolist(), fields, list(found.ids), list(found.starts)]


def test_another_process_gathers_the_same(database: Database) -> None:
    fill(database, Random(5))
    with database.begin() as tx:
        here = gather(tx, MODEL.asked.of_events, None)
        with apart.helper(database, MODEL.asked.of_events) as helper:
            there = helper.gathered()
    assert there is not None
    assert there.fields.rows > 0
    assert meant(there) == meant(here)


def test_two_processes_build_the_layer_that_one_does(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(sqlite, Random(6))
    monkeypatch.setattr(apart, "cores", lambda: 2)
    together = shown(build.everybody(sqlite, MODEL, PREFERRED, START, many=1))
    assert together == shown(build.everybody(sqlite, MODEL, PREFERRED, START))


def test_a_helper_that_is_killed_has_gathered_nothing(sqlite: Database) -> None:
    with sqlite.begin(), apart.helper(sqlite, MODEL.asked.of_events) as helper:
        os.kill(helper.process_id, signal.SIGKILL)
        assert helper.gathered() is None


def test_no_helper_outlives_a_failure_of_who_asked_for_it(sqlite: Database) -> None:
    with pytest.raises(LookupError), sqlite.begin(), apart.helper(sqlite, MODEL.asked.of_events) as helper:
        raise LookupError
    with pytest.raises(ProcessLookupError):
        os.kill(helper.process_id, 0)


def test_only_a_file_is_read_by_two(sqlite: Database, postgresql: Database) -> None:
    assert sqlite.is_file
    assert not postgresql.is_file
    assert not Database("sqlite://").is_file
