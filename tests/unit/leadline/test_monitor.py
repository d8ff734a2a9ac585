"""What the daemon tells a monitoring system."""

from __future__ import annotations

import json
import socket
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from connectors.budget import Budget
from connectors.contract import Call
from connectors.memory_wire import Fault
from connectors.records import Ref
from leadline.heartbeat import Heartbeat
from leadline.metrics import Metrics, StateCollector
from leadline.monitor import Monitor, PortUnavailable, served
from leadline.outage import Outage
from leadline.problems import Problems
from leadline.settings.model import Monitoring
from leadline.state.database import Database, DatabaseUnavailable
from tests.engine import TwoCrms, contact, engagement, hot

EVERY = timedelta(minutes=5)


class Watched:
    """Two CRMs with a monitor, as the daemon puts them together. Every reading of the ticks is a second later."""

    def __init__(self, database: Database) -> None:
        self.world = TwoCrms(database)
        clock = self.world.time.clock()
        self.budget = Budget((), now=clock.now, sleep=clock.sleep, reserve_share=0.3)
        ticks = iter(range(10_000))
        self.metrics = Metrics(lambda: float(next(ticks)))
        self.outage = Outage(database, clock)
        self.heartbeat = Heartbeat({"marketing": EVERY, "sales": EVERY}, database, Problems(database, clock), clock)
        budgets = {"marketing": self.budget, "sales": Budget((), now=clock.now, sleep=clock.sleep)}
        self.metrics.registry.register(StateCollector(database, self.heartbeat, budgets, clock, self.outage))
        self.monitor = Monitor(self.heartbeat, self.metrics, self.outage)
        self.world.observer = self.metrics

    def run(self) -> None:
        for report in self.world.run():
            if report.failed is None:
                self.heartbeat.hear(report.connection)

    def ask(self, path: str) -> tuple[int, Any]:
        status, _, body = self.monitor.answer(path)
        return int(status), json.loads(body)

    def measured(self) -> dict[tuple[str, ...], float]:
        families = text_string_to_metric_families(self.metrics.text().decode())
        return {
            (sample.name.removeprefix("leadline_"), *sample.labels.values()): sample.value
            for family in families
            for sample in family.samples
            if not sample.name.endswith("_created")
        }


@pytest.fixture
def watched(sqlite: Database) -> Watched:
    watched = Watched(sqlite)
    watched.world.marketing.put(contact("1", "ana@acme.example"))
    return watched


def test_a_fresh_daemon_is_healthy_and_not_ready(watched: Watched) -> None:
    assert watched.ask("/healthz")[0] == 200
    status, said = watched.ask("/readyz")
    assert (status, said["status"]) == (503, "waiting for marketing, sales")


def test_it_is_ready_once_every_connection_had_a_good_cycle(watched: Watched) -> None:
    watched.run()
    status, said = watched.ask("/readyz")
    assert (status, said["status"]) == (200, "ready")
    assert said["connections"]["sales"] == {"last_good_at": "2026-11-18T09:00:01+00:00", "silent": False}


def test_silence_is_unhealthy_and_names_who_is_silent(watched: Watched) -> None:
    watched.run()
    watched.world.later(minutes=11)
    for _ in range(8):
        watched.world.sales.wire.declare(Fault(401))
    watched.run()
    status, said = watched.ask("/healthz")
    assert (status, said["status"]) == (503, "silent: sales")
    assert watched.measured()["silent", "sales"] == 1


def test_another_path_is_not_found_and_told_what_there_is(watched: Watched) -> None:
    assert watched.ask("/") == (404, {"status": "not found", "paths": ["/healthz", "/metrics", "/readyz"]})


def test_a_database_that_is_away_is_told_and_what_was_counted_is_told_all_the_same(watched: Watched) -> None:
    watched.run()
    assert watched.measured()["database_up",] == 1
    watched.outage.met("sales", DatabaseUnavailable("it is away", "Wait."))
    for path in ("/healthz", "/readyz"):
        assert watched.ask(path) == (503, {"status": "the database cannot be used"})
    found = watched.measured()
    assert found["database_up",] == 0
    assert found["records_read_total", "marketing", "contacts"] == 1
    assert ("persons",) not in found
    watched.outage.passed("sales")
    assert watched.ask("/readyz")[0] == 200
    assert watched.measured()["database_up",] == 1


