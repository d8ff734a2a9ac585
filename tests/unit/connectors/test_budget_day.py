"""Of the day's allowance the reserve stays with other apps, and the last of ours with urgent calls."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.budget import Budget, Ledger, MemoryLedger, RateLimit
from connectors.errors import RetryLater

START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
RESET = START + timedelta(hours=6)
RESERVED, OURS = 3_000, 7_000
"""Of ten thousand."""
FOR_URGENT = 140


class Day:
    """An account of ten thousand calls a day, and a clock that tests move."""

    def __init__(self) -> None:
        self.now = START
        self.ledger = MemoryLedger()
        self.budget = self.another(self.ledger)

    def another(self, ledger: Ledger, *limits: RateLimit, reserve_share: float = 0.3) -> Budget:
        return Budget(limits, now=lambda: self.now, sleep=self.sleep, reserve_share=reserve_share, ledger=ledger)

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def told(self, remaining: int, resets_at: datetime | None = RESET) -> None:
        self.budget.note_daily(limit=RESERVED + OURS, remaining=remaining, resets_at=resets_at)

    def call(self) -> None:
        with self.budget.call("requests"):
            pass

    def refused(self) -> RetryLater:
        with pytest.raises(RetryLater) as caught:
            self.call()
        return caught.value

    def calls_until_refused(self) -> int:
        for calls in range(10_000):
            try:
                self.call()
            except RetryLater:
                return calls
        raise AssertionError("nothing was refused")


@pytest.fixture
def day() -> Day:
    return Day()


def test_the_reserve_is_left_to_others_and_the_error_says_when_to_come_back(day: Day) -> None:
    day.told(remaining=RESERVED)
    refused = day.refused()
    assert (refused.at, refused.code) == (RESET, "DAILY")
    assert "other apps (30 %)" in refused.what
    assert "goes on at 2026-11-21 15:30 UTC" in refused.what


def test_calls_whose_answers_tell_nothing_are_counted_down(day: Day) -> None:
    day.told(remaining=RESERVED + FOR_URGENT + 3)
    assert day.calls_until_refused() == 3


def test_the_last_of_our_share_is_kept_for_urgent_calls(day: Day) -> None:
    day.told(remaining=RESERVED + FOR_URGENT)
    day.refused()
    with day.budget.urgently():
        assert day.calls_until_refused() == FOR_URGENT
    assert day.budget.daily_left() == 0


def test_of_a_small_allowance_some_calls_are_kept_for_urgent_ones_too(day: Day) -> None:
    day.budget.note_daily(limit=100, remaining=30 + 9, resets_at=RESET)
    assert day.calls_until_refused() == 2
    with day.budget.urgently():
        assert day.calls_until_refused() == 7


def test_urgency_ends_with_its_block(day: Day) -> None:
    day.told(remaining=RESERVED + FOR_URGENT)
    with day.budget.urgently():
        day.call()
    day.refused()


def test_the_next_answer_corrects_the_count(day: Day) -> None:
    day.told(remaining=RESERVED)
    day.told(remaining=RESERVED + 500)
    day.call()


def test_an_answer_is_not_believed_to_have_counted_calls_that_are_still_on_their_way(day: Day) -> None:
    day.told(remaining=RESERVED + FOR_URGENT + 50)
    with day.budget.call("requests") as early, day.budget.call("requests"), day.budget.call("requests"):
        early.note_daily(limit=RESERVED + OURS, remaining=RESERVED + FOR_URGENT + 10)
    assert day.calls_until_refused() == 8


def test_with_the_reset_a_whole_day_is_there_again(day: Day) -> None:
    day.told(remaining=0)
    day.now = RESET
    assert day.calls_until_refused() == OURS - FOR_URGENT


def test_without_a_known_reset_one_call_looks_each_hour(day: Day) -> None:
    day.told(remaining=RESERVED, resets_at=None)
    assert day.refused().at == START + timedelta(hours=1)
    day.now += timedelta(hours=1)
    assert day.calls_until_refused() == 1
    assert day.refused().at == START + timedelta(hours=2)


def test_after_the_crm_said_that_the_day_is_over_not_even_urgent_calls_are_made(day: Day) -> None:
    day.told(remaining=5_000)
    said = day.budget.note_spent()
    assert said.at == RESET
    with day.budget.urgently():
        assert day.refused().what == said.what == "the daily API allowance is used up; goes on at 2026-11-21 15:30 UTC"
    day.now = RESET
    day.call()


def test_the_crms_own_word_on_when_to_come_back_is_kept(day: Day) -> None:
    day.budget.note_spent(START + timedelta(hours=3))
    day.now = START + timedelta(hours=3) - timedelta(seconds=1)
    day.refused()
    day.now += timedelta(seconds=1)
    day.call()


def test_a_stop_without_any_known_end_is_looked_at_by_one_call_each_hour(day: Day) -> None:
    day.told(remaining=5_000, resets_at=None)
    assert day.budget.note_spent().at == START + timedelta(hours=1)
    day.now += timedelta(hours=1)
    assert day.calls_until_refused() == 1


def test_what_is_known_outlives_the_process(day: Day) -> None:
    day.told(remaining=RESERVED)
    with pytest.raises(RetryLater), day.another(day.ledger).call("requests"):
        pass


def test_a_clock_that_was_a_week_ahead_stops_nobody_for_longer_than_a_day(day: Day) -> None:
    day.told(remaining=0, resets_at=START + timedelta(days=8))
    assert day.refused().at == START + timedelta(days=1)


def test_an_account_that_tells_no_allowance_has_none_to_spare_or_spend(day: Day) -> None:
    for _ in range(2_000):
        day.call()
    assert day.budget.daily_left() is None


def test_a_refused_call_spends_no_window(day: Day) -> None:
    day.budget = day.another(MemoryLedger(), RateLimit("requests", 1, 10.0))
    day.told(remaining=0)
    day.refused()
    day.now = RESET
    day.call()
    assert day.now == RESET


def test_an_allowance_runs_low_a_tenth_before_the_reserve(day: Day) -> None:
    assert not day.budget.runs_low(limit=1_000, remaining=401)
    assert day.budget.runs_low(limit=1_000, remaining=400)
