"""`python -m leadline run`: cycles on their intervals, a clean end, connections that do not wait for each other's health."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.acceptance.crm import Crm, wait_until
from tests.acceptance.end_state import State, assert_same, task_keys, timeless
from tests.acceptance.interrupt import HELD_SECONDS
from tests.acceptance.world import Started, World

MOMENTS = {
    "pulling from HubSpot": ("hubspot", "GET /crm/objects/*/contacts"),
    "opening a task in Salesforce": ("salesforce", "POST /services/data/*/sobjects/Task"),
}


def test_each_connection_has_cycles_on_its_own_interval_and_both_crms_are_told(world: World, undisturbed: State) -> None:
    world.calm()
    world.connect(hubspot_every="3s", salesforce_every="6s")
    daemon = world.start("run")
    world.wait_for_cycles(daemon, "salesforce", 3)
    world.wait_for_cycles(daemon, "hubspot", 3)
    ended = daemon.stop()
    assert ended.code == 0, ended.err
    assert ended.err == ""
    assert all({"event", "level", "timestamp"} <= line.keys() for line in daemon.lines())
    assert daemon.lines()[-1]["event"] == "ended"
    assert is_no_more_often(daemon, "hubspot", timedelta(seconds=3))
    assert is_no_more_often(daemon, "salesforce", timedelta(seconds=6))
    assert {line["outcome"] for line in ended.events("cycle")} == {"ok"}
    assert sum(line["written"] for line in world.cycles(daemon, "hubspot")) == scored_contacts(world)
    assert_same(undisturbed, timeless(world.state()))


@pytest.mark.parametrize(("crm_name", "endpoint"), MOMENTS.values(), ids=MOMENTS.keys())
def test_sigterm_ends_the_daemon_with_0_and_the_next_start_goes_on(
    crm_name: str, endpoint: str, world: World, undisturbed: State
) -> None:
    world.calm()
    world.connect(hubspot_every="1s", salesforce_every="1s")
    crm = world.hubspot if crm_name == "hubspot" else world.salesforce
    crm.plan_faults({"endpoint": endpoint, "occurrence": 1, "kind": "slow", "seconds": HELD_SECONDS})
    daemon = world.start("run")
    wait_until("the call arrived", lambda: crm.faults_injected() or not daemon.running)
    ended = daemon.stop()
    assert ended.code == 0, ended.err
    assert daemon.lines()[-1]["work_in_hand"] == "stored"
    crm.plan_faults()
    world.once()
    state = world.state()
    assert len(set(task_keys(state))) == len(task_keys(state))
    assert_same(undisturbed, timeless(state))


def test_a_batch_in_hand_at_sigterm_is_stored_and_not_sent_again(world: World, undisturbed: State) -> None:
    world.calm()
    world.connect(hubspot_every="1s", salesforce_every="1s")
    update = "POST /crm/objects/2026-03/contacts/batch/update"
    world.hubspot.plan_faults({"endpoint": update, "occurrence": 1, "kind": "slow", "seconds": HELD_SECONDS})
    daemon = world.start("run")
    wait_until("the batch arrived", lambda: world.hubspot.faults_injected() or not daemon.running)
    assert daemon.stop().code == 0
    world.once()
    batches = [entry for entry in world.hubspot.journal() if entry.endpoint == update]
    assert sum(records_in(entry.effect) for entry in batches) == scored_contacts(world)
    assert_same(undisturbed, timeless(world.state()))


def test_a_connection_that_fails_does_not_stop_the_other(world: World) -> None:
    world.connect(hubspot_every="1s", salesforce_every="1s")
    world.secret.write_text("not-the-secret", encoding="utf-8")
    daemon = world.start("run")
    wait_until("HubSpot was told", lambda: not daemon.running or delivered_to(world.hubspot))
    world.wait_for_cycles(daemon, "salesforce", 2)
    world.wait_for_cycles(daemon, "hubspot", 3)
    ended = daemon.stop()
    assert ended.code == 0
    assert {line["outcome"] for line in world.cycles(daemon, "hubspot")} == {"ok"}
    assert {line["outcome"] for line in world.cycles(daemon, "salesforce")} == {"failed"}
    assert [line["id"] for line in ended.events("problem")] == ["salesforce:pull"]


def is_no_more_often(daemon: Started, connection: str, every: timedelta) -> bool:
    """Whether the pulls of a connection keep to their interval, all in all: a busy machine may begin one of them late."""
    starts = [
        datetime.fromisoformat(line["timestamp"])
        for line in daemon.lines()
        if line["event"] == "phase" and line["phase"] == "pull" and line["connection"] == connection
    ]
    return (len(starts) - 2) * every <= starts[-1] - starts[0]


def scored_contacts(world: World) -> int:
    """How many contacts show a score."""
    contacts = world.state()["hubspot"]["records"]["contacts"].values()
    return sum(1 for contact in contacts if "leadline_score" in contact["properties"])


def records_in(effect: str) -> int:
    """How many records a batch call changed, as the journal tells it."""
    return int(next(word for word in effect.split() if word.isdigit()))


def delivered_to(hubspot: Crm) -> bool:
    return any("batch/update" in entry.endpoint for entry in hubspot.journal())
