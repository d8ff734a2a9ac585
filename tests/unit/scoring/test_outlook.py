"""Where a person stands, and each line near them, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scoring.breakdown import Breakdown
from scoring.conditions import Test as Wanted
from scoring.evidence import Assessment, Gate
from scoring.facts import Deal
from scoring.outlook import Line, outlook, wanted_in_words
from scoring.qualification import parse_qualification
from scoring.stages import Feedback, Situation, move

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
RULES = parse_qualification(
    {
        "framework": "bant",
        "elements": {"budget": {"ask": "How much?"}},
        "stages": [
            {"id": "lead"},
            {"id": "mql", "enter": {"total": {"at_least": 50}}, "leave": {"total": {"below": 40}}},
            {"id": "sql", "enter": {"grade": {"in": ["A1", "B1"]}, "hand_over": True}, "leave": {"total": {"below": 40}}},
            {"id": "opportunity", "enter": {"deal": "open"}},
            {
                "id": "gone",
                "enter": {"feedback": {"in": ["bad_fit", "not_real"]}},
                "return": {"after": "90d", "if": {"new_events": True}},
            },
        ],
    }
)


def at(total: int, grade: str = "C3", days: int = 0, **more: Any) -> Situation:
    breakdown = Breakdown(
        id="p", model="m", model_hash="h", as_of=NOW + timedelta(days=days), persona=None, fit=total * 100, engagement=0,
        total=total * 100, grade=grade, lines=(), inputs_known=0, inputs_asked=0, machine_events=0, by_tag={},
        buying_stage=None,
    )  # fmt: skip
    gate = Gate(more.pop("passed", False), () if more.get("passed") else ("min_confirmed: 0 of 2",))
    return Situation(breakdown.as_of, breakdown, Assessment("bant", (), 0, gate, ("budget",), "How much?"), **more)


def lines(*situations: Situation) -> dict[tuple[str, str], Line]:
    """The outlook after these moments, by way and stage."""
    standing = None
    for situation in situations:
        _, standing = move(standing, situation, RULES)
    assert standing is not None
    return {(line.way, line.stage): line for line in outlook(standing, situations[-1], RULES).lines}


def test_at_the_bottom_every_line_above_is_read_and_none_below() -> None:
    found = lines(at(30))
    assert list(found) == [("enter", "mql"), ("enter", "sql"), ("enter", "opportunity")]
    (part,) = found["enter", "mql"].parts
    assert (part.wanted, part.found, part.holds) == ("at least 50", "30", False)


def test_a_line_with_several_parts_tells_which_one_is_lacking() -> None:
    grade, gate = lines(at(60, "A1"))["enter", "sql"].parts
    assert (grade.part, grade.holds) == ("grade", True)
    assert (gate.part, gate.holds, gate.found) == ("hand_over", False, "no (min_confirmed: 0 of 2)")


def test_on_the_ladder_the_present_line_is_read_from_its_way_out() -> None:
    found = lines(at(60))
    (part,) = found["leave", "mql"].parts
    assert (part.wanted, part.found, part.holds) == ("below 40", "60", False)
    assert ("enter", "mql") not in found


def test_a_stage_without_a_way_out_of_its_own_is_left_when_its_way_in_fails() -> None:
    deal = Deal(id="d", stage="offer", open=True, won=False)
    assert lines(at(60, deals=(deal,)))["leave", "opportunity"].parts == ()


def test_somebody_aside_sees_the_way_back_alone() -> None:
    verdict = Feedback("bad_fit", NOW)
    found = lines(at(60, feedback=verdict), at(60, days=30, feedback=verdict, latest_event_at=NOW + timedelta(days=9)))
    assert list(found) == [("leave", "gone"), ("return", "gone")]
    wait, events = found["return", "gone"].parts
    assert (wait.wanted, wait.found, wait.holds) == ("90 days", "30 days", False)
    assert (events.part, events.found, events.holds) == ("new_events", "yes", True)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"at_least": 45}, "at least 45"),
        ({"above": 10, "below": 20.5}, "above 10 and below 20.5"),
        ({"between": [10, 20]}, "between 10 and 20"),
        ({"in": ["A1", "B1"]}, "one of A1, B1"),
        ({"in": ["A1"]}, "A1"),
        ({"not_in": ["X"]}, "none of X"),
        ("A1", "A1"),
        ({"known": True}, "known"),
        ({"known": False}, "not known"),
        ({"matches": "^A"}, "matching ^A"),
    ],
)
def test_what_is_wanted_is_said_in_words(wanted: Any, words: str) -> None:
    assert wanted_in_words(Wanted.model_validate(wanted)) == words


def test_what_is_wanted_without_a_test_is_said_as_it_is() -> None:
    assert (wanted_in_words("open"), wanted_in_words(True)) == ("open", "yes")
