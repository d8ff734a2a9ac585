"""No rolling window is ever exceeded, whoever calls and however long a call is on its way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.budget import Budget, Ledger, MemoryLedger, RateLimit
from connectors.errors import RetryLater
from connectors.ledger import Account
from tests.unit.connectors.windows import most_within

T = TypeVar("T")

START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class Clock:
    """Time that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []
        self._lock = Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += timedelta(seconds=seconds)

    def budget(self, *limits: RateLimit, ledger: Ledger | None = None) -> Budget:
        return Budget(limits, now=lambda: self.now, sleep=self.sleep, ledger=ledger)


class FailingLedger(MemoryLedger):
    """One whose place is away at times."""

    fails = False

    def change(self, step: Callable[[Account], tuple[Account, T]]) -> T:
        if self.fails:
            raise RetryLater("the ledger is away")
        return super().change(step)


def take(budget: Budget, *kinds: str) -> None:
    """A call that is answered at once."""
    with budget.call(*kinds):
        pass


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_calls_within_the_limit_do_not_wait(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 5, 10.0))
    for _ in range(5):
        take(budget, "requests")
    assert clock.slept == []


def test_the_call_above_the_limit_waits_until_the_window_frees_up(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 2, 10.0))
    take(budget, "requests")
    clock.now += timedelta(seconds=4)
    take(budget, "requests")
    take(budget, "requests")
    assert clock.slept == [pytest.approx(6.0, abs=0.02)]


def test_kinds_have_windows_of_their_own(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0), RateLimit("search", 1, 1.0))
    take(budget, "requests")
    take(budget, "search")
    assert clock.slept == []
    take(budget, "search")
    assert clock.slept == [pytest.approx(1.0, abs=0.02)]


def test_one_call_may_count_against_several_kinds(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0), RateLimit("associations", 5, 10.0))
    take(budget, "requests", "associations")
    take(budget, "associations", "requests")
    assert clock.slept == [pytest.approx(10.0, abs=0.02)]


def test_a_kind_without_a_limit_never_waits(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0))
    for _ in range(50):
        take(budget, "bulk")
    assert clock.slept == []


@given(
    limits=st.lists(st.tuples(st.integers(1, 6), st.sampled_from([0.7, 1.0, 10.0])), min_size=1, max_size=3),
    pauses=st.lists(st.floats(0, 3), min_size=1, max_size=60),
)
def test_no_rolling_window_is_ever_exceeded(limits: list[tuple[int, float]], pauses: list[float]) -> None:
    clock = Clock()
    budget = clock.budget(*(RateLimit("requests", calls, seconds) for calls, seconds in limits))
    times = []
    for pause_seconds in pauses:
        clock.now += timedelta(seconds=pause_seconds)
        take(budget, "requests")
        times.append(clock.now)
    for calls, seconds in limits:
        assert most_within(times, seconds) <= calls


def test_work_without_pauses_uses_the_whole_rate(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 19, 1.0))
    for _ in range(190):
        take(budget, "requests")
    assert (clock.now - START).total_seconds() == pytest.approx(9.0, abs=0.2)


def test_callers_in_several_threads_share_one_window(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 10, 10.0))
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(take, budget, "requests") for _ in range(40)]:
            done.result(timeout=20)
    assert (clock.now - START).total_seconds() >= 30.0


def test_a_clock_that_is_set_back_makes_nobody_wait_longer_than_the_window(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0))
    take(budget, "requests")
    clock.now -= timedelta(hours=1)
    take(budget, "requests")
    assert sum(clock.slept) <= 10.02


def test_a_call_counts_until_a_windows_width_after_its_answer(clock: Clock) -> None:
    """It was let go at once, and may have reached the CRM only just before the answer left."""
    budget = clock.budget(RateLimit("requests", 1, 10.0))
    with budget.call("requests"):
        clock.now += timedelta(seconds=25)
    take(budget, "requests")
    assert clock.slept == [pytest.approx(10.0, abs=0.02)]


def test_a_call_that_fails_counts_like_any_other(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0))
    with pytest.raises(OSError, match="cut"), budget.call("requests"):
        raise OSError("cut")
    take(budget, "requests")
    assert clock.slept == [pytest.approx(10.0, abs=0.02)]


def test_a_process_that_died_holds_its_call_no_longer_than_the_timeout_and_the_window(clock: Clock) -> None:
    ledger = MemoryLedger()
    died = clock.budget(RateLimit("requests", 1, 10.0), ledger=ledger).call("requests", timeout_seconds=40)
    died.__enter__()
    take(clock.budget(RateLimit("requests", 1, 10.0), ledger=ledger), "requests")
    assert sum(clock.slept) == pytest.approx(50.0, abs=0.1)


def test_budgets_on_one_ledger_are_one_budget(clock: Clock) -> None:
    ledger = MemoryLedger()
    one, other = (clock.budget(RateLimit("requests", 2, 10.0), ledger=ledger) for _ in range(2))
    take(one, "requests")
    take(other, "requests")
    assert clock.slept == []
    take(one, "requests")
    assert clock.slept == [pytest.approx(10.0, abs=0.02)]


def test_a_ledger_that_fails_when_the_answer_is_there_does_not_lose_the_answer(clock: Clock) -> None:
    ledger = FailingLedger()
    with clock.budget(RateLimit("requests", 1, 10.0), ledger=ledger).call("requests"):
        ledger.fails = True


def test_a_ledger_that_fails_lets_nothing_through(clock: Clock) -> None:
    ledger = FailingLedger()
    ledger.fails = True
    with pytest.raises(RetryLater, match="away"):
        take(clock.budget(ledger=ledger), "requests")
