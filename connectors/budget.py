"""How often an account may be called: rolling windows and a daily allowance, shared by every caller of one account."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from connectors.errors import RetryLater


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` in any `per_seconds`, for calls of `kind` (`requests`, `search`)."""

    kind: str
    calls: int
    per_seconds: float


class Budget:
    """Grants calls so that no rolling window is ever exceeded.

    `take` waits with the injected `sleep` for a window to free up, since such waits are short and bounded by the window. The
    daily allowance is another matter: once what is left falls into `reserve_share` of it (kept for other apps), `take`
    raises `RetryLater` with the moment to come back.
    """

    def __init__(
        self,
        limits: Sequence[RateLimit],
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        reserve_share: float = 0.3,
    ) -> None:
        self._limits = tuple(limits)
        self._now = now
        self._sleep = sleep
        self._reserve_share = reserve_share
        self._granted: dict[str, deque[datetime]] = {limit.kind: deque() for limit in limits}
        self._daily_limit: int | None = None
        self._daily_remaining = 0
        self._daily_resets_at: datetime | None = None
        self._lock = Lock()

    def take(self, *kinds: str) -> None:
        """Wait until one call may be made that counts against each of `kinds`.

        Raises:
            RetryLater: the daily allowance is down to the reserve; `at` is when it may be asked again.
        """
        while (wait_seconds := self._try_take(kinds)) > 0:
            self._sleep(wait_seconds)

    def note_daily(self, *, limit: int, remaining: int, resets_at: datetime | None) -> None:
        """Learn from a response how much of the day's allowance is left. `resets_at` None: asked again in an hour."""
        with self._lock:
            self._daily_limit = limit
            self._daily_remaining = remaining
            self._daily_resets_at = resets_at or self._now() + timedelta(hours=1)

    def daily_left(self) -> int | None:
        """How many calls today's allowance holds before the reserve; None as long as no answer told."""
        with self._lock:
            if self._daily_limit is None:
                return None
            return max(0, self._daily_remaining - int(self._daily_limit * self._reserve_share))

    def _try_take(self, kinds: Sequence[str]) -> float:
        with self._lock:
            now = self._now()
            self._refuse_into_reserve(now)
            wait_seconds = max(
                (self._wait_seconds(limit, now) for limit in self._limits if limit.kind in kinds), default=0.0
            )
            if wait_seconds <= 0:
                for kind in kinds:
                    if kind in self._granted:
                        self._granted[kind].append(now)
                # Not every answer tells what is left (HubSpot's search answers do not), so calls are counted in between.
                self._daily_remaining -= 1
            return wait_seconds

    def _wait_seconds(self, limit: RateLimit, now: datetime) -> float:
        granted = self._granted[limit.kind]
        if granted and granted[-1] > now:
            # The clock was set back. Taking those calls for just made is safe, and bounds the wait by the window again.
            granted = self._granted[limit.kind] = deque(min(at, now) for at in granted)
        longest_seconds = max(other.per_seconds for other in self._limits if other.kind == limit.kind)
        while granted and now - granted[0] >= timedelta(seconds=longest_seconds):
            granted.popleft()
        if len(granted) < limit.calls:
            return 0.0
        frees_at = granted[-limit.calls] + timedelta(seconds=limit.per_seconds)
        return max(0.0, (frees_at - now).total_seconds())

    def _refuse_into_reserve(self, now: datetime) -> None:
        if self._daily_limit is None or self._daily_resets_at is None or now >= self._daily_resets_at:
            return
        if self._daily_remaining <= self._daily_limit * self._reserve_share:
            share_percent = round(self._reserve_share * 100)
            raise RetryLater(
                f"the daily API allowance is down to the {share_percent} % that is left to other apps",
                at=self._daily_resets_at,
                code="DAILY",
            )
