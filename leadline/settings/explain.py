"""pydantic's errors in an admin's words. Values are never repeated: one of them may be a secret in the wrong place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from leadline.settings.anatomy import choices_of, field_at, holds_secret, keys_at, variants_at
from leadline.settings.discretion import is_nameable
from leadline.settings.document import Document
from leadline.settings.findings import SettingsFinding, did_you_mean

Path = tuple[str | int, ...]

_BY_REFERENCE = "must be a reference to a secret, never the secret itself: write env:NAME or file:PATH"

_WORDS: Mapping[str, str] = {
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": 'must hold keys and values, as in "key: value"',
    "mapping_type": 'must hold keys and values, as in "key: value"',
    "model_type": 'must hold keys and values, as in "key: value"',
    "model_attributes_type": 'must hold keys and values, as in "key: value"',
    "list_type": "must be a list, as in [one, two]",
    "tuple_type": "must be a list, as in [one, two]",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "too_short": "needs at least {min_length} item",
    "too_long": "may have at most {max_length} items",
    "string_too_long": "must not be longer than {max_length} characters",
}
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "text"),
    (Mapping, "a mapping"),
    ((list, tuple), "a list"),
)
_FORMS: tuple[tuple[str, str], ...] = (
    ("^[a-z][a-z0-9_]", "lower-case letters, digits and _, with a letter first"),
    ("^[a-z][a-z0-9]", "lower-case letters and digits, with a letter first"),
)


def explain(
    error: ValidationError, document: Document, model: type[BaseModel], *, below: Sequence[str | int] = ()
) -> list[SettingsFinding]:
    """Each of pydantic's complaints at its place. `below` is where in the document the model's data begins."""
    found: dict[SettingsFinding, None] = {}
    for complaint in error.errors(include_url=False):
        path, message = _told(complaint, model)
        if complaint["type"] == "missing" and below and not path:
            message = f'{message} under "{below[-1]}"'
        purpose = _purpose(field_at(model, complaint["loc"])) if complaint["type"] == "missing" else ""
        found[document.finding((*below, *path), message + purpose)] = None
    return list(found)


def _told(complaint: Any, model: type[BaseModel]) -> tuple[Path, str]:
    """Where to point, and what to say."""
    loc: Path = complaint["loc"]
    kind: str = complaint["type"]
    if kind == "extra_forbidden" and "key" in complaint.get("ctx", {}):
        return loc, complaint["msg"]  # said in plain words where the model is declared
    if kind == "extra_forbidden":
        return loc, _unknown_key(str(loc[-1]), keys_at(model, loc[:-1]))
    if kind == "missing":
        return loc[:-1], f'the key "{loc[-1]}" is missing'
    if kind in {"union_tag_not_found", "union_tag_invalid"}:
        return _wrong_variant(complaint, model)
    if loc and loc[-1] == "[key]":
        return loc[:-1], f"this key {_key_form(complaint)}{_purpose(field_at(model, loc[:-2]))}"
    key = str(loc[-1]) if loc and isinstance(loc[-1], str) and is_nameable(loc[-1]) else ""
    words = _words(complaint, field_at(model, _setting(loc)))
    return loc, f"{key}: {words}" if key else words


def _setting(loc: Path) -> Path:
    """The setting that a place belongs to: an item belongs to its list."""
    return _setting(loc[:-1]) if loc and isinstance(loc[-1], int) else loc


def _unknown_key(key: str, allowed: Sequence[str]) -> str:
    named = f'unknown key "{key}"' if is_nameable(key) else "unknown key"
    return named + did_you_mean(key, allowed)


def _wrong_variant(complaint: Any, model: type[BaseModel]) -> tuple[Path, str]:
    loc: Path = complaint["loc"]
    key = str(complaint["ctx"]["discriminator"]).strip("'")
    choices = variants_at(model, loc, key)
    if complaint["type"] == "union_tag_not_found":
        if not isinstance(complaint["input"], Mapping):
            return loc, f"{loc[-1]}: {_WORDS['dict_type']}"
        return loc, f'the key "{key}" is missing; it must be {_one_of(choices)}'
    return (*loc, key), f"{key}: must be {_one_of(choices)}"


def _words(complaint: Any, field: FieldInfo | None) -> str:
    kind = str(complaint["type"])
    if holds_secret(field):
        return _BY_REFERENCE
    if kind == "literal_error" and (choices := choices_of(field)):
        near = get_close_matches(str(complaint["input"]), choices, n=1)
        return f"must be {_one_of(choices)}" + (f', did you mean "{near[0]}"?' if near else "")
    if kind == "string_pattern_mismatch":
        return f"{_form(complaint)}{_purpose(field)}"
    return _told_by_type(kind, complaint)


def _told_by_type(kind: str, complaint: Any) -> str:
    context = {name: f"{bound:g}" for name, bound in complaint.get("ctx", {}).items() if isinstance(bound, int | float)}
    try:
        words = _WORDS[kind].format_map(context)
    except KeyError:
        return _plainly(complaint["msg"])
    given = complaint["input"]
    if kind.startswith("int") and isinstance(given, float):
        return f"{words}, but this has a fraction"
    if kind == "string_type" and isinstance(given, int | float):
        return f"{words}; put it in quotes"
    return words + (_but_is(given) if kind.endswith(("_type", "_parsing")) else "")


def _key_form(complaint: Any) -> str:
    """What a key must look like."""
    if complaint["type"] == "string_pattern_mismatch":
        return _form(complaint)
    return "must be an e-mail address" if complaint["type"] == "email" else "must not be used"


def _form(complaint: Any) -> str:
    pattern = str(complaint.get("ctx", {}).get("pattern", ""))
    named = next((words for start, words in _FORMS if pattern.startswith(start)), None)
    return f"must be {named}" if named else f"must have the form {pattern}"


def _plainly(message: str) -> str:
    """A validator's own words, without pydantic's frame around them."""
    text = re.sub(r"^(Value error|Assertion failed), ", "", message)
    text = re.sub(r"^Input should( not)? ", r"must\1 ", text)
    text = re.sub(r"^be a valid ", "be a ", text)
    return text[:1].lower() + text[1:]


def _but_is(given: Any) -> str:
    if given is None:
        return ", but nothing is given"
    return next((f", but this is {words}" for kind, words in _KINDS if isinstance(given, kind)), "")


def _purpose(field: FieldInfo | None) -> str:
    """What a setting is for: the first sentence of its description."""
    if field is None or not field.description:
        return ""
    sentence = re.split(r"\.\s+(?=[A-Z])|\.$", field.description, maxsplit=1)[0]
    return f" ({sentence[:1].lower()}{sentence[1:]})"


def _one_of(choices: Sequence[str]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}" if choices else "one of them"
