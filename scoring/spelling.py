"""Unknown keys, explained: which keys a place allows, and which one was probably meant."""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ErrorType

_PYDANTICS_OWN = frozenset(get_args(ErrorType))


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like `word`, or None when none comes near."""
    found = get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return found[0] if found else None


def with_suggestions(error: ValidationError, root: type[BaseModel]) -> ValidationError:
    """The same errors at the same places; unknown keys name the key that was probably meant."""
    details = [_detail(item, root) for item in error.errors()]
    return ValidationError.from_exception_data(error.title, details)


def _detail(item: ErrorDetails, root: type[BaseModel]) -> InitErrorDetails:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        explained = _unknown_key(str(item["loc"][-1]), _keys_at(root, item["loc"][:-1]))
        return InitErrorDetails(type=explained, loc=item["loc"], input=item["input"])
    if kind in _PYDANTICS_OWN:
        return InitErrorDetails(type=kind, loc=item["loc"], input=item["input"], ctx=context)
    again = PydanticCustomError(kind, "{message}", {**context, "message": item["msg"]})
    return InitErrorDetails(type=again, loc=item["loc"], input=item["input"])


def _unknown_key(key: str, allowed: Sequence[str]) -> PydanticCustomError:
    near = closest(key, allowed)
    if near is not None:
        return PydanticCustomError(
            "extra_forbidden", 'unknown key "{key}", did you mean "{suggestion}"?', {"key": key, "suggestion": near}
        )
    listing = ", ".join(allowed)
    return PydanticCustomError(
        "extra_forbidden", 'unknown key "{key}"; allowed here: {allowed}', {"key": key, "allowed": listing}
    )


def _keys_at(root: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    here: Any = root
    for step in path:
        here = _step(_bare(here), step)
    here = _bare(here)
    return [field.alias or name for name, field in here.model_fields.items()] if _is_model(here) else []


def _step(here: Any, step: str | int) -> Any:
    """The annotation of what lies one key or index further in."""
    if _is_model(here):
        for name, field in here.model_fields.items():
            if step == (field.alias or name):
                return field.annotation
        here = _bare(get_type_hints(here, include_extras=True).get("__pydantic_extra__"))
    inside = get_args(here)
    return inside[-1 if get_origin(here) is dict else 0] if inside else None


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _bare(annotation: Any) -> Any:
    """The annotation without its optionality and metadata."""
    while get_origin(annotation) in (Union, types.UnionType, Annotated):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return annotation
