"""What is known of an account's calls: those let go lately, and the day's allowance. Values, and the moves between them.

A call counts from the moment it is let go until a window's width after its answer: it reaches the CRM somewhere in between,
so that whichever window the CRM looks at, all calls in it are counted here. Times are whole milliseconds since 1970: a call
is let go at a moment rounded down and answered at one rounded up, which errs on the safe side.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

T = TypeVar("T")
Milliseconds: TypeAlias = int

HOUR: Milliseconds = 3_600_000
DAY: Milliseconds = 24 * HOUR
CLOCKS_DIFFER: Milliseconds = 10
"""Our clock and the CRM's do not run alike: a window is held this much wider."""

URGENT_SHARE = 0.02
"""Of what the reserve leaves to us, kept for urgent calls."""
URGENT_CALLS = 10
"""At least as many are kept for them, of an allowance so large that this is less than a tenth of it."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `calls` in any `per_seconds`, for calls of `kind` (`requests`, `search`)."""

    kind: str
    calls: int
    per_seconds: float

    @property
    def width(self) -> Milliseconds:
        """How long an answered call counts."""
        return round(self.per_seconds * 1000) + CLOCKS_DIFFER


class Slot(Struct, frozen=True, array_like=True):
    """A call on its way, of these kinds. Its caller gives up `timeout` later at the latest, be it alive or dead."""

    number: int
    kinds: tuple[str, ...]
    granted_at: Milliseconds
    timeout: Milliseconds

    @property
    def given_up_at(self) -> Milliseconds:
        """After this it has arrived or never will."""
        return self.granted_at + self.timeout


class Allowance(Struct, frozen=True):
    """What is left of the day's calls, as the CRM told last, less those let go since.

    `resets_at` is when the count starts anew, None where that is not known. Then one call may look at `look_at` whether
    there is more again.
    """

    limit: int
    remaining: int
    look_at: Milliseconds
    resets_at: Milliseconds | None = None

    def reserve(self, share: float) -> int:
        """Calls that are left to other apps."""
        return int(self.limit * share)


class Account(Struct, frozen=True):
    """All that is kept of one account. `stopped_until`: the CRM itself said that the day's allowance is gone.

    `answered` are the moments at which calls of each kind were over, in order, as far back as a window reaches.
    """

    on_their_way: tuple[Slot, ...] = ()
    answered: dict[str, tuple[Milliseconds, ...]] = {}
    next_number: int = 1
    allowance: Allowance | None = None
    stopped_until: Milliseconds | None = None


class Ledger(Protocol):
    """Where an account's state is kept, shared by everybody who calls that account."""

    def change(self, step: Callable[[Account], tuple[Account, T]]) -> T:
        """Replace the state by what `step` makes of it, and return the rest; nobody gets in between.

        Raises:
            RetryLater: the state cannot be read or stored now. Whatever `step` raises leaves the state as it was.
        """


class MemoryLedger:
    """Kept in this process, for its threads."""

    def __init__(self) -> None:
        self._account = Account()
        self._lock = Lock()

    def change(self, step: Callable[[Account], tuple[Account, T]]) -> T:
        """See `Ledger.change`."""
        with self._lock:
            self._account, result = step(self._account)
            return result


