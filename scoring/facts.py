"""What is known of a person at a moment: the input of scoring and qualification."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from scoring.reading import Fields, Value, as_time, in_utc

T = TypeVar("T")

_KEYS = ("id", "person", "company", "deals", "events", "overrides", "dates")
_NOTHING: Mapping[str, Any] = {}
_MOST_POINTS = 1_000_000
_MOST_MONEY = 10**18


class FactsError(ValueError):
    """A line of facts that cannot be read. The message names the place in the line, never its values."""


class Event(msgspec.Struct, frozen=True):
    """One engagement. `fields` holds its other keys (url, seconds, campaign, name, sent_at, machine…)."""

    id: str
    type: str
    at: datetime
    fields: Fields = msgspec.field(default_factory=dict)


class Deal(msgspec.Struct, frozen=True):
    """One deal of the person or the person's company. `close_date` is an ISO date."""

    id: str
    stage: str | None = None
    open: bool = False
    won: bool = False
    amount: float | None = None
    close_date: str | None = None


class Override(msgspec.Struct, frozen=True):
    """Points that a person added by hand, until a moment (UTC)."""

    points: Decimal
    until: datetime
    why: str = ""
    by: str = ""


class Facts(msgspec.Struct, frozen=True):
    """One person: own fields, company fields, deals, events and overrides.

    `dates` tells when a field took its value: full name ("person.budget") to moment in UTC.
    """

    id: str
    person: Fields = msgspec.field(default_factory=dict)
    company: Fields = msgspec.field(default_factory=dict)
    deals: tuple[Deal, ...] = ()
    events: tuple[Event, ...] = ()
    overrides: tuple[Override, ...] = ()
    dates: Mapping[str, datetime] = msgspec.field(default_factory=dict)

    def fields(self) -> Fields:
        """Person and company fields under their full names: "person.email", "company.domain"."""
        flat: dict[str, Value] = {f"person.{name}": value for name, value in self.person.items()}
        flat.update((f"company.{name}", value) for name, value in self.company.items())
        return flat


def decode_facts(line: bytes | str) -> Facts:
    """Facts from one line of JSON. Raises FactsError with what is wrong and where."""
    try:
        raw = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise FactsError(f"not JSON: {type(error).__name__}") from None
    return read_facts(raw)


def read_facts(raw: object, default_id: str | None = None) -> Facts:
    """Facts from plain data, such as the `facts:` of an inline test. Raises FactsError."""
    data = _mapping(raw, "facts")
    for key in data:
        if key not in _KEYS:
            raise FactsError(f"unknown key {key!r}; the keys are {', '.join(_KEYS)}")
    return Facts(
        id=_identifier(data.get("id", default_id), "id"),
        person=_fields(data.get("person"), "person"),
        company=_fields(data.get("company"), "company"),
        deals=_each(data.get("deals"), "deals", _deal),
        events=_each(data.get("events"), "events", _event),
        overrides=_each(data.get("overrides"), "overrides", _override),
        dates={
            str(name): _moment(at, f"dates.{name}") for name, at in _mapping(data.get("dates") or _NOTHING, "dates").items()
        },
    )


def _mapping(raw: object, where: str) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise FactsError(f"{where} is not an object")
    return raw


def _each(raw: object, where: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, Sequence) or isinstance(raw, str | bytes):
        raise FactsError(f"{where} is not a list")
    return tuple(read(item, f"{where}[{index}]") for index, item in enumerate(raw))


def _event(raw: object, where: str) -> Event:
    data = _mapping(raw, where)
    rest = {key: value for key, value in data.items() if key not in ("id", "type", "at")}
    return Event(
        id=_identifier(data.get("id"), f"{where}.id"),
        type=_text(data.get("type"), f"{where}.type"),
        at=_moment(data.get("at"), f"{where}.at"),
        fields=_fields(rest, where),
    )


def _deal(raw: object, where: str) -> Deal:
    data = _mapping(raw, where)
    close_date = _value(data.get("close_date"), f"{where}.close_date")
    amount = _value(data.get("amount"), f"{where}.amount")
    return Deal(
        id=_identifier(data.get("id"), f"{where}.id"),
        stage=_text(data["stage"], f"{where}.stage") if data.get("stage") else None,
        open=_flag(data.get("open"), f"{where}.open"),
        won=_flag(data.get("won"), f"{where}.won"),
        amount=float(_number(amount, f"{where}.amount", _MOST_MONEY)) if amount is not None else None,
        close_date=_text(close_date, f"{where}.close_date") if close_date else None,
    )


def _override(raw: object, where: str) -> Override:
    data = _mapping(raw, where)
    return Override(
        points=_number(data.get("points"), f"{where}.points", _MOST_POINTS),
        until=_moment(data.get("until"), f"{where}.until"),
        why=_text(data.get("why") or "", f"{where}.why"),
        by=_text(data.get("by") or "", f"{where}.by"),
    )


def _fields(raw: object, where: str) -> Fields:
    data = _mapping(raw if raw is not None else _NOTHING, where)
    return {str(name): _value(value, f"{where}.{name}") for name, value in data.items()}


def _value(raw: object, where: str) -> Value:
    if raw is None or isinstance(raw, str | bool | int | float):
        return raw
    if isinstance(raw, date):
        return raw.isoformat()
    if isinstance(raw, list | tuple) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    raise FactsError(f"{where} is neither text, number, true, false, null nor a list of texts")


def _identifier(raw: object, where: str) -> str:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    if isinstance(raw, str) and raw:
        return raw
    raise FactsError(f"{where} is missing or empty")


def _text(raw: object, where: str) -> str:
    if not isinstance(raw, str):
        raise FactsError(f"{where} is missing or no text")
    return raw


def _flag(raw: object, where: str) -> bool:
    if raw is not None and not isinstance(raw, bool):
        raise FactsError(f"{where} is neither true nor false")
    return bool(raw)


def _number(raw: object, where: str, most: int) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise FactsError(f"{where} is missing or no number")
    number = Decimal(str(raw))
    if not number.is_finite() or abs(number) > most:
        raise FactsError(f"{where} is no number between -{most:,} and {most:,}")
    return number


def _moment(raw: object, where: str) -> datetime:
    try:
        if isinstance(raw, datetime):
            return in_utc(raw)
        if isinstance(raw, date):
            return datetime(raw.year, raw.month, raw.day, tzinfo=UTC)
    except OverflowError:
        raise FactsError(f"{where} lies beyond the calendar") from None
    moment = as_time(raw) if isinstance(raw, str) else None
    if moment is None:
        raise FactsError(f"{where} is missing or no ISO 8601 time")
    return moment
