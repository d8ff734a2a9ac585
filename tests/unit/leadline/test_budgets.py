"""Budgets that processes share through the database, and what becomes of a cycle when the day's calls are gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from connectors.budget import Budget, RateLimit
from connectors.errors import RetryLater
from connectors.records import Ref
from leadline.state import runs
from leadline.state.budgets import DatabaseLedger
from leadline.state.database import Database
from tests.engine import MovableTime, TwoCrms, asks_for_a_demo, contact, hot, market

LIMIT = RateLimit("requests", 5, 10.0)


def budget(database: Database, time: MovableTime, *limits: RateLimit, connection: str = "sales") -> Budget:
    """The budget as one more process would open it."""
    clock = time.clock()
    return Budget(limits, now=clock.now, sleep=clock.sleep, ledger=DatabaseLedger(database, connection, clock))


def call(budget: Budget) -> None:
    with budget.call("requests"):
        pass


class TestLedger:
    """One state an account, in the database."""

    def test_every_process_counts_the_calls_of_the_others(self, database: Database) -> None:
        time = MovableTime()
        for _ in range(LIMIT.calls):
            call(budget(database, time, LIMIT))
        assert time.slept_seconds == []
        call(budget(database, time, LIMIT))
        assert sum(time.slept_seconds) == pytest.approx(10.0, abs=0.02)

    def test_connections_have_budgets_of_their_own(self, database: Database) -> None:
        time = MovableTime()
        for name in ("marketing", "sales"):
            for _ in range(LIMIT.calls):
                call(budget(database, time, LIMIT, connection=name))
        assert time.slept_seconds == []

    def test_what_is_known_of_the_day_outlives_the_process(self, database: Database) -> None:
        time = MovableTime()
        budget(database, time).note_daily(limit=1_000, remaining=800, resets_at=time.now + timedelta(hours=9))
        assert budget(database, time).daily_left() == 500

    def test_threads_that_ask_at_once_never_share_a_slot(self, database: Database) -> None:
        time = MovableTime()
        shared = [budget(database, time, LIMIT) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(call, shared[number % 4]) for number in range(4 * LIMIT.calls)]:
                done.result(timeout=30)
        assert sum(time.slept_seconds) >= 3 * LIMIT.per_seconds

    def test_without_the_database_nobody_is_let_through(self, database: Database) -> None:
        time = MovableTime()
        asking = budget(database, time, LIMIT)
        with database.begin() as tx:
            tx.exec_driver_sql("ALTER TABLE budgets RENAME TO lost")
        try:
            with pytest.raises(RetryLater, match="the budget of sales cannot be looked up"):
                call(asking)
        finally:
            with database.begin() as tx:
                tx.exec_driver_sql("ALTER TABLE lost RENAME TO budgets")

    def test_words_of_another_version_are_as_good_as_none(self, database: Database) -> None:
        time = MovableTime()
        with database.begin() as tx:
            tx.exec_driver_sql("INSERT INTO budgets VALUES ('sales', '{\"on_their_way\": 7}', '')")
        call(budget(database, time, LIMIT))
        assert time.slept_seconds == []


class TestCycle:
    """A whole cycle on a shared budget."""

    def test_no_call_is_made_from_inside_a_transaction(self, database: Database) -> None:
        """It would wait for itself."""
        world = TwoCrms(database)
        market(world)
        for name in ("marketing", "sales"):
            world.budgets[name] = budget(database, world.time, connection=name)
        assert [report.failed for report in world.run()] == [None, None]

    def test_a_spent_day_is_one_problem_with_the_hour_and_no_call_until_then(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        market(world)
        world.budgets["sales"] = budget(sqlite, world.time)
        midnight = world.time.now + timedelta(hours=2)
        world.budgets["sales"].note_spent(midnight)
        for _ in range(6):
            world.run()
            world.later(minutes=1)
        assert world.sales.wire.journal == ()
        with sqlite.begin() as tx:
            (problem,) = runs.open_problems(tx)
        assert problem.what == "sales cannot be read: the daily API allowance is used up; goes on at 2026-11-18 11:00 UTC"
        world.time.now = midnight
        world.run()
        with sqlite.begin() as tx:
            assert runs.open_problems(tx) == []
        assert world.sales.ours(Ref("contacts", "2"))

    def test_a_raised_hand_gets_through_when_only_the_urgent_calls_are_left(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        world.sales.put(contact("1", "ann@acme.example"))
        world.sales.put(contact("2", "bo@birch.example"))
        world.run()
        world.budgets["sales"] = budget(sqlite, world.time)
        world.budgets["sales"].note_daily(limit=10_000, remaining=3_100, resets_at=world.time.now + timedelta(hours=9))
        world.marketing.put(contact("m1", "ann@acme.example"))
        asks_for_a_demo(world, "m1", world.marketing)
        hot(world, "m2", world.marketing)
        before = len(world.sales.wire.journal)
        world.run()
        assert [endpoint for endpoint in world.sales.wire.journal[before:] if endpoint != "GET /tasks"] == ["POST /tasks"]
        assert [task.person for task in world.sales.tasks.all()] == [Ref("contacts", "1")]
