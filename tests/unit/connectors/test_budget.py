"""No window is ever exceeded, and the reserve of the day stays with other apps."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.budget import Budget, RateLimit
from connectors.errors import RetryLater

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

    def budget(self, *limits: RateLimit, reserve_share: float = 0.3) -> Budget:
        return Budget(limits, now=lambda: self.now, sleep=self.sleep, reserve_share=reserve_share)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def most_within(times: Sequence[datetime], seconds: float) -> int:
    return max(sum(1 for other in times if timedelta(0) <= other - time < timedelta(seconds=seconds)) for time in times)


def test_calls_within_the_limit_do_not_wait(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 5, 10.0))
    for _ in range(5):
        budget.take("requests")
    assert clock.slept == []


def test_the_call_above_the_limit_waits_until_the_window_frees_up(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 2, 10.0))
    budget.take("requests")
    clock.now += timedelta(seconds=4)
    budget.take("requests")
    budget.take("requests")
    assert clock.slept == [6.0]


def test_kinds_have_windows_of_their_own(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0), RateLimit("search", 1, 1.0))
    budget.take("requests")
    budget.take("search")
    assert clock.slept == []
    budget.take("search")
    assert clock.slept == [1.0]


def test_one_call_may_count_against_several_kinds(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0), RateLimit("associations", 5, 10.0))
    budget.take("requests", "associations")
    budget.take("associations", "requests")
    assert clock.slept == [10.0]


def test_a_kind_without_a_limit_never_waits(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0))
    for _ in range(50):
        budget.take("bulk")
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
        budget.take("requests")
        times.append(clock.now)
    for calls, seconds in limits:
        assert most_within(times, seconds) <= calls


def test_work_without_pauses_uses_the_whole_rate(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 19, 1.0))
    for _ in range(190):
        budget.take("requests")
    assert (clock.now - START).total_seconds() == pytest.approx(9.0)


def test_callers_in_several_threads_share_one_window(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 10, 10.0))
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(budget.take, "requests") for _ in range(40)]:
            done.result(timeout=20)
    assert (clock.now - START).total_seconds() >= 30.0


def test_a_clock_that_is_set_back_makes_nobody_wait_longer_than_the_window(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0))
    budget.take("requests")
    clock.now -= timedelta(hours=1)
    budget.take("requests")
    assert sum(clock.slept) <= 10.0


def test_the_reserve_is_left_to_others(clock: Clock) -> None:
    budget = clock.budget()
    resets_at = START + timedelta(hours=6)
    budget.note_daily(limit=1000, remaining=300, resets_at=resets_at)
    with pytest.raises(RetryLater, match="30 %") as caught:
        budget.take("requests")
    assert (caught.value.at, caught.value.code) == (resets_at, "DAILY")


def test_above_the_reserve_calls_go_on(clock: Clock) -> None:
    budget = clock.budget()
    budget.note_daily(limit=1000, remaining=301, resets_at=None)
    budget.take("requests")


def test_calls_whose_answers_tell_nothing_are_counted_down(clock: Clock) -> None:
    budget = clock.budget()
    budget.note_daily(limit=1000, remaining=303, resets_at=None)
    for _ in range(3):
        budget.take("search")
    with pytest.raises(RetryLater):
        budget.take("search")


def test_the_next_answer_corrects_the_count(clock: Clock) -> None:
    budget = clock.budget()
    budget.note_daily(limit=1000, remaining=301, resets_at=None)
    budget.take("requests")
    budget.note_daily(limit=1000, remaining=500, resets_at=None)
    budget.take("requests")


def test_after_the_reset_calls_go_on(clock: Clock) -> None:
    budget = clock.budget()
    budget.note_daily(limit=1000, remaining=0, resets_at=START + timedelta(hours=6))
    clock.now += timedelta(hours=6)
    budget.take("requests")


def test_without_a_named_reset_the_crm_is_asked_again_in_an_hour(clock: Clock) -> None:
    budget = clock.budget()
    budget.note_daily(limit=1000, remaining=0, resets_at=None)
    with pytest.raises(RetryLater) as caught:
        budget.take("requests")
    assert caught.value.at == START + timedelta(hours=1)
    clock.now += timedelta(hours=1)
    budget.take("requests")


def test_an_account_that_tells_no_allowance_has_none_to_spare_or_spend(clock: Clock) -> None:
    budget = clock.budget()
    for _ in range(10_000):
        budget.take("requests")


def test_a_reserve_of_nothing_lets_the_last_call_through(clock: Clock) -> None:
    budget = clock.budget(reserve_share=0.0)
    budget.note_daily(limit=1000, remaining=1, resets_at=None)
    budget.take("requests")
    with pytest.raises(RetryLater):
        budget.take("requests")


def test_a_refused_call_spends_no_window(clock: Clock) -> None:
    budget = clock.budget(RateLimit("requests", 1, 10.0))
    budget.note_daily(limit=1000, remaining=0, resets_at=START + timedelta(hours=1))
    with pytest.raises(RetryLater):
        budget.take("requests")
    clock.now += timedelta(hours=1)
    budget.take("requests")
    assert clock.slept == []
