"""What the records of a CRM show over time: trends that turn rarely, sets of properties that grow and shrink."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.records import Ref
from leadline.fields import field_specs
from leadline.settings.model import WorkspaceSettings
from leadline.settings.properties import EXTENDED
from leadline.state.database import Database
from leadline.words import ENGLISH
from tests.engine import TwoCrms, contact, engaged, engagement, hot, workspace, writes

LEAD = Ref("contacts", "1")


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """Somebody who fits and has done nothing yet, known for a month."""
    world = TwoCrms(sqlite)
    hot(world, "1")
    for part in ("meeting", "visit0", "visit1"):
        world.sales.archive(Ref("activities", f"1-{part}"))
    world.run()
    world.later(days=30)
    world.run()
    return world


def trend(world: TwoCrms) -> str:
    return str(world.sales.ours(LEAD)["trend"])


def turns(seen: list[str]) -> list[str]:
    """The directions in turn."""
    return [text[0] for place, text in enumerate(seen) if place == 0 or text[0] != seen[place - 1][0]]


def test_somebody_quiet_is_steady(world: TwoCrms) -> None:
    assert trend(world) == "→ steady"


def test_over_a_hundred_quiet_days_the_trend_turns_rarely_and_costs_a_write_for_each_turn(world: TwoCrms) -> None:
    """Somebody comes to life, and then all that happens is that days pass."""
    engaged(world, "1")
    world.run()
    world.run()
    assert trend(world) == "↑ up 22 in 14 days"
    seen, for_the_trend_alone = [trend(world)], 0
    for _ in range(40):
        before = world.sales.ours(LEAD)
        world.later(days=2.5)
        world.run()
        after = world.sales.ours(LEAD)
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        for_the_trend_alone += "trend" in changed and changed <= {"trend", "scored_at"}
        seen.append(trend(world))
    assert turns(seen) == ["↑", "↓", "→"]
    assert for_the_trend_alone <= 1
    before_calls = writes(world)
    for _ in range(3):
        world.run()
    assert writes(world) == before_calls


def test_other_rules_are_no_trend(world: TwoCrms) -> None:
    engaged(world, "1")
    world.run()
    world.model = world.model.model_copy(update={"model": "other"})
    world.revision = "2"
    world.later(days=1)
    world.run()
    world.run()
    assert trend(world) == "→ steady"


def provision(world: TwoCrms, names: tuple[str, ...]) -> None:
    for crm in (world.marketing, world.sales):
        for spec in field_specs(workspace().qualification, ENGLISH, names):
            crm.provision(spec)


def choose(world: TwoCrms, properties: str | list[str]) -> None:
    world.settings = WorkspaceSettings.model_validate({"sales_home": "sales", "properties": properties})
    world.revision += "+"


def test_the_extended_set_is_written_once_it_is_chosen_and_provisioned(world: TwoCrms) -> None:
    provision(world, EXTENDED)
    choose(world, "extended")
    world.run()
    world.run()
    held = world.sales.ours(LEAD)
    assert held.keys() >= set(EXTENDED) - {"feedback", "bant_next"}
    before = writes(world)
    for _ in range(5):
        world.run()
    assert writes(world) == before


def test_leaving_the_extended_set_stops_writing_and_deletes_nothing(world: TwoCrms) -> None:
    provision(world, EXTENDED)
    choose(world, "extended")
    world.run()
    world.run()
    model = world.sales.ours(LEAD)["model"]
    choose(world, "default")
    before = writes(world)
    world.run()
    assert writes(world) == before
    world.model = world.model.model_copy(update={"model": "other"})
    engaged(world, "1")
    world.run()
    world.run()
    assert world.sales.ours(LEAD)["model"] == model
    assert world.sales.ours(LEAD)["score"] != 0


def test_a_list_of_properties_is_all_that_is_written(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    choose(world, ["score", "grade", "scored_at"])
    world.sales.put(contact("1", "ana@acme.example"))
    world.sales.put(engagement("m", "meeting", world.time.now - timedelta(hours=1), "1"))
    world.run()
    world.run()
    assert world.sales.ours(LEAD).keys() == {"score", "grade", "scored_at"}
    before = writes(world)
    for _ in range(5):
        world.run()
    assert writes(world) == before
