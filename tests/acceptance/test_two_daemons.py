"""Two daemons started by mistake on one database do each other no harm; one takes over when the other is gone."""

from __future__ import annotations

from tests.acceptance.crm import wait_until
from tests.acceptance.end_state import State, assert_same, task_keys, timeless
from tests.acceptance.world import World


def test_the_second_waits_and_takes_over_from_a_killed_first(world: World, undisturbed: State) -> None:
    world.connect(hubspot_every="1s", salesforce_every="1s")
    first = world.start("run")
    wait_until("the first works", lambda: any(line["event"] == "started" for line in first.lines()))
    second = world.start("run")
    wait_until("the second waits", lambda: any("another worker" in line["event"] for line in second.lines()))

    refused = world.command("once")
    assert (refused.code, refused.err) == (
        1,
        "error: a worker is at this database already; it runs the cycles, or end it first.\n",
    )

    first.kill()
    world.wait_for_cycles(second, "salesforce", 2)
    world.wait_for_cycles(second, "hubspot", 2)
    assert second.stop().code == 0
    state = world.state()
    assert len(set(task_keys(state))) == len(task_keys(state))
    assert_same(undisturbed, timeless(state))
