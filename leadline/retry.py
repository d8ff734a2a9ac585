"""When a call that may succeed later is made again. The only place that decides to try twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from connectors.errors import RetryLater
from leadline.clock import Clock

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits double from `first_wait_seconds` to `longest_wait_seconds`, with jitter, or last until the moment the CRM names.

    A moment further away than `patience` ends the attempts: the next cycle will come back to it.
    """

    attempts: int = 8
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 30.0
    patience: timedelta = timedelta(minutes=2)


class Retrier:
    """Calls until it succeeds or the policy ends; then the last error is raised as it was."""

    def __init__(self, policy: RetryPolicy, clock: Clock, randomness: Random) -> None:
        self._policy = policy
        self._clock = clock
        self._randomness = randomness

    def __call__(self, action: Callable[[], T]) -> T:
        """The result of `action`, tried again on `RetryLater`; every other error passes at once."""
        retrying = Retrying(
            retry=retry_if_exception_type(RetryLater),
            wait=self._wait_seconds,
            stop=self._gives_up,
            sleep=self._clock.sleep,
            reraise=True,
        )
        return retrying(action)

    def _wait_seconds(self, state: RetryCallState) -> float:
        named = self._named_wait_seconds(state)
        if named is not None:
            return named
        ceiling = min(self._policy.longest_wait_seconds, self._policy.first_wait_seconds * 2 ** (state.attempt_number - 1))
        return self._randomness.uniform(ceiling / 2, ceiling)

    def _gives_up(self, state: RetryCallState) -> bool:
        named = self._named_wait_seconds(state)
        out_of_patience = named is not None and named > self._policy.patience.total_seconds()
        return out_of_patience or state.attempt_number >= self._policy.attempts

    def _named_wait_seconds(self, state: RetryCallState) -> float | None:
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, RetryLater) or error.at is None:
            return None
        return max(0.0, (error.at - self._clock.now()).total_seconds())
