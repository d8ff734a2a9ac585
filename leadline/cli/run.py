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
from leadline.app import App, database_url, open_app, open_database
from leadline.cli.alone import alone
from leadline.cli.present import DEFAULT_CONFIG, FAILED, ConfigOption, load, told_plainly
from leadline.clock import Stopped
from leadline.metrics import Metrics, StateCollector
from leadline.monitor import Monitor, served
from leadline.notify import Notifier, SalesNotifier, apprise_sender, send_to
from leadline.outage import Outage
from leadline.problems import Problems
from leadline.reload import ConfigWatch
from leadline.schedule import Signals, run_until_stopped
from leadline.setback import ClockWatch
from leadline.settings.workspace import Workspace
from leadline.state.database import DatabaseUnavailable
from leadline.state.lease import Lease, lease_on
from leadline.tally import Logging, Several, Tally

WATCH, CLOCK, CONFIG, LEASE, RESCORE = "(watch)", "(clock)", "(configuration)", "(lease)", "(rescore)"
TELL, TELL_SALES = "(tell)", "(tell sales)"
"""Jobs beside the connections' cycles; no connection can be called so."""
WATCH_EVERY = timedelta(seconds=30)
CONFIG_EVERY = timedelta(seconds=1)
AUDIT_EVERY = timedelta(minutes=5)
"""How often it is looked whether an audit is due; one that failed is tried again as soon."""
RESCORE_EVERY = timedelta(seconds=5)
TELL_EVERY = timedelta(seconds=10)
LEASE_EVERY = timedelta(seconds=2)


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
        finished = True
        with open_database(database_url()) as database:
            lease = lease_on(database)
            try:
                while self._is_ours(lease):
                    try:
                        finished = self._with(workspace, lease)
                    except DatabaseUnavailable as trouble:
                        # It was there for the lease; the next look at that tells for how long it stays away.
                        self._log.error("the database cannot be used", what=trouble.what, fix=trouble.fix)
                    # In this order: a signal in between is seen by the next look at `end`, or through `stop`.
                    self._signals.stop.clear()
                    if self._edited is not None and not self._signals.end.is_set():
                        workspace, self._edited = self._edited, None
                        self._log.info("configuration taken up")
            finally:
                lease.release()
        self._log.info("ended", work_in_hand="stored" if finished else "left where a restart finds it")
        return finished

    def _is_ours(self, lease: Lease) -> bool:
        """Wait until no other worker is at this database; False when the process is to end."""
        told: str | None = None
        while not self._signals.end.is_set():
            reason = _why_not_ours(lease)
            if reason is None:
                return True
            if reason != told:
                self._log.warning(reason, next="this one waits until it may take over")
                told = reason
            self._signals.end.wait(LEASE_EVERY.total_seconds())
        return False

    def _with(self, workspace: Workspace, lease: Lease) -> bool:
        observer = Several(self._metrics, Logging())
        with open_app(workspace, database_url(), observer, self._signals.stop) as app:
            lease.guard(app.database)
            outage = Outage(app.database, app.clock)
            with self._monitored(app, outage) as port:
                watch = ConfigWatch(self._config, workspace, Problems(app.database, app.clock))
                names = [one.name for one in workspace.connections]
                self._log.info("started", connections=names, monitoring_port=port)
                jobs = self._jobs(app, watch)
                jobs[LEASE] = (LEASE_EVERY, partial(self._keep, lease))
                return run_until_stopped(jobs, self._signals, outage)

    def _keep(self, lease: Lease) -> None:
        if not lease.take():
            self._log.warning("the right to work at this database is lost", next="this worker waits until it has it again")
            self._signals.stop.set()

    def _jobs(self, app: App, watch: ConfigWatch) -> dict[str, tuple[timedelta, Callable[[], object]]]:
        jobs: dict[str, tuple[timedelta, Callable[[], object]]] = {
            one.name: (one.envelope.every, partial(_cycle, app, one.name)) for one in app.workspace.connections
        }
        at, zone = app.workspace.settings.audit_at, app.workspace.settings.working_hours.zone
        for name, auditor in app.auditors.items():
            jobs[f"(audit of {name})"] = (AUDIT_EVERY, partial(auditor.run_if_due, at, zone, app.stop_if_asked))
        jobs[RESCORE] = (RESCORE_EVERY, partial(app.cycle.rescore, app.stop_if_asked))
        jobs[WATCH] = (WATCH_EVERY, app.heartbeat.beat)
        jobs[CLOCK] = (WATCH_EVERY, ClockWatch(app.database, Problems(app.database, app.clock), app.clock).look)
        if references := app.workspace.settings.notify:
            jobs[TELL] = (TELL_EVERY, Notifier(app.database, app.clock, apprise_sender(references)).tell)
        if app.workspace.settings.notify_sales:
            jobs[TELL_SALES] = (TELL_EVERY, sales_notifier(app).tell)
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
    def _monitored(self, app: App, outage: Outage) -> Iterator[int | None]:
        budgets = {name: connector.context.budget for name, connector in app.connectors.items()}
        state = StateCollector(app.database, app.heartbeat, budgets, app.clock, outage)
        self._metrics.registry.register(state)
        try:
            with served(Monitor(app.heartbeat, self._metrics, outage), app.workspace.settings.monitoring) as port:
                yield port
        finally:
            self._metrics.registry.unregister(state)


def _why_not_ours(lease: Lease) -> str | None:
    """Why this process may not work at the database; None when it may."""
    try:
        return None if lease.take() else "another worker is at this database"
    except DatabaseUnavailable as trouble:
        return trouble.what


def sales_notifier(app: App) -> SalesNotifier:
    """Who tells of leads that nobody responded to."""
    targets = app.workspace.settings.notify_sales
    return SalesNotifier(app.database, targets, app.workspace.qualification.escalate, send_to)


def _cycle(app: App, name: str) -> None:
    if app.cycle.of(name, app.stop_if_asked).failed is None:
        app.heartbeat.hear(name)


def once(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Run one cycle of every connection and end; exits 1 if a connection failed."""
    logs.configure()
    log = structlog.get_logger()
    signals = Signals()
    signals.listen()
    tally = Tally()
    with told_plainly():
        workspace = load(config)
        with open_app(workspace, database_url(), Several(tally, Logging()), signals.stop) as app, alone(app):
            try:
                reports = app.cycle.once(app.stop_if_asked)
            except Stopped:
                log.info("ended", work_in_hand="stored")
                return
            sales_notifier(app).tell()
    for report in reports:
        log.info("totals", connection=report.connection, **tally.counts(report.connection))
    if any(report.failed for report in reports):
        raise typer.Exit(FAILED)
