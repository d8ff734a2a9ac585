"""What a settings model allows at a path: which keys, which values, and where its secrets are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connectors.secrets import SECRET_MARK

Path = tuple[str | int, ...]


def keys_at(model: type[BaseModel], path: Sequence[str | int]) -> tuple[str, ...]:
    """The keys that a mapping at `path` may have; empty where any key will do."""
    models = [one for one in _options_at(model, path) if _is_model(one)]
    return tuple(dict.fromkeys(field.alias or name for one in models for name, field in one.model_fields.items()))


def field_at(model: type[BaseModel], path: Sequence[str | int]) -> FieldInfo | None:
    """The declaration of the setting at `path`, or None when `path` leads to no setting of its own."""
    if not path:
        return None
    for option in _options_at(model, path[:-1]):
        if _is_model(option) and (field := _field(option, path[-1])) is not None:
            return field
    return None


def choices_of(field: FieldInfo | None) -> tuple[str, ...]:
    """The words a setting, or an item of it, can be; empty when it is not a choice."""
    return () if field is None else tuple(_words(field.annotation))


def variants_at(model: type[BaseModel], path: Sequence[str | int], key: str) -> tuple[str, ...]:
    """The words that `key`, which tells the variants at `path` apart, can be."""
    options = [one for one in _options_at(model, path) if _is_model(one)]
    return tuple(word for one in options for word in choices_of(_field(one, key)))


def holds_secret(field: FieldInfo | None) -> bool:
    """Whether the setting holds the reference of a secret."""
    return field is not None and (SECRET_MARK in field.metadata or _marked(field.annotation))


def secret_refs(settings: BaseModel, below: Path = ()) -> Iterator[tuple[Path, str]]:
    """Path and text of every reference in a settings value, however deep: of secrets, and `env:NAME` anywhere else."""
    for name, field in type(settings).model_fields.items():
        path = (*below, field.alias or name)
        yield from _refs(getattr(settings, name), path, holds_secret(field))


def _refs(value: Any, path: Path, secret: bool) -> Iterator[tuple[Path, str]]:  # noqa: FBT001 - what is known of the value
    if isinstance(value, BaseModel):
        yield from secret_refs(value, path)
    elif isinstance(value, str) and (secret or value.startswith("env:")):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _refs(item, (*path, key), secret)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _refs(item, (*path, index), secret)


def _options_at(model: type[BaseModel], path: Sequence[str | int]) -> list[Any]:
    """What can stand at `path`, unions taken apart."""
    options: list[Any] = [model]
    for step in path:
        options = [inner for option in options for inner in _step(option, step)]
    return options


def _step(option: Any, step: str | int) -> list[Any]:
    if _is_model(option):
        field = _field(option, step)
        if field is not None:
            return _alternatives(field.annotation)
        # A validator names the variant of a union in its paths; the variant is where we already are.
        return [option] if step in _tags(option) else []
    origin, inside = get_origin(option), get_args(option)
    if isinstance(origin, type) and issubclass(origin, Mapping) and len(inside) == 2:
        return _alternatives(inside[1])
    if origin in {list, tuple} and inside:
        return _alternatives(inside[0])
    return []


def _alternatives(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _alternatives(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return [one for part in get_args(annotation) for one in _alternatives(part)]
    return [annotation]


def _field(model: Any, step: str | int) -> FieldInfo | None:
    fields: dict[str, FieldInfo] = model.model_fields
    return next((field for name, field in fields.items() if step == (field.alias or name)), None)


def _tags(model: Any) -> set[str]:
    return {word for field in model.model_fields.values() for word in _words(field.annotation)}


def _words(annotation: Any) -> Iterator[str]:
    for option in _alternatives(annotation):
        if get_origin(option) is Literal:
            yield from (str(word) for word in get_args(option))
        elif get_origin(option) in {list, tuple}:
            for inner in get_args(option):
                yield from _words(inner)


def _marked(annotation: Any) -> bool:
    marks: tuple[Any, ...] = getattr(annotation, "__metadata__", ())
    return SECRET_MARK in marks or any(map(_marked, get_args(annotation)))


def _is_model(option: Any) -> bool:
    return isinstance(option, type) and issubclass(option, BaseModel)
