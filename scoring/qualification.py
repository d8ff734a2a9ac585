"""Qualification as admins write it: elements with evidence, the hand-over gate, stages and tasks.

BANT is one framework of several; the names of the elements are the file's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, ValidationError, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from scoring.accounts import BuyingRole
from scoring.conditions import Condition, Test
from scoring.durations import Days, Due, DueTime, parse_due
from scoring.kinds import NotEmpty, Part, check_size
from scoring.remarks import (
    Path,
    Remark,
    duplicates,
    error,
    review_condition,
    review_field,
    unknown_name,
    warning,
)
from scoring.routing import OWNER, Assignee, Routing, is_email, review_routing
from scoring.spelling import with_suggestions

VERDICTS = ("good", "too_early", "bad_fit", "not_real", "no_response")
"""What a rep can choose as feedback on a lead."""

_PER_OWNER = re.compile(r"([0-9]{1,4}) per owner")
_AFTER_DUE = re.compile(r"due(?:\s*\+\s*(.+))?")


def _per_owner(raw: object) -> object:
    found = _PER_OWNER.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        raise PydanticCustomError("per_owner", "write how many for each owner, such as 5 per owner")
    return int(found[1])


def _after_due(raw: object) -> object:
    if isinstance(raw, Due):
        return raw
    found = _AFTER_DUE.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        raise PydanticCustomError("after", "write due, or due + a duration such as due + 2 working hours")
    return parse_due(found[1]) if found[1] else Due(0, "seconds")


PerOwner = Annotated[int, BeforeValidator(_per_owner), WithJsonSchema({"type": "string"})]
AfterDue = Annotated[Due, BeforeValidator(_after_due), WithJsonSchema({"type": "string"})]
Percent = Annotated[int, Field(ge=0, le=100, strict=True)]
Count = Annotated[int, Field(ge=0, strict=True)]


class Evidence(Part):
    """What speaks for or against an element. Its date is that of the field `dated_by`."""

    id: str = Field(min_length=1)
    state: Literal["confirmed", "inferred", "contradicted"]
    when: Condition
    dated_by: str | None = None
    fresh_for: Days | None = None
    say: str | None = None


class Element(Part):
    """One thing to find out. `scope: company` accepts evidence from every person of the company."""

    ask: str = Field(min_length=1)
    scope: Literal["person", "company"] = "person"
    evidence: tuple[Evidence, ...] = ()


class HandOver(Part):
    """The gate to sales; a part that is left out always holds."""

    min_confirmed: Count | None = None
    min_completeness: Percent | None = None
    contradicted: Count | None = None


class StageTest(Part):
    """What must hold of a person to pass a line: all parts that are given. Scores are points.

    `deal` is open or won when any deal is, lost when all are closed and none won, none without deals.
    """

    total: Test | None = None
    fit: Test | None = None
    engagement: Test | None = None
    grade: Test | None = None
    persona: Test | None = None
    buying_stage: Test | None = None
    completeness: Test | None = None
    hand_over: StrictBool | None = None
    deal: Literal["open", "won", "lost", "none"] | None = None
    feedback: Test | None = None
    new_events: StrictBool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> StageTest:
        if not self.model_fields_set:
            raise PydanticCustomError("stage_test", "at least one part is needed")
        return self


class Return(Part):
    """The way back from a stage off the ladder: after so many days there, if the parts hold."""

    after: Days
    condition: StageTest | None = Field(None, alias="if")


class Stage(Part):
    """A stage and its line. Without `leave`, a stage is left when its `enter` holds no longer."""

    id: str = Field(min_length=1)
    enter: StageTest | None = None
    leave: StageTest | None = None
    comes_back: Return | None = Field(None, alias="return")
    owner: str | None = None
    procedure: str | None = None

    @property
    def is_aside(self) -> bool:
        """Whether the stage lies off the ladder: a verdict by feedback takes a person out of all others."""
        return self.comes_back is not None or (self.enter is not None and self.enter.feedback is not None)


class Trigger(Part):
    """The one thing that opens a task: entering a stage, leaving it, or a signal's new event."""

    enter: str | None = None
    leave: str | None = None
    signal: str | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Trigger:
        if len(self.model_fields_set) != 1:
            raise PydanticCustomError("trigger", "write one of enter, leave or signal")
        return self


