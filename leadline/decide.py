"""Decide: from what is known now and what was told before, what is worth telling. Nothing here touches anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.records import Scalar
from leadline.clock import stamp
from leadline.fields import NEXT_LENGTH, REASONS_LENGTH
from leadline.settings.model import Delivery
from leadline.state.delivered import Delivered
from scoring.breakdown import Breakdown
from scoring.evidence import Assessment

_TOLD_EXACTLY = ("grade", "stage", "bant", "bant_next", "reasons")


def shown_score(total: int) -> int:
    """A total in hundredths as the whole number people see, rounded half up."""
    return (total + 50) // 100


def values_to_show(breakdown: Breakdown, assessment: Assessment, stage: str) -> dict[str, Scalar]:
    """What the properties on the record should say. `scored_at` is added when the values are written."""
    return {
        "score": shown_score(breakdown.total),
        "grade": breakdown.grade,
        "stage": stage,
        "bant": assessment.completeness,
        "bant_next": _next_step(assessment),
        "reasons": breakdown.headline(REASONS_LENGTH) or None,
    }


def is_material(wanted: Mapping[str, Scalar], before: Delivered | None, settings: Delivery, now: datetime) -> bool:
    """Whether the record should be written: something a rep acts on changed, the score moved enough, or it is too old."""
    if before is None:
        return True
    told = before.values
    if any(wanted.get(name) != told.get(name) for name in _TOLD_EXACTLY):
        return True
    was, now_is = told.get("score"), wanted.get("score")
    if not isinstance(was, int | float) or not isinstance(now_is, int | float):
        return was != now_is
    if was != now_is and abs(now_is - was) >= settings.min_change:
        return True
    return now - before.at > settings.max_age


def with_time(values: Mapping[str, Scalar], now: datetime) -> dict[str, Scalar]:
    """The values as they are written at `now`."""
    return {**values, "scored_at": stamp(now)[:19] + "Z"}


def _next_step(assessment: Assessment) -> str | None:
    if not assessment.missing:
        return None
    names = ", ".join(name.replace("_", " ") for name in assessment.missing)
    text = f"Missing: {names}. Ask: {assessment.next_question}"
    return text if len(text) <= NEXT_LENGTH else text[: NEXT_LENGTH - 1].rstrip() + "…"
