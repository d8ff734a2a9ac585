"""Nothing lost and nothing twice: the process may end after any effect, and any reply may be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection

from connectors.memory_wire import Fault, Wire
from connectors.records import OwnerRecord, Ref
from leadline.clock import Stopped
from leadline.retry import RetryPolicy
from leadline.state.database import Database
from tests.engine import BUYER, TwoCrms, asks_for_a_demo, contact, emptied, engaged, hot, market, shown


class Killed(BaseException):
    """The process ends here, like with SIGKILL: nothing that follows happens."""


class Killing:
    """Ends the process after its n-th effect: a transaction stored, or a call that reached a CRM."""

    def __init__(self, after: int | None) -> None:
        self.effects = 0
        self._after = after

    def effect(self) -> None:
        """Something happened for good."""
        self.effects += 1
        if self.effects == self._after:
            raise Killed


class KillingDatabase(Database):
    """A database whose process may be killed right after each commit."""

    def __init__(self, database: Database, killing: Killing) -> None:
        self.url = database.url
        self._engine = database._engine
        self._conditions = database._conditions
        self._killing = killing

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with super().begin() as tx:
            before = rows_changed(tx)
            yield tx
            wrote = before is None or rows_changed(tx) != before
        if wrote:
            self._killing.effect()


def rows_changed(tx: Connection) -> int | None:
    """How many rows the connection has changed so far; None where the database does not tell."""
    return getattr(tx.connection.driver_connection, "total_changes", None)


class KillingWire(Wire):
    """A wire whose caller may be killed after a call took effect and before it learns so."""

    def __init__(self, wire: Wire, world: TwoCrms, killing: Killing) -> None:
        super().__init__(lambda: world.time.now)
        self._inner = wire
        self._killing = killing

    @contextmanager
    def call(self, endpoint: str) -> Iterator[None]:
        with self._inner.call(endpoint):
            yield
        self._killing.effect()


def killed_after(world: TwoCrms, effects: int | None) -> int:
    """Run a cycle that is killed after so many effects; returns how many there were."""
    killing = Killing(effects)
    true = world.database, world.marketing.wire, world.sales.wire
    world.database = KillingDatabase(world.database, killing)
    for crm in (world.marketing, world.sales):
        crm.wire = KillingWire(crm.wire, world, killing)
    try:
        world.run()
    except Killed:
        pass
    finally:
        world.database, world.marketing.wire, world.sales.wire = true
    return killing.effects


def settled(database: Database) -> TwoCrms:
    """A world that went live, and in which something has happened since."""
    world = TwoCrms(emptied(database))
    hot(world, "9")
    world.run()
    market(world)
    return world


def unanswered(database: Database) -> TwoCrms:
    """A world in which nobody responded to two leads, so that their tasks are to go to the manager."""
    world = TwoCrms(emptied(database))
    world.sales.put(OwnerRecord(ref=Ref("owners", "boss"), name="Bo Birch"))
    world.sales.put(OwnerRecord(ref=Ref("owners", "o1"), name="Olga Okoye", manager_id="boss"))
    hot(world, "1")
    hot(world, "2")
    world.run()
    world.later(hours=5)
    return world


class TestCrash:
    """4. Nothing lost."""

    @pytest.mark.parametrize("part", range(4))
    def test_killed_after_any_effect_of_going_live_the_crms_end_up_the_same(self, sqlite: Database, part: int) -> None:
        world = TwoCrms(sqlite)
        market(world)
        effects = killed_after(world, None)
        expected = shown(world)
        assert effects > 60
        for kill in range(1 + part, effects + 1, 4):
            world = TwoCrms(emptied(sqlite))
            market(world)
            assert killed_after(world, kill) == kill
            world.run()
            assert shown(world) == expected, f"killed after effect {kill} of {effects}"

    def test_killed_after_any_effect_of_a_later_cycle_the_crms_end_up_the_same(self, sqlite: Database) -> None:
        world = settled(sqlite)
        effects = killed_after(world, None)
        expected = shown(world)
        for kill in range(1, effects + 1, 7):
            world = settled(sqlite)
            killed_after(world, kill)
            world.run()
            assert shown(world) == expected, f"killed after effect {kill} of {effects}"

    def test_killed_after_any_effect_of_an_escalation_the_crms_end_up_the_same(self, sqlite: Database) -> None:
        world = unanswered(sqlite)
        effects = killed_after(world, None)
        expected = shown(world)
        assert [task.owner_id for task in world.sales.tasks.all()] == ["boss", "boss"]
        for kill in range(1, effects + 1):
            world = unanswered(sqlite)
            killed_after(world, kill)
            world.run()
            assert shown(world) == expected, f"killed after effect {kill} of {effects}"

    def test_the_same_holds_on_postgresql(self, postgresql: Database) -> None:
        world = TwoCrms(emptied(postgresql))
        market(world)
        effects = killed_after(world, None)
        expected = shown(world)
        for kill in range(3, effects + 1, 17):
            world = TwoCrms(emptied(postgresql))
            market(world)
            killed_after(world, kill)
            world.run()
            assert shown(world) == expected, f"killed after effect {kill} of {effects}"

    def test_killed_again_and_again_the_crms_end_up_the_same(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        market(world)
        world.run()
        expected = shown(world)
        world = TwoCrms(emptied(sqlite))
        market(world)
        for effects in range(1, 60, 5):
            killed_after(world, effects)
        world.run()
        assert shown(world) == expected

    def test_stopped_politely_at_any_point_the_crms_end_up_the_same(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        market(world)
        asked = 0

        def count() -> None:
            nonlocal asked
            asked += 1

        world.run(count)
        expected = shown(world)
        for last in range(asked):
            world = TwoCrms(emptied(sqlite))
            market(world)
            with pytest.raises(Stopped):
                world.run(stops_after(last))
            world.run()
            assert shown(world) == expected

    @pytest.mark.parametrize("status", [0, 401, 429, 500])
    def test_a_call_that_fails_once_at_each_endpoint_changes_nothing(self, sqlite: Database, status: int) -> None:
        world = TwoCrms(sqlite)
        market(world)
        world.run()
        expected = shown(world)
        endpoints = {*world.marketing.wire.journal, *world.sales.wire.journal}
        for when in ("before", "after"):
            world = TwoCrms(emptied(sqlite))
            market(world)
            for crm in (world.marketing, world.sales):
                crm.wire.declare(*(Fault(status, endpoint, when) for endpoint in sorted(endpoints)))
            assert [report.failed for report in world.run()] == [None, None]
            assert shown(world) == expected

    def test_an_outage_in_the_middle_of_delivery_is_made_up_for_by_the_next_cycle(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        market(world)
        world.run()
        expected = shown(world)
        world = TwoCrms(emptied(sqlite))
        market(world)
        outage = RetryPolicy().attempts
        world.sales.wire.declare(Fault(503, "PATCH *", when="after", times=outage))
        assert [bool(report.failed) for report in world.run()] == [False, True]
        world.run()
        assert shown(world) == expected

    def test_a_score_that_was_taken_back_before_it_was_told_is_never_told(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        hot(world, "1")
        world.run()
        before = shown(world)
        asks_for_a_demo(world, "1")
        world.sales.wire.declare(Fault(503, "P* /*", times=RetryPolicy().attempts))
        world.run()
        world.sales.archive(Ref("activities", "1-demo"))
        world.run()
        assert shown(world)["sales contacts/1"] == before["sales contacts/1"]


def stops_after(times: int) -> Callable[[], None]:
    left = times

    def stop_if_asked() -> None:
        nonlocal left
        if left == 0:
            raise Stopped
        left -= 1

    return stop_if_asked


class TestOnce:
    """5. Nothing twice."""

    def test_a_create_whose_reply_was_lost_is_looked_for_before_it_is_made_again(self, database: Database) -> None:
        world = TwoCrms(database)
        hot(world, "1")
        world.sales.wire.declare(Fault(0, "POST /tasks", when="after"))
        world.run()
        asked = [endpoint for endpoint in world.sales.wire.journal if endpoint.endswith("/tasks")]
        assert asked == ["GET /tasks", "POST /tasks", "GET /tasks"]
        assert len(world.sales.tasks.all()) == 1

    def test_a_create_whose_process_died_is_looked_for_before_it_is_made_again(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        hot(world, "1")
        kill = 1
        while not world.sales.tasks.all():
            world = TwoCrms(emptied(sqlite))
            hot(world, "1")
            killed_after(world, kill)
            kill += 1
        world.run()
        assert world.sales.wire.journal.count("POST /tasks") == 1
        assert len(world.sales.tasks.all()) == 1

    def test_a_task_that_a_rep_completed_is_not_opened_again(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        hot(world, "1")
        world.run()
        (task,) = world.sales.tasks.all()
        world.sales.tasks.close(task.ref, "")
        engaged(world, "1")
        world.later(days=1)
        world.run()
        assert [task.open for task in world.sales.tasks.all()] == [False]

    def test_two_people_who_turn_out_to_be_one_have_no_further_task(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        hot(world, "1")
        hot(world, "2")
        world.run()
        opened = len(world.sales.tasks.all())
        world.sales.put(contact("2", "buyer1@acme.example", fields=BUYER))
        world.run()
        assert len(world.scores()) == 1
        assert len(world.sales.tasks.all()) == opened
