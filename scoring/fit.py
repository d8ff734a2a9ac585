"""The fit section: rules over what a person and a company are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from scoring.breakdown import Line
from scoring.conditions import compile_condition
from scoring.exact import hundredths
from scoring.lists import Lists
from scoring.model import Band, Fit, Rule
from scoring.reading import Fields, Value, as_number
from scoring.saying import render
from scoring.sections import Group, Limits, Section, Tally, settle

PointsOf = Callable[[Fields, date], int]
"""Hundredths that a rule gives for these fields on this UTC day."""


def band_points(bands: Sequence[Band]) -> Callable[[Value], int]:
    """Hundredths of the band that holds a value; 0 for an unknown value and between bands."""
    table = [(band, hundredths(band.points)) for band in bands]

    def points(value: Value) -> int:
        number = as_number(value)
        if number is None:
            return 0
        return next((worth for band, worth in table if band.holds(number)), 0)

    return points


def _points_of(rule: Rule, lists: Lists) -> PointsOf:
    if rule.when is None:
        name, look_up = rule.field or "", band_points(rule.bands)
        return lambda fields, _: look_up(fields.get(name))
    check = compile_condition(rule.when, lists)
    worth = hundredths(rule.points) if rule.points is not None else 0
    return lambda fields, today: worth if check(fields, today) is True else 0


class _Compiled(NamedTuple):
    rule: Rule
    asked: frozenset[str]
    points_of: PointsOf


class FitScorer:
    """One fit section, compiled. Raises MissingListError when it names a list that is not there."""

    def __init__(self, fit: Fit, lists: Lists) -> None:
        self.limit = hundredths(fit.limit)
        self.asked = frozenset(field for _, rule in fit.rules() for field in rule.fields())
        self._groups = [
            (
                name,
                None if group.limit is None else hundredths(group.limit),
                [_Compiled(rule, rule.fields(), _points_of(rule, lists)) for rule in group.rules],
            )
            for name, group in fit.groups.items()
        ]
        self._limits = Limits({name: limit for name, limit, _ in self._groups}, self.limit)
        self._by_field: dict[str, list[tuple[str, _Compiled]]] = {}
        for name, _, rules in self._groups:
            for one in rules:
                for field in one.asked:
                    self._by_field.setdefault(field, []).append((name, one))

    def score(self, fields: Fields, today: date) -> Section:
        """The section for these fields on this UTC day; rules that give nothing have no line."""
        groups = [Group(name, limit, _lines(name, rules, fields, today)) for name, limit, rules in self._groups]
        return settle("fit", groups, self.limit)

    def points_if(self, field: str, fields: Fields, today: date, before: Tally) -> int:
        """The section's hundredths when only `field` differs from what gave `before`."""
        return self._limits.points_after(
            before,
            (
                (group, one.points_of(fields, today) - before.by_rule.get(one.rule.id, 0))
                for group, one in self._by_field.get(field, ())
            ),
        )


def _lines(group: str, rules: Sequence[_Compiled], fields: Fields, today: date) -> tuple[Line, ...]:
    return tuple(
        Line(
            section="fit",
            group=group,
            rule=one.rule.id,
            points=points,
            say=render(one.rule.say, one.rule.id, fields),
        )
        for one in rules
        if (points := one.points_of(fields, today))
    )
