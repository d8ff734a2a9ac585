"""Where a person stands, and what would move them: each line near them, read part by part, so that it can be checked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec

from scoring.conditions import Test
from scoring.qualification import Qualification, Stage, StageTest
from scoring.reading import Scalar, age_days, as_text
from scoring.stages import Reading, Situation, Standing, readings

Way = Literal["enter", "leave", "return"]

_COMPARED = {
    "at_least": "at least {}",
    "above": "above {}",
    "at_most": "at most {}",
    "below": "below {}",
    "matches": "matching {}",
    "listed": "on the list {}",
    "domain_listed": "with a domain on the list {}",
    "within": "within {} days",
    "before": "more than {} days ago",
}


class Told(msgspec.Struct, frozen=True):
    """One part of a line: what is wanted, what was found, and whether it holds."""

    part: str
    wanted: str
    found: str
    holds: bool


class Line(msgspec.Struct, frozen=True):
    """A line of a stage with its parts; all must hold. Without parts, to leave: when what let them in holds no longer."""

    stage: str
    way: Way
    parts: tuple[Told, ...]


class Outlook(msgspec.Struct, frozen=True):
    """A person's stage, since when (UTC; None if it was never moved), and the lines that could be passed from there."""

    stage: str
    since: datetime | None
    lines: tuple[Line, ...]


def outlook(standing: Standing, situation: Situation, qualification: Qualification) -> Outlook:
    """The line out of the present stage, those of the stages above it, and for somebody aside the way back."""
    stages = {stage.id: place for place, stage in enumerate(qualification.stages)}
    place = stages.get(standing.stage, 0)
    present = qualification.stages[place]
    lines: list[Line] = []
    if place:
        lines.append(Line(present.id, "leave", _parts(present.leave, situation, standing)))
    if present.is_aside:
        lines += _way_back(present, situation, standing)
    else:
        above = [stage for stage in qualification.stages[place + 1 :] if not stage.is_aside]
        lines += [Line(stage.id, "enter", _parts(stage.enter, situation, standing)) for stage in above]
    return Outlook(standing.stage, standing.since, tuple(lines))


def wanted_in_words(wanted: object) -> str:
    """What a part of a line asks for."""
    if isinstance(wanted, bool):
        return "yes" if wanted else "no"
    if not isinstance(wanted, Test):
        return str(wanted)
    return " and ".join(_test_in_words(name, getattr(wanted, name)) for name in sorted(wanted.model_fields_set))


def found_in_words(found: Scalar | None) -> str:
    """What was found, for people."""
    if isinstance(found, bool):
        return "yes" if found else "no"
    return "nothing" if found is None else as_text(found)


def _parts(test: StageTest | None, situation: Situation, standing: Standing) -> tuple[Told, ...]:
    return tuple(_told(one, test, situation) for one in readings(test, situation, standing)) if test else ()


def _told(reading: Reading, test: StageTest, situation: Situation) -> Told:
    found = found_in_words(reading.found)
    if reading.part == "hand_over" and situation.assessment.hand_over.refusals:
        found = f"{found} ({'; '.join(situation.assessment.hand_over.refusals)})"
    return Told(reading.part, wanted_in_words(getattr(test, reading.part)), found, reading.holds)


def _way_back(stage: Stage, situation: Situation, standing: Standing) -> list[Line]:
    way = stage.comes_back
    if way is None or standing.since is None:
        return []
    waited = age_days(standing.since.astimezone(UTC), situation.as_of.astimezone(UTC).date())
    wait = Told("wait", f"{way.after} days", f"{waited} days", waited >= way.after)
    return [Line(stage.id, "return", (wait, *_parts(way.condition, situation, standing)))]


def _test_in_words(name: str, value: object) -> str:
    if name == "known":
        return "known" if value else "not known"
    if name == "between" and isinstance(value, tuple):
        return f"between {value[0]:g} and {value[1]:g}"
    if isinstance(value, tuple):
        choices = ", ".join(as_text(one) for one in value)
        return f"none of {choices}" if name == "not_in" else choices if len(value) == 1 else f"one of {choices}"
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return _COMPARED.get(name, "{}").format(shown)
