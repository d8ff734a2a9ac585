"""A twin that fails once on each endpoint changes nothing in what the CRMs end up with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.acceptance.end_state import State, differences, task_keys, timeless
from tests.acceptance.world import World
from tests.acceptance.worlds import opened

FAULTS: dict[str, Mapping[str, Any]] = {
    "429": {"status": 429},
    "500": {"status": 500},
    "401": {"status": 401},
    "500 after the effect": {"status": 500, "when": "after"},
    "connection cut after the effect": {"kind": "cut", "when": "after"},
}


def test_one_fault_on_each_endpoint_changes_nothing_in_the_end_state(
    tmp_path: Path, as_of: datetime, undisturbed: State
) -> None:
    """One test for all faults, a world for each; nobody really waits the seconds that the CRMs ask for."""
    with ExitStack() as worlds:
        stormy = {name: worlds.enter_context(opened(tmp_path / str(place), as_of)) for place, name in enumerate(FAULTS)}
        for name, world in stormy.items():
            for crm in world.crms:
                crm.plan_faults({"each_endpoint_once": FAULTS[name]})
            world.hurry()
        cycles = {name: world.start("once") for name, world in stormy.items()}
        ended = {name: cycle.wait() for name, cycle in cycles.items()}
        assert {name: cycle.code for name, cycle in ended.items()} == dict.fromkeys(FAULTS, 0)
        assert all(crm.faults_injected() > 10 for world in stormy.values() for crm in world.crms)
        assert {name: wrong_in(world, undisturbed) for name, world in stormy.items()} == {name: [] for name in FAULTS}


def wrong_in(world: World, undisturbed: State) -> list[str]:
    """Tasks opened twice, and whatever else differs from an undisturbed run."""
    state = world.state()
    twice = [f"{key} was opened {times} times" for key, times in Counter(task_keys(state)).items() if times > 1]
    return twice + differences(undisturbed, timeless(state))
