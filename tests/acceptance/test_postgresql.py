"""The same on PostgreSQL, which hosts without a lasting disk need."""

from __future__ import annotations

from tests.acceptance.end_state import State, assert_same, timeless
from tests.acceptance.interrupt import InFlight
from tests.acceptance.world import World


def test_a_cycle_leaves_in_both_crms_what_it_leaves_with_sqlite_even_when_killed(
    world_on_postgresql: World, undisturbed: State
) -> None:
    world = world_on_postgresql
    InFlight("salesforce", "POST /services/data/*/sobjects/Task", 2).kill_there(world)
    world.once()
    assert_same(undisturbed, timeless(world.state()))
    before = [crm.last_number() for crm in world.crms]
    world.once()
    assert [crm.writes(since) for crm, since in zip(world.crms, before, strict=True)] == [[], []]
