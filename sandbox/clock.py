"""A twin's own time: it starts where it is told, ticks with the machine's, and can be moved forward."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


class TwinClock:
    """UTC time of one twin. But for a call under skew it never runs backwards."""

    def __init__(
        self,
        start: datetime | None = None,
        ticks: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Start at `start` (aware; None: the machine's time), counting on with `ticks` (seconds)."""
        self._ticks = ticks
        begin = today() if start is None else start
        if begin.tzinfo is None:
            raise ValueError("the twin's clock needs a time with a time zone")
        self._begin_seconds = begin.timestamp()
        self._origin = ticks()
        self._moved_seconds = 0.0
        self._skew_seconds = 0.0

    def seconds(self) -> float:
        """Seconds since 1970 in the twin's time."""
        return self._begin_seconds + (self._ticks() - self._origin) + self._moved_seconds + self._skew_seconds

    def milliseconds(self) -> int:
        """Whole milliseconds since 1970 in the twin's time."""
        return int(self.seconds() * 1000)

    def now(self) -> datetime:
        """The twin's time, UTC."""
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds())

    def advance(self, seconds: float) -> datetime:
        """Jump forward by `seconds` and return the new time.

        Raises:
            ValueError: when `seconds` is negative; a CRM's time does not run backwards.
        """
        if seconds < 0:
            raise ValueError("the twin's clock moves forward only")
        self._moved_seconds += seconds
        return self.now()

    @contextmanager
    def skewed(self, seconds: float) -> Iterator[None]:
        """Within the block the clock is off by `seconds`, as that of one server among many may be (negative: behind)."""
        self._skew_seconds = seconds
        try:
            yield
        finally:
            self._skew_seconds = 0.0
