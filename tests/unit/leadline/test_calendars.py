"""Due times fall into the hours at which people work, whatever daylight saving does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from connectors.records import OwnerRecord, Ref
from leadline.calendars import Calendars, NeverAtWork, calendar, day_began, due_at, is_at_work, public_holidays, shifts
from leadline.settings.model import WorkingHours, WorkspaceSettings
from scoring.durations import Due, Unit, parse_due

START = datetime(2026, 11, 18, 9, tzinfo=UTC)
"""A Wednesday."""
BERLIN = WorkingHours(time_zone="Europe/Berlin")


def due(text: str, start: str, hours: WorkingHours = BERLIN) -> str:
    """The due time in local time, for a start in local time."""
    moment = datetime.fromisoformat(start).replace(tzinfo=hours.zone).astimezone(UTC)
    found = due_at(parse_due(text), moment, calendar(hours))
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
    found = due_at(Due(2, "working hours"), start, calendar(hours))
    assert found.isoformat() == monday_start_utc
    assert found.astimezone(hours.zone).time() == time(10)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_daylight_saving_on_a_working_sunday_stays_inside_the_day(day: str) -> None:
    hours = WorkingHours(time_zone="Europe/Berlin", days=("sat", "sun"))
    assert due("4 working hours", f"{day} 08:00", hours).endswith(f"{day} 13:00")
    assert due("1 working day", f"{day} 08:00", hours).endswith("17:00")


def test_a_due_time_in_the_hour_that_does_not_exist_is_the_one_after_it() -> None:
    hours = WorkingHours(time_zone="Europe/Berlin", days=("sun",), start=time(0), end=time(6))
    found = due_at(Due(2, "working hours"), datetime(2026, 3, 28, 23, 30, tzinfo=UTC), calendar(hours))
    assert found.isoformat() == "2026-03-29T01:30:00+00:00"


def test_the_calendar_is_the_workspaces_not_the_servers() -> None:
    tokyo = WorkingHours(time_zone="Asia/Tokyo", days=("mon",), start=time(8, 15), end=time(8, 45))
    start = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)  # Monday, nine in Tokyo: work is over until next week
    assert due_at(Due(1, "working hours"), start, calendar(tokyo)) == datetime(2026, 11, 29, 23, 45, tzinfo=UTC)


class TestHolidays:
    """Public holidays are no working days."""

    def test_the_holidays_of_a_country_are_passed_over(self) -> None:
        germany = WorkingHours(time_zone="Europe/Berlin", holidays="DE")
        assert due("2 working hours", "2026-12-24 16:00", germany) == "Mon 2026-12-28 10:00", "25 December is a Friday"
        assert due("1 working day", "2026-12-31 10:00", germany) == "Mon 2027-01-04 17:00", "also over the end of a year"

    def test_a_part_of_a_country_has_holidays_of_its_own(self) -> None:
        bavaria = WorkingHours(time_zone="Europe/Berlin", holidays="DE-BY")
        assert due("2 working hours", "2027-01-06 10:00", bavaria) == "Thu 2027-01-07 11:00"
        assert due("2 working hours", "2027-01-06 10:00", WorkingHours(time_zone="Europe/Berlin", holidays="DE")).startswith(
            "Wed"
        )

    def test_a_holiday_on_a_weekend_is_kept_when_the_country_keeps_it(self) -> None:
        new_york = WorkingHours(time_zone="America/New_York", holidays="US")
        assert due("2 working hours", "2026-07-02 16:00", new_york) == "Mon 2026-07-06 10:00", "the 4th is a Saturday"

    def test_without_a_country_every_working_day_counts(self) -> None:
        assert due("2 working hours", "2026-12-25 10:00") == "Fri 2026-12-25 12:00"
        assert public_holidays(None, 2026) == frozenset()

    def test_nobody_is_at_work_on_a_holiday(self) -> None:
        germany = calendar(WorkingHours(time_zone="Europe/Berlin", holidays="DE"))
        assert not is_at_work(germany, datetime(2026, 12, 25, 10, tzinfo=UTC))
        assert is_at_work(germany, datetime(2026, 12, 28, 10, tzinfo=UTC))

    def test_weeks_of_holidays_are_waited_for(self) -> None:
        summer = {date(2026, 7, 6) + timedelta(days=day) for day in range(56)}
        closed = replace(calendar(BERLIN), days_off=lambda _: summer)
        start = datetime(2026, 7, 6, 8, tzinfo=UTC)
        assert due_at(Due(1, "working hours"), start, closed) == datetime(2026, 8, 31, 8, tzinfo=UTC)

    @pytest.mark.parametrize("unit", ["working hours", "working days"])
    def test_a_calendar_of_nothing_but_holidays_is_told_not_searched_for_ever(self, unit: Unit) -> None:
        every_day = replace(
            calendar(BERLIN), days_off=lambda year: {date(year, 1, 1) + timedelta(days=n) for n in range(366)}
        )
        with pytest.raises(NeverAtWork, match="no working time within 400 days"):
            due_at(Due(1, unit), START, every_day)
        assert not is_at_work(every_day, START)


def whole_year(year: int) -> set[date]:
    """Every day of a year."""
    return {date(year, 1, 1) + timedelta(days=n) for n in range(366)}


class TestTheEndOfADay:
    """A working day may last until midnight, not beyond."""

    def test_work_until_midnight_ends_with_the_day(self) -> None:
        late = WorkingHours(time_zone="Europe/Berlin", start="16:00", end="24:00")
        assert due("2 working hours", "2026-11-18 21:00", late) == "Wed 2026-11-18 23:00"
        assert due("1 working day", "2026-11-18 21:00", late) == "Fri 2026-11-20 00:00"
        assert due("3 working hours", "2026-11-18 22:00", late) == "Thu 2026-11-19 17:00"

    def test_a_day_without_an_end_is_all_of_it(self) -> None:
        always = WorkingHours(days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"), start="00:00", end="24:00")
        assert due_at(Due(30, "working hours"), START, calendar(always)) == START + timedelta(hours=30)

    @pytest.mark.parametrize(("start", "end"), [("22:00", "06:00"), ("09:00", "09:00")])
    def test_a_shift_over_midnight_is_refused(self, start: str, end: str) -> None:
        with pytest.raises(ValidationError, match="must end after it starts"):
            WorkingHours(start=start, end=end)


class TestClocksThatChange:
    """Shifts are as long as they are on that day, and stay within the hours that clocks show."""

    def shift(self, zone: str, day: str, start: str, end: str) -> tuple[str, str] | None:
        """The shift of one Sunday in UTC."""
        hours = calendar(WorkingHours(time_zone=zone, days=("sun",), start=start, end=end))
        first = next(shifts(hours, datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)))
        if f"{first.began_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}" != day:
            return None
        return f"{first.began_at:%H:%M}", f"{first.ends_at:%H:%M}"

    @pytest.mark.parametrize(
        ("day", "start", "end", "utc"),
        [
            ("2026-03-29", "00:00", "06:00", ("23:00", "04:00")),  # an hour less: two o'clock is three
            ("2026-03-29", "02:30", "06:00", ("01:00", "04:00")),  # it opens when the clocks go forward
            ("2026-03-29", "00:00", "02:30", ("23:00", "01:00")),  # it closes then
            ("2026-03-29", "02:15", "02:45", None),
            ("2026-10-25", "00:00", "06:00", ("22:00", "05:00")),  # an hour more: two o'clock comes twice
            ("2026-10-25", "02:30", "06:00", ("01:30", "05:00")),  # the second half past two opens
            ("2026-10-25", "00:00", "02:30", ("22:00", "00:30")),  # the first one closes
            ("2026-10-25", "02:15", "02:45", None),
        ],
    )
    def test_a_shift_begins_and_ends_within_its_hours(
        self, day: str, start: str, end: str, utc: tuple[str, str] | None
    ) -> None:
        assert self.shift("Europe/Berlin", day, start, end) == utc

    def test_a_due_time_in_the_repeated_hour_is_not_before_its_start(self) -> None:
        night = calendar(WorkingHours(time_zone="Europe/Berlin", days=("sun",), start="00:00", end="06:00"))
        second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        assert due_at(Due(0, "working hours"), second_half_past_two, night) == second_half_past_two

    def test_a_day_that_a_country_skips_has_no_shift(self) -> None:
        samoa = calendar(WorkingHours(time_zone="Pacific/Apia"))
        thursday = datetime(2011, 12, 29, 20, tzinfo=ZoneInfo("Pacific/Apia")).astimezone(UTC)
        assert next(shifts(samoa, thursday)).began_at.astimezone(samoa.zone).date() == date(2012, 1, 2)


class TestTheDayOfAnOwner:
    """A day begins at midnight where the owner is."""

    @pytest.mark.parametrize(
        ("zone", "now", "began"),
        [
            ("UTC", "2026-11-18T09:00", "2026-11-18T00:00"),
            ("America/New_York", "2026-11-18T03:00", "2026-11-17T05:00"),
            ("Asia/Tokyo", "2026-11-18T16:00", "2026-11-18T15:00"),
            ("Asia/Beirut", "2026-03-29T09:00", "2026-03-28T22:00"),  # midnight was skipped there
            ("America/Havana", "2026-11-01T04:30", "2026-11-01T04:00"),  # midnight comes twice there
            ("America/Havana", "2026-11-01T05:30", "2026-11-01T04:00"),
        ],
    )
    def test_it_began_at_their_midnight(self, zone: str, now: str, began: str) -> None:
        found = day_began(calendar(WorkingHours(time_zone=zone)), datetime.fromisoformat(now).replace(tzinfo=UTC))
        assert found == datetime.fromisoformat(began).replace(tzinfo=UTC)


class TestWhoseCalendar:
    """By an entry, else by the time zone in the CRM, else the default."""

    SETTINGS = WorkspaceSettings.model_validate(
        {
            "working_hours": {"time_zone": "Europe/Berlin", "holidays": "DE", "start": "08:00"},
            "calendars": {"us": {"time_zone": "America/New_York", "holidays": "US"}},
            "owners": {"Bo@acme.example": "us"},
        }
    )

    def of(self, email: str | None = None, time_zone: str | None = None) -> tuple[str, time]:
        """Zone and opening of the calendar of such an owner."""
        owner = OwnerRecord(ref=Ref("owners", "1"), name="One", email=email, time_zone=time_zone)
        found = Calendars(self.SETTINGS).of(owner)
        return found.zone.key, found.opens

    def test_an_entry_names_it(self) -> None:
        assert self.of("bo@ACME.example", "Asia/Tokyo") == ("America/New_York", time(9))

    def test_the_same_hours_in_the_zone_that_the_crm_tells(self) -> None:
        assert self.of("ana@acme.example", "Asia/Tokyo") == ("Asia/Tokyo", time(8))

    @pytest.mark.parametrize("unknown", [None, "", "GMT+25"])
    def test_else_it_is_the_default(self, unknown: str | None) -> None:
        assert self.of("ana@acme.example", unknown) == ("Europe/Berlin", time(8))

    def test_nobody_has_the_default_one(self) -> None:
        assert Calendars(self.SETTINGS).of(None).zone.key == "Europe/Berlin"


def test_holidays_are_computed_for_the_years_that_are_needed() -> None:
    asked: set[int] = set()

    def noted(year: int) -> frozenset[date]:
        asked.add(year)
        return public_holidays("DE", year)

    germany = replace(calendar(BERLIN), days_off=noted)
    assert len(list(islice(shifts(germany, datetime(2026, 12, 21, tzinfo=UTC)), 5))) == 5
    assert asked == {2026}
