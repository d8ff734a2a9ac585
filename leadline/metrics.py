"""What a Prometheus server may scrape: counts of this process, and what the database holds at the moment of asking.

No label carries a person, a record id or a query: endpoints are path templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connectors.budget import Budget
from connectors.contract import Call
from connectors.records import Stream
from leadline.clock import Clock
from leadline.heartbeat import Heartbeat
from leadline.state import outbox, parked, people, runs
from leadline.state.database import Database

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """An observer that counts for Prometheus. Safe to use from several threads. `ticks` are monotonic seconds."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        self._ticks = ticks
        self._scoring_since: float | None = None
        self._lock = Lock()
        self._calls = self._counter("api_calls", "Calls to a CRM; status 0: no answer.", "connection", "endpoint", "status")
        self._call_seconds = self._counter("api_call_seconds", "Seconds spent in calls.", "connection", "endpoint")
        self._records = self._counter("records_read", "Records read, changed or not.", "connection", "stream")
        self._outcomes = self._counter("outcomes", "What a CRM said to us.", "connection", "kind", "outcome")
        self._persons = self._counter("persons_scored", "Persons scored.")
        self._scoring_seconds = self._counter("scoring_seconds", "Seconds spent scoring.")

    def called(self, connection: str, call: Call) -> None:
        """One more API call."""
        self._calls.labels(connection, call.endpoint, str(call.status)).inc()
        self._call_seconds.labels(connection, call.endpoint).inc(call.seconds)

    def phase(self, connection: str, phase: str) -> None:
        """Scoring is timed from its phase to each handful that was scored."""
        if phase == "score":
            with self._lock:
                self._scoring_since = self._ticks()

    def pulled(self, connection: str, stream: Stream, records: int) -> None:
        """More records read."""
        self._records.labels(connection, stream.value).inc(records)

    def scored(self, persons: int, left: int) -> None:
        """More persons scored."""
        self._persons.inc(persons)
        with self._lock:
            now = self._ticks()
            if self._scoring_since is not None:
                self._scoring_seconds.inc(now - self._scoring_since)
                self._scoring_since = now

    def delivered(self, connection: str, kind: str, outcome: str, records: int) -> None:
        """More outcomes."""
        self._outcomes.labels(connection, kind, outcome).inc(records)

    def text(self) -> bytes:
        """Everything in Prometheus' text format.

        Raises:
            DatabaseUnavailable: the database cannot be asked.
        """
        return generate_latest(self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"leadline_{name}", meaning, labels, registry=self.registry)


class StateCollector(Collector):
    """Gauges read from the database and the budgets when they are asked for."""

    def __init__(self, database: Database, heartbeat: Heartbeat, budgets: Mapping[str, Budget], clock: Clock) -> None:
        self._database = database
        self._heartbeat = heartbeat
        self._budgets = budgets
        self._clock = clock

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: asking the database may have to wait until it is there."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The present values."""
        now = self._clock.now()
        with self._database.begin() as tx:
            waiting = outbox.waiting_counts(tx)
            refusals = parked.parked(tx)
            troubles = runs.open_problems(tx)
            persons, dirty = people.count_persons(tx), people.count_dirty(tx)
            read_up_to = {name: runs.last_success_began(tx, name) for name in self._budgets}
        pulses = self._heartbeat.pulses()
        last_good = {one.connection: one.last_good_at for one in pulses}
        yield _ages("last_good_cycle_age_seconds", "Since the last good cycle ended.", last_good, now)
        yield _ages("lag_seconds", "Since the last good cycle began: changes older than this are known.", read_up_to, now)
        yield _gauge("silent", "1 when two intervals passed without a good cycle.", ["connection"], [
            ([one.connection], float(one.silent)) for one in pulses
        ])  # fmt: skip # one row a gauge reads as a table
        yield _gauge("outbox_rows", "Rows still to be told.", ["connection", "kind", "state"], [
            (list(key), float(count)) for key, count in sorted(waiting.items())
        ])  # fmt: skip # one row a gauge reads as a table
        parked_by = {name: sum(row.connection == name for row in refusals) for name in self._budgets}
        yield _gauge("parked_rows", "Refused for good.", ["connection"], [([n], float(c)) for n, c in parked_by.items()])
        for severity in ("error", "warning"):
            count = sum(one.severity == severity for one in troubles)
            yield _gauge(f"problems_{severity}", "Open problems.", [], [([], float(count))])
        yield _gauge("persons", "Persons known.", [], [([], float(persons))])
        yield _gauge("persons_dirty", "Persons that wait to be scored.", [], [([], float(dirty))])
        left = {name: budget.daily_left() for name, budget in self._budgets.items()}
        yield _gauge("budget_left", "Calls left today before the reserve, where the CRM told.", ["connection"], [
            ([name], float(calls)) for name, calls in left.items() if calls is not None
        ])  # fmt: skip # one row a gauge reads as a table


def _ages(name: str, meaning: str, since: Mapping[str, datetime | None], now: datetime) -> Metric:
    rows = [([key], (now - at).total_seconds()) for key, at in since.items() if at is not None]
    return _gauge(name, meaning, ["connection"], rows)


def _gauge(name: str, meaning: str, labels: Sequence[str], rows: Sequence[tuple[Sequence[str], float]]) -> Metric:
    family = GaugeMetricFamily(f"leadline_{name}", meaning, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family
