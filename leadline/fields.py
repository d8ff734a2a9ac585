"""The properties a rep sees in the CRM. Few on purpose: HubSpot's free tier allows ten custom properties in all."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from connectors.fields import FieldKind, FieldSpec
from leadline.settings.properties import DEFAULT
from leadline.words import ENGLISH, Words
from scoring.qualification import VERDICTS, Qualification

REASONS_LENGTH = 255
NEXT_LENGTH = 255
TREND_LENGTH = 80
MODEL_LENGTH = 120
ELEMENTS_LENGTH = 255
BREAKDOWN_LENGTH = 32_000
"""Below what a long text holds in either CRM (Salesforce: 32,768 characters; HubSpot: 65,536).

The only long text: a second one would cut Salesforce's pages to a tenth.
"""

HEARTBEAT = "heartbeat"
FEEDBACK = "feedback"
"""The one property that reps fill in, and Leadline never writes."""

_KINDS = {
    "score": FieldKind.INTEGER,
    "grade": FieldKind.TEXT,
    "stage": FieldKind.CHOICE,
    "bant": FieldKind.INTEGER,
    "bant_next": FieldKind.TEXT,
    "reasons": FieldKind.TEXT,
    "trend": FieldKind.TEXT,
    "scored_at": FieldKind.DATETIME,
    FEEDBACK: FieldKind.CHOICE,
    "fit": FieldKind.INTEGER,
    "engagement": FieldKind.INTEGER,
    "model": FieldKind.TEXT,
    "elements": FieldKind.TEXT,
    "breakdown": FieldKind.LONG_TEXT,
    HEARTBEAT: FieldKind.DATETIME,
}
_LENGTHS = {
    "grade": 2,
    "bant_next": NEXT_LENGTH,
    "reasons": REASONS_LENGTH,
    "trend": TREND_LENGTH,
    "model": MODEL_LENGTH,
    "elements": ELEMENTS_LENGTH,
    "breakdown": BREAKDOWN_LENGTH,
}


def heartbeat_spec(words: Words = ENGLISH) -> FieldSpec:
    """The property for the heartbeat, which only a connection that names a record for it has."""
    return _spec(HEARTBEAT, words, "")


def field_specs(
    qualification: Qualification, words: Words = ENGLISH, properties: Sequence[str] = DEFAULT
) -> tuple[FieldSpec, ...]:
    """The properties to provision, in the order a rep reads them. Stage choices come from the qualification file."""
    options = {
        "stage": tuple((stage.id, words.stage(stage.id)) for stage in qualification.stages),
        FEEDBACK: tuple((value, getattr(words.feedback, value)) for value in VERDICTS),
    }
    return tuple(replace(_spec(name, words, qualification.framework), options=options.get(name, ())) for name in properties)


def _spec(name: str, words: Words, framework: str) -> FieldSpec:
    said = words.of_property(name, framework)
    return FieldSpec(
        name=name,
        label=said.label,
        description=said.description,
        kind=_KINDS[name],
        length=_LENGTHS.get(name, 255),
        group=words.group,
        filled_by_reps=name == FEEDBACK,
    )
