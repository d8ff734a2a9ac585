"""A rule for CRMs that do half of a batch: the other half can be written later."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from connectors.conformance import World
from connectors.contract import Connector, RetryAt, Update, Written


class HalfDoingWorld(World, ABC):
    """A world whose account can do a batch by half."""

    @abstractmethod
    def half_do_next_write(self) -> None:
        """Have half of the people in the next write meet a lock."""


class HalfDoneRules:
    """What `write` promises about batches that are done by half."""

    def test_half_of_a_batch_meets_a_lock_and_is_written_later(self, world: HalfDoingWorld, ready: Connector[Any]) -> None:
        """Each record has its own outcome, in order; one that met a lock is not refused."""
        updates = [Update(ref, {"score": 55}) for ref in world.add_people(6)]
        world.half_do_next_write()
        with world.patience.suspended():
            outcomes = ready.write(updates)
        assert [outcome.ref for outcome in outcomes] == [update.ref for update in updates]
        assert sorted(type(outcome).__name__ for outcome in outcomes) == [RetryAt.__name__] * 3 + [Written.__name__] * 3
        done = {outcome.ref for outcome in outcomes if isinstance(outcome, Written)}
        assert {update.ref for update in updates if world.ours_of(update.ref).get("score") is not None} == done
        assert ready.write(updates) == tuple(Written(update.ref) for update in updates)
