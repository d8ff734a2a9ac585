"""A database that is away is told once when it goes and once when it is back, and is remembered as a problem."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest

from leadline import logs
from leadline.notify import Notifier
from leadline.outage import Outage
from leadline.state import runs
from leadline.state.database import Database, DatabaseUnavailable
from tests.engine import MovableTime

AWAY = DatabaseUnavailable("the database is away", "Wait.")


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    target = io.StringIO()
    logs.configure(target)
    yield target
    logs.configure()


@pytest.fixture
def time() -> MovableTime:
    return MovableTime()


@pytest.fixture
def outage(sqlite: Database, time: MovableTime) -> Outage:
    return Outage(sqlite, time.clock())


def lasts(outage: Outage) -> bool:
    return outage.trouble is not None


def events(heard: io.StringIO) -> list[str]:
    return [json.loads(line)["event"] for line in heard.getvalue().splitlines()]


def test_it_is_over_when_all_work_that_met_it_is_done_after_all(outage: Outage, heard: io.StringIO) -> None:
    for work in ("sales", "marketing", "sales"):
        outage.met(work, AWAY)
    outage.passed("sales")
    outage.passed("(watch)")
    assert lasts(outage)
    outage.passed("marketing")
    outage.passed("marketing")
    assert not lasts(outage)
    assert events(heard) == ["the database cannot be used", "the database can be used again"]


def test_afterwards_it_stands_among_the_problems_that_are_over_and_people_hear_of_it(
    outage: Outage, sqlite: Database, time: MovableTime
) -> None:
    outage.met("sales", AWAY)
    time.sleep(65)
    outage.passed("sales")
    said: dict[str, str] = {}
    Notifier(sqlite, time.clock(), lambda title, body: bool(said.setdefault(title, body))).tell()
    assert list(said.values()) == ["over: the database is away (from 2026-11-18 09:00:00 to 09:01:05 UTC)"]
    with sqlite.begin() as tx:
        assert runs.open_problems(tx) == []


def test_it_lasts_while_it_cannot_be_stored_that_it_was(sqlite: Database, time: MovableTime) -> None:
    impatient = Database(f"sqlite:///{sqlite.url.database}?timeout=0")
    outage = Outage(impatient, time.clock())
    outage.met("sales", AWAY)
    with sqlite.begin():
        outage.passed("sales")
    assert lasts(outage)
    outage.passed("(watch)")
    assert not lasts(outage)
    impatient.close()
