"""Killed with SIGKILL at any point and started again, the CRMs end in the state of an undisturbed run."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.acceptance.end_state import State, assert_same, task_keys, timeless
from tests.acceptance.interrupt import InFlight, Moment, NeverArrived, WhileScoring
from tests.acceptance.world import World

HUBSPOT_CONTACTS = "GET /crm/objects/*/contacts"
HUBSPOT_UPDATE = "POST /crm/objects/*/contacts/batch/update"
HUBSPOT_TASK = "POST /crm/objects/*/tasks"
SALESFORCE_QUERY = "GET /services/data/*/query"
SALESFORCE_UPDATE = "PATCH /services/data/*/composite/sobjects"
SALESFORCE_TASK = "POST /services/data/*/sobjects/Task"

MOMENTS: dict[str, Moment] = {
    "pull: second page of HubSpot's contacts": InFlight("hubspot", HUBSPOT_CONTACTS, 2),
    "pull: Salesforce's engagements": InFlight("salesforce", SALESFORCE_QUERY, 10),
    "score: nobody yet": WhileScoring(0),
    "score: some": WhileScoring(200),
    "tasks: HubSpot made it, the reply is lost": InFlight("hubspot", HUBSPOT_TASK, 2),
    "tasks: HubSpot never heard of it": NeverArrived("hubspot", HUBSPOT_TASK, 1),
    "tasks: Salesforce made it, the reply is lost": InFlight("salesforce", SALESFORCE_TASK, 3),
    "tasks: Salesforce never heard of it": NeverArrived("salesforce", SALESFORCE_TASK, 2),
    "values: HubSpot took them, the reply is lost": InFlight("hubspot", HUBSPOT_UPDATE, 1),
    "values: Salesforce took them, the reply is lost": InFlight("salesforce", SALESFORCE_UPDATE, 1),
    "values: Salesforce never heard of them": NeverArrived("salesforce", SALESFORCE_UPDATE, 1),
}

TWICE: dict[str, tuple[Moment, Moment]] = {
    "in pull, then in delivery": (InFlight("hubspot", HUBSPOT_CONTACTS, 1), InFlight("hubspot", HUBSPOT_TASK, 1)),
    "in the same task": (InFlight("salesforce", SALESFORCE_TASK, 2), NeverArrived("salesforce", SALESFORCE_TASK, 1)),
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_killed_cycle_run_again_ends_where_an_undisturbed_one_does(
    moment: Moment, world: World, undisturbed: State
) -> None:
    world.calm()
    moment.kill_there(world)
    world.once()
    assert_as_if_nothing_had_happened(world, undisturbed)


@pytest.mark.parametrize("moments", TWICE.values(), ids=TWICE.keys())
def test_two_kills_in_a_row_end_there_too(moments: tuple[Moment, Moment], world: World, undisturbed: State) -> None:
    world.calm()
    for moment in moments:
        moment.kill_there(world)
    world.once()
    assert_as_if_nothing_had_happened(world, undisturbed)


def assert_as_if_nothing_had_happened(world: World, undisturbed: State) -> None:
    state = world.state()
    assert [key for key, times in Counter(task_keys(state)).items() if times > 1] == []
    assert_same(undisturbed, timeless(state))
