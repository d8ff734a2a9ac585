"""`run` and `once`: the daemon, and one cycle of it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import typer

from leadline import logs
from leadline.app import App, database_url, open_app
from leadline.cli.present import DEFAULT_CONFIG, FAILED, ConfigOption, load, told_plainly
from leadline.clock import Stopped
from leadline.metrics import Metrics, StateCollector
from leadline.monitor import Monitor, served
from leadline.notify import Notifier, apprise_sender
from leadline.problems import Problems
from leadline.reload import ConfigWatch
from leadline.schedule import Jobs, Signals, run_until_stopped
from leadline.settings.workspace import Workspace
from leadline.tally import Logging, Several, Tally

WATCH, CONFIG, TELL = "(watch)", "(configuration)", "(tell)"
"""Jobs beside the connections' cycles; no connection can be called so."""
WATCH_EVERY = timedelta(seconds=30)
CONFIG_EVERY = timedelta(seconds=1)
TELL_EVERY = timedelta(seconds=10)


def run(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run as a worker: a cycle per connection on its own interval, until SIGTERM. Edited files are taken up."""
    logs.configure()
    signals = Signals()
    signals.listen()
    with told_plainly():
        finished = Daemon(config, signals).run(load(config))
    if not finished:
        # A call that hangs must not keep the process; whatever it was about is found again at the next start.
        sys.stdout.flush()
        os._exit(0)


class Daemon:
    """The worker: one configuration after the other, each as long as it is the last good one."""

    def __init__(self, config: Path, signals: Signals) -> None:
        self._config = config
        self._signals = signals
        self._edited: Workspace | None = None
        self._metrics = Metrics(time.monotonic)
        self._log: Any = structlog.get_logger()

    def run(self, workspace: Workspace) -> bool:
        """Work until the process is asked to end; True when all work in hand was finished."""
        while True:
            finished = self._with(workspace)
            # In this order: a signal that comes in between is seen here or, through `stop`, by the next round.
            self._signals.stop.clear()
            if self._edited is None or self._signals.end.is_set():
                self._log.info("ended", work_in_hand="stored" if finished else "left where a restart finds it")
                return finished
            workspace, self._edited = self._edited, None
            self._log.info("configuration taken up")

    def _with(self, workspace: Workspace) -> bool:
        observer = Several(self._metrics, Logging())
        with open_app(workspace, database_url(), observer, self._signals.stop) as app, self._monitored(app) as port:
            watch = ConfigWatch(self._config, workspace, Problems(app.database, app.clock))
            names = [one.name for one in workspace.connections]
            self._log.info("started", connections=names, monitoring_port=port)
            return run_until_stopped(self._jobs(app, watch), self._signals)

    def _jobs(self, app: App, watch: ConfigWatch) -> Jobs:
        jobs: dict[str, tuple[timedelta, Callable[[], object]]] = {
            one.name: (one.envelope.every, partial(app.cycle.of, one.name, app.stop_if_asked))
            for one in app.workspace.connections
        }
        jobs[WATCH] = (WATCH_EVERY, app.heartbeat.beat)
        if references := app.workspace.settings.notify:
            jobs[TELL] = (TELL_EVERY, Notifier(app.database, app.clock, apprise_sender(references)).tell)
        jobs[CONFIG] = (CONFIG_EVERY, partial(self._look, watch))
        return jobs

    def _look(self, watch: ConfigWatch) -> None:
        if self._signals.hang_up.is_set():
            self._signals.hang_up.clear()
            self._edited = watch.read()
        else:
            self._edited = watch.look()
        if self._edited is not None:
            self._signals.stop.set()

    @contextmanager
    def _monitored(self, app: App) -> Iterator[int | None]:
        budgets = {name: connector.context.budget for name, connector in app.connectors.items()}
        state = StateCollector(app.database, app.heartbeat, budgets, app.clock)
        self._metrics.registry.register(state)
        try:
            with served(Monitor(app.heartbeat, self._metrics), app.workspace.settings.monitoring) as port:
                yield port
        finally:
            self._metrics.registry.unregister(state)


def once(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run one cycle of every connection and end; exits 1 if a connection failed."""
    logs.configure()
    log = structlog.get_logger()
    signals = Signals()
    signals.listen()
    tally = Tally()
    with told_plainly():
        workspace = load(config)
        with open_app(workspace, database_url(), Several(tally, Logging()), signals.stop) as app:
            try:
                reports = app.cycle.once(app.stop_if_asked)
            except Stopped:
                log.info("ended", work_in_hand="stored")
                return
    for report in reports:
        log.info("totals", connection=report.connection, **tally.counts(report.connection))
    if any(report.failed for report in reports):
        raise typer.Exit(FAILED)
