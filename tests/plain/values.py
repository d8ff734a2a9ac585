"""How a value is read: known, as a number, as text, as a day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def known(value: Any) -> bool:
    """A field that is absent, null or an empty string is unknown, and so is a list without values."""
    return value is not None and value not in ("", [], ())


def number(value: Any) -> Fraction | None:
    """Numbers given as text are read as numbers; a boolean, other text, NaN and infinities are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    return Fraction(Decimal(text)) if NUMBER.fullmatch(text) else None


def text(value: Any) -> str:
    """A value as text: whole numbers without a fraction."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def moment(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC; a bare date is its midnight, a time without a zone is UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def age(at: datetime, today: date) -> int:
    """Whole days between the UTC dates."""
    return (today - at.date()).days


def days(duration: Any) -> int:
    """`14d` and `8w` as days."""
    return int(duration[:-1]) * {"d": 1, "w": 7}[duration[-1]]


def seconds(duration: str) -> int:
    """`60s`, `2m` and `1h` as seconds."""
    return int(duration[:-1]) * {"s": 1, "m": 60, "h": 3600}[duration[-1]]


def rounded(value: Fraction) -> int:
    """To the nearest whole number, half away from zero."""
    with localcontext(prec=200):
        return int((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(1), ROUND_HALF_UP))


def hundredths(points: Any) -> int:
    """Points as hundredths."""
    return rounded(Fraction(str(points)) * 100)


def truth_of_all(truths: list[bool | None]) -> bool | None:
    """False if any part is false, else unknown if any is unknown."""
    return False if False in truths else (None if None in truths else True)


def truth_of_any(truths: list[bool | None]) -> bool | None:
    """True if any part is true, else unknown if any is unknown."""
    return True if True in truths else (None if None in truths else False)


def opposite(truth: bool | None) -> bool | None:
    """`not unknown` is unknown."""
    return None if truth is None else not truth
