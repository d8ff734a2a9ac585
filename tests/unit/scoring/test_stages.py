from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.breakdown import Line
from scoring.evidence import Assessment, Gate
from scoring.facts import Deal
from scoring.qualification import Qualification, parse_qualification
from scoring.stages import Crossing, Feedback, Situation, Standing, initial, move, readings, tasks_for
from tests.unit.scoring.builders import NOW, engine, person

LADDER = parse_qualification(
    {
        "framework": "bant",
        "elements": {"budget": {"ask": "How much?"}},
        "stages": [
            {"id": "lead"},
            {"id": "mql", "enter": {"total": {"at_least": 50}}, "leave": {"total": {"below": 40}}},
            {"id": "sql", "enter": {"total": {"at_least": 70}, "hand_over": True}, "leave": {"total": {"below": 45}}},
            {"id": "opportunity", "enter": {"deal": "open"}},
            {"id": "customer", "enter": {"deal": "won"}},
            {
                "id": "disqualified",
                "enter": {"feedback": {"in": ["bad_fit", "not_real"]}},
                "return": {"after": "90d", "if": {"new_events": True}},
            },
        ],
        "tasks": [
            {"id": "hand-raiser", "on": {"signal": "demo"}, "due": "90s", "lane": "first"},
            {"id": "call", "on": {"enter": "sql"}, "due": "2 working hours"},
            {"id": "complete", "on": {"enter": "mql"}, "if": {"completeness": {"below": 75}}, "due": "1 working day"},
            {"id": "note", "on": {"leave": "sql"}, "due": "1d"},
        ],
    }
)
OPEN = Deal("d1", open=True)
WON = Deal("d1", won=True)
LOST = Deal("d1")


def at(total: float, *deals: Deal, days: int = 0, passed: bool = True, **more: Any) -> Situation:
    score = engine([{"id": "r", "points": total, "when": {"person.x": 1}}], fit_limit=100).score(person({"x": 1}), NOW)
    gate = Gate(passed=passed)
    completeness = more.pop("completeness", 50)
    assessment = Assessment("bant", (), completeness, gate, (), None)
    return Situation(NOW + timedelta(days=days), score, assessment, deals, **more)


def story(*situations: Situation, qualification: Qualification = LADDER) -> tuple[list[str], Standing]:
    standing = initial(qualification)
    told: list[str] = []
    for situation in situations:
        crossings, standing = move(standing, situation, qualification)
        told += [f"{'+' if one.direction == 'entered' else '-'}{one.line}{one.ordinal}" for one in crossings]
    return told, standing


def test_everyone_begins_on_the_first_stage_without_a_crossing() -> None:
    told, standing = story(at(10))
    assert (told, standing.stage, standing.since) == ([], "lead", NOW)
    assert move(None, at(10), LADDER)[1] == standing


def test_a_line_is_passed_once_and_not_again_between_enter_and_leave() -> None:
    told, standing = story(at(50), at(45), at(40), at(60), at(39.99))
    assert (told, standing.stage) == (["+mql1", "-mql2"], "lead")


def test_walking_several_stages_at_once_gives_a_crossing_for_each_line() -> None:
    assert story(at(80))[0] == ["+mql1", "+sql1"]
    assert story(at(80), at(10))[0] == ["+mql1", "+sql1", "-sql2", "-mql2"]


def test_leaving_one_stage_lands_on_the_one_below_that_still_holds() -> None:
    told, standing = story(at(80), at(42))
    assert (told, standing.stage) == (["+mql1", "+sql1", "-sql2"], "mql")


def test_coming_back_has_the_next_ordinal_and_another_id() -> None:
    told, _ = story(at(50), at(10), at(50))
    assert told == ["+mql1", "-mql2", "+mql3"]
    assert move(None, at(50), LADDER)[0][0].id == "p1:mql:1"


def test_a_line_whose_parts_do_not_all_hold_is_not_passed() -> None:
    told, standing = story(at(80, passed=False))
    assert (told, standing.stage) == (["+mql1"], "mql")


def test_an_open_deal_skips_lines_that_were_never_earned() -> None:
    told, standing = story(at(10, OPEN), at(10, LOST))
    assert (told, standing.stage) == (["+opportunity1", "-opportunity2"], "lead")


def test_a_lost_deal_falls_back_to_the_line_that_is_still_held() -> None:
    told, standing = story(at(80), at(80, OPEN), at(60, LOST))
    assert (told, standing.stage) == (["+mql1", "+sql1", "+opportunity1", "-opportunity2"], "sql")


def test_a_won_deal_makes_a_customer_who_stays_one() -> None:
    told, standing = story(at(80), at(80, OPEN), at(10, WON), at(0, WON))
    assert (told, standing.stage) == (["+mql1", "+sql1", "+opportunity1", "+customer1"], "customer")


def verdict(value: str, days: int = 0) -> Feedback:
    return Feedback(value, NOW + timedelta(days=days))


def test_a_verdict_takes_a_person_out_of_every_stage() -> None:
    told, standing = story(at(80), at(80, feedback=verdict("bad_fit")))
    assert (told, standing.stage) == (["+mql1", "+sql1", "-sql2", "-mql2", "+disqualified1"], "disqualified")


def test_other_feedback_moves_nobody() -> None:
    assert story(at(80), at(80, feedback=verdict("too_early")))[0] == ["+mql1", "+sql1"]


