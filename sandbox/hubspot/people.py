"""Owners (the account's users) and pipelines: what records point at but nobody writes here."""

from __future__ import annotations

from dataclasses import dataclass

LONG_AGO = "2022-01-10T08:00:00Z"


@dataclass(frozen=True, slots=True)
class Owner:
    """A user as record owner. Records store `id`; `user_id` is another number for the same person."""

    id: str
    user_id: int
    email: str
    first_name: str
    last_name: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A deal stage. `closed` and `won` say what it means for a deal to be there."""

    id: str
    label: str
    probability: str
    closed: bool = False
    won: bool = False


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline with its stages in order."""

    id: str
    label: str
    stages: tuple[Stage, ...]


def _stages(prefix: str) -> tuple[Stage, ...]:
    return (
        Stage(f"{prefix}appointmentscheduled", "Appointment scheduled", "0.2"),
        Stage(f"{prefix}qualifiedtobuy", "Qualified to buy", "0.4"),
        Stage(f"{prefix}presentationscheduled", "Presentation scheduled", "0.6"),
        Stage(f"{prefix}contractsent", "Contract sent", "0.9"),
        Stage(f"{prefix}closedwon", "Closed won", "1.0", closed=True, won=True),
        Stage(f"{prefix}closedlost", "Closed lost", "0.0", closed=True),
    )


DEAL_PIPELINES = (
    Pipeline("default", "Sales pipeline", _stages("")),
    Pipeline("75e28846", "Expansion", _stages("75e28846_")),
)


class Directory:
    """Owners and deal pipelines of one account."""

    def __init__(self, owners: tuple[Owner, ...]) -> None:
        self.owners = owners
        self.pipelines = DEAL_PIPELINES
        self._stages = {stage.id: stage for pipeline in self.pipelines for stage in pipeline.stages}
        self._active_ids = frozenset(owner.id for owner in owners if not owner.archived)

    def active_owner_ids(self) -> frozenset[str]:
        """Ids that may be written as owner; an archived owner's may not."""
        return self._active_ids

    def pipeline_ids(self) -> frozenset[str]:
        """Ids of the deal pipelines."""
        return frozenset(pipeline.id for pipeline in self.pipelines)

    def stage_ids(self) -> frozenset[str]:
        """Ids of all deal stages."""
        return frozenset(self._stages)

    def stage(self, stage_id: str) -> Stage | None:
        """The deal stage with this id."""
        return self._stages.get(stage_id)
