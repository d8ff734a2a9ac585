"""When something is due for people who are at work only some of the time.

Working time is counted in local hours of the workspace's time zone and turned into UTC at the end, so that daylight saving
moves no due time out of the working day.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from leadline.settings.model import WorkingHours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DUE = re.compile(r"(\d+)\s*(?:(s|m|h|d|w)|working (hour|day)s?)")
_PLAIN_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class DueNotUnderstood(ValueError):
    """A due time is not written as `90s`, `2 working hours` or `1 working day`."""


def due_at(text: str, start: datetime, hours: WorkingHours) -> datetime:
    """The aware UTC time that `text` means, counted from `start` (aware UTC).

    `90s` is plain time. `2 working hours` counts only working time. `1 working day` is the end of the first working day
    after the one `start` falls into.

    Raises:
        DueNotUnderstood: the text has none of these forms.
    """
    match = _DUE.fullmatch(text.strip())
    if match is None:
        raise DueNotUnderstood(f'"{text}" is no due time; write 90s, 2 working hours or 1 working day')
    amount = int(match[1])
    if match[2]:
        return start + timedelta(**{_PLAIN_UNITS[match[2]]: amount})
    if match[3] == "hour":
        return _after_working_time(start, timedelta(hours=amount), hours)
    return _end_of_working_day(start, amount, hours)


def _after_working_time(start: datetime, amount: timedelta, hours: WorkingHours) -> datetime:
    at = _into_hours(start.astimezone(hours.zone).replace(tzinfo=None), hours)
    while amount > (left := _closing(at, hours) - at):
        amount -= left
        at = _into_hours(_closing(at, hours), hours)
    return (at + amount).replace(tzinfo=hours.zone).astimezone(UTC)


def _end_of_working_day(start: datetime, days: int, hours: WorkingHours) -> datetime:
    at = _into_hours(start.astimezone(hours.zone).replace(tzinfo=None), hours)
    for _ in range(days):
        at = _into_hours(_closing(at, hours), hours)
    return _closing(at, hours).replace(tzinfo=hours.zone).astimezone(UTC)


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
