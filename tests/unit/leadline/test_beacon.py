"""The heartbeat on a record of the CRM: seldom, harmless, and a warning when it cannot be written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.records import Ref
from leadline.beacon import is_due
from leadline.fields import HEARTBEAT, heartbeat_spec
from leadline.state import runs
from leadline.state.database import Database
from tests.engine import TwoCrms, contact, writes

RECORD = Ref("contacts", "99")
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)


@pytest.fixture
def world(database: Database) -> TwoCrms:
    crms = TwoCrms(database)
    crms.marketing.provision(heartbeat_spec())
    crms.marketing.put(contact("99", "heartbeat@ops.example"))
    crms.shown_on["marketing"] = RECORD
    return crms


def seen(world: TwoCrms) -> object:
    return world.marketing.ours(RECORD).get(HEARTBEAT)


def problems(world: TwoCrms) -> list[tuple[str, str]]:
    with world.database.begin() as tx:
        return [(one.id, one.what) for one in runs.open_problems(tx)]


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, NOON, True),
        (NOON, NOON + timedelta(minutes=14), False),
        (NOON - timedelta(minutes=1), NOON, True),
        (NOON, NOON + timedelta(hours=3), True),
    ],
    ids=["never before", "the same quarter", "a new quarter", "long after"],
)
def test_it_is_due_once_in_each_quarter_of_an_hour(last: datetime | None, now: datetime, due: bool) -> None:
    assert is_due(last, now) is due


def test_a_good_cycle_shows_its_time_on_the_record(world: TwoCrms) -> None:
    world.run()
    assert seen(world) == "2026-11-18T09:00:01Z"


def test_further_cycles_of_the_quarter_write_nothing_and_the_next_quarter_writes_once(world: TwoCrms) -> None:
    world.run()
    before = writes(world)
    world.later(minutes=5)
    world.run()
    assert writes(world) == before
    world.later(minutes=15)
    world.run()
    assert seen(world) == "2026-11-18T09:20:03Z"
    assert writes(world) == before + 1


def test_our_own_heartbeat_coming_back_is_no_news_and_no_foreign_write(world: TwoCrms) -> None:
    world.run()
    world.later(minutes=1)
    before = writes(world)
    world.run()
    assert writes(world) == before
    assert problems(world) == []


def test_a_record_that_is_gone_is_a_warning_and_fails_no_cycle(world: TwoCrms) -> None:
    world.marketing.archive(RECORD)
    reports = world.run()
    assert [report.failed for report in reports] == [None, None]
    told = "marketing: the heartbeat cannot be written to contacts/99: there is no such record"
    assert problems(world) == [("marketing:heartbeat", told)]


def test_a_property_that_was_not_provisioned_is_a_warning_that_says_so(database: Database) -> None:
    crms = TwoCrms(database)
    crms.marketing.put(contact("99", "heartbeat@ops.example"))
    crms.shown_on["marketing"] = RECORD
    crms.run()
    ((problem, told),) = problems(crms)
    assert problem == "marketing:heartbeat"
    assert "provision" in told
