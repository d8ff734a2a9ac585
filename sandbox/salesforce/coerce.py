"""From what a client sent to what the org stores: first the JSON type, then the field's own limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import ID_TYPES, Field, Value
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.soql.dates import moment_of, stamp

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
_JSON_NAMES = {"boolean": "boolean", "int": "int", "date": "date", "datetime": "datetime"}
_MAX_INT_DIGITS = 8
_MAX_EXPONENT = 200


def typed(field: Field, given: object) -> Value:
    """A sent value in stored form; empty text is nothing, and text loses the white space around it.

    Raises:
        SalesforceError: JSON_PARSER_ERROR when the value cannot be read as the field's type.
    """
    if given is None:
        return None
    if isinstance(given, dict | list):
        raise _unreadable(field, given)
    if field.type == "boolean":
        return _boolean(field, given)
    if isinstance(given, bool):
        given = "true" if given else "false"
    if given == "" and not field.is_text:
        return None
    if field.type in ("date", "datetime"):
        return _time(field, given)
    if field.is_number:
        return _number(field, given)
    return str(given).strip() or None


def _boolean(field: Field, given: object) -> bool:
    if isinstance(given, bool):
        return given
    if str(given).lower() in ("true", "false", "1", "0"):
        return str(given).lower() in ("true", "1")
    raise _unreadable(field, given)


def _time(field: Field, given: object) -> str:
    if not isinstance(given, str):
        raise _unreadable(field, given)
    try:
        if field.type == "date":
            return date.fromisoformat(given).isoformat()
        return stamp(moment_of(given))
    except (ValueError, OverflowError):
        raise _unreadable(field, given) from None


def _number(field: Field, given: object) -> int | float:
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        raise _unreadable(field, given) from None
    if not number.is_finite() or number.adjusted() > _MAX_EXPONENT:
        raise _unreadable(field, given)
    if field.type == "int":
        if number != number.to_integral_value():
            raise _unreadable(field, given)
        return int(number)
    with localcontext(prec=_MAX_EXPONENT + 20):
        return float(number.quantize(Decimal(1).scaleb(-field.scale), rounding=ROUND_HALF_UP))


def _unreadable(field: Field, given: object) -> SalesforceError:
    token = {dict: "START_OBJECT", list: "START_ARRAY", str: "VALUE_STRING", bool: "VALUE_TRUE"}
    kind = _JSON_NAMES.get(field.type, "double" if field.is_number else "string")
    seen = token.get(type(given), "VALUE_NUMBER")
    return SalesforceError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {kind} from {seen} value {given} or request may be missing a required field "
        "at [line:1, column:1]",
    )


def checked(field: Field, value: Value) -> Value:
    """A typed value that the field takes.

    Raises:
        SalesforceError: STRING_TOO_LONG, INVALID_EMAIL_ADDRESS, NUMBER_OUTSIDE_VALID_RANGE, MALFORMED_ID or
            INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST.
    """
    if value is None or isinstance(value, bool | dict):
        return value
    if field.type in ID_TYPES:
        return _reference(field, str(value))
    for check in _CHECKS:
        check(field, value)
    return value


def _reference(field: Field, value: str) -> str:
    full = long_id(value)
    if full is None:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise SalesforceError("MALFORMED_ID", message, (field.name,))
    return full


def _length(field: Field, value: Value) -> None:
    if isinstance(value, str) and field.length and len(value) > field.length:
        message = f"{field.label}: data value too large: {value[:100]} (max length={field.length})"
        raise SalesforceError("STRING_TOO_LONG", message, (field.name,))


def _email(field: Field, value: Value) -> None:
    if field.type == "email" and isinstance(value, str) and _EMAIL.fullmatch(value) is None:
        message = f"{field.label}: invalid email address: {value}"
        raise SalesforceError("INVALID_EMAIL_ADDRESS", message, (field.name,))


def _range(field: Field, value: Value) -> None:
    if not isinstance(value, int | float) or not field.is_number:
        return
    digits = _MAX_INT_DIGITS + 1 if field.type == "int" else field.precision - field.scale
    if abs(value) >= 10**digits:
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))


def _picklist(field: Field, value: Value) -> None:
    if not field.restricted or not isinstance(value, str):
        return
    allowed = {entry.value.lower() for entry in field.picklist}
    chosen = value.split(";") if field.type == "multipicklist" else [value]
    for one in chosen:
        if one.strip().lower() not in allowed:
            message = f"{field.label}: bad value for restricted picklist field: {one.strip()}"
            raise SalesforceError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))


_CHECKS: tuple[Callable[[Field, Value], None], ...] = (_length, _email, _range, _picklist)
