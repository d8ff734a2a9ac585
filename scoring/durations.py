"""Durations as admins write them: `14d`, `8w`, `60s`, `2 working hours`."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

Unit = Literal["seconds", "minutes", "hours", "days", "weeks", "working hours", "working days"]

_DAYS = {"d": 1, "w": 7}
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_SHORT = re.compile(r"([0-9]{1,6})([dwsmh])")
_LONG = re.compile(r"([0-9]{1,6})\s*(s|m|h|d|w|working hours?|working days?)")
_UNITS: dict[str, Unit] = {
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
    "working hour": "working hours",
    "working day": "working days",
}


class Due(msgspec.Struct, frozen=True):
    """An amount of time, plain or in working time; the calendar is the caller's."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


def _refuse(examples: str) -> PydanticCustomError:
    return PydanticCustomError("duration", "not a duration: write {examples}", {"examples": examples})


def _scaled(raw: object, scale: dict[str, int], examples: str) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool) and raw == 0:
        return 0
    found = _SHORT.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None or found[2] not in scale:
        raise _refuse(examples)
    return int(found[1]) * scale[found[2]]


def parse_days(raw: object) -> int:
    """`14d` or `8w` as whole days; raises a pydantic error for anything else."""
    return _scaled(raw, _DAYS, "a number of days or weeks, such as 14d or 8w")


def parse_seconds(raw: object) -> int:
    """`60s`, `2m` or `1h` as seconds; raises a pydantic error for anything else."""
    return _scaled(raw, _SECONDS, "seconds, minutes or hours, such as 60s, 2m or 1h")


def parse_due(raw: object) -> Due:
    """`90s`, `4h`, `3d`, `2 working hours`, `1 working day`; raises a pydantic error for anything else."""
    if isinstance(raw, Due):
        return raw
    found = _LONG.fullmatch(raw.strip().lower()) if isinstance(raw, str) else None
    if found is None:
        raise _refuse("90s, 4h, 3d, 2 working hours or 1 working day")
    return Due(int(found[1]), _UNITS[found[2].rstrip("s") or "s"])


def _days_again(raw: object) -> object:
    return parse_days(raw)


def _positive_days(raw: object) -> object:
    days = parse_days(raw)
    if days == 0:
        raise _refuse("at least one day, such as 14d or 8w")
    return days


def _positive_seconds(raw: object) -> object:
    seconds = parse_seconds(raw)
    if seconds == 0:
        raise _refuse("at least one second, such as 60s, 2m or 1h")
    return seconds


_DAYS_TEXT = {"type": "string", "pattern": "^[0-9]+[dw]$", "examples": ["14d", "8w"]}
_DAYS_SCHEMA = WithJsonSchema({"anyOf": [_DAYS_TEXT, {"const": 0}]})
_POSITIVE_DAYS_SCHEMA = WithJsonSchema(_DAYS_TEXT)
_SECONDS_SCHEMA = WithJsonSchema({"type": "string", "pattern": "^[0-9]+[smh]$", "examples": ["60s", "2m"]})
_DUE_SCHEMA = WithJsonSchema({"type": "string", "examples": ["90s", "2 working hours", "1 working day"]})

Days = Annotated[int, BeforeValidator(_days_again), _DAYS_SCHEMA]
PositiveDays = Annotated[int, BeforeValidator(_positive_days), _POSITIVE_DAYS_SCHEMA]
PositiveSeconds = Annotated[int, BeforeValidator(_positive_seconds), _SECONDS_SCHEMA]
DueTime = Annotated[Due, BeforeValidator(parse_due), _DUE_SCHEMA]
