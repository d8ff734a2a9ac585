"""The fit section: rules over what a person and a company are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from scoring.columns import Table
from scoring.exact import hundredths
from scoring.lists import Lists
from scoring.model import Band, Fit, Rule
from scoring.reading import Value, as_number
from scoring.sections import Bounds, Part
from scoring.truths import WorthOf, compile_worth


def band_points(bands: Sequence[Band]) -> Callable[[float | None], int]:
    """Hundredths of the band that holds a number; 0 for an unknown one and between bands."""
    table = [(*band.ends(), hundredths(band.points)) for band in bands]

    def points(number: float | None) -> int:
        if number is None:
            return 0
        return next((worth for start, below, worth in table if start <= number < below), 0)

    return points


def _points_of(rule: Rule, lists: Lists) -> WorthOf:
    if rule.when is None:
        name, look_up = rule.field or "", band_points(rule.bands)

        def banded(values: Sequence[Value]) -> Iterator[int]:
            return map(look_up, map(as_number, values))

        question = f"{rule.id}: " + " ".join(band.model_dump_json(by_alias=True, exclude_unset=True) for band in rule.bands)
        return lambda table, _: table.column(name).answered(question, banded)
    return compile_worth(rule.when, lists, hundredths(rule.points) if rule.points is not None else 0)


class FitScorer:
    """One fit section, compiled. Raises MissingListError when it names a list that is not there."""

    def __init__(self, fit: Fit, lists: Lists) -> None:
        self.rules: Mapping[str, Rule] = {rule.id: rule for _, rule in fit.rules()}
        self.asked = frozenset(field for rule in self.rules.values() for field in rule.fields())
        self.bounds = Bounds.of(fit.limit, {name: group.limit for name, group in fit.groups.items()})
        self._points_of = [(group, rule.id, _points_of(rule, lists)) for group, rule in fit.rules()]

    @property
    def limit(self) -> int:
        """The section's limit in hundredths."""
        return self.bounds.section

    def parts(self, table: Table, today: date) -> Iterator[Part]:
        """What each rule gives each row, one after the other: all of them at once would fill the memory."""
        return (Part(group, rule, points(table, today)) for group, rule, points in self._points_of)
