"""The main job ends where an undisturbed one does while both CRMs fail ten times as often as by default.

A market is read, scored and told to both CRMs by `leadline once`, again and again, a minute apart, until both hold what an
undisturbed cycle leaves in them. Nobody waits: the commands' time and that of the twins jump.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from tests.acceptance.end_state import State
from tests.acceptance.test_faults import wrong_in
from tests.acceptance.world import World
from tests.acceptance.worlds import opened
from tests.soak.conftest import FACTOR, SEEDS, Note

MOST_CYCLES = 8
BETWEEN_CYCLES_SECONDS = 61.0
"""Longer than a record that met a lock is left alone."""

TOGETHER = 5
GROUPS = [SEEDS[start : start + TOGETHER] for start in range(0, len(SEEDS), TOGETHER)]


@pytest.mark.timeout(900)  # five jobs side by side on a machine that does other things too
@pytest.mark.parametrize("seeds", GROUPS, ids=lambda seeds: f"seeds{seeds[0]}-{seeds[-1]}")
def test_the_main_job_ends_as_if_nothing_had_happened(
    seeds: range, tmp_path: Path, as_of: datetime, undisturbed: State, note: Note
) -> None:
    with ExitStack() as stack:
        worlds = {seed: stack.enter_context(opened(tmp_path / str(seed), as_of)) for seed in seeds}
        for seed, world in worlds.items():
            world.trouble(FACTOR, seed)
            world.hurry()
        cycles = dict.fromkeys(seeds, 0)
        wrong = {seed: ["not run yet"] for seed in seeds}
        while unfinished := [seed for seed in seeds if wrong[seed] and cycles[seed] < MOST_CYCLES]:
            run_once([worlds[seed] for seed in unfinished])
            for seed in unfinished:
                cycles[seed] += 1
                wrong[seed] = wrong_in(worlds[seed], undisturbed)
        for seed, world in worlds.items():
            calls, faults = sum(crm.calls() for crm in world.crms), sum(crm.faults_injected() for crm in world.crms)
            note(seed=seed, what="main job", calls=calls, faults=faults, cycles=cycles[seed], wrong=len(wrong[seed]))
        assert wrong == {seed: [] for seed in seeds}


def run_once(worlds: list[World]) -> None:
    """One cycle in each world, side by side; it may fail, the next one goes on."""
    running = [world.start("once") for world in worlds]
    for world, cycle in zip(worlds, running, strict=True):
        ended = cycle.wait()
        assert ended.code in {0, 1}, ended.out + ended.err
        assert "Traceback" not in ended.err, ended.err
        world.later(BETWEEN_CYCLES_SECONDS)
