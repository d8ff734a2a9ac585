"""The time and the waiting that everything in the engine is given, so that tests can hold both."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event


class Stopped(BaseException):
    """The process was asked to end. Raised at a point where nothing is half-done; not an error, so not an `Exception`."""


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` is aware UTC; `sleep` takes seconds and raises `Stopped` when the process is asked to end meanwhile.

    `now` may jump, when somebody sets the machine's clock. `ticks` are seconds since whenever that only ever go on: for how
    long ago something happened in this process.
    """

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    ticks: Callable[[], float] = time.monotonic


def system_clock(stop: Event) -> Clock:
    """The machine's clock; sleeping ends early, with `Stopped`, once `stop` is set."""

    def sleep(seconds: float) -> None:
        if stop.wait(seconds):
            raise Stopped

    return Clock(now=lambda: datetime.now(UTC), sleep=sleep)


def stamp(at: datetime) -> str:
    """An aware time as fixed-width UTC text, whose order as text is the order in time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_stamp(text: str) -> datetime:
    """The aware UTC time that `stamp` wrote."""
    return datetime.fromisoformat(text)
