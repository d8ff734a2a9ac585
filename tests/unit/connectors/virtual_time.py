"""Time in which hours pass in seconds: several callers take turns, and it is always the turn of the one that wakes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from threading import Lock, Thread

START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class VirtualTime:
    """A clock that stands still while somebody works and jumps when all sleep. Exactly one caller runs at a time."""

    def __init__(self) -> None:
        self._now = START
        self._asleep: list[tuple[datetime, int, Lock]] = []
        self._turns = 0
        self._over = Lock()
        self._failed: list[BaseException] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let the others go on until it is this caller's turn again."""
        until = self._now + timedelta(seconds=seconds)
        if not self._asleep or until < self._asleep[0][0]:
            self._now = until
            return
        bed = self._lie_down(until)
        self._wake_next()
        bed.acquire()

    def run(self, *workers: Callable[[], None]) -> None:
        """Run all of them to their end, from now on; what one of them raises comes out here."""
        threads = [Thread(target=self._work, args=(worker, self._lie_down(self._now)), daemon=True) for worker in workers]
        self._over.acquire()
        for thread in threads:
            thread.start()
        self._wake_next()
        with self._over:
            pass
        for thread in threads:
            thread.join()
        if self._failed:
            raise self._failed[0]

    def _work(self, worker: Callable[[], None], bed: Lock) -> None:
        bed.acquire()
        try:
            worker()
        except BaseException as error:  # noqa: BLE001 - raised again by `run`
            self._failed.append(error)
        self._wake_next()

    def _lie_down(self, until: datetime) -> Lock:
        bed = Lock()
        bed.acquire()
        self._turns += 1
        heappush(self._asleep, (until, self._turns, bed))
        return bed

    def _wake_next(self) -> None:
        if not self._asleep:
            self._over.release()
            return
        self._now, _, bed = heappop(self._asleep)
        bed.release()
