"""A review of a qualification: names that lead nowhere, gates that cannot open, stages that would flap."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from scoring.qualification import Qualification, Stage
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

__all__ = ["Remark", "review_qualification"]


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
    ]
    return tuple(sorted(remarks, key=lambda one: one.severity))


def _ids(qualification: Qualification) -> Iterator[Remark]:
    yield from duplicates((("stages", index), one.id) for index, one in enumerate(qualification.stages))
    yield from duplicates((("tasks", index), one.id) for index, one in enumerate(qualification.tasks))
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
        yield error(("hand_over", "min_confirmed"), f"there are only {elements} elements to confirm")


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


def _stages(qualification: Qualification) -> Iterator[Remark]:
    for index, stage in enumerate(qualification.stages):
        if index == 0 and stage.enter is not None:
            yield error(("stages", 0, "enter"), "the first stage is where everyone begins; it has no line")
        if index > 0 and stage.enter is None:
            yield error(("stages", index), f'nobody can enter the stage "{stage.id}": it needs enter')
        if index > 0 and stage.leave is None and _flaps(stage):
            message = f'the stage "{stage.id}" rests on a score that fades and has no leave: it will flap'
            yield warning(("stages", index), message)


def _flaps(stage: Stage) -> bool:
    enter = stage.enter
    return enter is not None and any(part is not None for part in (enter.total, enter.engagement, enter.grade, enter.fit))
