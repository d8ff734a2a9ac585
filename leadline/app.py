"""Puts everything together: the only place that picks concrete classes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import SystemRandom
from threading import Event
from typing import Any
from uuid import uuid4

from connectors.budget import Budget
from connectors.contract import Connector, Context
from connectors.records import Ref
from leadline.audit import Auditor
from leadline.beacon import Beacon
from leadline.clock import Clock, Stopped, system_clock
from leadline.cycle import Connected, Cycle
from leadline.dating import Dater
from leadline.deliver import Sender
from leadline.escalation import Escalations
from leadline.fuses import FuseBox
from leadline.heartbeat import Heartbeat
from leadline.intents import Destination
from leadline.observe import Observer
from leadline.problems import Problems
from leadline.retry import Retrier, RetryPolicy
from leadline.score import Scorer
from leadline.settings.workspace import ConnectionConfig, Workspace
from leadline.state.budgets import DatabaseLedger
from leadline.state.database import Database
from leadline.state.migrate import migrate

DEFAULT_DATABASE = "sqlite:///var/leadline.db"


def database_url() -> str:
    """Where state is kept: `DATABASE_URL`, as hosts set it, else a SQLite file in `var/`."""
    return os.environ.get("DATABASE_URL") or DEFAULT_DATABASE


@dataclass(frozen=True, slots=True)
class App:
    """A workspace, its database and its connections, ready to run and watched. `stop` asks everything in it to end."""

    workspace: Workspace
    database: Database
    connectors: dict[str, Connector[Any]]
    auditors: dict[str, Auditor]
    cycle: Cycle
    heartbeat: Heartbeat
    clock: Clock
    stop: Event

    def stop_if_asked(self) -> None:
        """Called where nothing is half-done; raises `Stopped` once the process was asked to end."""
        if self.stop.is_set():
            raise Stopped


@contextmanager
def open_database(url: str) -> Iterator[Database]:
    """The database at `url`, migrated to the present schema.

    Raises:
        DatabaseUnavailable: it cannot be opened.
    """
    database = Database(url)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


@contextmanager
def open_app(workspace: Workspace, url: str, observer: Observer, stop: Event) -> Iterator[App]:
    """Everything connected, for as long as the block lasts.

    Raises:
        DatabaseUnavailable: the database cannot be opened.
    """
    clock = system_clock(stop)
    with open_database(url) as database:
        connectors = {one.name: connect(one, clock, observer, database) for one in workspace.connections}
        try:
            yield _assemble(workspace, database, connectors, clock, observer, stop)
        finally:
            for connector in connectors.values():
                connector.close()


def connect(config: ConnectionConfig, clock: Clock, observer: Observer, database: Database) -> Connector[Any]:
    """The connector of one connection, with the budget that all processes on the database share. Makes no call yet."""
    budget = Budget(
        config.connector.limits(config.settings),
        now=clock.now,
        sleep=clock.sleep,
        reserve_share=config.envelope.leave_to_others_percent / 100,
        ledger=DatabaseLedger(database, config.name, clock),
    )
    record_call = _recorder(config.name, observer)
    return config.connector(config.settings, Context(config.name, clock.now, budget, record_call))


def _recorder(connection: str, observer: Observer) -> Callable[[Any], None]:
    return lambda call: observer.called(connection, call)


def _assemble(
    workspace: Workspace,
    database: Database,
    connectors: dict[str, Connector[Any]],
    clock: Clock,
    observer: Observer,
    stop: Event,
) -> App:
    retry = Retrier(RetryPolicy(), clock, SystemRandom())
    destinations = {
        name: Destination(
            connector.type_name,
            connector.capabilities.person_objects,
            connector.capabilities.tasks,
            connector.company_values(connector.settings),
            connector.stage_place(connector.settings),
        )
        for name, connector in connectors.items()
    }
    scorer = Scorer(workspace, destinations, database, clock, observer)
    problems, limits = Problems(database, clock), workspace.settings.fuses
    shown_on = {one.name: _ref(one.envelope.heartbeat) for one in workspace.connections if one.envelope.heartbeat}
    connected = tuple(
        Connected(
            name,
            connector,
            Dater(name, connector, workspace.qualification, database, retry, clock),
            Sender(name, connector, database, retry, clock, observer, workspace.hash),
            FuseBox(name, limits, database, problems, clock),
            Beacon(name, connector, record, retry, problems, clock) if (record := shown_on.get(name)) else None,
            Escalations(name, connector, workspace, database, retry, clock),
        )
        for name, connector in connectors.items()
    )
    cycle = Cycle(connected, database, scorer, retry, clock, observer, lambda: uuid4().hex)
    every = {one.name: one.envelope.every for one in workspace.connections}
    heartbeat = Heartbeat(every, database, problems, clock)
    auditors = {name: Auditor(name, connector, database, retry, clock) for name, connector in connectors.items()}
    return App(workspace, database, connectors, auditors, cycle, heartbeat, clock, stop)


def _ref(name: str) -> Ref:
    kind, _, record_id = name.partition("/")
    return Ref(kind, record_id)
