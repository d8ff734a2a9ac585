"""The imagined wire between the memory connector and its CRM: every call passes here, and declared faults strike here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from threading import RLock
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace


class Fault(Struct, frozen=True):
    """Something that will go wrong, `times` times, with calls whose endpoint matches (`PATCH *`; `*` is any).

    `status` is the HTTP status to answer, 0 a connection that ends without an answer. `when` says whether the call takes
    effect first (the lost reply). `after_calls` matching calls are served before the first one fails.
    """

    status: int
    endpoint: str = "*"
    when: Literal["before", "after"] = "before"
    times: int = 1
    after_calls: int = 0
    retry_after_seconds: float | None = None


class NotAnswered(Exception):
    """The CRM answered with an error status, or not at all (0). `retry_at` is aware UTC, if it told one."""

    def __init__(self, status: int, retry_at: datetime | None = None) -> None:
        super().__init__(f"answered {status}" if status else "closed the connection")
        self.status = status
        self.retry_at = retry_at


class Wire:
    """Counts the calls to one account and makes declared ones fail. Calls pass one at a time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = RLock()
        self._faults: list[Fault] = []
        self._journal: list[str] = []

    @property
    def journal(self) -> tuple[str, ...]:
        """The endpoint of every call so far, answered or not, in order."""
        with self._lock:
            return tuple(self._journal)

    def declare(self, *faults: Fault) -> None:
        """Add faults to come; of those that match a call, the one declared first strikes."""
        with self._lock:
            self._faults.extend(faults)

    @contextmanager
    def call(self, endpoint: str) -> Iterator[None]:
        """One call: what is done inside takes effect, unless a fault strikes before it.

        Raises:
            NotAnswered: a declared fault struck, before the effect or after it.
        """
        with self._lock:
            self._journal.append(endpoint)
            fault = self._next_fault(endpoint)
            if fault is not None and fault.when == "before":
                raise self._failure(fault)
            yield
            if fault is not None:
                raise self._failure(fault)

    def _failure(self, fault: Fault) -> NotAnswered:
        wait_seconds = fault.retry_after_seconds
        return NotAnswered(fault.status, None if wait_seconds is None else self._now() + timedelta(seconds=wait_seconds))

    def _next_fault(self, endpoint: str) -> Fault | None:
        for index, fault in enumerate(self._faults):
            if not fnmatchcase(endpoint, fault.endpoint):
                continue
            if fault.after_calls:
                self._faults[index] = replace(fault, after_calls=fault.after_calls - 1)
                continue
            self._faults[index : index + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
            return fault
        return None
