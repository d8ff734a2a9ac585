"""How a value of a field is read: as known, as a number, as text, as a time.

CRMs hand over nearly everything as text, so the same value may be asked as text by one rule and as a
number by the next. These readers are the one place that decides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

Scalar = str | int | float | bool
Value = Scalar | tuple[str, ...] | None
Fields = Mapping[str, Value]
UNKNOWN: tuple[Value, ...] = (None, "", ())
"""Absent, null, an empty text, an empty list."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]+ ?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?", re.IGNORECASE)
_LONGEST_NUMBER = 400
_LONGEST_TIME = 40


def is_known(value: Value) -> bool:
    """Absent, null, an empty text and an empty list are unknown; all else is known."""
    return value not in UNKNOWN


def as_number(value: Value) -> float | None:
    """The finite number a value stands for, or None: a boolean is no number, `"240"` is one."""
    if isinstance(value, bool) or value is None or isinstance(value, tuple):
        return None
    if isinstance(value, str):
        text = value.strip() if len(value) <= _LONGEST_NUMBER else ""
        if not _NUMBER.fullmatch(text):
            return None
        value = float(text)
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_text(value: Scalar) -> str:
    """A value as text; whole numbers print without a fraction, so 5 and 5.0 read alike."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def as_time(value: Value) -> datetime | None:
    """The moment an ISO 8601 text stands for, in UTC, or None.

    A bare date is its midnight; a time without an offset is taken as UTC.
    """
    if not isinstance(value, str) or len(value) > _LONGEST_TIME or not _TIME.fullmatch(value.strip()):
        return None
    try:
        return in_utc(datetime.fromisoformat(value.strip()))
    except (ValueError, OverflowError):
        return None


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; one without an offset is taken as UTC. Raises OverflowError at the calendar's ends."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def age_days(moment: datetime, today: date) -> int:
    """Whole days between the UTC date of `moment` and `today`; negative for the future."""
    return (today - moment.date()).days


def value_class(value: Value) -> str:
    """What kind of thing a value is, for evidence that must not repeat the value itself."""
    if not is_known(value):
        return "unknown"
    if isinstance(value, bool):
        return "yes or no"
    if isinstance(value, tuple):
        return "list"
    if as_number(value) is not None:
        return "number"
    return "date" if as_time(value) is not None else "text"
