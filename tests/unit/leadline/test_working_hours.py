"""Due times fall into the hours at which people work, whatever daylight saving does."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.settings.model import WorkingHours
from leadline.working_hours import due_at
from scoring.durations import Due, parse_due

BERLIN = WorkingHours(time_zone="Europe/Berlin")


def due(text: str, start: str, hours: WorkingHours = BERLIN) -> str:
    """The due time in local time, for a start in local time."""
    moment = datetime.fromisoformat(start).replace(tzinfo=hours.zone).astimezone(UTC)
    found = due_at(parse_due(text), moment, hours)
    assert found.tzinfo is UTC
    return f"{found.astimezone(hours.zone):%a %Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2 working hours", "2026-11-18 10:00", "Wed 2026-11-18 12:00"),
        ("2 working hours", "2026-11-18 15:00", "Wed 2026-11-18 17:00"),
        ("2 working hours", "2026-11-18 16:00", "Thu 2026-11-19 10:00"),
        ("2 working hours", "2026-11-18 16:59", "Thu 2026-11-19 10:59"),
        ("2 working hours", "2026-11-18 17:00", "Thu 2026-11-19 11:00"),
        ("2 working hours", "2026-11-18 03:00", "Wed 2026-11-18 11:00"),
        ("2 working hours", "2026-11-18 09:00", "Wed 2026-11-18 11:00"),
        ("2 working hours", "2026-11-20 16:30", "Mon 2026-11-23 10:30"),
        ("2 working hours", "2026-11-21 12:00", "Mon 2026-11-23 11:00"),
        ("8 working hours", "2026-11-18 09:00", "Wed 2026-11-18 17:00"),
        ("9 working hours", "2026-11-18 09:00", "Thu 2026-11-19 10:00"),
        ("40 working hours", "2026-11-16 09:00", "Fri 2026-11-20 17:00"),
        ("41 working hours", "2026-11-16 09:00", "Mon 2026-11-23 10:00"),
        ("0 working hours", "2026-11-21 12:00", "Mon 2026-11-23 09:00"),
    ],
)
def test_working_hours_count_only_time_at_work(text: str, start: str, end: str) -> None:
    assert due(text, start) == end


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("1 working day", "2026-11-18 10:00", "Thu 2026-11-19 17:00"),
        ("1 working day", "2026-11-18 23:00", "Fri 2026-11-20 17:00"),
        ("1 working day", "2026-11-20 10:00", "Mon 2026-11-23 17:00"),
        ("1 working day", "2026-11-21 10:00", "Tue 2026-11-24 17:00"),
        ("5 working days", "2026-11-18 10:00", "Wed 2026-11-25 17:00"),
        ("0 working days", "2026-11-18 10:00", "Wed 2026-11-18 17:00"),
    ],
)
def test_working_days_end_with_the_day(text: str, start: str, end: str) -> None:
    assert due(text, start) == end


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("90s", "2026-11-21 23:59", "Sun 2026-11-22 00:00"),
        ("30m", "2026-11-21 23:59", "Sun 2026-11-22 00:29"),
        ("3h", "2026-11-18 16:00", "Wed 2026-11-18 19:00"),
        ("2d", "2026-11-20 10:00", "Sun 2026-11-22 10:00"),
        ("1w", "2026-11-20 10:00", "Fri 2026-11-27 10:00"),
    ],
)
def test_plain_units_are_plain_time(text: str, start: str, end: str) -> None:
    assert due(text, start) == end


@pytest.mark.parametrize(
    ("zone", "friday", "monday_start_utc"),
    [
        ("Europe/Berlin", "2026-03-27 16:00", "2026-03-30T08:00:00+00:00"),  # clocks go forward on Sunday the 29th
        ("Europe/Berlin", "2026-10-23 16:00", "2026-10-26T09:00:00+00:00"),  # clocks go back on Sunday the 25th
        ("America/New_York", "2026-03-06 16:00", "2026-03-09T14:00:00+00:00"),
        ("America/New_York", "2026-10-30 16:00", "2026-11-02T15:00:00+00:00"),
        ("Australia/Lord_Howe", "2026-04-03 16:00", "2026-04-05T23:30:00+00:00"),  # by half an hour
    ],
)
def test_daylight_saving_over_the_weekend_moves_no_due_time(zone: str, friday: str, monday_start_utc: str) -> None:
    hours = WorkingHours(time_zone=zone)
    start = datetime.fromisoformat(friday).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = due_at(Due(2, "working hours"), start, hours)
    assert found.isoformat() == monday_start_utc
    assert found.astimezone(hours.zone).time() == time(10)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_daylight_saving_on_a_working_sunday_stays_inside_the_day(day: str) -> None:
    hours = WorkingHours(time_zone="Europe/Berlin", days=("sat", "sun"))
    assert due("4 working hours", f"{day} 08:00", hours).endswith(f"{day} 13:00")
    assert due("1 working day", f"{day} 08:00", hours).endswith("17:00")


def test_a_due_time_in_the_hour_that_does_not_exist_is_the_one_after_it() -> None:
    hours = WorkingHours(time_zone="Europe/Berlin", days=("sun",), start=time(0), end=time(6))
    found = due_at(Due(2, "working hours"), datetime(2026, 3, 28, 23, 30, tzinfo=UTC), hours)
    assert found.isoformat() == "2026-03-29T01:30:00+00:00"


def test_the_calendar_is_the_workspaces_not_the_servers() -> None:
    tokyo = WorkingHours(time_zone="Asia/Tokyo", days=("mon",), start=time(8, 15), end=time(8, 45))
    start = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)  # Monday, nine in Tokyo: work is over until next week
    assert due_at(Due(1, "working hours"), start, tokyo) == datetime(2026, 11, 29, 23, 45, tzinfo=UTC)


relaxed = settings(max_examples=40, deadline=None)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])


@relaxed
@given(moments, zones, st.integers(0, 60))
def test_work_is_due_at_work_and_never_before_it_began(start: datetime, zone: str, amount: int) -> None:
    hours = WorkingHours(time_zone=zone)
    for unit in ("working hours", "working days"):
        found = due_at(Due(amount, unit), start, hours)
        local = found.astimezone(hours.zone)
        assert found >= start
        assert local.weekday() < 5
        assert time(9) <= local.time() <= time(17)


@relaxed
@given(moments, zones)
def test_more_work_is_due_later(start: datetime, zone: str) -> None:
    hours = WorkingHours(time_zone=zone)
    dues = [due_at(Due(amount, "working hours"), start, hours) for amount in range(20)]
    assert all(one < later for one, later in pairwise(dues))


def test_a_year_of_the_shortest_hours_still_has_a_due_time() -> None:
    hours = WorkingHours(days=("mon",), start=time(9), end=time(9, 30))
    start = datetime(2026, 11, 16, tzinfo=UTC)
    assert due_at(Due(2928, "working hours"), start, hours) - start > timedelta(days=365)
