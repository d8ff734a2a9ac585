"""The soak: everything again with all faults at ten times the default rate, for many seeds.

`SOAK_SEEDS` says how many: 5 unless told, so that `make test` has its share; `make soak` takes 50.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Protocol

import pytest

from tests.acceptance.conftest import as_of, settled, undisturbed

__all__ = ["as_of", "settled", "undisturbed"]

SEEDS = range(1, int(os.environ.get("SOAK_SEEDS", "5")) + 1)
FACTOR = 10.0


class Note(Protocol):
    """Notes what came of one seed, for the table that `make soak` prints."""

    def __call__(self, *, seed: int, what: str, calls: int, faults: int, **more: int) -> None: ...


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Note:
    """Notes go into the report of the run, see `tests.soak.table`."""

    def noted(*, seed: int, what: str, calls: int, faults: int, **more: int) -> None:
        record_property("soak", json.dumps({"seed": seed, "what": what, "calls": calls, "faults": faults, **more}))

    return noted


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed{seed}")
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of the faults."""
    found: int = request.param
    return found
