"""Conditions: what admins write, as typed models, and as functions with three-valued logic.

A check gives True, False or None for *unknown*. Every test but `known` is unknown on an unknown field;
`all` is false if any part is false, else unknown if any is unknown; `any` likewise with true; `not
unknown` is unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from scoring.durations import Days
from scoring.lists import Lists, registrable_domain
from scoring.reading import Fields, Scalar, Value, age_days, as_number, as_text, as_time, is_known
from scoring.text import matches, pattern_fault

Truth = bool | None
Check = Callable[[Fields, date], Truth]
ValueTest = Callable[[Scalar, date], Truth]
Compare = Callable[[float, float], bool]
Asked = TypeVar("Asked")

_SCALAR_SCHEMA = {"type": ["string", "number", "boolean"]}


def _scalar(raw: object) -> object:
    if isinstance(raw, date):  # YAML reads 2026-12-31 as a date, and a datetime is one too
        return raw.isoformat()
    if not isinstance(raw, str | bool | int | float):
        raise PydanticCustomError("scalar", "write one text, number, true or false")
    return raw


def _number(raw: object) -> object:
    number = as_number(raw) if isinstance(raw, int | float) else None
    if number is None:
        raise PydanticCustomError("number", "write a finite number")
    return number


def _texts(raw: object) -> object:
    return tuple(_one_text(part) for part in (raw if isinstance(raw, list | tuple) else [raw]))


def _one_text(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise PydanticCustomError("text", "write a text or a list of texts")
    return as_text(raw)


def _pattern(raw: object) -> object:
    if isinstance(raw, str) and (fault := pattern_fault(raw)):
        raise PydanticCustomError("regex", "not a regular expression: {fault}", {"fault": fault})
    return raw


AnyScalar = Annotated[Any, BeforeValidator(_scalar), WithJsonSchema(_SCALAR_SCHEMA)]
Number = Annotated[float, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_texts),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Pattern = Annotated[str, BeforeValidator(_pattern)]


class Test(BaseModel):
    """What a field must be. Several tests in one mapping are a conjunction; a scalar means `equals`."""

    __test__ = False  # a class of this name is no pytest class
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    equals: AnyScalar = None
    one_of: tuple[AnyScalar, ...] | None = Field(None, alias="in")
    not_in: tuple[AnyScalar, ...] | None = None
    contains: Texts | None = None
    matches: Pattern | None = None
    at_least: Number | None = None
    above: Number | None = None
    at_most: Number | None = None
    below: Number | None = None
    between: tuple[Number, Number] | None = None
    listed: str | None = None
    domain_listed: str | None = None
    within: Days | None = None
    before: Days | None = None
    known: bool | None = Field(None, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _from_scalar(cls, raw: object) -> object:
        if isinstance(raw, dict | Test):
            return raw
        if isinstance(raw, list | tuple):
            raise PydanticCustomError("test", "a list of values is written {in: […]}")
        if raw is None:
            raise PydanticCustomError("test", "write a value or a test; an unknown field is {known: false}")
        return {"equals": raw}

    @model_validator(mode="after")
    def _has_meaning(self) -> Test:
        if not self.model_fields_set:
            raise PydanticCustomError("test", "an empty test says nothing")
        for name in self.model_fields_set:
            if getattr(self, name) is None:
                raise PydanticCustomError("test", "a test without a value says nothing")
        if self.between and self.between[0] > self.between[1]:
            raise PydanticCustomError("between", "between holds its lower end first")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The mapping, or a scalar standing for `equals`."""
        return {"anyOf": [_SCALAR_SCHEMA, handler(core_schema)]}


class Condition(BaseModel):
    """A conjunction of `field: test`, with `all`, `any` and `not` nested as needed."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)
    __pydantic_extra__: dict[str, Test] = Field(init=False)

    every: tuple[Condition, ...] | None = Field(None, alias="all")
    either: tuple[Condition, ...] | None = Field(None, alias="any")
    negated: Condition | None = Field(None, alias="not")

    @property
    def tests(self) -> dict[str, Test]:
        """The tests of this level, by field."""
        return self.__pydantic_extra__

    @property
    def is_nested(self) -> bool:
        """Whether it holds `all`, `any` or `not`."""
        return self.every is not None or self.either is not None or self.negated is not None

    def walk(self, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str, Test]]:
        """Every test with its path inside the condition and its field, at all depths."""
        for name, test in self.tests.items():
            yield (*path, name), name, test
        for key, parts in (("all", self.every), ("any", self.either)):
            for index, part in enumerate(parts or ()):
                yield from part.walk((*path, key, index))
        if self.negated is not None:
            yield from self.negated.walk((*path, "not"))

    def fields(self) -> frozenset[str]:
        """The names of all fields asked, at all depths."""
        return frozenset(name for _, name, _ in self.walk())

    def asks_the_day(self) -> bool:
        """Whether it may be true on one day and false on another, of the same fields."""
        return any(test.within is not None or test.before is not None for _, _, test in self.walk())


def compile_condition(condition: Condition, lists: Lists) -> Check:
    """The condition as a function of fields and today's UTC date. Raises MissingListError."""
    checks = [_field_check(name, test, lists) for name, test in condition.tests.items()]
    if condition.every is not None:
        checks.append(conjunction([compile_condition(part, lists) for part in condition.every]))
    if condition.either is not None:
        checks.append(_disjunction([compile_condition(part, lists) for part in condition.either]))
    if condition.negated is not None:
        checks.append(_negation(compile_condition(condition.negated, lists)))
    return conjunction(checks)


