"""A third lead raises a hand, told in each CRM: a task at once, whatever the hour, and the minutes until somebody calls."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance.stories.story import BEGINS, TELLERS, is_due, staged

ADDRESS = "di.adeyemi@alder.example"
HAND = "signal:demo-request:1"


@pytest.mark.parametrize("crm", TELLERS)
def test_a_lead_that_raises_a_hand(crm: str, tmp_path: Path) -> None:
    with staged(tmp_path) as world:
        story = TELLERS[crm](world, ADDRESS)
        story.desk.arrive(ADDRESS, "Office Manager")
        story.day(3)
        story.desk.call()
        story.cycle()
        assert story.desk.tasks() == [], "nobody has to call whom the score does not commend"

        story.day(3, hour=20)
        story.desk.ask_for_a_demo()
        story.cycle()
        task = story.the_task()
        assert (task.line, task.owner, task.is_open) == (HAND, story.desk.rep, True)
        asked_at = BEGINS.replace(hour=20) + timedelta(days=3)
        assert is_due(task, asked_at + timedelta(seconds=150)), "90 s after it was seen, on a Sunday night"
        assert "Asked for a demo" in task.body
        assert "no response yet" in story.explained(), "what the rep did in the morning is no answer"

        world.clock.move((asked_at + timedelta(minutes=12) - world.clock.now()).total_seconds())
        story.desk.call()
        story.cycle()
        assert "after 12 min" in story.explained()