class TaskRule(Part):
    """Which task a crossing opens, for whom, and by when.

    Of the rules that a crossing calls for, the first opens whose `kind` the person has not opted out of.
    """

    id: str = Field(min_length=1)
    on: Trigger
    condition: StageTest | None = Field(None, alias="if")
    kind: Literal["todo", "call", "email"] = "todo"
    due: DueTime
    lane: Literal["first", "tasks"] = "tasks"
    priority: Literal["high", "medium", "low"] = "medium"
    to: Assignee = OWNER


class Launch(Part):
    """What opens at once on going live: the best so many of each owner."""

    open_top: PerOwner = 5


class Calm(Part):
    """How many tasks a rep can take."""

    cool_down: Days = 14
    per_owner_per_day: Count = 15
    at_launch: Launch = Launch()


class Escalation(Part):
    """Whom to tell, or to whom to give a task, that long after its due time."""

    after: AfterDue
    notify: str | None = None
    reassign_to: Assignee | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Escalation:
        if self.notify is None and self.reassign_to is None:
            raise PydanticCustomError("escalation", "write notify, reassign_to or both")
        return self


_FIRST_STAGE = (Stage(id="lead"),)


class Qualification(Part):
    """A framework with its elements in order, and what follows from them. The first stage is the base."""

    framework: str = Field(min_length=1)
    elements: Annotated[dict[str, Element], NotEmpty]
    hand_over: HandOver = HandOver()
    stages: Annotated[tuple[Stage, ...], NotEmpty] = _FIRST_STAGE
    tasks: tuple[TaskRule, ...] = ()
    calm: Calm = Calm()
    escalate: tuple[Escalation, ...] = ()
    buying_roles: tuple[BuyingRole, ...] = ()
    routing: Routing = Routing()

    def conditions(self) -> Iterator[tuple[tuple[str | int, ...], Condition]]:
        """Every condition over person and company, with its path in the file."""
        for name, element in self.elements.items():
            for index, evidence in enumerate(element.evidence):
                yield ("elements", name, "evidence", index, "when"), evidence.when
        for index, role in enumerate(self.buying_roles):
            yield ("buying_roles", index, "when"), role.when
        for index, territory in enumerate(self.routing.territories):
            yield ("routing", "territories", index, "when"), territory.when

    def assignees(self) -> Iterator[tuple[Path, str]]:
        """Whom tasks and escalations name, each with its path in the file."""
        for index, rule in enumerate(self.tasks):
            yield ("tasks", index, "to"), rule.to
        for index, step in enumerate(self.escalate):
            if step.reassign_to is not None:
                yield ("escalate", index, "reassign_to"), step.reassign_to

    def addresses(self) -> Iterator[tuple[Path, str]]:
        """Every e-mail address that is to get tasks, with its path in the file."""
        yield from ((("routing", *path), address) for path, address in self.routing.addresses())
        yield from ((path, name) for path, name in self.assignees() if is_email(name))


def parse_qualification(raw: Mapping[str, Any]) -> Qualification:
    """A qualification from plain data (parsed YAML or JSON).

    Raises pydantic.ValidationError; each error's `loc` follows the keys of the data.
    """
    check_size(raw, "Qualification")
    try:
        return Qualification.model_validate(raw)
    except ValidationError as fault:
        raise with_suggestions(fault, Qualification) from None


