"""Remarks: what a review of a model or a qualification has to say, as values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal

import msgspec

from scoring.conditions import Condition, Test
from scoring.constancy import Constant, constants
from scoring.spelling import closest
from scoring.traits import trait_behind

Path = tuple[str | int, ...]


class Remark(msgspec.Struct, frozen=True):
    """One finding. `path` follows the keys of the file; `suggestion` is what was probably meant."""

    severity: Literal["error", "warning"]
    path: Path
    message: str
    suggestion: str | None = None


def error(path: Path, message: str, suggestion: str | None = None) -> Remark:
    """A finding that makes the file unusable."""
    return Remark("error", path, message, suggestion)


def warning(path: Path, message: str, suggestion: str | None = None) -> Remark:
    """A finding that is probably a mistake."""
    return Remark("warning", path, message, suggestion)


def unknown_name(path: Path, kind: str, name: str, known: Collection[str]) -> Remark:
    """An error for a name that is not there."""
    near = closest(name, known)
    hint = f', did you mean "{near}"?' if near else ""
    return error(path, f'there is no {kind} named "{name}"{hint}', near)


def duplicates(ids: Iterable[tuple[Path, str]], reserved: Collection[str] = ()) -> Iterator[Remark]:
    """Errors for ids that were used before, or that mean something else."""
    seen: set[str] = set()
    for path, name in ids:
        if name in reserved:
            yield error((*path, "id"), f'the id "{name}" is the name of an adjustment; take another')
        if name in seen:
            yield error((*path, "id"), f'the id "{name}" is used twice')
        seen.add(name)


def review_field(path: Path, name: str, fields: Collection[str] | None) -> Iterator[Remark]:
    """Errors for a field that is not a person's or a company's, or that nothing maps (None: any is fine)."""
    if not name.startswith(("person.", "company.")):
        near = closest(name, fields or ())
        yield error(path, f'the field "{name}" must start with person. or company.', near)
    elif fields is not None and name not in fields:
        near = closest(name, fields)
        hint = f', did you mean "{near}"?' if near else ""
        yield error(path, f'nothing maps the field "{name}"{hint}', near)


def review_condition(
    path: Path, condition: Condition, lists: Collection[str], fields: Collection[str] | None
) -> Iterator[Remark]:
    """What is wrong with a condition over person and company."""
    yield from review_answers(path, condition)
    for inner, name, test in condition.walk(path):
        yield from review_field(inner, name, fields)
        yield from review_lists(inner, test, lists)
        if test.model_fields_set != {"known"}:  # that something is known says nothing of what it is
            yield from review_trait(inner, name)


def review_trait(path: Path, name: str) -> Iterator[Remark]:
    """A warning for a field that stands for a protected trait."""
    trait = trait_behind(name)
    if trait is not None:
        why = "judging people by it is unfair and in many places against the law; ask what they do or where they work"
        yield warning(path, f'the field "{name}" gives away {trait}: {why}')


def review_answers(path: Path, condition: Condition) -> Iterator[Remark]:
    """Warnings for a condition, or a part of one, whose answer is always the same."""
    yield from review_emptiness(path, condition)
    for one in constants(condition, path):
        yield warning(one.path, _why_constant(one))


def _why_constant(one: Constant) -> str:
    fields = " and ".join(one.fields)
    if one.verdict == "always":
        return f"this is always true, whatever {fields} is"
    if one.verdict == "when known":
        return f"this is true of every value of {fields}; if that is meant, write {{known: true}}"
    return f"this is never true: no value of {fields} passes all of it"


def review_emptiness(path: Path, condition: Condition) -> Iterator[Remark]:
    """A warning for a condition that asks nothing."""
    if not condition.fields():
        yield warning(path, "this condition asks no field, so its answer is always the same")


def review_lists(path: Path, test: Test, lists: Collection[str]) -> Iterator[Remark]:
    """Errors for lists that do not exist."""
    for key, name in (("listed", test.listed), ("domain_listed", test.domain_listed)):
        if name is not None and name not in lists:
            yield unknown_name((*path, key), "list", name, lists)
