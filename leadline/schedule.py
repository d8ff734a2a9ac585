"""The daemon's clockwork: one job per connection, each on its own interval, until the process is asked to end."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from leadline.clock import Stopped
from leadline.outage import Outage
from leadline.state.database import DatabaseUnavailable

PATIENCE_SECONDS = 9.0
"""How long the work in hand may take after a signal. Hosts kill after ten seconds or more, and a kill loses nothing."""

AGAIN_AFTER_SECONDS = 5.0
"""How soon work is tried again that the database kept from being done, however long its interval is."""

CLOCK_LOOK_SECONDS = 1.0
CLOCK_JUMP_SECONDS = 2.0
"""Clocks are corrected by less all the time."""


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

    A run that takes longer than its interval is not doubled. A job that raises is logged and runs again at its next time;
    one that finds the database away does so soon, and the `outage` tells. Who sets the machine's clock moves no job by more
    than its interval. Work in hand is given `PATIENCE_SECONDS` once the process is to end, and any time while it is not.
    """
    idle = {name: Event() for name in jobs}
    scheduler = BackgroundScheduler(
        timezone=UTC, executors={"default": ThreadPoolExecutor(max(1, len(jobs)))}, logger=_quiet()
    )

    def guarded(name: str, action: Callable[[], object]) -> None:
        idle[name].clear()
        try:
            if not signals.stop.is_set() and not _was_run(name, action, outage):
                again_at = datetime.now(UTC) + min(jobs[name][0], timedelta(seconds=AGAIN_AFTER_SECONDS))
                scheduler.modify_job(name, next_run_time=again_at)
        finally:
            idle[name].set()

    for name, (every, action) in jobs.items():
        idle[name].set()
        scheduler.add_job(
            guarded,
            _interval(every),
            args=(name, action),
            id=name,
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    _wait_for_stop(signals.stop, lambda: _count_anew(scheduler, jobs))
    scheduler.pause()
    finished = _all_idle(idle.values(), signals.end)
    scheduler.shutdown(wait=False)
    return finished


def _wait_for_stop(stop: Event, clock_was_set: Callable[[], None]) -> None:
    """Wait, and look now and then whether the machine's clock went on as time did."""
    ahead_seconds = time.time() - time.monotonic()
    while not stop.wait(CLOCK_LOOK_SECONDS):
        now_ahead_seconds = time.time() - time.monotonic()
        if abs(now_ahead_seconds - ahead_seconds) > CLOCK_JUMP_SECONDS:
            clock_was_set()
        ahead_seconds = now_ahead_seconds


def _count_anew(scheduler: BackgroundScheduler, jobs: Jobs) -> None:
    """Begin every interval now: times of the clock as it was are not times of the clock as it is."""
    for name, (every, _) in jobs.items():
        scheduler.reschedule_job(name, trigger=_interval(every))


def _interval(every: timedelta) -> IntervalTrigger:
    return IntervalTrigger(seconds=every.total_seconds(), timezone=UTC)


def _was_run(name: str, action: Callable[[], object], outage: Outage) -> bool:
    """Run a job; False when the database kept it from its work."""
    log: Any = structlog.get_logger()
    try:
        action()
    except Stopped:
        log.info("stopped", connection=name)
    except DatabaseUnavailable as trouble:
        outage.met(name, trouble)
        return False
    except Exception:
        log.exception("cycle crashed", connection=name)
    outage.passed(name)
    return True


def _all_idle(idle: Iterable[Event], end: Event) -> bool:
    """Wait until all are idle; False when patience ran out after the process was asked to end."""
    leaves_at: float | None = None
    for event in idle:
        while not event.wait(0.05):
            if end.is_set() and leaves_at is None:
                leaves_at = time.monotonic() + PATIENCE_SECONDS
            if leaves_at is not None and time.monotonic() > leaves_at:
                return False
    return True


def _quiet() -> logging.Logger:
    """APScheduler's own log says in other words what ours says already."""
    logger = logging.getLogger("leadline.apscheduler")
    logger.setLevel(logging.CRITICAL)
    logger.propagate = False
    return logger