def review_qualification(
    qualification: Qualification,
    *,
    lists: Collection[str],
    fields: Collection[str] | None = None,
    signals: Collection[str] | None = None,
) -> tuple[Remark, ...]:
    """Everything there is to say about a qualification, errors first.

    `lists` are the names of the lists that exist, `fields` the full names that something maps, `signals`
    the ids of the signals of all models (None: any will do).
    """
    remarks = [
        *_ids(qualification),
        *_evidence(qualification, lists, fields),
        *_gate(qualification),
        *_triggers(qualification, signals),
        *_stages(qualification),
        *review_routing(qualification.routing, dict(qualification.assignees())),
    ]
    return tuple(sorted(remarks, key=lambda one: one.severity))


def _ids(qualification: Qualification) -> Iterator[Remark]:
    yield from duplicates((("stages", index), one.id) for index, one in enumerate(qualification.stages))
    yield from duplicates((("tasks", index), one.id) for index, one in enumerate(qualification.tasks))
    yield from duplicates((("buying_roles", index), one.id) for index, one in enumerate(qualification.buying_roles))
    for name, element in qualification.elements.items():
        path: Path = ("elements", name, "evidence")
        yield from duplicates(((*path, index), one.id) for index, one in enumerate(element.evidence))


def _evidence(qualification: Qualification, lists: Collection[str], fields: Collection[str] | None) -> Iterator[Remark]:
    for path, condition in qualification.conditions():
        yield from review_condition(path, condition, lists, fields)
    for name, element in qualification.elements.items():
        for index, one in enumerate(element.evidence):
            where: Path = ("elements", name, "evidence", index)
            if one.dated_by is not None:
                yield from review_field((*where, "dated_by"), one.dated_by, fields)
            elif one.fresh_for is not None:
                yield warning((*where, "fresh_for"), "evidence without dated_by has no date and never gets stale")


def _gate(qualification: Qualification) -> Iterator[Remark]:
    wanted, elements = qualification.hand_over.min_confirmed, len(qualification.elements)
    if wanted is not None and wanted > elements:
        yield error(("hand_over", "min_confirmed"), f"the framework has no more than {elements} to confirm")


def _triggers(qualification: Qualification, signals: Collection[str] | None) -> Iterator[Remark]:
    stages = {stage.id for stage in qualification.stages}
    for index, rule in enumerate(qualification.tasks):
        path: Path = ("tasks", index, "on")
        for key, name in (("enter", rule.on.enter), ("leave", rule.on.leave)):
            if name is not None and name not in stages:
                yield unknown_name((*path, key), "stage", name, stages)
        signal = rule.on.signal
        if signal is not None and signals is not None and signal not in signals:
            yield unknown_name((*path, "signal"), "signal", signal, signals)
        yield from _verdicts((("tasks", index, "if"), rule.condition))


def _stages(qualification: Qualification) -> Iterator[Remark]:
    for index, stage in enumerate(qualification.stages):
        if index == 0 and stage.enter is not None:
            yield error(("stages", 0, "enter"), "the first stage is where everyone begins; it has no line")
        if index > 0 and stage.enter is None:
            yield error(("stages", index), f'nobody can enter the stage "{stage.id}": it needs enter')
        yield from _verdicts((("stages", index, "enter"), stage.enter), (("stages", index, "leave"), stage.leave))
        if stage.comes_back is not None:
            yield from _verdicts((("stages", index, "return", "if"), stage.comes_back.condition))
        if index > 0 and stage.leave is None and _flaps(stage):
            message = f'the stage "{stage.id}" rests on a score that fades and has no leave: it will flap'
            yield warning(("stages", index), message)


def _verdicts(*tests: tuple[Path, StageTest | None]) -> Iterator[Remark]:
    for path, test in tests:
        wanted = test.feedback if test is not None else None
        if wanted is None:
            continue
        named = [("equals", wanted.equals), *(("in", one) for one in wanted.one_of or ())]
        named += [("not_in", one) for one in wanted.not_in or ()]
        for key, name in named:
            if name is not None and name not in VERDICTS:
                yield unknown_name((*path, "feedback", key), "choice of feedback", str(name), VERDICTS)


def _flaps(stage: Stage) -> bool:
    enter = stage.enter
    return enter is not None and any(part is not None for part in (enter.total, enter.engagement, enter.grade, enter.fit))
