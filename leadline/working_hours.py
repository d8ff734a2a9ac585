"""When something is due for people who are at work only some of the time.

Working time is counted in local hours of the workspace's time zone and turned into UTC at the end, so that daylight
saving moves no due time out of the working day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leadline.settings.model import WorkingHours
from scoring.durations import Due

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def due_at(due: Due, start: datetime, hours: WorkingHours) -> datetime:
    """The aware UTC time that `due` means, counted from `start` (aware UTC).

    Plain units are plain time. Working hours count only working time. Working days end with the working day that many
    days after the one `start` falls into.
    """
    if due.unit == "working hours":
        return _after_working_time(start, timedelta(hours=due.amount), hours)
    if due.unit == "working days":
        return _end_of_working_day(start, due.amount, hours)
    return start + timedelta(**{due.unit: due.amount})


def _after_working_time(start: datetime, amount: timedelta, hours: WorkingHours) -> datetime:
    at = _into_hours(_local(start, hours), hours)
    while amount > (left := _closing(at, hours) - at):
        amount -= left
        at = _into_hours(_closing(at, hours), hours)
    return _utc(at + amount, hours)


def _end_of_working_day(start: datetime, days: int, hours: WorkingHours) -> datetime:
    at = _into_hours(_local(start, hours), hours)
    for _ in range(days):
        at = _into_hours(_closing(at, hours), hours)
    return _utc(_closing(at, hours), hours)


def _local(at: datetime, hours: WorkingHours) -> datetime:
    return at.astimezone(hours.zone).replace(tzinfo=None)


def _utc(at: datetime, hours: WorkingHours) -> datetime:
    return at.replace(tzinfo=hours.zone).astimezone(UTC)


def _into_hours(at: datetime, hours: WorkingHours) -> datetime:
    """The first local working moment at or after `at`."""
    opening = datetime.combine(at.date(), hours.start)
    if _DAYS[at.weekday()] in hours.days and at < _closing(at, hours):
        return max(at, opening)
    next_day = opening + timedelta(days=1)
    while _DAYS[next_day.weekday()] not in hours.days:
        next_day += timedelta(days=1)
    return next_day


def _closing(at: datetime, hours: WorkingHours) -> datetime:
    return datetime.combine(at.date(), hours.end)