def test_the_way_back_opens_after_its_time_and_only_with_new_events() -> None:
    out = verdict("bad_fit")
    early, late = NOW + timedelta(days=1), NOW - timedelta(days=1)
    assert story(at(80, feedback=out), at(80, days=89, feedback=out, latest_event_at=early))[1].stage == "disqualified"
    assert story(at(80, feedback=out), at(80, days=90, feedback=out, latest_event_at=late))[1].stage == "disqualified"
    told, standing = story(at(80, feedback=out), at(80, days=90, feedback=out, latest_event_at=early))
    assert (told, standing.stage) == (["+disqualified1", "-disqualified2", "+mql1", "+sql1"], "sql")


def test_a_verdict_that_was_lived_down_does_not_return_but_a_new_one_does() -> None:
    out, again = verdict("bad_fit"), verdict("bad_fit", days=95)
    back = at(80, days=90, feedback=out, latest_event_at=NOW + timedelta(days=1))
    assert story(at(80, feedback=out), back, at(80, days=91, feedback=out))[1].stage == "sql"
    assert story(at(80, feedback=out), back, at(80, days=95, feedback=again))[1].stage == "disqualified"


def test_a_verdict_taken_back_ends_it() -> None:
    told, standing = story(at(80, feedback=verdict("bad_fit")), at(80))
    assert (told, standing.stage) == (["+disqualified1", "-disqualified2", "+mql1", "+sql1"], "sql")


def test_since_is_when_the_stage_was_entered() -> None:
    _, standing = story(at(50), at(60, days=3), at(80, days=5), at(80, days=9))
    assert standing.since == NOW + timedelta(days=5)


def test_a_standing_survives_storage() -> None:
    _, standing = story(raised_hand(NOW), at(80, feedback=verdict("bad_fit")))
    assert msgspec.json.decode(msgspec.json.encode(standing), type=Standing) == standing


def test_a_line_can_be_explained_part_by_part() -> None:
    sql = LADDER.stages[2].enter
    assert sql is not None
    found = readings(sql, at(65, passed=False), initial(LADDER))
    assert [(one.part, one.found, one.holds) for one in found] == [("total", 65, False), ("hand_over", False, False)]
    crossings, _ = move(None, at(55), LADDER)
    assert crossings[0].reasons == ("total is 55",)


def raised_hand(event_at: datetime, total: float = 10) -> Situation:
    calm = at(total)
    lines = (*calm.breakdown.lines, Line("engagement", "g", "demo", 500, "Asked for a demo", 1, event_at))
    return Situation(calm.as_of, _with_lines(calm, lines), calm.assessment)


def _with_lines(situation: Situation, lines: tuple[Line, ...]) -> Any:
    return msgspec.structs.replace(situation.breakdown, lines=lines)


def test_a_watched_signal_raises_one_crossing_for_each_newer_event() -> None:
    first, second = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    told, standing = story(raised_hand(first), raised_hand(first), raised_hand(second))
    assert told == ["+signal:demo1", "+signal:demo2"]
    assert standing.signals == {"demo": second}
    assert standing.stage == "lead"


def rules(situation: Situation) -> list[str]:
    crossings, standing = move(None, situation, LADDER)
    return [rule.id for one in crossings for rule in tasks_for(one, standing, situation, LADDER)]


def test_tasks_follow_their_crossing_and_their_condition() -> None:
    assert rules(at(50)) == ["complete"]
    assert rules(at(50, completeness=75)) == []
    assert rules(at(80, completeness=75)) == ["call"]
    assert rules(raised_hand(NOW)) == ["hand-raiser"]


def test_leaving_a_stage_can_call_for_a_task() -> None:
    left = Crossing("p1", "sql", 2, "left", NOW)
    assert [one.id for one in tasks_for(left, initial(LADDER), at(10), LADDER)] == ["note"]


def test_nobody_calls_who_is_knocked_out() -> None:
    out = engine(knockouts=[{"id": "k", "when": {"person.x": 1}}]).score(person({"x": 1}), NOW)
    situation = Situation(NOW, out, at(0).assessment)
    assert tasks_for(Crossing("p1", "sql", 1, "entered", NOW), initial(LADDER), situation, LADDER) == ()


_feedbacks = st.none() | st.builds(verdict, st.sampled_from(["bad_fit", "good"]), st.integers(0, 300))
_situations = st.builds(
    lambda total, deals, passed, feedback: at(total, *deals, passed=passed, feedback=feedback, latest_event_at=NOW),
    st.sampled_from([0, 39, 42, 48, 55, 80]),
    st.lists(st.sampled_from([OPEN, WON, LOST]), max_size=2),
    st.booleans(),
    _feedbacks,
)


@given(st.lists(_situations, max_size=8))
def test_every_line_alternates_and_a_move_repeated_changes_nothing(situations: list[Situation]) -> None:
    standing = initial(LADDER)
    inside: dict[str, int] = {}
    for situation in situations:
        crossings, standing = move(standing, situation, LADDER)
        for one in crossings:
            assert one.ordinal == inside.get(one.line, 0) + 1
            assert (one.direction == "entered") == (one.ordinal % 2 == 1)
            inside[one.line] = one.ordinal
        again, same = move(standing, situation, LADDER)
        assert (again, same) == ((), standing)
        held = [line for line, ordinal in inside.items() if ordinal % 2 == 1]
        assert standing.stage in (held or ["lead"])


@pytest.mark.parametrize("gone", ["mql", "customer"])
def test_a_stage_that_left_the_file_strands_nobody(gone: str) -> None:
    smaller = LADDER.model_copy(update={"stages": tuple(one for one in LADDER.stages if one.id != gone)})
    _, standing = story(at(80, WON))
    assert move(standing, at(10), smaller)[1].stage == "lead"
