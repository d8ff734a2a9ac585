"""`python -m tests.acceptance.at_time`: the true commands at another time of day and year.

How many leads cross a line depends on the weekday on which a market ends, so every acceptance test lives at the same
moment. The commands get a clock that runs `SHIFT_VARIABLE` seconds beside the machine's; all else is theirs.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from threading import Event

import leadline.clock
from leadline.clock import Clock

SHIFT_VARIABLE = "ACCEPTANCE_CLOCK_SHIFT_SECONDS"


def at_time(shift: timedelta) -> None:
    """Shift the clock that everything imported from now on is given."""
    system_clock = leadline.clock.system_clock

    def shifted(stop: Event) -> Clock:
        clock = system_clock(stop)

        def now() -> datetime:
            return clock.now() + shift

        return Clock(now, clock.sleep)

    leadline.clock.system_clock = shifted


if __name__ == "__main__":
    at_time(timedelta(seconds=float(os.environ[SHIFT_VARIABLE])))
    from leadline.cli import main

    main()
