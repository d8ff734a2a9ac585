"""The way back of those who were put aside, where what put them there holds still or anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from scoring.qualification import Qualification, parse_qualification
from tests.unit.scoring.builders import NOW
from tests.unit.scoring.test_stages import at, story, verdict

EVENT = NOW + timedelta(days=1)


def ladder(*stages: dict[str, Any]) -> Qualification:
    """A base, and these stages."""
    elements = {"budget": {"ask": "How much?"}}
    return parse_qualification({"framework": "bant", "elements": elements, "stages": [{"id": "lead"}, *stages]})


OUT = {"id": "out", "enter": {"feedback": {"in": ["bad_fit"]}}, "return": {"after": "90d", "if": {"new_events": True}}}
COLD = {"id": "cold", "enter": {"total": {"below": 20}}, "return": {"after": "30d"}}


def test_who_would_come_back_only_to_go_again_stays() -> None:
    days = [at(10, days=day) for day in (0, 30, 30, 31)]
    told, standing = story(*days, qualification=ladder(COLD))
    assert (told, standing.stage) == (["+cold1"], "cold")


def test_who_went_for_a_reason_comes_back_as_soon_as_it_has_ended() -> None:
    told, standing = story(at(10), at(10, days=40), at(30, days=41), qualification=ladder(COLD))
    assert (told, standing.stage) == (["+cold1", "-cold2"], "lead")


def test_another_verdict_counts_though_the_way_back_is_open() -> None:
    first, again = verdict("bad_fit"), verdict("bad_fit", days=91)
    back = [at(50, feedback=first), at(50, days=91, feedback=again, latest_event_at=EVENT)]
    told, standing = story(*back, qualification=ladder(OUT))
    assert (told, standing.stage) == (["+out1"], "out")


def test_and_its_way_back_is_as_long_as_the_first_ones() -> None:
    first, again, later = verdict("bad_fit"), verdict("bad_fit", days=91), NOW + timedelta(days=100)
    life = [
        at(50, feedback=first),
        *(at(50, days=day, feedback=again, latest_event_at=EVENT) for day in (91, 95)),
        at(50, days=180, feedback=again, latest_event_at=later),
    ]
    assert story(*life, qualification=ladder(OUT))[1].stage == "out"
    back = at(50, days=181, feedback=again, latest_event_at=later)
    assert story(*life, back, qualification=ladder(OUT))[1].stage == "lead"
