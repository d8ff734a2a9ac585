"""Whatever ladder an admin writes and whatever becomes known of a person: where they stand is a line they passed.

`FUZZ_CASES` says how many ladders are tried: 100 for each test unless told, always the same; `make fuzz` tries
ever new ones.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scoring.breakdown import Breakdown, Line
from scoring.evidence import Assessment, Gate
from scoring.facts import Deal
from scoring.qualification import Qualification, parse_qualification
from scoring.stages import SIGNAL_LINE, Crossing, Feedback, Situation, Standing, initial, move, tasks_for
from tests.unit.scoring.builders import NOW, engine, person

CASES = int(os.environ.get("FUZZ_CASES", "100"))
ALWAYS_THE_SAME = "FUZZ_CASES" not in os.environ
VERDICTS = ("good", "too_early", "bad_fit", "not_real")
DEALS = (Deal("d", open=True), Deal("d", won=True), Deal("d"))
TOTALS = (0, 20, 39, 40, 55, 70, 100)
MOST_STAGES = 5

_tests = st.one_of(
    st.builds(lambda at_least: {"total": {"at_least": at_least}}, st.sampled_from(TOTALS)),
    st.builds(lambda below: {"total": {"below": below}}, st.sampled_from(TOTALS)),
    st.builds(lambda deal: {"deal": deal}, st.sampled_from(["open", "won", "lost", "none"])),
    st.builds(lambda passed: {"hand_over": passed}, st.booleans()),
    st.builds(lambda some: {"feedback": {"in": some}}, st.lists(st.sampled_from(VERDICTS), min_size=1, unique=True)),
)
_parts = st.lists(_tests, min_size=1, max_size=2).map(
    lambda tests: {key: value for one in tests for key, value in one.items()}
)
_ifs = st.sampled_from([{}, {"if": {"new_events": True}}]) | _parts.map(lambda test: {"if": test})


@st.composite
def ladders(draw: st.DrawFn) -> Qualification:
    """Any stages that the file allows, sensible or not, and a task for each line."""
    stages: list[dict[str, Any]] = [{"id": "base"}]
    for number in range(draw(st.integers(0, MOST_STAGES))):
        stage: dict[str, Any] = {"id": f"s{number}", "enter": draw(_parts)}
        if draw(st.booleans()):
            stage["leave"] = draw(_parts)
        if draw(st.integers(0, 3)) == 0:
            stage["return"] = {"after": f"{draw(st.integers(0, 90))}d"} | draw(_ifs)
        stages.append(stage)
    tasks = [{"id": f"t-{stage['id']}", "on": {"enter": stage["id"]}, "due": "1d"} for stage in stages[1:]]
    hand = {"id": "hand", "on": {"signal": "demo"}, "due": "90s"}
    elements = {"budget": {"ask": "How much?"}}
    return parse_qualification({"framework": "f", "elements": elements, "stages": stages, "tasks": [*tasks, hand]})


@cache
def scored(total: int) -> Breakdown:
    """A score of so many points."""
    return engine([{"id": "r", "points": total, "when": {"person.x": 1}}], fit_limit=100).score(person({"x": 1}), NOW)


@st.composite
def lives(draw: st.DrawFn) -> list[Situation]:
    """What becomes known of a person, as time goes on."""
    told: list[Situation] = []
    day = 0
    feedback: Feedback | None = None
    for _ in range(draw(st.integers(1, 8))):
        day += draw(st.sampled_from([0, 1, 30, 100]))
        now = NOW + timedelta(days=day)
        feedback = draw(st.sampled_from([feedback, None, Feedback(draw(st.sampled_from(VERDICTS)), now)]))
        demo_at = now - timedelta(days=draw(st.integers(0, 2))) if draw(st.booleans()) else None
        deals = draw(st.lists(st.sampled_from(DEALS), max_size=2))
        assessment = Assessment("f", (), 50, Gate(passed=draw(st.booleans())), (), None)
        total = draw(st.sampled_from(TOTALS))
        score = scored(total)
        lines = (Line("engagement", "g", "demo", 500, "Asked for a demo", 1, demo_at),) if demo_at else ()
        breakdown = replace(score, lines=(*score.lines, *lines), as_of=now)
        told.append(Situation(now, breakdown, assessment, deals, feedback, demo_at))
    return told


def moves(life: list[Situation], ladder: Qualification) -> Iterator[tuple[tuple[Crossing, ...], Standing, Situation]]:
    """Each move of a person with where it led."""
    standing = initial(ladder)
    for situation in life:
        crossings, standing = move(standing, situation, ladder)
        yield crossings, standing, situation


tried = settings(
    max_examples=CASES,
    derandomize=ALWAYS_THE_SAME,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


@tried
@given(ladder=ladders(), life=lives())
def test_a_stage_is_a_line_that_is_held_or_the_first_one(ladder: Qualification, life: list[Situation]) -> None:
    for _, standing, _ in moves(life, ladder):
        held = [stage.id for stage in ladder.stages[1:] if standing.ordinals.get(stage.id, 0) % 2 == 1]
        assert standing.stage == [ladder.stages[0].id, *held][-1]


@tried
@given(ladder=ladders(), life=lives())
def test_every_line_is_entered_and_left_by_turns_and_no_crossing_comes_twice(
    ladder: Qualification, life: list[Situation]
) -> None:
    passed: dict[str, int] = {}
    for crossings, standing, _ in moves(life, ladder):
        for one in crossings:
            assert one.ordinal == passed.get(one.line, 0) + 1
            is_signal = one.line.startswith(SIGNAL_LINE)
            assert (one.direction == "entered") == (is_signal or one.ordinal % 2 == 1)
            passed[one.line] = one.ordinal
        assert standing.ordinals == passed


@tried
@given(ladder=ladders(), life=lives())
def test_who_is_aside_stands_on_no_other_line(ladder: Qualification, life: list[Situation]) -> None:
    for _, standing, _ in moves(life, ladder):
        held = [stage.id for stage in ladder.stages[1:] if standing.ordinals.get(stage.id, 0) % 2 == 1]
        assert not aside(ladder, held) or len(held) == 1


@tried
@given(ladder=ladders(), life=lives())
def test_a_moment_that_comes_twice_moves_nobody_twice(ladder: Qualification, life: list[Situation]) -> None:
    for _, standing, situation in moves(life, ladder):
        assert move(standing, situation, ladder) == ((), standing)


@tried
@given(ladder=ladders(), life=lives())
def test_a_task_belongs_to_a_line_that_was_entered_in_the_same_move(ladder: Qualification, life: list[Situation]) -> None:
    for crossings, standing, situation in moves(life, ladder):
        for one in crossings:
            rules = tasks_for(one, standing, situation, ladder)
            assert all(one.line in (rule.on.enter, f"{SIGNAL_LINE}{rule.on.signal}") for rule in rules)
            assert one.direction == "entered" or not rules


def aside(ladder: Qualification, held: list[str]) -> bool:
    """Whether one of these lines lies off the ladder."""
    return any(stage.is_aside for stage in ladder.stages if stage.id in held)
