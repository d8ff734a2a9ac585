"""When a call is made again, and when not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest

from connectors.errors import ConnectorError, ContractBroken, Misconfigured, Reauthorise, RecordRejected, RetryLater
from leadline.clock import Clock, Stopped
from leadline.retry import Retrier, RetryPolicy
from tests.engine import MovableTime


def failing(*errors: BaseException) -> Callable[[], str]:
    """Raises these errors one after the other, then gives an answer."""
    left = list(errors)

    def action() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return action


@pytest.fixture
def time() -> MovableTime:
    return MovableTime()


def retrier(time: MovableTime, seed: int = 1, attempts: int = 8) -> Retrier:
    return Retrier(RetryPolicy(attempts=attempts), time.clock(), Random(seed))


def test_what_succeeds_is_done_once_and_without_waiting(time: MovableTime) -> None:
    assert retrier(time)(failing()) == "answer"
    assert time.slept_seconds == []


@pytest.mark.parametrize("seed", range(20))
def test_waits_double_from_half_a_second_to_half_a_minute_with_jitter(time: MovableTime, seed: int) -> None:
    retrier(time, seed, attempts=10)(failing(*[RetryLater("busy")] * 9))
    ceilings = [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert len(time.slept_seconds) == 9
    assert all(ceiling / 2 <= slept <= ceiling for slept, ceiling in zip(time.slept_seconds, ceilings, strict=True))


def test_two_workers_do_not_come_back_at_the_same_moments() -> None:
    slept = []
    for seed in (1, 2):
        time = MovableTime()
        retrier(time, seed)(failing(RetryLater("busy"), RetryLater("busy")))
        slept.append(time.slept_seconds)
    assert slept[0] != slept[1]


def test_a_moment_that_the_crm_names_is_waited_for_to_the_second(time: MovableTime) -> None:
    at = time.now + timedelta(seconds=70)
    retrier(time)(failing(RetryLater("throttled", at=at)))
    assert time.slept_seconds == [70]


def test_a_moment_that_has_passed_is_not_waited_for(time: MovableTime) -> None:
    retrier(time)(failing(RetryLater("throttled", at=time.now - timedelta(seconds=5))))
    assert time.slept_seconds == [0]


def test_a_moment_beyond_patience_is_left_to_a_later_cycle(time: MovableTime) -> None:
    error = RetryLater("the day is used up", at=time.now + timedelta(minutes=2, seconds=1))
    with pytest.raises(RetryLater) as caught:
        retrier(time)(failing(error))
    assert caught.value is error
    assert time.slept_seconds == []


def test_after_the_last_attempt_the_last_error_passes_as_it_was(time: MovableTime) -> None:
    errors = [RetryLater(f"attempt {number}") for number in range(3)]
    with pytest.raises(RetryLater) as caught:
        retrier(time, attempts=3)(failing(*errors))
    assert caught.value is errors[-1]
    assert len(time.slept_seconds) == 2


@pytest.mark.parametrize("kind", [Reauthorise, Misconfigured, RecordRejected, ContractBroken])
def test_what_trying_again_cannot_help_passes_at_once(time: MovableTime, kind: type[ConnectorError]) -> None:
    with pytest.raises(kind):
        retrier(time)(failing(kind("no")))
    assert time.slept_seconds == []


def test_a_mistake_of_ours_passes_at_once(time: MovableTime) -> None:
    with pytest.raises(KeyError):
        retrier(time)(failing(KeyError("oops")))


def test_each_action_has_attempts_of_its_own(time: MovableTime) -> None:
    again = retrier(time, attempts=3)
    for _ in range(4):
        assert again(failing(RetryLater("busy"), RetryLater("busy"))) == "answer"


def test_the_process_can_be_ended_during_a_wait(time: MovableTime) -> None:
    def stopped(_seconds: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        Retrier(RetryPolicy(), Clock(lambda: time.now, stopped), Random(1))(failing(RetryLater("busy")))
