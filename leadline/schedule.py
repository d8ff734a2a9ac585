"""The daemon's clockwork: one job per connection, each on its own interval, until the process is asked to end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from leadline.clock import Stopped

PATIENCE_SECONDS = 9.0
"""How long the work in hand may take after a signal. Hosts kill after ten seconds or more, and a kill loses nothing."""


def stop_on_signals(stop: Event) -> None:
    """Set `stop` on SIGTERM and SIGINT."""

    def ask(_number: int, _frame: object) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)


def run_until_stopped(jobs: Mapping[str, tuple[timedelta, Callable[[], object]]], stop: Event) -> bool:
    """Run each job now and then on its interval; returns after `stop`, True when all work in hand was finished.

    A run that takes longer than its interval is not doubled: the next one starts when it is over. A job that raises is
    logged and runs again at its next time.
    """
    log: Any = structlog.get_logger()
    idle = {name: Event() for name in jobs}

    def guarded(name: str, action: Callable[[], object]) -> None:
        idle[name].clear()
        try:
            if not stop.is_set():
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
    stop.wait()
    scheduler.pause()
    waited_until = datetime.now(UTC) + timedelta(seconds=PATIENCE_SECONDS)
    finished = all(event.wait(max(0.0, (waited_until - datetime.now(UTC)).total_seconds())) for event in idle.values())
    scheduler.shutdown(wait=False)
    return finished


def _quiet() -> Any:
    """APScheduler's own log says in other words what ours says already."""
    import logging

    logger = logging.getLogger("leadline.apscheduler")
    logger.setLevel(logging.CRITICAL)
    logger.propagate = False
    return logger
