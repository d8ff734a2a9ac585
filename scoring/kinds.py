"""The kinds of value that models are written in: points, limits, names, moments, facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from scoring.facts import Facts, FactsError, read_facts
from scoring.reading import as_time, in_utc

_DEEPEST = 40
_LARGEST = 200_000
_FURTHEST = 10**18


def _points(raw: object) -> object:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise PydanticCustomError("points", "write a number")
    number = Decimal(str(raw))
    if not number.is_finite() or abs(number) > 1_000_000:
        raise PydanticCustomError("points", "write a number between -1000000 and 1000000")
    return number.normalize()


def _bound(raw: object) -> object:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise PydanticCustomError("bound", "write a number")
    number = Decimal(str(raw))
    if not number.is_finite() or abs(number) > _FURTHEST:
        raise PydanticCustomError("bound", "write a number of at most eighteen digits")
    return number.normalize()


def _limit(raw: object) -> object:
    number = _points(raw)
    if isinstance(number, Decimal) and number < 0:
        raise PydanticCustomError("limit", "a limit is zero or more")
    return number


def _one_or_more(raw: object) -> object:
    return (raw,) if isinstance(raw, str) else raw


def _moment(raw: object) -> object:
    if isinstance(raw, datetime):
        return in_utc(raw)
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day, tzinfo=UTC)
    moment = as_time(raw) if isinstance(raw, str) else None
    if moment is None:
        raise PydanticCustomError("time", "write an ISO 8601 time, such as 2026-11-21T00:00:00Z")
    return moment


def _facts(raw: object) -> object:
    try:
        return raw if isinstance(raw, Facts) else read_facts(raw, default_id="test")
    except FactsError as error:
        raise PydanticCustomError("facts", "{what}", {"what": str(error)}) from None


def text_keys(raw: object) -> object:
    """Keys as text: YAML reads the grade digits as numbers."""
    return {str(key): value for key, value in raw.items()} if isinstance(raw, Mapping) else raw


def _not_empty(value: object) -> object:
    # Unlike a minimum length, this says nothing when an item is wrong already.
    if not value:
        raise PydanticCustomError("empty", "at least one is needed")
    return value


NotEmpty = AfterValidator(_not_empty)
_NUMBER_SCHEMA = WithJsonSchema({"type": "number"})
Points = Annotated[Decimal, BeforeValidator(_points), _NUMBER_SCHEMA]
Bound = Annotated[Decimal, BeforeValidator(_bound), _NUMBER_SCHEMA]
"""Where a band begins or ends: a revenue has more digits than points have."""
Limit = Annotated[Decimal, BeforeValidator(_limit), _NUMBER_SCHEMA]
Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_one_or_more),
    NotEmpty,
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
GivenFacts = Annotated[Facts, BeforeValidator(_facts), WithJsonSchema({"type": "object"})]
Tags = dict[str, str]


class Part(BaseModel):
    """What every part of a model has in common: frozen, and no key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)


def check_size(raw: object, title: str) -> None:
    """Refuse data nested deeper or larger than any sensible configuration, with a ValidationError."""
    pending: list[tuple[object, tuple[str | int, ...]]] = [(raw, ())]
    seen = 0
    while pending:
        item, path = pending.pop()
        seen += 1
        if len(path) > _DEEPEST or seen > _LARGEST:
            what = "nested too deeply" if len(path) > _DEEPEST else "too large"
            error = PydanticCustomError("size", "{what}", {"what": what})
            raise ValidationError.from_exception_data(title, [InitErrorDetails(type=error, loc=path, input=None)])
        if isinstance(item, Mapping):
            pending.extend((value, (*path, key if isinstance(key, int) else str(key))) for key, value in item.items())
        elif isinstance(item, list | tuple):
            pending.extend((value, (*path, index)) for index, value in enumerate(item))
