"""Dates in queries: literals to stored form, and named ranges such as `LAST_N_DAYS:7`.

The org's user works in UTC, so days, weeks and months begin at midnight UTC; weeks begin on Sunday.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

Days = tuple[date, date]
"""First day, and the first day after."""


def stamp(moment: datetime) -> str:
    """A moment as the org stores and shows it: UTC, whole seconds, milliseconds zero."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="seconds")[:19] + ".000+0000"


def exact_stamp(moment: datetime) -> str:
    """A moment in the form of a stored one, its milliseconds kept, for comparing."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def moment_of(text: str) -> datetime:
    """A date-time in one of the accepted forms: `Z`, `+0000` or `+00:00`, with or without fractions.

    Raises:
        ValueError: for anything else, and for one without a zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text:
        raise ValueError(text)
    return moment


def midnight(day: date) -> str:
    """The stored form of a day's first moment."""
    return stamp(datetime.combine(day, time(), UTC))


def days_of(name: str, count: int, today: date) -> Days:
    """The days that a named range covers, seen from `today`; `count` is the n of those that have one."""
    return _RANGES[name](today, count)


def _days(first: int, after: int) -> Callable[[date, int], Days]:
    return lambda today, _count: (today + timedelta(first), today + timedelta(after))


def _weeks(first: int, after: int) -> Callable[[date, int], Days]:
    def covered(today: date, _count: int) -> Days:
        sunday = today - timedelta((today.weekday() + 1) % 7)
        return sunday + timedelta(weeks=first), sunday + timedelta(weeks=after)

    return covered


def _months(first: int, after: int, unit_months: int = 1) -> Callable[[date, int], Days]:
    def covered(today: date, _count: int) -> Days:
        begin = today.replace(month=(today.month - 1) // unit_months * unit_months + 1, day=1)
        return _month_shift(begin, first * unit_months), _month_shift(begin, after * unit_months)

    return covered


def _month_shift(first_of_month: date, months: int) -> date:
    year, month = divmod(first_of_month.year * 12 + first_of_month.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _last_n(make: Callable[[int, int], Callable[[date, int], Days]]) -> Callable[[date, int], Days]:
    return lambda today, count: make(-count, 0)(today, count)


def _next_n(make: Callable[[int, int], Callable[[date, int], Days]]) -> Callable[[date, int], Days]:
    return lambda today, count: make(1, 1 + count)(today, count)


def _years(first: int, after: int) -> Callable[[date, int], Days]:
    return _months(first, after, 12)


_RANGES: dict[str, Callable[[date, int], Days]] = {
    "YESTERDAY": _days(-1, 0),
    "TODAY": _days(0, 1),
    "TOMORROW": _days(1, 2),
    "LAST_90_DAYS": _days(-90, 1),
    "NEXT_90_DAYS": _days(1, 91),
    "LAST_WEEK": _weeks(-1, 0),
    "THIS_WEEK": _weeks(0, 1),
    "NEXT_WEEK": _weeks(1, 2),
    "LAST_MONTH": _months(-1, 0),
    "THIS_MONTH": _months(0, 1),
    "NEXT_MONTH": _months(1, 2),
    "LAST_QUARTER": _months(-1, 0, 3),
    "THIS_QUARTER": _months(0, 1, 3),
    "NEXT_QUARTER": _months(1, 2, 3),
    "LAST_YEAR": _years(-1, 0),
    "THIS_YEAR": _years(0, 1),
    "NEXT_YEAR": _years(1, 2),
    "LAST_N_DAYS": lambda today, count: (today - timedelta(count), today + timedelta(1)),
    "NEXT_N_DAYS": _next_n(_days),
    "N_DAYS_AGO": lambda today, count: (today - timedelta(count), today - timedelta(count - 1)),
    "LAST_N_WEEKS": _last_n(_weeks),
    "NEXT_N_WEEKS": _next_n(_weeks),
    "LAST_N_MONTHS": _last_n(_months),
    "NEXT_N_MONTHS": _next_n(_months),
    "LAST_N_YEARS": _last_n(_years),
    "NEXT_N_YEARS": _next_n(_years),
}
COUNTED_DATES = frozenset(name for name in _RANGES if "N_" in name)
PLAIN_DATES = frozenset(_RANGES) - COUNTED_DATES
