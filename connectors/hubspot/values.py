"""HubSpot's property values, which are all text, into typed ones and back. What cannot be read is absent, never an error."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta

from connectors.records import Scalar

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_EPOCH_MS = re.compile(r"-?\d{9,16}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_WORD = re.compile(r"[^\w]+")


def text(raw: str | None) -> str | None:
    """The text without surrounding white space; None if nothing is left."""
    return (raw or "").strip() or None


def number(raw: str | None) -> float | None:
    """A finite number. Takes `67340.0`, `1,800.00`; anything else (`""`, `n/a`, `NaN`) is None."""
    trimmed = (raw or "").strip()
    if _GROUPED.fullmatch(trimmed):
        trimmed = trimmed.replace(",", "")
    if "_" in trimmed:
        return None
    try:
        value = float(trimmed)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def integer(raw: str | None) -> int | None:
    """A whole number, rounded half to even where the text has a fraction."""
    value = number(raw)
    return None if value is None else round(value)


def boolean(raw: str | None) -> bool | None:
    """`true` or `false` in any case; None otherwise."""
    return {"true": True, "false": False}.get((raw or "").strip().lower())


def choice(raw: str | None) -> str | None:
    """An option in lower snake case: `This Quarter` and `THIS_QUARTER` are `this_quarter`."""
    return _NOT_WORD.sub("_", (raw or "").strip().lower()).strip("_") or None


def choices(raw: str | None) -> tuple[str, ...]:
    """The options of a multiple-choice property (`A;B`), each in lower snake case."""
    return tuple(one for part in (raw or "").split(";") if (one := choice(part)))


def moment(raw: str | None) -> datetime | None:
    """A time in UTC, from ISO 8601 or epoch milliseconds (HubSpot sends either). A time without a zone is UTC."""
    trimmed = (raw or "").strip()
    try:
        if _EPOCH_MS.fullmatch(trimmed):
            return _EPOCH + timedelta(milliseconds=int(trimmed))
        parsed = datetime.fromisoformat(trimmed)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(raw: str | None) -> date | None:
    """A calendar day, from `2026-03-31`, a time, or epoch milliseconds (HubSpot keeps days as midnight UTC)."""
    at = moment(raw)
    return None if at is None else at.date()


def rfc3339(at: datetime) -> str:
    """The time in UTC as text: `2026-11-21T10:00:00Z`, with milliseconds only where there are any."""
    utc = at.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond >= 1000 else "seconds").replace("+00:00", "Z")


def epoch_ms(at: datetime) -> str:
    """The time as HubSpot's filters take it: milliseconds since 1970, as text."""
    return str((at - _EPOCH) // timedelta(milliseconds=1))


_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


def to_crm(value: Scalar) -> str:
    """The value as HubSpot stores it: text throughout, `""` clears, times no finer than milliseconds."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, str) and _RFC3339.fullmatch(value) and (at := moment(value)) is not None:
        return rfc3339(at)
    return str(value)


def from_crm(raw: str | None, kind: str) -> Scalar:
    """A property's value by HubSpot's type of it (`number`, `datetime`, `bool`, …); enumerations and text as they are."""
    match kind:
        case "number":
            value = number(raw)
            return int(value) if value is not None and value.is_integer() else value
        case "datetime":
            at = moment(raw)
            return None if at is None else rfc3339(at)
        case "date":
            on = day(raw)
            return None if on is None else on.isoformat()
        case "bool":
            return boolean(raw)
        case _:
            return text(raw)
