"""Pipelines and their stages: where deals and leads stand. Other object types have none here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from sandbox.hubspot.kinds import DEALS, LEADS, Kind
from sandbox.hubspot.people import LONG_AGO


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A stage as the wire shows it. `metadata` of a deal stage has `probability`, that of a lead stage `leadState`."""

    id: str
    label: str
    displayOrder: int = 0  # noqa: N815 - wire name
    metadata: Mapping[str, str] = {}
    writePermissions: str = "CRM_PERMISSIONS_ENFORCEMENT"  # noqa: N815 - wire name
    createdAt: str = LONG_AGO  # noqa: N815 - wire name
    updatedAt: str = LONG_AGO  # noqa: N815 - wire name
    archived: bool = False

    @property
    def closed(self) -> bool:
        """Whether a deal in this stage has come to its end."""
        return self.metadata.get("isClosed") == "true"

    @property
    def won(self) -> bool:
        """Whether that end is a good one."""
        return self.closed and float(self.metadata.get("probability", "0")) == 1.0


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline as the wire shows it, with its stages in order."""

    id: str
    label: str
    displayOrder: int = 0  # noqa: N815 - wire name
    stages: tuple[Stage, ...] = ()
    createdAt: str = LONG_AGO  # noqa: N815 - wire name
    updatedAt: str = LONG_AGO  # noqa: N815 - wire name
    archived: bool = False

    def stage(self, stage_id: str) -> Stage | None:
        """The stage with this id."""
        return next((stage for stage in self.stages if stage.id == stage_id), None)


def deal_metadata(probability: str) -> dict[str, str]:
    """What a deal stage says of itself: the ends are where the probability is 0 or 1 (HubSpot docs: pipelines)."""
    return {"isClosed": str(float(probability) in (0.0, 1.0)).lower(), "probability": probability}


def _deal_stages(prefix: str) -> tuple[Stage, ...]:
    steps = (
        ("appointmentscheduled", "Appointment scheduled", "0.2"),
        ("qualifiedtobuy", "Qualified to buy", "0.4"),
        ("presentationscheduled", "Presentation scheduled", "0.6"),
        ("contractsent", "Contract sent", "0.9"),
        ("closedwon", "Closed won", "1.0"),
        ("closedlost", "Closed lost", "0.0"),
    )
    return tuple(
        Stage(id=prefix + name, label=label, displayOrder=place, metadata=deal_metadata(probability))
        for place, (name, label, probability) in enumerate(steps)
    )


LEAD_STATES = ("NEW", "ATTEMPTING", "CONNECTED", "QUALIFIED", "UNQUALIFIED")


def _lead_stages() -> tuple[Stage, ...]:
    return tuple(
        Stage(id=f"{state.lower()}-stage-id", label=state.capitalize(), displayOrder=place, metadata={"leadState": state})
        for place, state in enumerate(LEAD_STATES)
    )


_STANDARD: Mapping[str, tuple[Pipeline, ...]] = {
    DEALS.name: (
        Pipeline(id="default", label="Sales pipeline", stages=_deal_stages("")),
        Pipeline(id="75e28846", label="Expansion", displayOrder=1, stages=_deal_stages("75e28846_")),
    ),
    LEADS.name: (Pipeline(id="lead-pipeline-id", label="Lead pipeline", stages=_lead_stages()),),
}


@dataclass(frozen=True, slots=True)
class Audit:
    """One change of a pipeline or stage."""

    identifier: str
    action: str
    at: str


@dataclass(slots=True)
class Pipelines:
    """All pipelines of one account, and how they came to be what they are."""

    by_kind: dict[str, dict[str, Pipeline]] = field(
        default_factory=lambda: {name: {p.id: p for p in found} for name, found in _STANDARD.items()}
    )
    audits: list[Audit] = field(default_factory=list)
    last_id: int = 100_200_300

    def of(self, kind: Kind) -> list[Pipeline]:
        """The pipelines of an object type in their order."""
        return sorted(self.by_kind.get(kind.name, {}).values(), key=lambda pipeline: pipeline.displayOrder)

    def find(self, kind: Kind, pipeline_id: str) -> Pipeline | None:
        """The pipeline with this id."""
        return self.by_kind.get(kind.name, {}).get(pipeline_id)

    def stage(self, kind: Kind, stage_id: str) -> Stage | None:
        """The stage with this id, in whichever pipeline."""
        found = (pipeline.stage(stage_id) for pipeline in self.by_kind.get(kind.name, {}).values())
        return next((stage for stage in found if stage is not None), None)

    def ids(self, kind: Kind) -> frozenset[str]:
        """Ids that a record's pipeline property takes."""
        return frozenset(self.by_kind.get(kind.name, ()))

    def stage_ids(self, kind: Kind) -> frozenset[str]:
        """Ids that a record's stage property takes, of all pipelines."""
        return frozenset(stage.id for pipeline in self.of(kind) for stage in pipeline.stages)

    def put(self, kind: Kind, pipeline: Pipeline) -> None:
        """Add a pipeline or take a changed one."""
        stages = tuple(sorted(pipeline.stages, key=lambda stage: stage.displayOrder))
        self.by_kind[kind.name][pipeline.id] = msgspec.structs.replace(pipeline, stages=stages)

    def remove(self, kind: Kind, pipeline_id: str) -> None:
        """Take a pipeline away; records keep what they hold."""
        del self.by_kind[kind.name][pipeline_id]

    def new_id(self) -> str:
        """An id that no pipeline or stage has."""
        self.last_id += 1
        return str(self.last_id)

    def note(self, action: str, at: str, identifiers: Iterable[str]) -> None:
        """Remember a change for the audit."""
        self.audits += [Audit(identifier, action, at) for identifier in identifiers]