def conjunction(checks: Sequence[Callable[[Asked, date], Truth]]) -> Callable[[Asked, date], Truth]:
    """True when all are; false if any is false, else unknown if any is unknown."""
    if len(checks) == 1:
        return checks[0]

    def check(asked: Asked, today: date) -> Truth:
        result: Truth = True
        for part in checks:
            truth = part(asked, today)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return check


def _disjunction(checks: Sequence[Check]) -> Check:
    def check(fields: Fields, today: date) -> Truth:
        result: Truth = False
        for part in checks:
            truth = part(fields, today)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    return check


def _negation(inner: Check) -> Check:
    def check(fields: Fields, today: date) -> Truth:
        truth = inner(fields, today)
        return None if truth is None else not truth

    return check


def _field_check(name: str, test: Test, lists: Lists) -> Check:
    judge = compile_test(test, lists)

    def check(fields: Fields, today: date) -> Truth:
        return judge(fields.get(name), today)

    return check


def compile_test(test: Test, lists: Lists) -> Callable[[Value, date], Truth]:
    """One field's tests as a function of its value and today's UTC date. Raises MissingListError."""
    wanted = test.known
    parts = list(_value_tests(test, lists))
    passes = conjunction(parts)

    def judge(value: Value, today: date) -> Truth:
        known = is_known(value)
        if wanted is not None and wanted != known:
            return False
        return passes(value, today) if known or not parts else None

    return judge


def _value_tests(test: Test, lists: Lists) -> Iterator[Callable[[Any, date], Truth]]:
    for positive in _positive_tests(test, lists):
        yield _any_item(positive)
    if test.not_in is not None:
        listed = _any_item(_choice(test.not_in))
        yield lambda value, today: None if (truth := listed(value, today)) is None else not truth


def _positive_tests(test: Test, lists: Lists) -> Iterator[ValueTest]:
    if test.equals is not None:
        yield _choice((test.equals,))
    if test.one_of is not None:
        yield _choice(test.one_of)
    if test.contains is not None:
        yield _containing(test.contains)
    if test.matches is not None:
        pattern = test.matches
        yield lambda value, _: not isinstance(value, bool) and matches(pattern, as_text(value))
    yield from _number_tests(test)
    if test.listed is not None:
        values = lists.values_of(test.listed)
        yield lambda value, _: not isinstance(value, bool) and as_text(value).casefold().strip() in values
    if test.domain_listed is not None:
        domains = lists.domains_of(test.domain_listed)
        yield lambda value, _: isinstance(value, str) and registrable_domain(value) in domains
    if test.within is not None:
        yield _aged(at_most_days=test.within)
    if test.before is not None:
        older_than = _aged(at_most_days=test.before)
        yield lambda value, today: None if (young := older_than(value, today)) is None else not young


def _number_tests(test: Test) -> Iterator[ValueTest]:
    bounds: tuple[tuple[float | None, Compare], ...] = (
        (test.at_least, operator.ge),
        (test.above, operator.gt),
        (test.at_most, operator.le),
        (test.below, operator.lt),
    )
    for bound, compare in bounds:
        if bound is not None:
            yield _numeric(compare, bound)
    if test.between is not None:
        yield _numeric(operator.ge, test.between[0])
        yield _numeric(operator.le, test.between[1])


def _any_item(judge: ValueTest) -> Callable[[Any, date], Truth]:
    # A field with several values (a multi-select) satisfies a test when one of its values does.
    def over_items(value: Any, today: date) -> Truth:
        if not isinstance(value, tuple):
            return judge(value, today)
        truths = [judge(item, today) for item in value]
        return True if True in truths else (None if None in truths else False)

    return over_items


def _choice(operands: Sequence[Scalar]) -> ValueTest:
    flags = {operand for operand in operands if isinstance(operand, bool)}
    texts = {operand.casefold() for operand in operands if isinstance(operand, str)}
    numbers = {as_number(operand) for operand in operands if isinstance(operand, int | float)} - {None}
    any_numbers = {number for operand in operands if (number := as_number(operand)) is not None}

    def judge(value: Scalar, _: date) -> Truth:
        if isinstance(value, bool):
            return value in flags
        if isinstance(value, str):
            return value.casefold() in texts or (bool(numbers) and as_number(value) in numbers)
        return as_number(value) in any_numbers

    return judge


def _containing(parts: Sequence[str]) -> ValueTest:
    folded = [part.casefold() for part in parts]

    def judge(value: Scalar, _: date) -> Truth:
        if isinstance(value, bool):
            return False
        text = as_text(value).casefold()
        return any(part in text for part in folded)

    return judge


def _numeric(compare: Compare, bound: float) -> ValueTest:
    def judge(value: Scalar, _: date) -> Truth:
        number = as_number(value)
        return None if number is None else compare(number, bound)

    return judge


def _aged(*, at_most_days: int) -> ValueTest:
    def judge(value: Scalar, today: date) -> Truth:
        moment = _moment(value)
        return None if moment is None else age_days(moment, today) <= at_most_days

    return judge


@lru_cache(maxsize=65_536)
def _moment(value: Scalar) -> datetime | None:
    # Many people share a day, and several rules ask it.
    return as_time(value)
