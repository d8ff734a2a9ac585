"""A second lead, told in each CRM: handed over, cools down, comes again, is a bad fit, and is let back in months later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.stories.story import TELLERS, Story, staged
from tests.stage.staged import StagedWorld

ADDRESS = "bo.chen@cedar.example"
COOL_DOWN_DAYS = 50
"""Longer than a lead needs to cool down, so that the second task has to wait."""


@pytest.mark.parametrize("crm", TELLERS)
def test_a_lead_that_cools_down_and_is_closed(crm: str, tmp_path: Path) -> None:
    with staged(tmp_path) as world:
        story = TELLERS[crm](world, ADDRESS)
        is_edited(world, "cool_down: 14d", f"cool_down: {COOL_DOWN_DAYS}d")
        is_edited(world, "reassign_to: manager", f"reassign_to: {story.desk.colleague_address}")
        is_handed_over_at_once(story)
        is_ignored(story)
        cools_down(story)
        crosses_back_within_the_cool_down(story)
        is_handed_over_when_it_ends(story)
        is_a_bad_fit(story)
        has_no_way_back_yet(story)
        comes_back_after_ninety_days(story)


def is_edited(world: StagedWorld, before: str, after: str) -> None:
    """An admin edits the qualification."""
    file = world.file("config/qualification.yaml")
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def is_handed_over_at_once(story: Story[Any]) -> None:
    """All that sales wants to know is known: both lines are passed in one move."""
    story.desk.arrive(ADDRESS, "Sales Specialist", employees=120, phone="")
    story.desk.state_budget(40_000)
    story.desk.state_timeframe()
    story.desk.start_a_trial()
    story.cycle()
    assert story.shown("stage", "grade") == ("sql", "B2")
    assert story.crossings() == ["+mql1 no task", "+sql1 task opened"]
    task = story.the_task()
    assert (task.owner, task.is_open) == (story.desk.rep, True)


def is_ignored(story: Story[Any]) -> None:
    """Nobody responds: somebody else gets the task."""
    story.day(1)
    story.cycle()
    assert "no response, due 2026-03-12 11:01 UTC (ignored), 2 steps of escalation taken" in story.explained()
    task = story.the_task()
    assert (task.owner, task.is_open) == (story.desk.colleague, True)


def cools_down(story: Story[Any]) -> None:
    """Weeks pass, and nothing happens: the task goes, with a word why."""
    story.day(42)
    story.cycle()
    assert story.shown("stage") == ("lead",)
    assert story.score() < 38
    assert story.crossings() == ["+mql1 no task", "+sql1 task closed", "-mql2 no task", "-sql2 no task"]
    task = story.the_task()
    assert not task.is_open
    assert "Closed by Leadline on 23 Apr 2026: sql does not hold any more" in task.body


def crosses_back_within_the_cool_down(story: Story[Any]) -> None:
    story.day(44)
    story.desk.look_closer()
    story.cycle()
    assert story.shown("stage") == ("sql",)
    assert story.crossings()[4:] == ["+mql3 no task", "+sql3 held back"]
    assert len(story.desk.tasks()) == 1
    assert f"cool-down: the person had a task within {COOL_DOWN_DAYS} days" in story.explained()


def is_handed_over_when_it_ends(story: Story[Any]) -> None:
    story.day(COOL_DOWN_DAYS)
    story.cycle()
    assert story.crossings()[5:] == ["+sql3 held back"]
    story.day(COOL_DOWN_DAYS + 1)
    story.cycle()
    assert story.crossings()[5:] == ["+sql3 task opened"]
    first, second = story.desk.tasks()
    assert (first.line, first.is_open) == ("sql:1", False), "what was closed is not opened again"
    assert (second.line, second.is_open, second.owner) == ("sql:3", True, story.desk.rep)


def is_a_bad_fit(story: Story[Any]) -> None:
    story.day(54)
    story.desk.give_verdict("bad_fit")
    story.cycle()
    assert story.shown("stage", "feedback") == ("disqualified", "bad_fit")
    assert story.crossings()[6:] == ["+disqualified1 no task", "-mql4 no task", "-sql4 no task"]
    assert [task.is_open for task in story.desk.tasks()] == [False, False]


def has_no_way_back_yet(story: Story[Any]) -> None:
    """Whatever the lead does, for ninety days; and when these are over, without having done anything."""
    story.day(100)
    story.desk.look_closer()
    story.cycle()
    assert story.shown("stage") == ("disqualified",)
    assert story.crossings()[9:] == []


def comes_back_after_ninety_days(story: Story[Any]) -> None:
    """The verdict is spent, though it still stands on the record. The timeframe of half a year ago counts no more."""
    story.day(54 + 91)
    story.desk.start_a_trial()
    story.cycle()
    assert story.shown("stage", "feedback") == ("mql", "bad_fit")
    assert story.crossings()[9:] == ["-disqualified2 no task", "+mql5 no task"]
    assert len(story.desk.tasks()) == 2
