"""What a Prometheus server may scrape: counts of this process, and what the database holds at the moment of asking.

No label carries a person, a record id or a query: endpoints are path templates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client import Counter as PrometheusCounter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connectors.budget import Budget
from connectors.contract import Call
from connectors.errors import RetryLater
from connectors.records import Stream
from leadline.clock import Clock
from leadline.heartbeat import Heartbeat, age
from leadline.outage import Outage
from leadline.state import followups, overview, people, runs
from leadline.state.database import Database, DatabaseUnavailable

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

    def _counter(self, name: str, meaning: str, *labels: str) -> PrometheusCounter:
        return PrometheusCounter(f"leadline_{name}", meaning, labels, registry=self.registry)


class StateCollector(Collector):
    """Gauges read from the database and the budgets when they are asked for."""

    def __init__(
        self, database: Database, heartbeat: Heartbeat, budgets: Mapping[str, Budget], clock: Clock, outage: Outage
    ) -> None:
        self._database = database
        self._heartbeat = heartbeat
        self._budgets = budgets
        self._clock = clock
        self._outage = outage

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: asking the database may have to wait until it is there."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The present values. Of a database that is away, only that: what this process counted is told all the same."""
        try:
            found = [] if self._outage.trouble else [*self._cycles(), *self._counts(), *self._budgets_left()]
        except (DatabaseUnavailable, RetryLater):
            found = []
        yield _gauge("database_up", "0 while the database cannot be used.", [], [([], float(bool(found)))])
        yield from found

    def _cycles(self) -> Iterable[Metric]:
        now = self._clock.now()
        with self._database.begin() as tx:
            read_up_to = {name: runs.last_success_began(tx, name) for name in self._budgets}
        pulses = self._heartbeat.pulses()
        ages = {one.connection: one.age_seconds for one in pulses}
        lags = {name: None if at is None else age(at, now) for name, at in read_up_to.items()}
        yield _seconds("last_good_cycle_age_seconds", "Since the last good cycle ended.", ages)
        yield _seconds("lag_seconds", "Since the last good cycle began: changes older than this are known.", lags)
        silent = [([one.connection], float(one.silent)) for one in pulses]
        yield _gauge("silent", "1 when two intervals passed without a good cycle.", ["connection"], silent)

    def _counts(self) -> Iterable[Metric]:
        with self._database.begin() as tx:
            waiting = overview.waiting(tx)
            parked, tasks = overview.parked(tx), overview.open_tasks(tx)
            troubles = Counter(one.severity for one in runs.open_problems(tx))
            persons, dirty = people.count_persons(tx), people.count_dirty(tx)
            responses = followups.responses(tx, self._clock.now() - followups.RECENT)
        yield _gauge("outbox_rows", "Rows still to be told.", ["connection", "lane", "kind", "state"], [
            ([one.connection, one.lane, one.kind, one.state], float(one.rows)) for one in waiting
        ])  # fmt: skip # one row a gauge reads as a table
        yield _gauge("parked_rows", "Refused for good.", ["connection"], self._by_connection(parked))
        yield _gauge("open_tasks", "Tasks opened and not known to be done.", ["connection"], self._by_connection(tasks))
        for severity in ("error", "warning"):
            yield _gauge(f"problems_{severity}", "Open problems.", [], [([], float(troubles[severity]))])
        yield from _responses(responses)
        yield _gauge("persons", "Persons known.", [], [([], float(persons))])
        yield _gauge("persons_dirty", "Persons that wait to be scored.", [], [([], float(dirty))])

    def _budgets_left(self) -> Iterable[Metric]:
        left = {name: budget.daily_left() for name, budget in self._budgets.items()}
        yield _gauge("budget_left", "Calls left today before the reserve, where the CRM told.", ["connection"], [
            ([name], float(calls)) for name, calls in left.items() if calls is not None
        ])  # fmt: skip # one row a gauge reads as a table

    def _by_connection(self, counts: Counter[str]) -> list[tuple[list[str], float]]:
        return [([name], float(counts[name])) for name in self._budgets]


def _responses(found: Mapping[str, followups.Responses]) -> Iterable[Metric]:
    medians = {name: one.median_seconds for name, one in found.items()}
    yield _seconds("response_seconds", "Median time from a crossing to the first response, tasks of 30 days.", medians)
    yield _gauge("followed_tasks", "Tasks of 30 days, responded to or not.", ["connection", "answered"], [
        ([name, answered], float(tasks)) for name, one in found.items()
        for answered, tasks in (("yes", one.answered), ("no", one.opened - one.answered))
    ])  # fmt: skip # one row a gauge reads as a table
    yield _gauge("breaches", "Tasks of 30 days that nobody responded to in time.", ["connection", "reason"], [
        ([name, reason], float(tasks)) for name, one in found.items() for reason, tasks in one.breaches.items()
    ])  # fmt: skip # one row a gauge reads as a table


def _seconds(name: str, meaning: str, by_connection: Mapping[str, float | None]) -> Metric:
    rows = [([key], seconds) for key, seconds in by_connection.items() if seconds is not None]
    return _gauge(name, meaning, ["connection"], rows)


def _gauge(name: str, meaning: str, labels: Sequence[str], rows: Sequence[tuple[Sequence[str], float]]) -> Metric:
    family = GaugeMetricFamily(f"leadline_{name}", meaning, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family
