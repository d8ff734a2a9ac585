"""The properties a rep sees in the CRM. Few on purpose: HubSpot's free tier allows ten custom properties in all."""

from __future__ import annotations

from connectors.fields import FieldKind, FieldSpec
from scoring.qualification import Qualification

REASONS_LENGTH = 255
NEXT_LENGTH = 255


HEARTBEAT = "heartbeat"


def heartbeat_spec() -> FieldSpec:
    """The property for the heartbeat, which only a connection that names a record for it has."""
    return FieldSpec(
        name=HEARTBEAT,
        label="Leadline last ran",
        description="When Leadline last finished its work here, to a quarter of an hour. An old time means it stands still.",
        kind=FieldKind.DATETIME,
    )


def field_specs(qualification: Qualification) -> tuple[FieldSpec, ...]:
    """The properties to provision, in the order a rep reads them. Stage choices come from the qualification file."""
    stages = tuple((stage.id, stage.id.replace("_", " ").capitalize()) for stage in qualification.stages)
    return (
        FieldSpec(
            name="score",
            label="Lead score",
            description="0 to 100: how well this person fits and how engaged they are. Kept up to date by Leadline.",
            kind=FieldKind.INTEGER,
        ),
        FieldSpec(
            name="grade",
            label="Lead grade",
            description="Letter for fit (A best), digit for engagement (1 best). X means a knock-out rule applies.",
            kind=FieldKind.TEXT,
            length=2,
        ),
        FieldSpec(
            name="stage",
            label="Lead stage",
            description="How far qualification has come. Moved by Leadline's rules, both up and down.",
            kind=FieldKind.CHOICE,
            options=stages,
        ),
        FieldSpec(
            name="bant",
            label="BANT complete (%)",
            description="How much of budget, authority, need and timeline is known. Confirmed counts full, inferred half.",
            kind=FieldKind.INTEGER,
        ),
        FieldSpec(
            name="bant_next",
            label="BANT: what to ask next",
            description="What is still missing, and the next question to ask.",
            kind=FieldKind.TEXT,
            length=NEXT_LENGTH,
        ),
        FieldSpec(
            name="reasons",
            label="Why this score",
            description="The strongest reasons for the score, the newest strong signal first.",
            kind=FieldKind.TEXT,
            length=REASONS_LENGTH,
        ),
        FieldSpec(
            name="scored_at",
            label="Scored at",
            description="When the score last changed enough to be written.",
            kind=FieldKind.DATETIME,
        ),
    )
