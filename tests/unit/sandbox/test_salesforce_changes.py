"""`updated` and `deleted`: whole minutes, a lag, and a memory that ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.unit.sandbox.salesforce_bench import BASE, SalesforceBench, error
from tests.unit.sandbox.twin_client import START

MINUTE, HOUR, DAY = 60, 3600, 86_400


@pytest.fixture
def org() -> SalesforceBench:
    return SalesforceBench()


def pass_time(org: SalesforceBench, seconds: float) -> None:
    org.clock.advance(seconds)
    org.sign_in()


def changes(org: SalesforceBench, kind: str, start: datetime | str, end: datetime | str, of: str = "Lead") -> Any:
    bounds = {"start": _text(start), "end": _text(end)}
    return org.http.get(f"{BASE}/sobjects/{of}/{kind}/", params=bounds)


def _text(moment: datetime | str) -> str:
    return moment if isinstance(moment, str) else moment.isoformat()


def test_what_was_created_or_changed_is_updated_and_what_was_deleted_is_deleted(org: SalesforceBench) -> None:
    kept, changed, gone = org.lead(), org.lead(), org.lead()
    pass_time(org, HOUR)
    between = START + timedelta(minutes=30)
    org.update("Lead", changed, Title="CFO")
    org.http.delete(f"{BASE}/sobjects/Lead/{gone}")
    pass_time(org, HOUR)
    now = org.clock.now()
    assert set(changes(org, "updated", START, now).json()["ids"]) == {kept, changed}
    assert changes(org, "updated", between, now).json()["ids"] == [changed]
    found = changes(org, "deleted", between, now).json()
    assert found["deletedRecords"] == [{"deletedDate": "2026-11-22T10:00:00.000+0000", "id": gone}]
    assert changes(org, "deleted", START, between).json()["deletedRecords"] == []


def test_the_last_minutes_are_not_covered_yet(org: SalesforceBench) -> None:
    pass_time(org, HOUR)
    lead = org.lead()
    pass_time(org, 5 * MINUTE + 20)
    fresh = changes(org, "updated", START, org.clock.now()).json()
    assert fresh == {"ids": [], "latestDateCovered": "2026-11-22T09:55:00.000+0000"}
    pass_time(org, 10 * MINUTE)
    again = changes(org, "updated", fresh["latestDateCovered"], org.clock.now()).json()
    assert again["ids"] == [lead]


def test_an_end_in_the_past_is_covered_whole(org: SalesforceBench) -> None:
    pass_time(org, HOUR)
    found = changes(org, "deleted", START, START + timedelta(minutes=10, seconds=40)).json()
    assert found["latestDateCovered"] == "2026-11-22T09:10:00.000+0000"


def test_seconds_do_not_count(org: SalesforceBench) -> None:
    pass_time(org, 30)
    lead = org.lead()
    pass_time(org, HOUR)
    found = changes(org, "updated", START + timedelta(seconds=50), START + timedelta(minutes=2)).json()
    assert found["ids"] == [lead], "09:00:50 is read as 09:00"


def test_deletions_older_than_fifteen_days_are_missing_without_a_word(org: SalesforceBench) -> None:
    org.http.delete(f"{BASE}/sobjects/Lead/{org.lead()}")
    pass_time(org, 15 * DAY + HOUR)
    found = changes(org, "deleted", START - timedelta(hours=1), org.clock.now()).json()
    assert found["deletedRecords"] == []
    assert found["earliestDateAvailable"] == "2026-11-22T10:00:00.000+0000"


@pytest.mark.parametrize("kind", ["updated", "deleted"])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-22T08:00:00Z", "2026-11-22T09:00:00Z"),
        ("2026-11-22T09:00:00Z", "2026-11-22T08:00:00Z"),
        ("2026-11-22T08:00:00Z", "2026-11-22T08:01:59Z"),
        ("2026-11-22T08:00:00", "2026-11-22T09:00:00Z"),
        ("yesterday", "2026-11-22T09:00:00Z"),
        ("", "2026-11-22T09:00:00Z"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(org: SalesforceBench, kind: str, start: str, end: str) -> None:
    assert error(changes(org, kind, start, end)) == (400, "INVALID_REPLICATION_DATE")


def test_some_objects_have_no_feed(org: SalesforceBench) -> None:
    span = (START - timedelta(hours=1), START)
    assert error(changes(org, "updated", *span, of="User")) == (400, "INVALID_TYPE_FOR_OPERATION")
    assert error(changes(org, "updated", *span, of="Nothing")) == (404, "NOT_FOUND")
