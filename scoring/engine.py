"""The engine: facts, model and a moment in, breakdowns out. Nothing else has a say in a score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from scoring.breakdown import Breakdown, Line
from scoring.core import CompiledModel, Draft, Input, override_line
from scoring.difference import Change, Difference, compare
from scoring.exact import hundredths
from scoring.facts import Facts
from scoring.hints import Advisor
from scoring.kinds import Tags
from scoring.lists import Lists
from scoring.model import Fit, Model, model_hash
from scoring.reading import is_known
from scoring.signals import by_type
from scoring.touches import MachineJudge, existing

__all__ = ["Change", "Difference", "Engine", "compare"]

ByTag = Mapping[str, Mapping[str, int]]


class Engine:
    """One model, compiled. Raises MissingListError when the model names a list that is not there.

    Holds no state that a score depends on: the same facts and moment give the same breakdown.
    """

    def __init__(self, model: Model, lists: Lists) -> None:
        self.model = model
        self.lists = lists
        self.model_hash = model_hash(model)
        self._compiled = CompiledModel(model, lists)
        self._machines = MachineJudge(model.machine, lists)
        self._advisor = Advisor(self._compiled, lists)
        self._tags = _tags_by_persona(model)

    def score(self, facts: Facts, as_of: datetime) -> Breakdown:
        """The breakdown of one person at a moment (aware; any zone)."""
        as_of = as_of.astimezone(UTC)
        touches = existing(facts.events, as_of)
        machines = self._machines.machine_ids(touches, as_of.date())
        human = by_type(one for one in touches if one.event.id not in machines)
        given = Input(facts.fields(), human, as_of.date(), _overrides(facts, as_of))
        return self._dressed(facts, as_of, self._compiled.draft(given), len(machines))

    def score_many(self, people: Iterable[Facts], as_of: datetime) -> Iterator[Breakdown]:
        """Breakdowns of many people at one moment, in the order given."""
        return (self.score(facts, as_of) for facts in people)

    def _dressed(self, facts: Facts, as_of: datetime, draft: Draft, machine_events: int) -> Breakdown:
        by_tag = _tag_sums(draft.lines, self._tags[draft.persona])
        asked = draft.scorer.asked
        return Breakdown(
            id=facts.id,
            model=self.model.model,
            model_hash=self.model_hash,
            as_of=as_of,
            persona=draft.persona,
            fit=draft.fit.points,
            engagement=draft.engagement.points,
            total=draft.total,
            grade=draft.grade,
            lines=draft.lines,
            inputs_known=sum(is_known(draft.given.fields.get(name)) for name in asked),
            inputs_asked=len(asked),
            machine_events=machine_events,
            by_tag=by_tag,
            buying_stage=self._buying_stage(by_tag),
            hints=self._advisor.hints(draft),
        )

    def _buying_stage(self, by_tag: ByTag) -> str | None:
        points = by_tag.get("stage", {})
        needed = hundredths(self.model.stage_at)
        reached = [stage for stage in self.model.stages if stage in points and points[stage] >= needed]
        return reached[-1] if reached else None


def _overrides(facts: Facts, as_of: datetime) -> tuple[Line, ...]:
    return tuple(
        override_line(one.points, one.why, one.by) for one in facts.overrides if one.until > as_of and hundredths(one.points)
    )


def _tags_by_persona(model: Model) -> dict[str | None, dict[tuple[str, str], Tags]]:
    signals = {("engagement", signal.id): signal.tags for _, signal in model.engagement.signals()}

    def with_fit(fit: Fit) -> dict[tuple[str, str], Tags]:
        return {**signals, **{("fit", rule.id): rule.tags for _, rule in fit.rules()}}

    return {None: with_fit(model.fit), **{one.id: with_fit(one.fit) for one in model.personas}}


def _tag_sums(lines: Sequence[Line], tags: Mapping[tuple[str, str], Tags]) -> ByTag:
    sums: dict[str, dict[str, int]] = {}
    for line in lines:
        # The limit of a signal (`of`) belongs to its points; limits of groups and sections come after tags.
        rule = line.of if line.rule == "limit" and line.of is not None else line.rule
        for tag, value in tags.get((line.section, rule), {}).items():
            values = sums.setdefault(tag, {})
            values[value] = values.get(value, 0) + line.points
    return sums
