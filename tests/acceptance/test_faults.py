"""A twin that fails once on each endpoint changes nothing in what the CRMs end up with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from tests.acceptance.end_state import State, assert_same, task_keys, timeless
from tests.acceptance.world import World

FAULTS: dict[str, Mapping[str, Any]] = {
    "429": {"status": 429},
    "500": {"status": 500},
    "401": {"status": 401},
    "500 after the effect": {"status": 500, "when": "after"},
    "connection cut after the effect": {"kind": "cut", "when": "after"},
}


@pytest.mark.timeout(400)  # HubSpot's 429 asks for ten seconds of patience, on each of some fourteen endpoints
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_one_fault_on_each_endpoint_changes_nothing_in_the_end_state(
    fault: Mapping[str, Any], world: World, undisturbed: State
) -> None:
    for crm in world.crms:
        crm.plan_faults({"each_endpoint_once": fault})
    world.once()
    for crm in world.crms:
        crm.plan_faults()
    state = world.state()
    assert [key for key, times in Counter(task_keys(state)).items() if times > 1] == []
    assert_same(undisturbed, timeless(state))
