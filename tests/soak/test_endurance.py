"""One process works for hundreds of cycles while everything goes wrong: nothing lost, nothing twice, no growth.

`SOAK_CYCLES` says how many: 10 unless told, so that `make test` has its share; `make soak` takes 200.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.soak.conftest import Note
from tests.soak.endurance import endure

CYCLES = int(os.environ.get("SOAK_CYCLES", "10"))
MEASURED_FROM = 50
"""The first cycles read the market and fill every cache."""
TOLERANCE_PERCENT = 5
SEED = 1


@pytest.mark.timeout(1_500)  # twenty minutes for 200 cycles, on a machine that does other things too
def test_many_cycles_under_faults_lose_nothing_and_stay_small(tmp_path: Path, note: Note) -> None:
    endured = endure(tmp_path / "world", CYCLES, SEED)
    sizes = {f"mib_{cycle}": endured.resident_bytes[cycle] >> 20 for cycle in (50, 100, 150, 200) if cycle <= CYCLES}
    note(
        seed=SEED,
        what="endurance",
        calls=endured.calls,
        faults=endured.faults,
        cycles=endured.cycles,
        failed=endured.failed_cycles,
        lost=len(endured.lost),
        twice=len(endured.twice),
        over=endured.over_budget,
        minutes=endured.twin_minutes,
        seconds=endured.seconds,
        **sizes,
    )
    assert endured.lost == []
    assert endured.twice == []
    assert endured.traces == []
    assert endured.over_budget == 0
    if CYCLES > MEASURED_FROM:
        early, late = endured.resident_bytes[MEASURED_FROM], endured.resident_bytes[CYCLES]
        assert abs(late - early) * 100 <= early * TOLERANCE_PERCENT, f"{early >> 20} MiB became {late >> 20} MiB"