class Ask(Struct, frozen=True):
    """A call that somebody wants to make, counting against these kinds."""

    kinds: tuple[str, ...]
    timeout: Milliseconds
    urgent: bool
    reserve_share: float

    def may_not_touch(self, allowance: Allowance) -> int:
        """Calls of the day that are not for this one: the reserve and, unless it is urgent, what is kept for urgent ones."""
        reserve = allowance.reserve(self.reserve_share)
        ours = allowance.limit - reserve
        return reserve if self.urgent else reserve + max(int(ours * URGENT_SHARE), min(URGENT_CALLS, ours // 10))


class Wait(Struct, frozen=True):
    """Not yet: a window is full for at least so long."""

    milliseconds: Milliseconds


class Refused(Struct, frozen=True):
    """Not today: `spent` if the CRM has no call left, else the rest is kept. It may go on at `until`."""

    until: Milliseconds
    spent: bool


def grant(
    account: Account, ask: Ask, limits: Sequence[RateLimit], now: Milliseconds
) -> tuple[Account, Slot | Wait | Refused]:
    """Let a call go, if every window and the day have room for it."""
    account = _as_of(account, limits, now)
    allowance = account.allowance
    if account.stopped_until is not None:
        return account, Refused(account.stopped_until, spent=True)
    if allowance is not None and allowance.remaining <= ask.may_not_touch(allowance):
        until = allowance.look_at if allowance.resets_at is None else allowance.resets_at
        if now < until:
            return account, Refused(until, spent=allowance.remaining <= 0)
    if wait := max((_wait(account, limit, now) for limit in limits if limit.kind in ask.kinds), default=0):
        return account, Wait(wait)
    if allowance is not None:
        look_at = now + HOUR if now >= allowance.look_at else allowance.look_at
        allowance = replace(allowance, remaining=allowance.remaining - 1, look_at=look_at)
    slot = Slot(account.next_number, ask.kinds, now, ask.timeout)
    return Account((*account.on_their_way, slot), account.answered, slot.number + 1, allowance), slot


def ended(account: Account, number: int, now: Milliseconds) -> Account:
    """The call is over, answered or not."""
    slot = next((slot for slot in account.on_their_way if slot.number == number), None)
    return account if slot is None else _over(account, slot, now)


class Told(Struct, frozen=True):
    """What a CRM said of its day: so many calls of so many are left, until then."""

    limit: int
    remaining: int
    resets_at: Milliseconds | None = None


def learned(account: Account, told: Told, number: int, now: Milliseconds) -> Account:
    """What the answer to call `number` told; the number of the next call where it was told without one.

    Calls that may not have been there when the CRM counted are taken off.
    """
    uncounted = max(0, account.next_number - number - 1)
    uncounted += sum(slot.number < number for slot in account.on_their_way)
    before = account.allowance.resets_at if account.allowance else None
    resets_at = told.resets_at or before
    return replace(account, allowance=Allowance(told.limit, told.remaining - uncounted, now + HOUR, resets_at))


def resetting(account: Account, at: Milliseconds) -> Account:
    """The count of the day starts anew then."""
    return replace(account, allowance=account.allowance and replace(account.allowance, resets_at=at))


def spent(account: Account, until: Milliseconds | None, now: Milliseconds) -> Account:
    """The CRM said that the day's allowance is gone, until then, else until its reset if that is known, else for an hour."""
    known = account.allowance.resets_at if account.allowance else None
    until = until or (known if known is not None and known > now else now + HOUR)
    allowance = account.allowance and replace(account.allowance, remaining=0, look_at=until)
    return replace(account, allowance=allowance, stopped_until=until)


def _wait(account: Account, limit: RateLimit, now: Milliseconds) -> Milliseconds:
    """How long until the window has room; if that depends on calls that are on their way, the least it can be."""
    answered = account.answered.get(limit.kind, ())
    counting = answered[bisect_right(answered, now - limit.width) :]
    over_by = len(counting) + sum(limit.kind in slot.kinds for slot in account.on_their_way) - limit.calls
    if over_by < 0:
        return 0
    return (counting[over_by] if over_by < len(counting) else now) + limit.width - now


def _over(account: Account, slot: Slot, at: Milliseconds) -> Account:
    answered = dict(account.answered)
    for kind in slot.kinds:
        moments = answered.get(kind, ())
        place = bisect_right(moments, at)
        answered[kind] = (*moments[:place], at, *moments[place:])
    return replace(account, on_their_way=tuple(one for one in account.on_their_way if one is not slot), answered=answered)


def _as_of(account: Account, limits: Sequence[RateLimit], now: Milliseconds) -> Account:
    """Without what is over. A clock that was set back leaves nothing in the future but a reset, and that within a day."""
    for slot in account.on_their_way:
        if slot.given_up_at <= now:
            account = _over(account, slot, slot.given_up_at)
    stopped_until = account.stopped_until and min(account.stopped_until, now + DAY)
    return Account(
        tuple(replace(slot, granted_at=min(slot.granted_at, now)) for slot in account.on_their_way),
        _lately(account.answered, limits, now),
        account.next_number,
        account.allowance and _today(account.allowance, now),
        stopped_until if stopped_until and stopped_until > now else None,
    )


def _lately(
    answered: Mapping[str, tuple[Milliseconds, ...]], limits: Sequence[RateLimit], now: Milliseconds
) -> dict[str, tuple[Milliseconds, ...]]:
    widths: dict[str, Milliseconds] = {}
    for limit in limits:
        widths[limit.kind] = max(limit.width, widths.get(limit.kind, 0))
    kept: dict[str, tuple[Milliseconds, ...]] = {}
    for kind, moments in answered.items():
        if kind in widths:
            end = bisect_right(moments, now)
            kept[kind] = (*moments[bisect_right(moments, now - widths[kind]) : end], *(now for _ in moments[end:]))
    return kept


def _today(allowance: Allowance, now: Milliseconds) -> Allowance:
    if allowance.resets_at is not None and now >= allowance.resets_at:
        return Allowance(allowance.limit, allowance.limit, now + HOUR)
    resets_at = allowance.resets_at and min(allowance.resets_at, now + DAY)
    return replace(allowance, look_at=min(allowance.look_at, now + HOUR), resets_at=resets_at)
