"""What reps say of a lead in the drop-down on its record: read back, kept with the score they saw, and acted on.

Leadline never writes that property, so what comes back in it is never our own. A verdict belongs to the record on which it
was given, and so goes where the record goes. Of several records the latest word counts, and taking a verdict back is a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from connectors.records import PersonRecord, Ref
from leadline.fields import FEEDBACK
from leadline.state.feedback import TAKEN_BACK, Verdict
from leadline.state.people import PersonView
from scoring.qualification import VERDICTS
from scoring.stages import Feedback

_Key = tuple[str, Ref]


def new_verdicts(view: PersonView, kept: Sequence[Verdict], now: datetime) -> list[Verdict]:
    """What the person's records say that was not kept yet. Pure.

    When the rep chose is told by nothing but the record's last change. What came over from a record that was merged or
    converted is as old as it was there, or it would pass for news.
    """
    said = {(one.connection, one.record): one for one in sorted(kept, key=_when)}
    found: list[Verdict] = []
    for connection, record in _people(view):
        before = said.get((connection, record.ref))
        value = _shown(record)
        if value == (before.value if before else TAKEN_BACK):
            continue
        brought = [said[key] for key in _went_into(view, connection, record, kept) if key in said and before is None]
        at = max((one.at for one in brought if one.value == value), default=min(record.modified_at, now))
        found.append(Verdict(connection, record.ref, at, value))
    return found


def in_force(view: PersonView, verdicts: Iterable[Verdict]) -> Feedback | None:
    """The latest word on the person's records, None when there is none or it was taken back. Pure."""
    there = {(connection, record.ref) for connection, record in _people(view)}
    said = [one for one in verdicts if (one.connection, one.record) in there]
    latest = max(said, key=_when, default=None)
    return Feedback(latest.value, latest.at) if latest and latest.value != TAKEN_BACK else None


def _people(view: PersonView) -> list[tuple[str, PersonRecord]]:
    return [(one.connection, one.record) for one in view.records if isinstance(one.record, PersonRecord)]


def _went_into(view: PersonView, connection: str, record: PersonRecord, kept: Iterable[Verdict]) -> set[_Key]:
    """The records that this one took in."""
    merged = {(connection, same.ref) for same in record.same_as if same.reason == "merge"}
    merged |= {(one.connection, one.record) for one in kept if one.connection == connection and one.into == record.ref}
    converted = {
        (place, other.ref)
        for place, other in _people(view)
        if place == connection and any(same.ref == record.ref and same.reason == "conversion" for same in other.same_as)
    }
    return merged | converted


def _shown(record: PersonRecord) -> str:
    """What the drop-down shows; a value that is none of ours, as an import may leave, says nothing."""
    value = record.ours.get(FEEDBACK)
    return value if isinstance(value, str) and value in VERDICTS else TAKEN_BACK


def _when(one: Verdict) -> tuple[datetime, str, Ref]:
    return one.at, one.connection, one.record
