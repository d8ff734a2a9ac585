"""The daemon's clockwork."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from apscheduler.schedulers import base
from apscheduler.triggers import interval

from leadline import logs, schedule
from leadline.clock import Clock, Stopped
from leadline.outage import Outage
from leadline.schedule import Signals, run_until_stopped
from leadline.state.database import Database, DatabaseUnavailable

SOON = timedelta(milliseconds=20)
LONG = timedelta(hours=1)
PATIENT_SECONDS = 20.0


def outage() -> Outage:
    return Outage(Database("sqlite://"), Clock(lambda: datetime.now(UTC), lambda _seconds: None))


class Running:
    """The clockwork in a thread of its own."""

    def __init__(self, **jobs: tuple[timedelta, Callable[[], object]]) -> None:
        self.signals = Signals()
        self.finished: bool | None = None
        self._thread = Thread(target=self._run, args=(jobs,))
        self._thread.start()

    def _run(self, jobs: Any) -> None:
        self.finished = run_until_stopped(jobs, self.signals, outage())

    def end(self) -> bool | None:
        self.signals.end.set()
        self.signals.stop.set()
        self._thread.join(PATIENT_SECONDS)
        assert not self._thread.is_alive()
        return self.finished


class Job:
    """Counts its runs and tells when there were enough."""

    def __init__(self, enough: int, then: Callable[[], object] = lambda: None) -> None:
        self.runs = 0
        self.enough = Event()
        self.least = enough
        self._then = then

    def __call__(self) -> None:
        self.runs += 1
        if self.runs >= self.least:
            self.enough.set()
        self._then()

    def was_run_enough(self) -> bool:
        return self.enough.wait(PATIENT_SECONDS)


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    target = io.StringIO()
    logs.configure(target)
    yield target
    logs.configure()


def fail() -> None:
    raise ValueError("ana@acme.example is not welcome")


def test_each_job_runs_at_once_and_then_on_its_own_interval() -> None:
    often, seldom = Job(3), Job(1)
    running = Running(often=(SOON, often), seldom=(LONG, seldom))
    assert often.was_run_enough()
    assert seldom.was_run_enough()
    assert running.end() is True
    assert seldom.runs == 1


def test_a_job_that_raises_runs_again_and_does_not_stop_the_others(heard: io.StringIO) -> None:
    bad, good = Job(3, fail), Job(3)
    running = Running(bad=(SOON, bad), good=(SOON, good))
    assert bad.was_run_enough()
    assert good.was_run_enough()
    assert running.end() is True
    line = json.loads(heard.getvalue().splitlines()[0])
    assert (line["event"], line["connection"]) == ("cycle crashed", "bad")


def test_a_crash_is_logged_with_its_place_and_without_its_words(heard: io.StringIO) -> None:
    bad = Job(1, fail)
    running = Running(bad=(LONG, bad))
    assert bad.was_run_enough()
    running.end()
    line = json.loads(heard.getvalue().splitlines()[0])
    assert "ValueError" in line["exception"]
    assert "test_schedule.py" in line["exception"]
    assert "ana@" not in heard.getvalue()


def test_what_the_database_keeps_from_its_work_is_tried_again_soon_and_told_once(
    heard: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "AGAIN_AFTER_SECONDS", 0.02)

    def away() -> None:
        raise DatabaseUnavailable("the database is away", "Wait.")

    job = Job(4, away)
    running = Running(work=(LONG, job))
    assert job.was_run_enough()
    assert running.end() is True
    (line,) = [json.loads(text) for text in heard.getvalue().splitlines()]
    assert (line["event"], line["what"], line["fix"]) == ("the database cannot be used", "the database is away", "Wait.")
    assert "exception" not in line


def test_a_run_that_takes_longer_than_its_interval_is_not_doubled() -> None:
    together, most = 0, 0
    release = Event()

    def slow() -> None:
        nonlocal together, most
        together += 1
        most = max(most, together)
        release.wait(0.2)
        together -= 1

    job = Job(3, slow)
    running = Running(slow=(SOON, job))
    assert job.was_run_enough()
    running.end()
    assert most == 1


@pytest.mark.parametrize("hours", [-1, 24], ids=["an hour back", "a day forward"])
def test_a_clock_that_is_set_keeps_no_job_from_its_interval(hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "CLOCK_LOOK_SECONDS", 0.05)
    clock = SettableClock(monkeypatch)
    job = Job(3)
    running = Running(work=(timedelta(milliseconds=200), job))
    assert job.was_run_enough()
    clock.ahead = timedelta(hours=hours)
    clock.jumped()
    runs, job.enough = job.runs, Event()
    job.least = runs + 3
    assert job.was_run_enough()
    assert running.end() is True
    assert job.runs < runs + 50


class SettableClock:
    """The machine's clock as the scheduler sees it, which can be set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = timedelta()
        settable = self

        class Now(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime.now(tz) + settable.ahead

        for module in (schedule, base, interval):
            monkeypatch.setattr(module, "datetime", Now)
        self._moved = 0.0
        seconds = time.time
        monkeypatch.setattr(time, "time", lambda: seconds() + self._moved)

    def jumped(self) -> None:
        """The difference to the time that only goes on shows it, too."""
        self._moved = self.ahead.total_seconds()


def test_two_connections_run_side_by_side() -> None:
    met = Event()
    first = Job(1, lambda: met.wait(PATIENT_SECONDS))
    second = Job(1, met.set)
    running = Running(first=(LONG, first), second=(LONG, second))
    assert met.wait(PATIENT_SECONDS)
    assert running.end() is True


def test_work_in_hand_is_finished_after_a_stop() -> None:
    done = Event()
    signals = Signals()

    def work() -> None:
        signals.stop.set()
        Event().wait(0.2)
        done.set()

    assert run_until_stopped({"work": (LONG, work)}, signals, outage()) is True
    assert done.is_set()


def test_a_job_may_end_itself_when_it_is_asked_to(heard: io.StringIO) -> None:
    def stopped() -> None:
        raise Stopped

    job = Job(1, stopped)
    running = Running(work=(LONG, job))
    assert job.was_run_enough()
    assert running.end() is True
    assert [json.loads(line)["event"] for line in heard.getvalue().splitlines()] == ["stopped"]


def test_work_that_hangs_is_left_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "PATIENCE_SECONDS", 0.1)
    release = Event()
    job = Job(1, lambda: release.wait(PATIENT_SECONDS))
    running = Running(work=(LONG, job))
    assert job.was_run_enough()
    assert running.end() is False
    release.set()


def test_nothing_begins_after_a_stop() -> None:
    signals = Signals()
    signals.stop.set()
    job = Job(1)
    assert run_until_stopped({"work": (LONG, job)}, signals, outage()) is True
    assert job.runs == 0


def test_work_in_hand_is_given_any_time_while_the_process_is_not_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "PATIENCE_SECONDS", 0.1)
    signals = Signals()

    def work() -> None:
        signals.stop.set()
        Event().wait(0.5)

    assert run_until_stopped({"work": (LONG, work)}, signals, outage()) is True


@pytest.fixture
def signals() -> Iterator[Signals]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    found = Signals()
    found.listen()
    yield found
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_ask_to_end(number: signal.Signals, signals: Signals) -> None:
    os.kill(os.getpid(), number)
    assert signals.stop.wait(PATIENT_SECONDS)
    assert signals.end.is_set()


def test_a_hang_up_asks_to_read_the_files_and_not_to_end(signals: Signals) -> None:
    os.kill(os.getpid(), signal.SIGHUP)
    assert signals.hang_up.wait(PATIENT_SECONDS)
    assert not signals.stop.is_set()
