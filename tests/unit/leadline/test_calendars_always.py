"""What holds of every due time, in every time zone, also on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from typing import TypeAlias, get_args
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from leadline.calendars import Calendar, calendar, day_began, due_at, is_at_work, public_holidays
from leadline.settings.model import Weekday, WorkingHours
from scoring.durations import Due, Unit

Situation: TypeAlias = tuple[Calendar, datetime]

YEARS = range(2024, 2028)


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The days (UTC) of some years on which the clocks of a zone change; any day where they never do."""
    place = ZoneInfo(zone)
    days = [datetime(YEARS[0], 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(366 * len(YEARS))]
    offsets = [day.astimezone(place).utcoffset() for day in days]
    return tuple(day for day, (one, after) in zip(days, pairwise(offsets), strict=False) if one != after) or (days[80],)


def opens_and_closes(quarters: tuple[int, int]) -> tuple[str, str]:
    """Hours of work in quarters of an hour after midnight."""
    start, end = min(quarters), max(quarters)
    return f"{start // 4:02}:{start % 4 * 15:02}", f"{end // 4:02}:{end % 4 * 15:02}"


hours_of_work = (
    st.tuples(st.integers(0, 95), st.integers(0, 96)).filter(lambda both: both[0] != both[1]).map(opens_and_closes)
)
zones = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Any hours in any zone, and a moment around a change of its clocks."""
    zone = draw(zones)
    opens, closes = draw(hours_of_work)
    days = draw(st.lists(st.sampled_from(get_args(Weekday)), min_size=1, unique=True))
    place = draw(st.sampled_from([None, "DE-BY", "US", "SA"]))
    hours = WorkingHours(time_zone=zone, days=tuple(days), start=opens, end=closes, holidays=place)
    start = draw(st.sampled_from(changes(zone))) + timedelta(minutes=draw(st.integers(-3 * 24 * 60, 3 * 24 * 60)))
    return calendar(hours), start


amounts = st.integers(0, 30)
working = st.sampled_from(["working hours", "working days"])
many = settings(max_examples=50, deadline=None)


def within_hours(at: datetime, one: Calendar) -> bool:
    """Whether clocks show a moment of the working hours of a working day; a day may end at midnight."""
    wall = at.astimezone(one.zone).replace(tzinfo=None)
    is_until_midnight = one.closes == time()
    if is_until_midnight and wall.time() == time() and is_working_day(wall.date() - timedelta(days=1), one):
        return True
    is_open = one.opens <= wall.time() and (is_until_midnight or wall.time() <= one.closes)
    return is_open and is_working_day(wall.date(), one)


def is_working_day(day: date, one: Calendar) -> bool:
    return day.weekday() in one.weekdays and day not in one.days_off(day.year)


@many
@given(situations(), amounts, working)
def test_work_is_due_at_work_and_never_before_it_began(situation: Situation, amount: int, unit: Unit) -> None:
    one, start = situation
    found = due_at(Due(amount, unit), start, one)
    assert found >= start
    assert found.tzinfo is UTC
    assert within_hours(found, one)


@many
@given(situations(), amounts, working)
def test_more_work_is_due_later(situation: Situation, amount: int, unit: Unit) -> None:
    one, start = situation
    assert due_at(Due(amount, unit), start, one) < due_at(Due(amount + 1, unit), start, one)


@many
@given(situations(), amounts, working, st.integers(0, 5_000))
def test_who_begins_later_is_done_no_earlier(situation: Situation, amount: int, unit: Unit, minutes: int) -> None:
    one, start = situation
    due = Due(amount, unit)
    assert due_at(due, start, one) <= due_at(due, start + timedelta(minutes=minutes), one)


@many
@given(situations(), st.integers(1, 12))
def test_working_hours_are_hours_at_work(situation: Situation, amount: int) -> None:
    """Counted by quarters of an hour, at which all these shifts begin and end, of every day, so that the count is short."""
    one = replace(situation[0], weekdays=frozenset(range(7)), days_off=lambda _: frozenset())
    start, quarter = situation[1].replace(minute=0), timedelta(minutes=15)
    due = due_at(Due(amount, "working hours"), start, one)
    counted = sum(is_at_work(one, start + quarter * n) for n in range(int((due - start) / quarter)))
    assert counted == amount * 4


@many
@given(situations(), amounts, st.sampled_from(["seconds", "minutes", "hours", "days", "weeks"]))
def test_plain_time_asks_no_calendar(situation: Situation, amount: int, unit: Unit) -> None:
    one, start = situation
    assert due_at(Due(amount, unit), start, one) == start + timedelta(**{unit: amount})


@many
@given(situations())
def test_a_day_begins_at_most_a_day_before(situation: Situation) -> None:
    one, now = situation
    began = day_began(one, now)
    assert began <= now < began + timedelta(hours=25)
    assert began.astimezone(one.zone).date() == now.astimezone(one.zone).date()
    assert (began - timedelta(seconds=1)).astimezone(one.zone).date() < now.astimezone(one.zone).date()


def test_a_year_of_the_shortest_hours_still_has_a_due_time() -> None:
    short = calendar(WorkingHours(days=("mon",), start="09:00", end="09:30"))
    start = datetime(2026, 11, 16, tzinfo=UTC)
    assert due_at(Due(2928, "working hours"), start, short) - start > timedelta(days=365)


def test_holidays_are_dates_of_their_year() -> None:
    assert {day.year for day in public_holidays("US", 2027)} == {2027}
    assert date(2027, 12, 31) in public_holidays("US", 2027), "New Year's Day 2028 is a Saturday"
