"""The daemon's clockwork: one job per connection, each on its own interval, until the process is asked to end."""

from __future__ import annotations

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

from leadline.clock import Stopped

PATIENCE_SECONDS = 9.0
"""How long the work in hand may take after a signal. Hosts kill after ten seconds or more, and a kill loses nothing."""


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


def run_until_stopped(jobs: Jobs, signals: Signals) -> bool:
    """Run each job now and then on its interval; returns after `signals.stop`, True when all work in hand was finished.

    A run that takes longer than its interval is not doubled: the next one starts when it is over. A job that raises is
    logged and runs again at its next time. Work in hand is given `PATIENCE_SECONDS` once the process is to end, and any
    time while it is not.
    """
    log: Any = structlog.get_logger()
    idle = {name: Event() for name in jobs}

    def guarded(name: str, action: Callable[[], object]) -> None:
        idle[name].clear()
        try:
            if not signals.stop.is_set():
                action()
        except Stopped:
            log.info("stopped", connection=name)
        except Exception:
            log.exception("cycle crashed", connection=name)
        finally:
            idle[name].set()

    scheduler = BackgroundScheduler(
        timezone=UTC, executors={"default": ThreadPoolExecutor(max(1, len(jobs)))}, logger=_quiet()
    )
    for name, (interval, action) in jobs.items():
        idle[name].set()
        scheduler.add_job(
            guarded,
            "interval",
            args=(name, action),
            id=name,
            seconds=interval.total_seconds(),
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    signals.stop.wait()
    scheduler.pause()
    finished = _all_idle(idle.values(), signals.end)
    scheduler.shutdown(wait=False)
    return finished


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


def _quiet() -> Any:
    """APScheduler's own log says in other words what ours says already."""
    import logging

    logger = logging.getLogger("leadline.apscheduler")
    logger.setLevel(logging.CRITICAL)
    logger.propagate = False
    return logger
