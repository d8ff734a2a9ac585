"""pydantic's errors in an admin's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from leadline.settings.document import Document
from leadline.settings.findings import SettingsFinding, did_you_mean


def explain(
    error: ValidationError, document: Document, model: type[BaseModel], *, below: Sequence[str | int] = ()
) -> list[SettingsFinding]:
    """Each of pydantic's complaints at its place. `below` is where in the document the model's data begins."""
    found: dict[tuple[int, int, str], SettingsFinding] = {}
    for complaint in error.errors(include_url=False):
        path = (*below, *complaint["loc"])
        message = _message(complaint, model)
        if complaint["type"] == "missing":
            path = path[:-1]
        finding = document.finding(path, message)
        found[(finding.line, finding.column, finding.message)] = finding
    return list(found.values())


def _message(complaint: Any, model: type[BaseModel]) -> str:
    loc: tuple[str | int, ...] = complaint["loc"]
    key = str(loc[-1]) if loc else ""
    kind: str = complaint["type"]
    if kind == "extra_forbidden":
        return f'unknown key "{key}"{did_you_mean(key, _keys_at(model, loc[:-1]))}'
    if kind == "missing":
        return f'the key "{key}" is missing'
    text: str = complaint["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    words = text[:1].lower() + text[1:]
    where = f"{key}: " if key and not isinstance(loc[-1], int) else ""
    return where + words + _what_was_given(complaint)


def _what_was_given(complaint: Any) -> str:
    """The refused value, unless it is long or could be a secret that was pasted in."""
    if complaint["type"] == "value_error" or not isinstance(complaint["input"], str | int | float | bool):
        return ""
    given = repr(complaint["input"])
    looks_secret = len(given) > 24
    return "" if looks_secret else f" (found {given})"


def _keys_at(model: type[BaseModel], path: Sequence[str | int]) -> set[str]:
    """The keys a mapping at `path` may have, as far as the models tell."""
    options: list[Any] = [model]
    for step in path:
        nearer: list[Any] = []
        for option in options:
            if isinstance(option, type) and issubclass(option, BaseModel):
                field = _field(option, step)
                nearer += _models_in(field.annotation) if field else []
                if field is None and (option.__name__ == step or option.__name__.lower() == step):
                    nearer.append(option)
        options = nearer or options
    names: set[str] = set()
    for option in options:
        names |= {held.alias or name for name, held in option.model_fields.items()}
    return names


def _field(model: type[BaseModel], step: str | int) -> Any:
    for name, held in model.model_fields.items():
        if step in {name, held.alias}:
            return held
    return None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that occur anywhere in an annotation: `dict[str, Group] | None` gives `Group`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]
