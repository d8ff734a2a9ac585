"""Short sentences for people: `say` templates filled with facts, and words for rules that have none."""

from __future__ import annotations

import re

from scoring.reading import Fields, Value, as_text, is_known

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")
_EMPTY_BRACKETS = re.compile(r"\s*(\(\s*\)|\[\s*\])")
_CHOICE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
_LONGEST_VALUE = 80


def render(template: str | None, rule_id: str, fields: Fields) -> str:
    """The template with `{field}` replaced by the field's value; unknown fields leave nothing behind.

    Without a template the id is spelled out: `pricing-page` becomes "Pricing page".
    """
    if template is None:
        words = rule_id.replace("-", " ").replace("_", " ").strip()
        return words[:1].upper() + words[1:]
    text = _PLACE.sub(lambda found: _printed(fields.get(found[1])), template)
    return " ".join(_EMPTY_BRACKETS.sub("", text).split())


def asked_by(template: str | None) -> frozenset[str]:
    """The fields that a template names."""
    return frozenset(_PLACE.findall(template or ""))


def with_count(text: str, count: int) -> str:
    """The text, with how often when it happened more than once."""
    return f"{text} ×{count}" if count > 1 else text


def _printed(value: Value) -> str:
    if not is_known(value) or value is None:
        return ""
    text = ", ".join(value) if isinstance(value, tuple) else as_text(value)
    text = " ".join(text[: 4 * _LONGEST_VALUE].split())
    if _CHOICE.fullmatch(text):
        text = text.replace("_", " ")  # an internal name such as financial_services, for people
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1].rstrip()}…"