def test_a_database_that_nobody_understands_is_no_crash(watched: Watched, sqlite: Database) -> None:
    sqlite.close()
    with sqlite.begin() as tx:
        tx.exec_driver_sql("DROP TABLE runs")
    for path in ("/healthz", "/readyz", "/metrics"):
        assert watched.ask(path) == (503, {"status": "the database cannot be used"})


def test_the_metrics_tell_what_a_cycle_did(watched: Watched) -> None:
    hot(watched.world, "2", watched.world.sales)
    watched.world.sales.refuse(Ref("contacts", "2"), "the territory is locked")
    watched.run()
    watched.world.later(seconds=90)
    found = watched.measured()
    assert found["records_read_total", "marketing", "contacts"] == 1
    assert found["outcomes_total", "marketing", "values", "written"] == 1
    assert found["outcomes_total", "sales", "values", "rejected"] == 1
    assert found["parked_rows", "sales"] >= 1
    assert found["open_tasks", "sales"] == 1
    assert found["persons_scored_total",] == 2
    assert found["scoring_seconds_total",] == 1
    assert found["last_good_cycle_age_seconds", "sales"] == 90
    assert found["lag_seconds", "sales"] == 90
    assert found["persons",] == 2
    assert found["problems_error",] == 0


def test_the_metrics_tell_how_fast_and_how_often_leads_were_responded_to(watched: Watched) -> None:
    for number in ("2", "3"):
        hot(watched.world, number, watched.world.sales)
    watched.run()
    called_at = watched.world.time.now + timedelta(minutes=10)
    watched.world.sales.put(engagement("call", "call", called_at, "2", owner_id="o1"))
    watched.world.later(hours=4)
    watched.run()
    found = watched.measured()
    assert 600 <= found["response_seconds", "sales"] <= 605
    assert (found["followed_tasks", "yes", "sales"], found["followed_tasks", "no", "sales"]) == (1, 1)
    assert found["breaches", "sales", "ignored"] == 1


def test_calls_are_counted_by_endpoint_and_status(watched: Watched) -> None:
    for status, seconds in ((200, 0.25), (200, 0.5), (0, 30.0)):
        watched.metrics.called("sales", Call("GET /people", status, seconds))
    found = watched.measured()
    assert found["api_calls_total", "sales", "GET /people", "200"] == 2
    assert found["api_calls_total", "sales", "GET /people", "0"] == 1
    assert found["api_call_seconds_total", "sales", "GET /people"] == 30.75


def test_the_budget_left_is_told_without_the_reserve_once_the_crm_told_it(watched: Watched) -> None:
    assert ("budget_left", "marketing") not in watched.measured()
    watched.budget.note_daily(limit=1000, remaining=800, resets_at=None)
    assert watched.measured()["budget_left", "marketing"] == 500


def test_nothing_listens_unless_a_port_is_set(watched: Watched) -> None:
    with served(watched.monitor, Monitoring()) as port:
        assert port is None


def test_the_port_answers_over_http(watched: Watched) -> None:
    with served(watched.monitor, Monitoring(port=free_port())) as port, httpx.Client(trust_env=False) as client:
        assert client.get(f"http://127.0.0.1:{port}/healthz?verbose=1").json()["status"] == "ok"
        metrics = client.get(f"http://127.0.0.1:{port}/metrics")
        assert metrics.headers["Content-Type"].startswith("text/plain")
        assert "leadline_persons " in metrics.text


def test_a_port_that_is_taken_is_told_with_its_number(watched: Watched) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortUnavailable, match=f"127.0.0.1:{port}"), served(watched.monitor, Monitoring(port=port)):
            raise AssertionError("it must not be served")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
