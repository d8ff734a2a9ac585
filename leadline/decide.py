"""Decide: from what is known now and what was told before, what is worth telling. Nothing here touches anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from connectors.records import Scalar
from connectors.stages import CRM_STAGE
from leadline.clock import stamp
from leadline.fields import BREAKDOWN_LENGTH, ELEMENTS_LENGTH, MODEL_LENGTH, NEXT_LENGTH, REASONS_LENGTH
from leadline.settings.model import Delivery
from leadline.settings.properties import DEFAULT
from leadline.state.delivered import Delivered
from leadline.words import ENGLISH, Words
from scoring.breakdown import Breakdown
from scoring.evidence import Assessment

_TOLD_EXACTLY = frozenset({"grade", "stage", "bant", "bant_next", "reasons", "elements", CRM_STAGE})


def shown_score(total: int) -> int:
    """A total in hundredths as the whole number people see, rounded half up."""
    return (total + 50) // 100


def values_to_show(
    breakdown: Breakdown,
    assessment: Assessment,
    stage: str,
    words: Words = ENGLISH,
    properties: Sequence[str] = DEFAULT,
) -> dict[str, Scalar]:
    """What the chosen properties on the record should say.

    `trend` depends on what the record shows, and `scored_at` on when: both are added when it is known. Reps fill in
    `feedback`, so it is never among these.
    """
    values: dict[str, Scalar] = {
        "score": shown_score(breakdown.total),
        "grade": breakdown.grade,
        "stage": stage,
        "bant": assessment.completeness,
        "bant_next": _next_step(assessment, words),
        "reasons": _one_line(breakdown.headline(REASONS_LENGTH)) or None,
        "fit": shown_score(breakdown.fit),
        "engagement": shown_score(breakdown.engagement),
        "model": f"{breakdown.model} {breakdown.model_hash}"[:MODEL_LENGTH],
    }
    if "elements" in properties:
        values["elements"] = _elements(assessment, words)
    if "breakdown" in properties:
        values["breakdown"] = json_within(breakdown, BREAKDOWN_LENGTH)
    return {name: value for name, value in values.items() if name in properties}


def is_material(wanted: Mapping[str, Scalar], before: Delivered | None, settings: Delivery, now: datetime) -> bool:
    """Whether the record should be written: something a rep acts on changed, the score moved enough, or it is too old.

    A trend counts when it turns, not when its number changes; a property that was not told before counts.
    """
    if before is None:
        return True
    told = before.values
    if any(_differs(name, value, told) for name, value in wanted.items()):
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


def json_within(breakdown: Breakdown, limit: int) -> str:
    """The breakdown as JSON of at most `limit` characters: the smallest lines are left out, and how many, if need be."""
    data = {**breakdown.to_json_dict(), "lines_left_out": 0}
    text = _json(data)
    lines = sorted(data["lines"], key=lambda line: -abs(line["points"]))
    kept = len(lines)
    while len(text) > limit and kept:
        kept //= 2
        data |= {"lines": lines[:kept], "lines_left_out": len(lines) - kept, "hints": [], "by_tag": {}}
        text = _json(data)
    return text if len(text) <= limit else _json({"total": data["total"], "grade": breakdown.grade})


def _json(data: Mapping[str, object]) -> str:
    return msgspec.json.encode(data).decode()


def _differs(name: str, value: Scalar, told: Mapping[str, Scalar]) -> bool:
    if name not in told:
        return value is not None
    if name == "trend":
        return _way(value) != _way(told[name])
    return name in _TOLD_EXACTLY and value != told[name]


def _way(trend: Scalar) -> str:
    """The arrow that a trend begins with."""
    return trend[:1] if isinstance(trend, str) else ""


def _next_step(assessment: Assessment, words: Words) -> str | None:
    if not assessment.missing:
        return None
    names = ", ".join(words.element(name) for name in assessment.missing)
    return _cut(words.next_question.format(missing=names, question=assessment.next_question), NEXT_LENGTH)


def _elements(assessment: Assessment, words: Words) -> str:
    lines = []
    for element in assessment.elements:
        name, state = words.element(element.id), getattr(words.states, element.state)
        lines.append(f"{name[:1].upper()}{name[1:]}: {state}")
    return _cut("; ".join(lines), ELEMENTS_LENGTH)


def _one_line(text: str) -> str:
    """The text without what could break a line or hide in it: some of it comes from forms that strangers fill in."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
