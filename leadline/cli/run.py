"""`run` and `once`: the daemon, and one cycle of it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from threading import Event

import structlog
import typer

from leadline import logs
from leadline.app import App, database_url, open_app
from leadline.cli.present import DEFAULT_CONFIG, FAILED, ConfigOption, load, told_plainly
from leadline.clock import Stopped
from leadline.metrics import Metrics, StateCollector
from leadline.monitor import Monitor, served
from leadline.schedule import run_until_stopped, stop_on_signals
from leadline.tally import Logging, Several, Tally

WATCH = "(watch)"
"""The name of the job that listens for silence; no connection can be called so."""
WATCH_EVERY = timedelta(seconds=30)


def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run as a worker: a cycle per connection on its own interval, until SIGTERM."""
    logs.configure()
    log = structlog.get_logger()
    stop = Event()
    stop_on_signals(stop)
    with told_plainly():
        workspace = load(config)
        metrics = Metrics(time.monotonic)
        with open_app(workspace, database_url(), Several(metrics, Logging()), stop) as app, _monitored(app, metrics) as port:
            log.info("started", connections=[one.name for one in workspace.connections], monitoring_port=port)
            finished = run_until_stopped(_jobs(app), stop)
            log.info("ended", work_in_hand="stored" if finished else "left where a restart finds it")
    if not finished:
        # A call that hangs must not keep the process; whatever it was about is found again at the next start.
        sys.stdout.flush()
        os._exit(0)


def _jobs(app: App) -> dict[str, tuple[timedelta, Callable[[], object]]]:
    """A cycle per connection on its own interval, and the watch over them."""
    jobs: dict[str, tuple[timedelta, Callable[[], object]]] = {
        one.name: (one.envelope.every, partial(app.cycle.of, one.name, app.stop_if_asked))
        for one in app.workspace.connections
    }
    return jobs | {WATCH: (WATCH_EVERY, app.heartbeat.beat)}


def _monitored(app: App, metrics: Metrics) -> AbstractContextManager[int | None]:
    budgets = {name: connector.context.budget for name, connector in app.connectors.items()}
    metrics.registry.register(StateCollector(app.database, app.heartbeat, budgets, app.clock))
    return served(Monitor(app.heartbeat, metrics), app.workspace.settings.monitoring)


def once(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run one cycle of every connection and end; exits 1 if a connection failed."""
    logs.configure()
    log = structlog.get_logger()
    stop = Event()
    stop_on_signals(stop)
    tally = Tally()
    with told_plainly():
        workspace = load(config)
        with open_app(workspace, database_url(), Several(tally, Logging()), stop) as app:
            try:
                reports = app.cycle.once(app.stop_if_asked)
            except Stopped:
                log.info("ended", work_in_hand="stored")
                return
    for report in reports:
        log.info("totals", connection=report.connection, **tally.counts(report.connection))
    if any(report.failed for report in reports):
        raise typer.Exit(FAILED)
