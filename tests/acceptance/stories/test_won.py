"""One lead over sixty days, told in each CRM: a trial, quiet weeks, another look, handed over, called, won."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.stories.story import BEGINS, TELLERS, Story, is_due, staged

ADDRESS = "ana.sato@birch.example"
HANDED_OVER_DAY = 36
"""A Friday, long after summer time has begun: ten in the morning in Berlin is eight o'clock UTC."""


@pytest.mark.parametrize("crm", TELLERS)
def test_a_lead_that_is_won(crm: str, tmp_path: Path) -> None:
    with staged(tmp_path) as world:
        story = TELLERS[crm](world, ADDRESS)
        starts_a_trial(story)
        is_quiet_for_weeks(story)
        looks_closer(story)
        gets_the_right_title(story)
        states_a_budget_and_is_handed_over(story)
        is_called(story)
        is_called_a_good_lead(story)
        is_won(story)


def starts_a_trial(story: Story[Any]) -> None:
    story.desk.arrive(ADDRESS, "Sales Intern")
    story.desk.start_a_trial()
    story.cycle()
    assert story.shown("stage", "grade", "bant") == ("mql", "C2", "13")
    assert story.score() >= 45
    assert story.desk.shown()["reasons"].startswith("Started a trial")
    assert "budget, authority, need, timeline" in story.desk.shown()["bant_next"]
    assert story.crossings() == ["+mql1 no task"]
    assert story.desk.tasks() == []


def is_quiet_for_weeks(story: Story[Any]) -> None:
    """Nobody does anything: the score fades below where the stage is left."""
    story.day(14)
    story.cycle()
    assert story.shown("stage") == ("mql",)
    story.day(28)
    story.cycle()
    assert story.shown("stage", "grade") == ("lead", "C3")
    assert story.score() < 38
    assert "down" in story.desk.shown()["trend"]
    assert story.crossings() == ["+mql1 no task", "-mql2 no task"]
    assert "To enter mql no total: wanted at least 45" in story.explained()


def looks_closer(story: Story[Any]) -> None:
    story.day(32)
    story.desk.look_closer()
    story.cycle()
    assert story.shown("stage") == ("mql",)
    assert story.score() >= 45
    assert story.crossings()[2:] == ["+mql3 no task"]


def gets_the_right_title(story: Story[Any]) -> None:
    """Fit enough for sales now, but too little is known."""
    before = story.score()
    story.day(34)
    story.desk.correct_title("VP Sales")
    story.cycle()
    assert story.shown("stage", "bant") == ("mql", "25")
    assert story.shown("grade")[0] in {"A1", "A2"}
    assert story.score() > before + 15
    assert "up" in story.desk.shown()["trend"]
    assert story.crossings()[3:] == []
    assert "hand-over: not yet: min_confirmed: 0 of 1, min_completeness: 25 of 50" in story.explained()


def states_a_budget_and_is_handed_over(story: Story[Any]) -> None:
    story.day(HANDED_OVER_DAY)
    story.desk.state_budget(40_000)
    story.cycle()
    assert story.shown("stage", "bant") == ("sql", "50")
    assert story.shown("bant_next") == ("Missing: authority, need, timeline. Ask: Who signs, and who else has to agree?",)
    assert story.crossings()[3:] == ["+sql1 task opened"]
    task = story.the_task()
    assert (task.line, task.owner, task.is_open) == ("sql:1", story.desk.rep, True)
    assert is_due(task, BEGINS.replace(hour=10) + timedelta(days=HANDED_OVER_DAY, minutes=1)), "two working hours later"
    assert task.subject.startswith("Call Ana Sato, Birch: A")
    tells_the_rep_all(task.body)
    told = story.explained()
    assert "by budget-stated, since 2026-04-17" in told
    assert "no response yet" in told


def tells_the_rep_all(body: str) -> None:
    """Why now, what is known of each element and since when, what to ask, where the lead came from."""
    assert body.startswith("Why now: ")
    assert "- Senior decision maker (VP Sales): +14" in body
    assert "- Budget: confirmed (budget: 40,000, since 17 Apr 2026)" in body
    assert "- Authority: inferred (seniority: vp)" in body
    assert "- Timeline: not known yet" in body
    assert "Ask next: Who signs, and who else has to agree?" in body
    assert "Company: Birch (" in body
    assert "First touch: " in body
    assert "on 12 Mar 2026" in body
    assert "on 13 Apr 2026" in body
    assert all(len(line) <= 110 for line in body.splitlines())


def is_called(story: Story[Any]) -> None:
    """The rep responds within the hour."""
    story.day(HANDED_OVER_DAY, hour=9)
    story.desk.call()
    story.cycle()
    assert "after 59 min" in story.explained()
    assert story.the_task().is_open, "what the rep did not complete stays open"
    assert story.crossings()[4:] == []


def is_called_a_good_lead(story: Story[Any]) -> None:
    story.day(40)
    story.desk.give_verdict("good")
    story.cycle()
    assert story.shown("feedback", "stage") == ("good", "sql")
    assert "feedback good, given 2026-04-21" in story.explained()


def is_won(story: Story[Any]) -> None:
    """A deal, which is won three weeks later. What the rep said of the Lead is known of the Contact too."""
    story.day(41)
    story.desk.open_deal()
    story.cycle()
    assert story.shown("stage") == ("opportunity",)
    story.day(60)
    story.desk.win_deal()
    story.cycle()
    assert story.shown("stage") == ("customer",)
    assert "feedback good, given 2026-04-21" in story.explained()
    assert story.crossings()[4:] == ["+opportunity1 no task", "+customer1 no task"]
    assert story.the_task().line == "sql:1", "one crossing, one task"
