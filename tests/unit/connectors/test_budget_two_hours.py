"""Two hours of work without a pause against the limits of the twins: not one call too many, and hardly one too few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest

from connectors.budget import Budget, Grant, Ledger, MemoryLedger
from connectors.errors import RetryLater
from connectors.hubspot.limits import rate_limits
from connectors.hubspot.settings import HubSpotSettings
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import ClientCredentials, SalesforceSettings
from leadline.clock import Clock
from leadline.state.budgets import DatabaseLedger
from leadline.state.database import Database
from sandbox.clock import TwinClock
from sandbox.hubspot.access import Allowance, Limits
from sandbox.hubspot.problems import Problem
from sandbox.salesforce.usage import Usage
from tests.unit.connectors.virtual_time import START, VirtualTime
from tests.unit.connectors.windows import most_within

TWO_HOURS = timedelta(hours=2)
USED_AT_LEAST = 0.9
FASTEST_SECONDS, SLOWEST_SECONDS = 0.01, 0.08
"""How long a call is on its way, there and back."""


POLITE = SalesforceSettings(
    instance_url="https://acme.my.salesforce.com",
    auth=ClientCredentials(flow="client_credentials", client_id="made-up", client_secret="env:NONE"),
    calls_per_10_seconds=25,
)


class HubSpot:
    """The twin's own limits of an account, and when calls of which kind arrived."""

    def __init__(self, time: VirtualTime, allowance: Allowance) -> None:
        self._time = time
        self.limits = Limits(allowance)
        self.arrived: dict[str, list[datetime]] = {"requests": [], "search": []}
        self.refused: list[Problem] = []

    def take(self, kinds: tuple[str, ...], grant: Grant) -> None:
        now = self._time.now()
        self.arrived[kinds[0]].append(now)
        try:
            if kinds == ("search",):
                self.limits.take_search(now, "")
                return
            told = dict(self.limits.take(now, "", "static", "associations" if "associations" in kinds else ""))
        except Problem as problem:
            self.refused.append(problem)
            return
        left = told["X-HubSpot-RateLimit-Daily-Remaining"]
        grant.note_daily(limit=self.limits.allowance.per_day, remaining=int(left))


class Salesforce:
    """The org's usage, and when calls arrived."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time
        self.usage = Usage(TwinClock(START, self._ticks), 115_000)
        self.arrived: list[datetime] = []

    def _ticks(self) -> float:
        return (self._time.now() - START).total_seconds()

    def take(self, _kinds: tuple[str, ...], grant: Grant) -> None:
        self.arrived.append(self._time.now())
        self.usage.count()
        grant.note_daily(limit=self.usage.allowance, remaining=self.usage.allowance - self.usage.used)


Take = Callable[[tuple[str, ...], Grant], None]


class Work:
    """Callers that always have more to ask, each with one call at a time, as slow as chance has it."""

    def __init__(self, time: VirtualTime, take: Take, until: datetime) -> None:
        self._time = time
        self._take = take
        self._until = until
        self._chance = Random(7)

    def caller(self, budget: Budget, *kinds: str) -> Callable[[], None]:
        def work() -> None:
            while self._time.now() < self._until:
                with budget.call(*kinds) as grant:
                    self._time.sleep(self._chance.uniform(FASTEST_SECONDS, SLOWEST_SECONDS) / 2)
                    self._take(kinds, grant)
                    self._time.sleep(self._chance.uniform(FASTEST_SECONDS, SLOWEST_SECONDS) / 2)

        return work


def hubspot_budgets(time: VirtualTime, ledger: Ledger, processes: int = 1) -> list[Budget]:
    limits = rate_limits(HubSpotSettings(token="env:NONE", tier="free"))
    return [Budget(limits, now=time.now, sleep=time.sleep, ledger=ledger) for _ in range(processes)]


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


def test_hubspot_for_two_hours(time: VirtualTime) -> None:
    crm = HubSpot(time, Allowance(burst_per_ten_seconds=100, associations_per_ten_seconds=100, per_day=250_000))
    (budget,) = hubspot_budgets(time, MemoryLedger())
    work = Work(time, crm.take, START + TWO_HOURS)
    time.run(work.caller(budget, "search"), work.caller(budget, "requests", "associations"))
    assert crm.refused == []
    assert most_within(crm.arrived["requests"], 10.0) == 100
    assert most_within(crm.arrived["search"], 1.0) == 5
    assert len(crm.arrived["requests"]) >= USED_AT_LEAST * 10 * TWO_HOURS.total_seconds()
    assert len(crm.arrived["search"]) >= USED_AT_LEAST * 5 * TWO_HOURS.total_seconds()


def test_salesforce_for_two_hours(time: VirtualTime) -> None:
    """Of itself it limits only the day; how many calls it gets at once is ours to set."""
    crm = Salesforce(time)
    budget = Budget(SalesforceConnector.limits(POLITE), now=time.now, sleep=time.sleep)
    work = Work(time, crm.take, START + TWO_HOURS)
    time.run(work.caller(budget, "requests"))
    assert most_within(crm.arrived, 10.0) == 25
    assert len(crm.arrived) >= USED_AT_LEAST * 2.5 * TWO_HOURS.total_seconds()


def test_two_processes_on_one_database_together(time: VirtualTime, sqlite: Database) -> None:
    crm = HubSpot(time, Allowance(burst_per_ten_seconds=100, associations_per_ten_seconds=100))
    minute = timedelta(minutes=1)
    work = Work(time, crm.take, START + minute)
    ledger = DatabaseLedger(sqlite, "hubspot", Clock(time.now, time.sleep))
    callers = [
        work.caller(budget, kind) for budget in hubspot_budgets(time, ledger, processes=2) for kind in ("requests", "search")
    ]
    time.run(*callers)
    assert crm.refused == []
    assert most_within(crm.arrived["requests"], 10.0) == 100
    assert most_within(crm.arrived["search"], 1.0) == 5
    assert len(crm.arrived["requests"]) >= USED_AT_LEAST * 10 * minute.total_seconds()
    assert len(crm.arrived["search"]) >= USED_AT_LEAST * 5 * minute.total_seconds()


def test_of_a_day_nearly_all_of_our_share_is_used_and_nothing_of_the_others(time: VirtualTime) -> None:
    crm = HubSpot(time, Allowance(burst_per_ten_seconds=100, associations_per_ten_seconds=100, per_day=4_000))
    budgets = hubspot_budgets(time, MemoryLedger(), processes=2)
    work = Work(time, crm.take, START + TWO_HOURS)

    def until_refused(caller: Callable[[], None]) -> Callable[[], None]:
        def work() -> None:
            with pytest.raises(RetryLater, match="daily API allowance"):
                caller()

        return work

    callers = [work.caller(budget, kind) for budget in budgets for kind in ("requests", "search")]
    time.run(*map(until_refused, callers))
    assert crm.refused == []
    for_urgent = 56
    assert 2_800 - for_urgent - len(callers) <= crm.limits.used_today <= 2_800 - for_urgent
