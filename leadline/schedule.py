"""The daemon's clockwork: one job per connection, each on its own interval, until the process is asked to end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import structlog

from leadline.clock import Stopped
from leadline.outage import Outage
from leadline.state.database import DatabaseUnavailable

PATIENCE_SECONDS = 9.0
"""How long the work in hand may take after a signal. Hosts kill after ten seconds or more, and a kill loses nothing."""

AGAIN_AFTER_SECONDS = 5.0
"""How soon work is tried again that the database kept from being done, however long its interval is."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the process was asked: to `end`, to `stop` the work in hand (as before its end), to read its files again."""

    end: Event = field(default_factory=Event)
    stop: Event = field(default_factory=Event)
    hang_up: Event = field(default_factory=Event)

    def listen(self) -> None:
        """Take SIGTERM and SIGINT for the end, and SIGHUP, where there is one, for edited files."""

        def ask_to_end(_number: int, _frame: object) -> None:
            self.end.set()
            self.stop.set()

        def ask_to_read(_number: int, _frame: object) -> None:
            self.hang_up.set()

        signal.signal(signal.SIGTERM, ask_to_end)
        signal.signal(signal.SIGINT, ask_to_end)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, ask_to_read)


Jobs = Mapping[str, tuple[timedelta, Callable[[], object]]]


def run_until_stopped(jobs: Jobs, signals: Signals, outage: Outage) -> bool:
    """Run each job now and then on its interval; returns after `signals.stop`, True when all work in hand was finished.

    Intervals are counted by a clock that nobody can set. A run that takes longer than its interval is not doubled: the next
    one starts when it is over. A job that raises is logged and runs again at its next time; one that finds the database away
    does so soon, and the `outage` tells. Work in hand is given `PATIENCE_SECONDS` once the process is to end, and any time
    while it is not.
    """
    threads = [
        Thread(target=_repeat, args=(_Job(name, every, action), signals, outage), name=name, daemon=True)
        for name, (every, action) in jobs.items()
    ]
    for thread in threads:
        thread.start()
    signals.stop.wait()
    return _all_ended(threads, signals.end)


@dataclass(frozen=True, slots=True)
class _Job:
    name: str
    every: timedelta
    action: Callable[[], object]


def _repeat(job: _Job, signals: Signals, outage: Outage) -> None:
    due = time.monotonic()
    while not signals.stop.wait(max(0.0, due - time.monotonic())):
        every_seconds = job.every.total_seconds()
        if _was_run(job, outage):
            due = max(due + every_seconds, time.monotonic())
        else:
            due = time.monotonic() + min(every_seconds, AGAIN_AFTER_SECONDS)


def _was_run(job: _Job, outage: Outage) -> bool:
    """Run a job; False when the database kept it from its work."""
    log: Any = structlog.get_logger()
    try:
        job.action()
    except Stopped:
        log.info("stopped", connection=job.name)
    except DatabaseUnavailable as trouble:
        outage.met(job.name, trouble)
        return False
    except Exception:
        log.exception("cycle crashed", connection=job.name)
    outage.passed(job.name)
    return True


def _all_ended(threads: Iterable[Thread], end: Event) -> bool:
    """Wait until all have ended; False when patience ran out after the process was asked to end."""
    leaves_at: float | None = None
    for thread in threads:
        while thread.is_alive():
            thread.join(0.05)
            if end.is_set() and leaves_at is None:
                leaves_at = time.monotonic() + PATIENCE_SECONDS
            if leaves_at is not None and time.monotonic() > leaves_at:
                return False
    return True
