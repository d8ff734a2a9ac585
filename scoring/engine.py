"""The engine: facts, model and a moment in, breakdowns out. Nothing else has a say in a score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

import numpy as np

from scoring.breakdown import Breakdown, Hint, Line
from scoring.columns import Rows
from scoring.core import Cohort, CompiledModel
from scoring.difference import Change, Difference, compare
from scoring.exact import hundredths
from scoring.facts import Facts
from scoring.hints import Advisor
from scoring.kinds import Tags
from scoring.lines import lines_of
from scoring.lists import Lists
from scoring.model import Fit, Model, model_hash
from scoring.population import Population

__all__ = ["Change", "Difference", "Engine", "compare"]

ByTag = Mapping[str, Mapping[str, int]]

_AT_ONCE = 2_000
"""People scored together: enough to share the work, few enough to hold."""


class Engine:
    """One model, compiled. Raises MissingListError when the model names a list that is not there.

    Holds no state that a score depends on: the same facts and moment give the same breakdown.
    """

    def __init__(self, model: Model, lists: Lists) -> None:
        self.model = model
        self.lists = lists
        self.model_hash = model_hash(model)
        self._compiled = CompiledModel(model, lists)
        self._advisor = Advisor(self._compiled, lists)
        self._tags = _tags_by_persona(model)
        self._stage_at = hundredths(model.stage_at)

    def score(self, facts: Facts, as_of: datetime) -> Breakdown:
        """The breakdown of one person at a moment (aware; any zone)."""
        return next(self.score_many([facts], as_of))

    def score_many(self, people: Iterable[Facts], as_of: datetime) -> Iterator[Breakdown]:
        """Breakdowns of many people at one moment, in the order given."""
        for some in _batches(people):
            cohort = self._compiled.cohort(Population.of(some, as_of, self._compiled.asked))
            yield from self._breakdowns(cohort)

    def _breakdowns(self, cohort: Cohort) -> Iterator[Breakdown]:
        told = zip(lines_of(self._compiled, cohort), self._advisor.hints(cohort), strict=True)
        machine_events, known = cohort.machine_events.tolist(), self._inputs_known(cohort).tolist()
        for row, (lines, hints) in enumerate(told):
            yield self._breakdown(cohort, row, lines, hints, known[row], machine_events[row])

    def _inputs_known(self, cohort: Cohort) -> Rows:
        """How many of the fields that the fit rules of a row's persona ask are known of it."""
        fields, personas = cohort.population.fields, cohort.scores.personas
        found = np.zeros(fields.rows, dtype=np.int64)
        for place in np.unique(personas):
            for name in self._compiled.fits[place].asked:
                found += (personas == place) & fields.column(name).known()
        return found

    def _breakdown(
        self, cohort: Cohort, row: int, lines: tuple[Line, ...], hints: tuple[Hint, ...], known: int, machine_events: int
    ) -> Breakdown:
        scores, population = cohort.scores, cohort.population
        place = int(scores.personas[row])
        persona = self.model.personas[place].id if place >= 0 else None
        by_tag = _tag_sums(lines, self._tags[persona])
        return Breakdown(
            id=population.ids[row],
            model=self.model.model,
            model_hash=self.model_hash,
            as_of=population.as_of,
            persona=persona,
            fit=int(scores.fit[row]),
            engagement=int(scores.engagement[row]),
            total=int(scores.total[row]),
            grade=self._compiled.grade(scores, row),
            lines=lines,
            inputs_known=known,
            inputs_asked=len(self._compiled.fits[place].asked),
            machine_events=machine_events,
            by_tag=by_tag,
            buying_stage=self._buying_stage(by_tag),
            hints=hints,
        )

    def _buying_stage(self, by_tag: ByTag) -> str | None:
        points = by_tag.get("stage", {})
        reached = [stage for stage in self.model.stages if stage in points and points[stage] >= self._stage_at]
        return reached[-1] if reached else None


def _batches(people: Iterable[Facts]) -> Iterator[tuple[Facts, ...]]:
    waiting = iter(people)
    while some := tuple(islice(waiting, _AT_ONCE)):
        yield some


def _tags_by_persona(model: Model) -> dict[str | None, dict[tuple[str, str], Tags]]:
    signals = {("engagement", signal.id): signal.tags for _, signal in model.engagement.signals() if signal.tags}

    def with_fit(fit: Fit) -> dict[tuple[str, str], Tags]:
        return {**signals, **{("fit", rule.id): rule.tags for _, rule in fit.rules() if rule.tags}}

    return {None: with_fit(model.fit), **{one.id: with_fit(one.fit) for one in model.personas}}


def _tag_sums(lines: Sequence[Line], tags: Mapping[tuple[str, str], Tags]) -> ByTag:
    sums: dict[str, dict[str, int]] = {}
    for line in lines if tags else ():
        # The limit of a signal (`of`) belongs to its points; limits of groups and sections come after tags.
        rule = line.of if line.rule == "limit" and line.of is not None else line.rule
        for tag, value in tags.get((line.section, rule), {}).items():
            values = sums.setdefault(tag, {})
            values[value] = values.get(value, 0) + line.points
    return sums
