"""How often an account may be called: rolling windows and a daily allowance, shared by every caller of one account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from functools import partial

from connectors import ledger
from connectors.errors import RetryLater
from connectors.ledger import Account, Ask, Ledger, MemoryLedger, Milliseconds, RateLimit, Refused, Slot, Told, Wait

__all__ = ["DAILY", "Budget", "Grant", "Ledger", "MemoryLedger", "RateLimit"]

DAILY = "DAILY"
"""The code of the error that says that the day has no call left for this."""
LOW_SHARE = 0.1
"""An allowance runs low when less than this share of it is left before the reserve."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_urgent: ContextVar[bool] = ContextVar("urgent", default=False)


class Grant:
    """The right to make one call, and what its answer tells of the day."""

    def __init__(self, slot: Slot) -> None:
        self.number = slot.number
        self.told: Told | None = None

    def note_daily(self, *, limit: int, remaining: int, resets_at: datetime | None = None) -> None:
        """The answer says how much of the day's allowance is left, and maybe until when."""
        self.told = _told(limit, remaining, resets_at)


class Budget:
    """Grants calls so that no rolling window of the CRM is ever exceeded, however long a call is on its way.

    `call` waits with the injected `sleep` for a window to free up, since such waits are short and bounded by the window. The
    daily allowance is another matter: once what is left falls into `reserve_share` of it (kept for other apps), or the CRM
    says that it is gone, `call` raises `RetryLater` with the moment to come back. Before that the last calls of our share
    are kept for what is done `urgently`. Callers that share a `ledger` share the budget.
    """

    def __init__(
        self,
        limits: Sequence[RateLimit],
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        reserve_share: float = 0.3,
        ledger: Ledger | None = None,
    ) -> None:
        self._limits = tuple(limits)
        self._now = now
        self._sleep = sleep
        self._reserve_share = reserve_share
        self._ledger = ledger or MemoryLedger()

    @contextmanager
    def call(self, *kinds: str, timeout_seconds: float = 60.0) -> Iterator[Grant]:
        """Wait until one call may be made that counts against each of `kinds`; make it, and get its answer, in the block.

        `timeout_seconds`: after that it has reached the CRM or never will, even if this process ends before.

        Raises:
            RetryLater: the daily allowance is gone or down to what is kept, or the budget cannot be looked up; `at` is when
                to come back, if that is known.
        """
        granted = self._granted(Ask(kinds, round(timeout_seconds * 1000), _urgent.get(), self._reserve_share))
        try:
            yield granted
        finally:
            # The call was made: its outcome matters more than the slot, which frees itself after the timeout.
            with suppress(RetryLater):
                self._ledger.change(lambda account: (self._over(account, granted), None))

    @contextmanager
    def urgently(self) -> Iterator[None]:
        """Calls that this thread makes in the block may use what is kept for urgent ones, of any budget."""
        before = _urgent.set(True)
        try:
            yield
        finally:
            _urgent.reset(before)

    def note_daily(self, *, limit: int, remaining: int, resets_at: datetime | None) -> None:
        """Learn how much of the day's allowance is left. `resets_at` None: not known, one call looks again in an hour.

        All times are kept to the millisecond.
        """
        told, now = _told(limit, remaining, resets_at), _milliseconds(self._now())
        self._ledger.change(lambda account: (ledger.learned(account, told, account.next_number, now), None))

    def note_reset(self, at: datetime) -> None:
        """Learn when the day's count starts anew."""
        self._ledger.change(lambda account: (ledger.resetting(account, _milliseconds(at)), None))

    def note_spent(self, until: datetime | None = None) -> RetryLater:
        """The CRM says that the day's allowance is gone: nothing is let go until then. Returns the error that says so.

        `until` None: until the reset, where that is known, else for an hour.
        """
        now = _milliseconds(self._now())
        named = None if until is None else _milliseconds(until)

        def step(account: Account) -> tuple[Account, Milliseconds]:
            stopped = ledger.spent(account, named, now)
            return stopped, stopped.stopped_until or now

        return self._refusal(Refused(self._ledger.change(step), spent=True))

    def runs_low(self, *, limit: int, remaining: int) -> bool:
        """Whether so little is left before the reserve that it is time to learn when the count starts anew."""
        return remaining <= limit * (self._reserve_share + LOW_SHARE)

    def daily_left(self) -> int | None:
        """How many calls today's allowance holds before the reserve; None as long as no answer told.

        Raises:
            RetryLater: it cannot be looked up now.
        """
        account = self._ledger.change(lambda account: (account, account))
        if account.allowance is None:
            return None
        return max(0, account.allowance.remaining - account.allowance.reserve(self._reserve_share))

    def _granted(self, ask: Ask) -> Grant:
        while True:
            now = _milliseconds(self._now())
            match self._ledger.change(partial(ledger.grant, ask=ask, limits=self._limits, now=now)):
                case Slot() as slot:
                    return Grant(slot)
                case Wait(milliseconds):
                    self._sleep(milliseconds / 1000)
                case Refused() as refused:
                    raise self._refusal(refused)

    def _over(self, account: Account, granted: Grant) -> Account:
        now = _milliseconds(self._now() + _MILLISECOND)
        account = ledger.ended(account, granted.number, now)
        return account if granted.told is None else ledger.learned(account, granted.told, granted.number, now)

    def _refusal(self, refused: Refused) -> RetryLater:
        at = _EPOCH + refused.until * _MILLISECOND
        kept = f"down to what is kept for other apps ({round(self._reserve_share * 100)} %) and urgent calls"
        how = "used up" if refused.spent else kept
        return RetryLater(f"the daily API allowance is {how}; goes on at {at:%Y-%m-%d %H:%M} UTC", at=at, code=DAILY)


def _told(limit: int, remaining: int, resets_at: datetime | None) -> Told:
    return Told(limit, remaining, None if resets_at is None else _milliseconds(resets_at))


def _milliseconds(at: datetime) -> Milliseconds:
    return (at - _EPOCH) // _MILLISECOND
