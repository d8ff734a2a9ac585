"""`python -m tests.acceptance.at_time`: the true commands at another time of day and year.

How many leads cross a line depends on the weekday on which a market ends, so every acceptance test lives at the same
moment. The commands get a clock that runs `SHIFT_VARIABLE` seconds beside the machine's; all else is theirs. With
`HURRY_VARIABLE`, the addresses of the twins, nobody waits: a command that sleeps moves its own time and theirs instead.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Event

import httpx

import leadline.clock
from leadline.clock import Clock

SHIFT_VARIABLE = "ACCEPTANCE_CLOCK_SHIFT_SECONDS"
HURRY_VARIABLE = "ACCEPTANCE_HURRIED_TWINS"


def at_time(shift: timedelta, hurried: Sequence[str]) -> None:
    """Shift the clock that everything imported from now on is given; sleeping moves it and the hurried twins."""
    system_clock = leadline.clock.system_clock

    def shifted(stop: Event) -> Clock:
        clock = system_clock(stop)
        beside = shift

        def now() -> datetime:
            return clock.now() + beside

        def hurry(seconds: float) -> None:
            nonlocal beside
            clock.sleep(0)
            for twin in hurried:
                move(twin, seconds)
            beside += timedelta(seconds=seconds)

        return Clock(now, hurry if hurried else clock.sleep)

    leadline.clock.system_clock = shifted


def move(twin: str, seconds: float) -> None:
    """Move a twin's time forward."""
    told = {"advance_seconds": seconds}
    httpx.post(f"{twin}/_twin/clock", json=told, verify=False, trust_env=False).raise_for_status()


if __name__ == "__main__":
    at_time(timedelta(seconds=float(os.environ[SHIFT_VARIABLE])), os.environ.get(HURRY_VARIABLE, "").split())
    from leadline.cli import main

    main()
