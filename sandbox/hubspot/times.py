"""HubSpot's ways of writing times: ISO 8601 UTC without a fraction when it is zero, epoch milliseconds, days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_OF_UTC = datetime(1970, 1, 1)  # noqa: DTZ001 - the zone is written by hand
_MILLISECOND = timedelta(milliseconds=1)
DAY_MILLISECONDS = 86_400_000


def iso(milliseconds: int) -> str:
    """`2026-11-22T10:00:00.123Z`; the fraction is left out when it is zero."""
    # Rows are full of times: `isoformat` of a time without a zone is several times faster than `strftime`.
    moment = _EPOCH_OF_UTC + milliseconds * _MILLISECOND
    return moment.isoformat(timespec="milliseconds" if milliseconds % 1000 else "seconds") + "Z"


def iso_of(moment: datetime) -> str:
    """The same of a time in UTC, without its fraction of a millisecond."""
    return moment.isoformat(timespec="milliseconds" if moment.microsecond >= 1000 else "seconds")[:-6] + "Z"


def to_milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // _MILLISECOND


def parse(text: str) -> int:
    """Milliseconds of an epoch-millisecond number, an ISO time (no zone: UTC) or a day (its midnight UTC).

    Raises:
        ValueError: when it is none of these, or out of the calendar.
    """
    if text.removeprefix("-").isdecimal():
        milliseconds = int(text)
        iso(milliseconds)
        return milliseconds
    if len(text) == 10:
        return to_milliseconds(datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC))
    moment = datetime.fromisoformat(text)
    return to_milliseconds(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)
