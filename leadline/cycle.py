"""A cycle: pull, score, deliver, in that order, with what went wrong recorded where people look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import structlog
from msgspec import Struct
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from connectors.budget import DAILY
from connectors.contract import Connector
from connectors.errors import ConnectorError, ContractBroken, Misconfigured, Reauthorise, RetryLater
from connectors.records import Stream
from leadline.beacon import Beacon
from leadline.clock import Clock
from leadline.dating import MOST_AT_ONCE, Dater
from leadline.deliver import Delivered, Sender
from leadline.escalation import Escalations
from leadline.fuses import KINDS, FuseBox
from leadline.observe import Observer
from leadline.problems import Problems
from leadline.pull import Pulled, pull
from leadline.retry import Retrier
from leadline.score import Scorer
from leadline.state import runs
from leadline.state.database import Database, DatabaseUnavailable

AWAITED_FOR = timedelta(days=1)
"""How long the tasks of all wait for a connection whose first reading does not come to its end."""


class Report(Struct, frozen=True):
    """How one connection's cycle went. `failed` says what went wrong, None when all is well."""

    connection: str
    pulled: Pulled | None
    delivered: Delivered | None
    failed: str | None


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection ready for use: its connector, who dates its values, the sender, and the fuses before that."""

    name: str
    connector: Connector[Any]
    dater: Dater
    sender: Sender
    fuses: FuseBox
    beacon: Beacon | None = None
    escalations: Escalations | None = None


class Cycle:
    """Runs cycles. Connections may run side by side; scoring is done by one thread at a time."""

    def __init__(
        self,
        connected: tuple[Connected, ...],
        database: Database,
        scorer: Scorer,
        retry: Retrier,
        clock: Clock,
        observer: Observer,
        new_run_id: Callable[[], str],
    ) -> None:
        self._connected = {one.name: one for one in connected}
        self._database = database
        self._scorer = scorer
        self._retry = retry
        self._clock = clock
        self._observer = observer
        self._new_run_id = new_run_id
        self._attempted: set[str] = set()
        self._read: set[str] = set()
        self._read_from: dict[str, datetime] = {}
        self._scoring = Lock()
        self._sending = {one.name: Lock() for one in connected}
        self._all_scored = True
        self._problems = Problems(database, clock)
        self._log: Any = structlog.get_logger()

    def once(self, stop_if_asked: Callable[[], None]) -> tuple[Report, ...]:
        """One cycle of every connection: all are pulled before anything is scored, then each is delivered to."""
        ids = {name: self._begin(name) for name in self._connected}
        pulled = {name: self._pull(name, ids[name], stop_if_asked) for name in self._connected}
        self._score(tuple(ids.values()), stop_if_asked)
        while not self._all_scored:
            self.rescore(stop_if_asked)
            self._score(tuple(ids.values()), stop_if_asked)
        return tuple(self._finish(name, ids[name], pulled[name], stop_if_asked) for name in self._connected)

    def of(self, name: str, stop_if_asked: Callable[[], None]) -> Report:
        """One cycle of one connection. Scoring waits until each was tried once, so that nobody is judged by half."""
        run_id = self._begin(name)
        pulled = self._pull(name, run_id, stop_if_asked)
        if self._attempted >= self._connected.keys():
            self._score((run_id,), stop_if_asked)
            self._answer_elsewhere(name, stop_if_asked)
        return self._finish(name, run_id, pulled, stop_if_asked)

    def _answer_elsewhere(self, name: str, stop_if_asked: Callable[[], None]) -> None:
        """Open the tasks of raised hands in the other CRMs too: their own cycles may be an interval away.

        One that is being delivered to takes them up by itself. What goes wrong is told by the connection's own cycle.
        """
        for other in sorted(self._connected.keys() - {name}):
            if not self._sending[other].acquire(blocking=False):
                continue
            try:
                with suppress(ConnectorError), self._blamed(other):
                    self._connected[other].sender.answer(stop_if_asked)
            finally:
                self._sending[other].release()

    def rescore(self, stop_if_asked: Callable[[], None]) -> None:
        """Score those whose day or rules are over, beside the cycles, which go on: it gives way after every handful."""
        while self._rescore_some():
            stop_if_asked()

    def _rescore_some(self) -> bool:
        with self._scoring:
            return self._scorer.rescore_some()

    def _begin(self, name: str) -> str:
        run_id = self._new_run_id()
        with self._database.begin() as tx:
            runs.begin_run(tx, run_id, name, self._clock.now())
        return run_id

    def _phase(self, name: str, run_id: str, phase: str) -> None:
        self._observer.phase(name, phase)
        with self._database.begin() as tx:
            runs.enter_phase(tx, run_id, phase)

    def _pull(self, name: str, run_id: str, stop_if_asked: Callable[[], None]) -> Pulled | ConnectorError:
        """What was read, or what went wrong."""
        self._phase(name, run_id, "pull")
        one = self._connected[name]
        self._read_from[name] = self._clock.now()
        try:
            with self._blamed(name):
                pulled = pull(name, one.connector, self._database, self._retry, self._clock, self._observer, stop_if_asked)
        except ConnectorError as error:
            self._problems.open(f"{name}:pull", f"{name} cannot be read: {error.what}", _remedy(name, error))
            return error
        finally:
            self._attempted.add(name)
        self._read.add(name)
        self._problems.end(f"{name}:pull")
        for stream in one.connector.capabilities.streams:
            problem = f"{name}:stream:{stream.value}"
            if reason := pulled.skipped.get(stream.value):
                what = f"{name}: {stream.value} are not read: {reason}"
                self._problems.open(
                    problem, what, "Grant the connection what it lacks; the next cycle reads them.", "warning"
                )
            else:
                self._problems.end(problem)
        self._date(name, stop_if_asked)
        return pulled

    def _date(self, name: str, stop_if_asked: Callable[[], None]) -> None:
        """Learn since when values hold. On the first reading of all, since tasks wait for it; later of so many at a time.

        Without it evidence has the dates at which we first saw it, so the cycle goes on when it fails.
        """
        with self._database.begin() as tx:
            is_first = runs.last_success(tx, name) is None
        try:
            with self._blamed(name):
                self._connected[name].dater.date(stop_if_asked, None if is_first else MOST_AT_ONCE)
        except ConnectorError as error:
            what = f"{name} does not tell since when values hold: {error.what}"
            self._problems.open(f"{name}:dates", what, _remedy(name, error), "warning")
        else:
            self._problems.end(f"{name}:dates")

    def _score(self, run_ids: tuple[str, ...], stop_if_asked: Callable[[], None]) -> None:
        with self._scoring:
            self._observer.phase("", "score")
            with self._database.begin() as tx:
                for run_id in run_ids:
                    runs.enter_phase(tx, run_id, "score")
                unread = frozenset(name for name in self._connected.keys() - self._read if self._is_awaited(tx, name))
            self._all_scored = self._scorer.score_dirty(stop_if_asked, unread)

    def _is_awaited(self, tx: Connection, name: str) -> bool:
        """Whether tasks wait for a connection that was never read to its end: for a while, lest one keeps all from work."""
        began_at = runs.first_began(tx, name)
        is_new = began_at is None or self._clock.now() - began_at < AWAITED_FOR
        return is_new and runs.last_success(tx, name) is None

    def _finish(self, name: str, run_id: str, pulled: Pulled | ConnectorError, stop_if_asked: Callable[[], None]) -> Report:
        with self._sending[name]:
            report = self._deliver(name, run_id, pulled, stop_if_asked)
        with self._database.begin() as tx:
            last_good_at = runs.last_success(tx, name)
            outcome = "failed" if report.failed else "ok"
            runs.finish_run(tx, run_id, outcome, _counts(report), self._clock.now())
        self._log.info("cycle", connection=name, outcome=outcome, **_counts(report))
        beacon = self._connected[name].beacon
        if beacon is not None and report.failed is None:
            beacon.show(last_good_at)
        return report

    def _deliver(self, name: str, run_id: str, pulled: Pulled | ConnectorError, stop_if_asked: Callable[[], None]) -> Report:
        if isinstance(pulled, ConnectorError):
            return Report(name, None, self._serve_raised_hands(name, pulled, stop_if_asked), pulled.what)
        self._phase(name, run_id, "deliver")
        try:
            with self._blamed(name):
                one = self._connected[name]
                if one.escalations is not None and Stream.ENGAGEMENTS.value not in pulled.skipped:
                    one.escalations.look(self._read_from[name], stop_if_asked)
                # Fuses judge what other rules do to all: until all are scored by them, only raised hands are served.
                held = one.fuses.check() if self._all_scored else frozenset(KINDS)
                delivered = one.sender.deliver(stop_if_asked, held)
        except ConnectorError as error:
            self._problems.open(f"{name}:deliver", f"{name} cannot be written to: {error.what}", _remedy(name, error))
            return Report(name, pulled, None, error.what)
        self._problems.end(f"{name}:deliver")
        return Report(name, pulled, delivered, None)

    def _serve_raised_hands(self, name: str, unread: ConnectorError, stop_if_asked: Callable[[], None]) -> Delivered | None:
        """What is kept of the day's calls is for them, when there are none left to read with."""
        if unread.code != DAILY:
            return None
        with suppress(ConnectorError), self._blamed(name):
            return self._connected[name].sender.deliver(stop_if_asked, held=frozenset(KINDS))
        return None

    @contextmanager
    def _blamed(self, name: str) -> Iterator[None]:
        """What a connector should never raise fails its own connection, as a broken contract; a database fails them all."""
        try:
            yield
        except (ConnectorError, DatabaseUnavailable, SQLAlchemyError):
            raise
        except Exception as error:
            self._log.exception("connector crashed", connection=name)
            raise ContractBroken(f"its connector broke with {type(error).__name__}; the log says where") from error


def _counts(report: Report) -> dict[str, int]:
    counts: dict[str, int] = {}
    if report.pulled:
        counts |= {"changed": report.pulled.changed, "unchanged": report.pulled.unchanged}
    if report.delivered:
        counts |= {
            "written": report.delivered.written,
            "opened": report.delivered.opened,
            "closed": report.delivered.closed,
            "rejected": report.delivered.rejected,
            "postponed": report.delivered.postponed,
            "gone": report.delivered.gone,
        }
    return counts


def _remedy(name: str, error: ConnectorError) -> str:
    match error:
        case Reauthorise():
            return f"Renew the credentials that config/connections/{name}.yaml points to; the next cycle takes them up."
        case Misconfigured():
            return f"Correct what the message names, in the CRM or in config/connections/{name}.yaml."
        case ContractBroken():
            return (
                f"The CRM answered in an unknown way. Run `python -m leadline doctor` and report what it prints for {name}."
            )
        case RetryLater():
            return "Nothing: it is tried again with every cycle."
        case _:
            return "See the message."
