"""When people are at work, and when something is due for them.

A shift is the time from opening to closing on one working day, in instants: on a day on which clocks change it is as long
as it is, and a due time counted through it stays within it. An opening or closing that the clocks skip is the moment they
do; of one that comes twice the later opens and the earlier closes, so that every moment of a shift lies within the hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache, partial
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct, structs

from connectors.records import OwnerRecord
from leadline.settings.model import WorkingHours, WorkspaceSettings
from scoring.durations import Due

LONGEST_REST_DAYS = 400
"""A calendar without a shift for so long has none."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ONE_DAY = timedelta(days=1)


class NeverAtWork(Exception):
    """A calendar has no working time in more than a year."""


class Calendar(Struct, frozen=True):
    """Working hours in a time zone. `days_off` are the holidays of a year. A closing at midnight ends the day."""

    zone: ZoneInfo
    weekdays: frozenset[int]
    opens: time
    closes: time
    days_off: Callable[[int], Set[date]]


class Shift(Struct, frozen=True):
    """Working time without a break, in aware UTC."""

    began_at: datetime
    ends_at: datetime


class Calendars:
    """Whose calendar is which: by an entry in the settings, else by the owner's time zone in the CRM, else the default."""

    def __init__(self, settings: WorkspaceSettings) -> None:
        self._default = calendar(settings.working_hours)
        self._named = {name: calendar(hours) for name, hours in settings.calendars.items()}
        self._owners = settings.owners

    def of(self, owner: OwnerRecord | None) -> Calendar:
        """The calendar of an owner; the default one for nobody."""
        name = self._owners.get(owner.email.strip().casefold()) if owner and owner.email else None
        if name is not None:
            return self._named[name]
        if owner is not None and owner.time_zone in zone_names():
            return structs.replace(self._default, zone=ZoneInfo(owner.time_zone))
        return self._default


@cache
def zone_names() -> set[str]:
    """Every time zone there is. Asked for once: looking them up reads hundreds of files."""
    return available_timezones()


def calendar(hours: WorkingHours) -> Calendar:
    """The calendar that these settings describe."""
    weekdays = frozenset(_DAYS.index(day) for day in hours.days)
    return Calendar(hours.zone, weekdays, hours.start, hours.end, partial(public_holidays, hours.holidays))


@lru_cache(maxsize=1024)
def public_holidays(place: str | None, year: int) -> frozenset[date]:
    """The public holidays of a country or a part of one (`DE`, `DE-BY`) in a year; none without a place."""
    if place is None:
        return frozenset()
    from holidays import country_holidays  # a tenth of a second that only those pay who keep holidays

    country, _, part = place.partition("-")
    return frozenset(country_holidays(country, subdiv=part or None, years=year))


def due_at(due: Due, start: datetime, calendar: Calendar) -> datetime:
    """The aware UTC time that `due` means, counted from `start` (aware UTC).

    Plain units are plain time. Working hours count only working time. Working days end with the working day that many
    days after the one `start` falls into.

    Raises:
        NeverAtWork: the calendar has no working time to count.
    """
    if due.unit == "working hours":
        return _after_working_time(start, timedelta(hours=due.amount), calendar)
    if due.unit == "working days":
        return next(islice(shifts(calendar, start), due.amount, None)).ends_at
    return start + timedelta(**{due.unit: due.amount})


def shifts(calendar: Calendar, start: datetime) -> Iterator[Shift]:
    """The shift that `start` (aware UTC) falls into, or the next one, and all that follow.

    Raises:
        NeverAtWork: none comes within the longest rest.
    """
    day = start.astimezone(calendar.zone).date()
    rested_days = 0
    while rested_days <= LONGEST_REST_DAYS:
        shift = _shift(calendar, day)
        if shift is not None and shift.ends_at > start:
            rested_days = 0
            yield shift
        day, rested_days = day + _ONE_DAY, rested_days + 1
    raise NeverAtWork(f"a calendar has no working time within {LONGEST_REST_DAYS} days")


def is_at_work(calendar: Calendar, now: datetime) -> bool:
    """Whether `now` (aware UTC) is working time."""
    shift = _shift(calendar, now.astimezone(calendar.zone).date())
    return shift is not None and shift.began_at <= now < shift.ends_at


def day_began(calendar: Calendar, now: datetime) -> datetime:
    """When the day that `now` falls into began there, in aware UTC."""
    return _instant(datetime.combine(now.astimezone(calendar.zone).date(), time()), calendar.zone, "earlier")


def _after_working_time(start: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    left = amount
    for shift in shifts(calendar, start):
        began_at = max(start, shift.began_at)
        if left <= (room := shift.ends_at - began_at):
            return began_at + left
        left -= room
    raise NeverAtWork("a calendar has no working time left")


def _shift(calendar: Calendar, day: date) -> Shift | None:
    """The working time of a day; None for a day off, and for hours that the clocks skip."""
    if day.weekday() not in calendar.weekdays or day in calendar.days_off(day.year):
        return None
    closing_day = day if calendar.closes > time() else day + _ONE_DAY
    began_at = _instant(datetime.combine(day, calendar.opens), calendar.zone, "later")
    ends_at = _instant(datetime.combine(closing_day, calendar.closes), calendar.zone, "earlier")
    return Shift(began_at, ends_at) if began_at < ends_at else None


def _instant(wall: datetime, zone: ZoneInfo, of_two: Literal["earlier", "later"]) -> datetime:
    """When clocks in the zone show `wall`: `of_two` such moments the named one, for none the moment they skip it."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first if of_two == "earlier" else second
    # In a gap, fold 0 reads the clock as before the change and gives a moment after it, fold 1 the other way round.
    before, after = second, first
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
