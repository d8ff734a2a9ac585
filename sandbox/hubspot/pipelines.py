"""Pipelines and stages over the wire (HubSpot docs: pipelines)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from sandbox.exchange import Reply
from sandbox.hubspot.account import PORTAL_ID
from sandbox.hubspot.call import Call, answer, nothing
from sandbox.hubspot.kinds import DEALS, LEADS, Kind
from sandbox.hubspot.problems import Problem, invalid
from sandbox.hubspot.stages import LEAD_STATES, Pipeline, Stage, deal_metadata

MOST_PIPELINES = 15
MOST_STAGES = 100


class NewStage(msgspec.Struct, frozen=True):
    """The body of a stage create or replace."""

    label: str
    displayOrder: int  # noqa: N815 - wire name
    metadata: dict[str, str]
    stageId: str | None = None  # noqa: N815 - wire name


class StageChange(msgspec.Struct, frozen=True):
    """The body of a stage update."""

    metadata: dict[str, str]
    label: str | None = None
    displayOrder: int | None = None  # noqa: N815 - wire name


class NewPipeline(msgspec.Struct, frozen=True):
    """The body of a pipeline create or replace."""

    label: str
    displayOrder: int  # noqa: N815 - wire name
    stages: list[NewStage]
    pipelineId: str | None = None  # noqa: N815 - wire name


class PipelineChange(msgspec.Struct, frozen=True):
    """The body of a pipeline update."""

    label: str | None = None
    displayOrder: int | None = None  # noqa: N815 - wire name


def list_pipelines(call: Call) -> Reply:
    """GET all pipelines of an object type; only deals and leads have any here."""
    return answer({"results": call.account.pipelines.of(call.kind)})


def read_pipeline(call: Call) -> Reply:
    """GET one pipeline."""
    return answer(_pipeline(call))


def create_pipeline(call: Call) -> Reply:
    """POST a pipeline with its stages."""
    new, pipelines = call.body(NewPipeline), call.account.pipelines
    if call.kind not in (DEALS, LEADS):
        raise invalid(f"Pipelines of {call.kind.name} cannot be made")
    present = pipelines.of(call.kind)
    if len(present) >= MOST_PIPELINES:
        raise invalid(f"You have reached the limit of {MOST_PIPELINES} pipelines")
    _refuse_label(new.label, [pipeline.label for pipeline in present])
    pipeline_id = new.pipelineId or pipelines.new_id()
    if pipeline_id in pipelines.ids(call.kind):
        raise _taken("pipeline", pipeline_id)
    now = call.stamp()
    made = Pipeline(
        id=pipeline_id,
        label=new.label,
        displayOrder=new.displayOrder,
        stages=_new_stages(call, new.stages, pipelines.stage_ids(call.kind)),
        createdAt=now,
        updatedAt=now,
    )
    return _kept(call, made, "CREATE", 201)


def update_pipeline(call: Call) -> Reply:
    """PATCH label and place of a pipeline."""
    pipeline, change = _pipeline(call), call.body(PipelineChange)
    if change.label is not None:
        _refuse_label(change.label, [p.label for p in call.account.pipelines.of(call.kind) if p.id != pipeline.id])
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
    return _kept(call, msgspec.structs.replace(pipeline, **given, updatedAt=call.stamp()), "UPDATE")


def replace_pipeline(call: Call) -> Reply:
    """PUT a pipeline: its stages become those given."""
    pipeline, new = _pipeline(call), call.body(NewPipeline)
    pipelines = call.account.pipelines
    _refuse_label(new.label, [p.label for p in pipelines.of(call.kind) if p.id != pipeline.id])
    others = pipelines.stage_ids(call.kind) - {stage.id for stage in pipeline.stages}
    stages = _new_stages(call, new.stages, others)
    _refuse_in_use(call, {stage.id for stage in pipeline.stages} - {stage.id for stage in stages})
    changed = msgspec.structs.replace(
        pipeline, label=new.label, displayOrder=new.displayOrder, stages=stages, updatedAt=call.stamp()
    )
    return _kept(call, changed, "UPDATE")


def delete_pipeline(call: Call) -> Reply:
    """DELETE a pipeline; records in it stay unless the query asks to look at them first. One has to remain."""
    pipeline, pipelines = _pipeline(call), call.account.pipelines
    if len(pipelines.of(call.kind)) == 1:
        raise invalid(f"The last pipeline of {call.kind.name} cannot be deleted")
    _refuse_in_use(call, {stage.id for stage in pipeline.stages})
    pipelines.remove(call.kind, pipeline.id)
    pipelines.note("DELETE", call.stamp(), [pipeline.id])
    return nothing(f"deleted pipeline {call.kind.name}.{pipeline.id}")


def list_stages(call: Call) -> Reply:
    """GET the stages of a pipeline."""
    return answer({"results": _pipeline(call).stages})


def read_stage(call: Call) -> Reply:
    """GET one stage."""
    return answer(_stage(call))


def create_stage(call: Call) -> Reply:
    """POST a stage."""
    pipeline, new = _pipeline(call), call.body(NewStage)
    _refuse_label(new.label, [stage.label for stage in pipeline.stages])
    if len(pipeline.stages) >= MOST_STAGES:
        raise invalid(f"You have reached the limit of {MOST_STAGES} stages")
    (made,) = _new_stages(call, [new], call.account.pipelines.stage_ids(call.kind))
    return _kept_stage(call, pipeline, made, "CREATE", 201)


def update_stage(call: Call) -> Reply:
    """PATCH a stage; given metadata replaces what is there."""
    pipeline, stage, change = _pipeline(call), _stage(call), call.body(StageChange)
    if change.label is not None:
        _refuse_label(change.label, [one.label for one in pipeline.stages if one.id != stage.id])
    changed = msgspec.structs.replace(
        stage,
        label=stage.label if change.label is None else change.label,
        displayOrder=stage.displayOrder if change.displayOrder is None else change.displayOrder,
        metadata=_metadata(call.kind, {**stage.metadata, **change.metadata}),
        updatedAt=call.stamp(),
    )
    return _kept_stage(call, pipeline, changed, "UPDATE")


def replace_stage(call: Call) -> Reply:
    """PUT a stage."""
    pipeline, stage, new = _pipeline(call), _stage(call), call.body(NewStage)
    _refuse_label(new.label, [one.label for one in pipeline.stages if one.id != stage.id])
    changed = msgspec.structs.replace(
        stage,
        label=new.label,
        displayOrder=new.displayOrder,
        metadata=_metadata(call.kind, new.metadata),
        updatedAt=call.stamp(),
    )
    return _kept_stage(call, pipeline, changed, "UPDATE")


def delete_stage(call: Call) -> Reply:
    """DELETE a stage in which no record stands; one has to remain."""
    pipeline, stage = _pipeline(call), _stage(call)
    if len(pipeline.stages) == 1:
        raise invalid(f"The last stage of pipeline {pipeline.id} cannot be deleted")
    if _used(call, {stage.id}):
        raise _in_use({stage.id})
    left = tuple(one for one in pipeline.stages if one.id != stage.id)
    call.account.pipelines.put(call.kind, msgspec.structs.replace(pipeline, stages=left, updatedAt=call.stamp()))
    call.account.pipelines.note("DELETE", call.stamp(), [stage.id])
    return nothing(f"deleted stage {call.kind.name}.{stage.id}")


def pipeline_audit(call: Call) -> Reply:
    """GET the changes of a pipeline, newest first."""
    return _audit(call, _pipeline(call).id)


def stage_audit(call: Call) -> Reply:
    """GET the changes of a stage, newest first."""
    return _audit(call, _stage(call).id)


def _audit(call: Call, identifier: str) -> Reply:
    mine = [audit for audit in call.account.pipelines.audits if audit.identifier == identifier]
    shown = [
        {"portalId": PORTAL_ID, "identifier": audit.identifier, "action": audit.action, "timestamp": audit.at}
        for audit in reversed(mine)
    ]
    return answer({"results": shown})


def _pipeline(call: Call) -> Pipeline:
    found = call.account.pipelines.find(call.kind, call.path["pipeline"])
    if found is None:
        raise Problem(404, "OBJECT_NOT_FOUND", f"Pipeline {call.path['pipeline']} was not found")
    return found


def _stage(call: Call) -> Stage:
    found = _pipeline(call).stage(call.path["stage"])
    if found is None:
        raise Problem(404, "OBJECT_NOT_FOUND", f"Pipeline stage {call.path['stage']} was not found")
    return found


def _new_stages(call: Call, asked: Sequence[NewStage], taken: frozenset[str]) -> tuple[Stage, ...]:
    if not 1 <= len(asked) <= MOST_STAGES:
        raise invalid(f"A pipeline has 1 to {MOST_STAGES} stages")
    if len({new.label.lower() for new in asked}) < len(asked):
        raise invalid("Stage labels must be unique within a pipeline")
    found: list[Stage] = []
    now, used = call.stamp(), set(taken)
    for new in asked:
        stage_id = new.stageId or call.account.pipelines.new_id()
        if stage_id in used:
            raise _taken("stage", stage_id)
        used.add(stage_id)
        metadata = _metadata(call.kind, new.metadata)
        found.append(
            Stage(
                id=stage_id,
                label=new.label,
                displayOrder=new.displayOrder,
                metadata=metadata,
                createdAt=now,
                updatedAt=now,
            )
        )
    return tuple(found)


def _metadata(kind: Kind, asked: Mapping[str, str]) -> dict[str, str]:
    if kind is LEADS:
        if asked.get("leadState") not in LEAD_STATES:
            raise invalid(f"metadata.leadState must be one of {', '.join(LEAD_STATES)}")
        return {"leadState": asked["leadState"]}
    try:
        probability = float(asked.get("probability", ""))
    except ValueError:
        probability = math.nan
    if not 0 <= probability <= 1:
        raise invalid("metadata.probability must be a number from 0.0 to 1.0")
    return deal_metadata(asked["probability"])


def _refuse_label(label: str, present: Sequence[str]) -> None:
    if not label.strip() or label.lower() in {one.lower() for one in present}:
        raise invalid(f"The label '{label}' is empty or in use")


def _taken(what: str, its_id: str) -> Problem:
    return Problem(409, "CONFLICT", f"A {what} with id {its_id} already exists.")


def _refuse_in_use(call: Call, stage_ids: set[str]) -> None:
    asked = call.flag("validateReferencesBeforeDelete") or call.flag("validateDealStageUsagesBeforeDelete")
    if asked and _used(call, stage_ids):
        raise _in_use(stage_ids)


def _used(call: Call, stage_ids: set[str]) -> bool:
    return any(row.properties.get(call.kind.stage) in stage_ids for row in call.account.records(call.kind).live())


def _in_use(stage_ids: set[str]) -> Problem:
    return invalid("There are records in the stages that would be deleted", {"stageIds": sorted(stage_ids)})


def _kept(call: Call, pipeline: Pipeline, action: str, status: int = 200) -> Reply:
    pipelines = call.account.pipelines
    pipelines.put(call.kind, pipeline)
    pipelines.note(action, call.stamp(), [pipeline.id])
    return answer(
        pipelines.find(call.kind, pipeline.id), status, f"{action.lower()}d pipeline {call.kind.name}.{pipeline.id}"
    )


def _kept_stage(call: Call, pipeline: Pipeline, stage: Stage, action: str, status: int = 200) -> Reply:
    others = tuple(one for one in pipeline.stages if one.id != stage.id)
    changed = msgspec.structs.replace(pipeline, stages=(*others, stage), updatedAt=call.stamp())
    call.account.pipelines.put(call.kind, changed)
    call.account.pipelines.note(action, call.stamp(), [stage.id])
    return answer(stage, status, f"{action.lower()}d stage {call.kind.name}.{stage.id}")
