"""Property values: what each type takes, and the string it is kept as (HubSpot docs: properties)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from sandbox.hubspot.problems import BadValue
from sandbox.hubspot.schema import Definition
from sandbox.hubspot.times import DAY_MILLISECONDS, iso, parse

Scalar = str | bool | int | float | None

LONGEST_STRING = 65_536
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")


def as_text(raw: Scalar) -> str:
    """A JSON scalar as the text HubSpot makes of it; null is the empty string, which clears a value."""
    match raw:
        case None:
            return ""
        case bool():
            return "true" if raw else "false"
        case str():
            return raw
    return str(raw)


def normalise(definition: Definition, text: str, choices: frozenset[str] | None, former: str) -> str | BadValue:
    """The string to keep for `text`, or what is wrong with it.

    `choices` replaces the definition's options where these are kept elsewhere; `former` is the present value, to
    which a leading semicolon appends.
    """
    if text == "":
        return ""
    if definition.type == "enumeration":
        return _enumeration(definition, text, choices, former)
    return _BY_TYPE.get(definition.type, _string)(definition, text)


def _bool(definition: Definition, text: str) -> str | BadValue:
    lower = text.lower()
    return lower if lower in ("true", "false") else _bad_option(definition, text, ["true", "false"])


def _number(definition: Definition, text: str) -> str | BadValue:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if math.isfinite(value) and "_" not in text and text == text.strip():
        return text
    return BadValue(definition.name, "INVALID_NUMBER", f"{text} was not a valid number.")


def _date(definition: Definition, text: str) -> str | BadValue:
    try:
        milliseconds = parse(text)
    except (ValueError, OverflowError):
        return BadValue(definition.name, "INVALID_DATE", f"{text} was not a valid date.")
    rest = milliseconds % DAY_MILLISECONDS
    if rest:
        hour, minute, second = rest // 3_600_000, rest // 60_000 % 60, rest % 60_000 / 1000
        message = f"{text} is at {hour}:{minute}:{second:.1f} UTC, not midnight!"
        return BadValue(definition.name, "INVALID_DATE", message)
    return iso(milliseconds)[:10]


def _datetime(definition: Definition, text: str) -> str | BadValue:
    try:
        return iso(parse(text))
    except (ValueError, OverflowError):
        return BadValue(definition.name, "INVALID_LONG", f"{text} was not a valid long.")


def _enumeration(definition: Definition, text: str, choices: frozenset[str] | None, former: str) -> str | BadValue:
    allowed = [option.value for option in definition.options] if choices is None else sorted(choices)
    several = definition.fieldType == "checkbox"
    asked = text.removeprefix(";").split(";") if several else [text]
    for value in asked:
        if value not in allowed:
            return _bad_option(definition, value, allowed)
    kept = former.split(";") if several and text.startswith(";") and former else []
    return ";".join(dict.fromkeys(kept + asked))


def _bad_option(definition: Definition, value: str, allowed: list[str]) -> BadValue:
    message = f"{value} was not one of the allowed options: [{', '.join(allowed)}]"
    return BadValue(definition.name, "INVALID_OPTION", message)


def _string(definition: Definition, text: str) -> str | BadValue:
    if len(text) > LONGEST_STRING:
        message = f"{definition.name} is longer than {LONGEST_STRING} characters."
        return BadValue(definition.name, "VALUE_TOO_LONG", message)
    if definition.name == "email":
        if _EMAIL.fullmatch(text) is None:
            return BadValue("email", "INVALID_EMAIL", f"Email address {text} is invalid")
        return text.lower()
    return text


_BY_TYPE: dict[str, Callable[[Definition, str], str | BadValue]] = {
    "number": _number,
    "date": _date,
    "datetime": _datetime,
    "bool": _bool,
}
