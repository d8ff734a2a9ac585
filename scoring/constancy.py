"""Conditions whose answer is the same whatever is known of a person or an event.

A condition is called constant only when it is: where the answer cannot be told without the values themselves, any answer
is thought possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from scoring.conditions import Condition, Test, Truth
from scoring.witnesses import Answers, TooMany, answers_to, parts_of

Path = tuple[str | int, ...]
Verdict = Literal["never", "always", "when known"]
"""When a condition is true: of nobody, of everybody, of all whose fields are known."""

ONE_VALUE = frozenset(
    {
        "person.email",
        "person.title",
        "person.seniority",
        "person.function",
        "company.name",
        "company.domain",
        "company.employees",
        "company.annual_revenue",
    }
)
"""Fields that hold one value. Another may be a choice of several, and be `a` and `b` at once."""

_ANY_ANSWER: frozenset[Truth] = frozenset({True, False, None})


@dataclass(frozen=True, slots=True)
class Constant:
    """A condition, or one field's tests in it, that is always the same. `path` leads to it."""

    path: Path
    verdict: Verdict
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    field: str
    test: Test


@dataclass(frozen=True, slots=True)
class _All:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Not:
    part: _Node


_Node = _Asked | _All | _Not


def constants(condition: Condition, path: Path) -> Iterator[Constant]:
    """The innermost parts of a condition whose answer is always the same."""
    inner = list(_inside(condition, path))
    yield from inner or _constant(_read(condition), path)


def _inside(condition: Condition, path: Path) -> Iterator[Constant]:
    for name, test in condition.tests.items():
        yield from _constant(_Asked(name, test), (*path, name))
    for index, part in enumerate(condition.every or ()):
        yield from constants(part, (*path, "all", index))
    if condition.either is not None:
        alternatives = [one for index, part in enumerate(condition.either) for one in constants(part, (*path, "any", index))]
        yield from alternatives or _constant(_any(condition.either), (*path, "any"))
    if condition.negated is not None:
        yield from constants(condition.negated, (*path, "not"))


def _constant(node: _Node, path: Path) -> Iterator[Constant]:
    asked = _fields(node)
    verdict = _verdict(_outcomes(node)) if asked else None
    if verdict is not None:
        yield Constant(path, verdict, tuple(sorted(_at_odds(node) if verdict == "never" else asked)))


def _verdict(outcomes: frozenset[Truth]) -> Verdict | None:
    if True not in outcomes:
        return "never"
    if False in outcomes:
        return None
    return "when known" if None in outcomes else "always"


def _read(condition: Condition) -> _Node:
    parts: list[_Node] = [_Asked(name, test) for name, test in condition.tests.items()]
    parts += [_read(part) for part in condition.every or ()]
    if condition.either is not None:
        parts.append(_any(condition.either))
    if condition.negated is not None:
        parts.append(_Not(_read(condition.negated)))
    return parts[0] if len(parts) == 1 else _All(tuple(parts))


def _any(parts: Iterable[Condition]) -> _Node:
    return _Not(_All(tuple(_Not(_read(part)) for part in parts)))


def _asked(node: _Node) -> Iterator[_Asked]:
    if isinstance(node, _Asked):
        yield node
    for part in node.parts if isinstance(node, _All) else (node.part,) if isinstance(node, _Not) else ():
        yield from _asked(part)


def _fields(node: _Node) -> frozenset[str]:
    return frozenset(one.field for one in _asked(node))


def _outcomes(node: _Node) -> frozenset[Truth]:
    """Every answer that the condition may give, and perhaps some that it cannot."""
    if len(_fields(node)) <= 1:
        return _tried(node)
    if isinstance(node, _Not):
        return frozenset(_not(truth) for truth in _outcomes(node.part))
    outcomes: frozenset[Truth] = frozenset({True})
    for bundle in _bundles(node):
        outcomes = frozenset(_all((one, other)) for one in outcomes for other in _outcomes(bundle))
    return outcomes


def _tried(node: _Node) -> frozenset[Truth]:
    """The answers for every kind of value of the one field that is asked."""
    asked = list(_asked(node))
    several = len(asked) > 1 and asked[0].field not in ONE_VALUE
    try:
        return frozenset(_answer(node, answers) for answers in answers_to([one.test for one in asked], several=several))
    except TooMany:
        return _ANY_ANSWER


def _bundles(node: _Node) -> Iterator[_Node]:
    """What must hold together, with all that is asked of one field alone in one piece."""
    by_field: dict[frozenset[str], list[_Node]] = {}
    for part in _conjuncts(node):
        fields = _fields(part)
        if len(fields) > 1:
            yield part
        else:
            by_field.setdefault(fields, []).append(part)
    yield from (_All(tuple(parts)) for parts in by_field.values())


def _conjuncts(node: _Node) -> Iterator[_Node]:
    if isinstance(node, _All):
        for part in node.parts:
            yield from _conjuncts(part)
    elif isinstance(node, _Not) and isinstance(node.part, _Not):
        yield from _conjuncts(node.part.part)
    else:
        yield node


def _at_odds(node: _Node) -> frozenset[str]:
    """The fields that keep the whole from ever being true."""
    return next((_fields(one) for one in _bundles(node) if True not in _outcomes(one)), _fields(node))


def _answer(node: _Node, answers: Answers) -> Truth:
    if isinstance(node, _Asked):
        return _all(_not(answers[part]) if negative else answers[part] for part, _, negative in parts_of(node.test))
    if isinstance(node, _Not):
        return _not(_answer(node.part, answers))
    return _all(_answer(part, answers) for part in node.parts)


def _all(truths: Iterable[Truth]) -> Truth:
    held = set(truths)
    return False if False in held else None if None in held else True


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth
