"""The properties a rep sees in the CRM. Few on purpose: HubSpot's free tier allows ten custom properties in all."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from connectors.fields import FieldKind, FieldSpec
from leadline.settings.properties import DEFAULT
from leadline.words import ENGLISH, FeedbackWords, Words
from scoring.qualification import Qualification

REASONS_LENGTH = 255
NEXT_LENGTH = 255
ELEMENTS_LENGTH = 255
BREAKDOWN_LENGTH = 32_000
"""Below what a long text holds in either CRM (Salesforce: 32,768 characters; HubSpot: 65,536).

The only long text: a second one would cut Salesforce's pages to a tenth.
"""

HEARTBEAT = "heartbeat"
FEEDBACK = "feedback"
"""The one property that reps fill in, and Leadline never writes."""

_KINDS: dict[str, tuple[FieldKind, int]] = {
    "score": (FieldKind.INTEGER, 0),
    "grade": (FieldKind.TEXT, 2),
    "stage": (FieldKind.CHOICE, 0),
    "bant": (FieldKind.INTEGER, 0),
    "bant_next": (FieldKind.TEXT, NEXT_LENGTH),
    "reasons": (FieldKind.TEXT, REASONS_LENGTH),
    "trend": (FieldKind.TEXT, 80),
    "scored_at": (FieldKind.DATETIME, 0),
    FEEDBACK: (FieldKind.CHOICE, 0),
    "fit": (FieldKind.INTEGER, 0),
    "engagement": (FieldKind.INTEGER, 0),
    "model": (FieldKind.TEXT, 120),
    "elements": (FieldKind.TEXT, ELEMENTS_LENGTH),
    "breakdown": (FieldKind.LONG_TEXT, BREAKDOWN_LENGTH),
    HEARTBEAT: (FieldKind.DATETIME, 0),
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
        FEEDBACK: tuple((value, getattr(words.feedback, value)) for value in FeedbackWords.model_fields),
    }
    return tuple(replace(_spec(name, words, qualification.framework), options=options.get(name, ())) for name in properties)


def _spec(name: str, words: Words, framework: str) -> FieldSpec:
    kind, length = _KINDS[name]
    said = words.of_property(name, framework)
    sized = {"length": length} if length else {}
    return FieldSpec(
        name=name,
        label=said.label,
        description=said.description,
        kind=kind,
        group=words.group,
        filled_by_reps=name == FEEDBACK,
        **sized,
    )
