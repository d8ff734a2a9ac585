"""Custom fields as the Metadata API writes them down, and what the org makes of them."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field, PicklistValue

_MAX_TEXT = 255
_LONG_TEXT_RANGE = range(256, 131_073)
_PLAIN_TYPES = {
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "TextArea": "textarea",
    "Text": "string",
    "LongTextArea": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
}
_KEY_TYPES = ("Text", "Number", "Email")
_VISIBLE_LINES = 3
_FIXED_LENGTHS = {"email": 80, "phone": 40, "url": 255, "picklist": 255, "multipicklist": 4099}


def field_of(name: str, metadata: Mapping[str, object]) -> Field:
    """The field that a Metadata object defines.

    Raises:
        SalesforceError: what is missing or impossible in it.
    """
    written = metadata.get("type")
    kind = _PLAIN_TYPES.get(written) if isinstance(written, str) else None
    if kind is None:
        raise _bad("type", f"unknown field type {written!r}")
    label = metadata.get("label")
    if not isinstance(label, str) or not label:
        raise _bad("label", "the label is required")
    external, unique = metadata.get("externalId") is True, metadata.get("unique") is True
    if (external or unique) and written not in _KEY_TYPES:
        raise _bad("externalId", f"a field of type {written} can be neither an external id nor unique")
    precision, scale = _digits(written, metadata)
    return Field(
        name=name,
        type=kind,
        label=label,
        length=_length(written, kind, metadata),
        precision=precision,
        scale=scale,
        nillable=kind != "boolean" and metadata.get("required") is not True,
        defaulted=kind == "boolean",
        default=metadata.get("defaultValue") in (True, "true") if kind == "boolean" else None,
        picklist=_values(metadata) if written in ("Picklist", "MultiselectPicklist") else (),
        restricted=_is_restricted(metadata),
        external_id=external,
        unique=unique,
        case_sensitive=metadata.get("caseSensitive") is True,
        custom=True,
    )


def definition_of(field: Field) -> dict[str, object]:
    """The Metadata object that defines a field, as it is read back."""
    found: dict[str, object] = {"label": field.label, "type": _written_type(field)}
    if field.type in ("string", "textarea") and found["type"] != "TextArea":
        found["length"] = field.length
    if found["type"] == "LongTextArea":
        found["visibleLines"] = _VISIBLE_LINES
    if field.is_number:
        found |= {"precision": field.precision, "scale": field.scale}
    if field.type == "boolean":
        found["defaultValue"] = field.default is True
    else:
        found["required"] = not field.nillable
    if found["type"] in _KEY_TYPES:
        found |= {"externalId": field.external_id, "unique": field.unique}
    if field.picklist:
        values = [{"fullName": entry.value, "default": entry.is_default, "label": entry.value} for entry in field.picklist]
        found["valueSet"] = {"restricted": field.restricted, "valueSetDefinition": {"sorted": False, "value": values}}
    return found


def check_change(old: Field, new: Field) -> None:
    """Raises FIELD_INTEGRITY_EXCEPTION for a new definition that the org does not take (stricter than it may be)."""
    if old.type != new.type or old.is_long_text != new.is_long_text:
        raise _bad("type", f"the type of {old.name} cannot be changed")
    if (old.unique, old.external_id) != (new.unique, new.external_id):
        raise _bad("externalId", f"{old.name} stays the key that it is, or is none")
    if new.length < old.length or new.precision < old.precision or new.scale < old.scale:
        raise _bad("length", f"{old.name} cannot become shorter")


def _written_type(field: Field) -> str:
    if field.type == "textarea":
        return "LongTextArea" if field.is_long_text else "TextArea"
    return next(written for written, kind in _PLAIN_TYPES.items() if kind == field.type)


def _length(written: object, kind: str, metadata: Mapping[str, object]) -> int:
    length = metadata.get("length")
    if written == "Text":
        if not isinstance(length, int) or not 1 <= length <= _MAX_TEXT:
            raise _bad("length", "a Text field needs a length from 1 to 255")
        return length
    if written == "LongTextArea":
        if not isinstance(length, int) or length not in _LONG_TEXT_RANGE:
            raise _bad("length", "a LongTextArea field needs a length from 256 to 131072")
        if not isinstance(metadata.get("visibleLines"), int):
            raise _bad("visibleLines", "a LongTextArea field needs visibleLines")
        return length
    return _MAX_TEXT if written == "TextArea" else _FIXED_LENGTHS.get(kind, 0)


def _digits(written: object, metadata: Mapping[str, object]) -> tuple[int, int]:
    if written not in ("Number", "Currency", "Percent"):
        return 0, 0
    precision, scale = metadata.get("precision"), metadata.get("scale")
    if not isinstance(precision, int) or not isinstance(scale, int) or not 0 <= scale <= precision <= 18:
        raise _bad("precision", f"a {written} field needs precision and scale, 18 digits at most")
    return precision, scale


def _value_set(metadata: Mapping[str, object]) -> Mapping[str, object]:
    found = metadata.get("valueSet")
    return found if isinstance(found, dict) else {}


def _is_restricted(metadata: Mapping[str, object]) -> bool:
    return _value_set(metadata).get("restricted") is True


def _values(metadata: Mapping[str, object]) -> tuple[PicklistValue, ...]:
    definition = _value_set(metadata).get("valueSetDefinition")
    entries = definition.get("value") if isinstance(definition, dict) else None
    if not isinstance(entries, list) or not entries:
        raise _bad("valueSet", "a picklist needs a valueSet with values")
    found = []
    for entry in entries:
        name = entry.get("fullName", entry.get("valueName")) if isinstance(entry, dict) else None
        if not isinstance(name, str):
            raise _bad("valueSet", "a picklist value needs a fullName")
        found.append(PicklistValue(value=name, is_default=entry.get("default") is True))
    return tuple(found)


def _bad(part: str, message: str) -> SalesforceError:
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", f"{part}: {message}", (part,))
