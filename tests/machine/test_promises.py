"""Whatever reps, admins and failures do in whatever order, the promises hold after every step and at the end.

`MACHINE_EXAMPLES` says how many stories are tried: 2 unless told, always the same; `make fuzz` tries many, ever new ones.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.acceptance.crm import JournalEntry
from tests.stage.agreement import disagreements, our_tasks, shown_tasks, traces_of
from tests.stage.churn import Churn
from tests.stage.effects import boundaries
from tests.stage.staged import KILLED, Kill, Saved, StagedWorld

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "2"))
STEPS = int(os.environ.get("MACHINE_STEPS", "10"))
PEOPLE = 30
BEGINS = datetime(2026, 3, 12, 6, tzinfo=UTC)
FAULT_FACTOR = 10.0
REST_SECONDS = 7_200.0
MOST_CYCLES_TO_REST = 4

CHANGES: dict[str, Callable[[Churn], None]] = {
    "a contact is edited": Churn.edit_contact,
    "a Lead is edited": Churn.edit_lead,
    "a contact is met": Churn.meet_contact,
    "a Lead is met": Churn.meet_lead,
    "a contact is created": Churn.create_contact,
    "a Lead is created": Churn.create_lead,
    "an address changes": Churn.change_address,
    "a contact is archived": Churn.archive_contact,
    "a contact is erased": Churn.erase_contact,
    "two contacts are merged": Churn.merge_contacts,
    "a contact is restored": Churn.restore_contact,
    "a Lead is deleted": Churn.delete_lead,
    "a Lead is undeleted": Churn.undelete_lead,
    "two Leads are merged": Churn.merge_leads,
    "two Contacts of Salesforce are merged": Churn.merge_salesforce_contacts,
    "a Lead is converted": Churn.convert_lead,
    "a Lead is converted into a Contact that is there": Churn.convert_lead_into_contact,
}
TOUCHES: dict[str, Callable[[Churn], str]] = {
    "completed": Churn.complete_task,
    "edited": Churn.edit_task,
    "deleted": Churn.delete_task,
}


class Promises(RuleBasedStateMachine):
    """Two CRMs and a workspace. `touched` is what reps left behind of tasks of ours, by their key; None: deleted."""

    world: ClassVar[StagedWorld]
    start: ClassVar[Saved]

    def __init__(self) -> None:
        super().__init__()
        self.world.load(self.start)
        self.touched: dict[str, Any] = {}
        self.cycled = False

    @initialize(seed=st.integers(1, 1_000))
    def people_work(self, seed: int) -> None:
        self.churn = Churn(self.world, seed)

    @rule(what=st.sampled_from(sorted(CHANGES)))
    def something_changes(self, what: str) -> None:
        CHANGES[what](self.churn)
        if self.touched:  # With a Lead its tasks go away, and come back.
            shown = shown_tasks(self.world)
            self.touched = {key: shown.get(key) for key in self.touched}

    @rule(how=st.sampled_from(sorted(TOUCHES)))
    def a_rep_touches_a_task(self, how: str) -> None:
        key = TOUCHES[how](self.churn)
        if key:
            self.touched[key] = shown_tasks(self.world).get(key)

    @rule(seconds=st.sampled_from([60.0, 3_600.0, 2 * 86_400.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.later(seconds)

    @rule(seed=st.integers(1, 1_000))
    def trouble_begins(self, seed: int) -> None:
        self.world.trouble(FAULT_FACTOR, seed)

    @rule()
    def trouble_ends(self) -> None:
        self.world.calm()

    @rule()
    def a_cycle_is_run(self) -> None:
        self._runs("once")

    @rule(boundary=st.sampled_from([str(one) for one in boundaries()]), nth=st.integers(1, 3))
    def a_cycle_is_killed(self, boundary: str, nth: int) -> None:
        self._runs("once", Kill(boundary, nth))

    @precondition(lambda self: self.cycled)
    @rule()
    def an_audit_is_run(self) -> None:
        self._runs("audit")

    @invariant()
    def no_crossing_has_two_tasks(self) -> None:
        keys = sorted(our_tasks(self.world).values())
        assert len(keys) == len(set(keys)), keys

    @invariant()
    def what_a_rep_touched_is_left_alone(self) -> None:
        shown = shown_tasks(self.world)
        assert {key: shown.get(key) for key in self.touched} == self.touched

    def teardown(self) -> None:
        """Calm, and everybody comes to rest: then both sides say the same."""
        self.world.calm()
        for _ in range(MOST_CYCLES_TO_REST):
            self._rests("once")
        self._rests("audit")
        self._rests("once")
        assert disagreements(self.world) == []
        quiet = self._writes_of(partial(self._rests, "once"))
        assert quiet == []
        assert [address for address in self.churn.erased if traces_of(self.world.database, address)] == []
        self.no_crossing_has_two_tasks()
        self.what_a_rep_touched_is_left_alone()

    def _runs(self, command: str, kill: Kill | None = None) -> None:
        ended = self.world.command(command, kill=kill)
        assert ended.code in {0, 1, KILLED}, ended.err
        assert "Traceback" not in ended.err, ended.err
        self.cycled = self.cycled or ended.code == 0

    def _rests(self, command: str) -> None:
        self.world.later(REST_SECONDS)
        ended = self.world.command(command)
        assert ended.code == 0, ended.out + ended.err

    def _writes_of(self, act: Callable[[], None]) -> list[JournalEntry]:
        before = [crm.last_number() for crm in self.world.crms]
        act()
        return [entry for crm, since in zip(self.world.crms, before, strict=True) for entry in crm.writes(since)]


@contextmanager
def stage() -> Iterator[tuple[StagedWorld, Saved]]:
    """A provisioned world in which everybody was read once."""
    with tempfile.TemporaryDirectory() as folder:
        world = StagedWorld(Path(folder), BEGINS, PEOPLE)
        try:
            world.prepare()
            world.once()
            yield world, world.save()
        finally:
            world.end()


@pytest.mark.timeout(3_600)  # many examples where they were asked for
def test_the_promises_hold_whatever_happens() -> None:
    tried = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=EXAMPLES <= 2,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    with stage() as (world, start):
        Promises.world, Promises.start = world, start
        run_state_machine_as_test(Promises, settings=tried)
