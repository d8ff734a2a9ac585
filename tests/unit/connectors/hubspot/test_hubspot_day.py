"""What HubSpot tells of the day's calls, and what is done about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Context
from connectors.errors import RetryLater
from connectors.hubspot.connector import HubSpotConnector
from connectors.records import Ref
from tests.unit.connectors.hubspot.conftest import NOW, Desk
from tests.unit.connectors.hubspot.scripted import Script
from tests.unit.connectors.hubspot.shapes import listing, refusal

MIDNIGHT = datetime.fromisoformat("2026-11-22T05:00:00Z")
USAGE = "/account-info/2026-03/api-usage/daily/private-apps"


def left(remaining: int) -> dict[str, str]:
    """The headers that say so, of a thousand calls a day."""
    return {"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": str(remaining)}


def usage() -> Any:
    return {"results": [{"name": "private-apps-api-calls-daily", "usageLimit": 1000, "resetsAt": "2026-11-22T05:00:00Z"}]}


def ask(connector: HubSpotConnector) -> None:
    """A call whose answer tells of the day."""
    assert connector.find_tasks(Ref("contacts", "7")) == ()


def refused(connector: HubSpotConnector) -> RetryLater:
    with pytest.raises(RetryLater) as caught:
        ask(connector)
    return caught.value


def test_with_plenty_left_nobody_asks_for_the_reset(connector: HubSpotConnector, script: Script) -> None:
    script.then(listing(), headers=left(500))
    ask(connector)
    assert [asked.path for asked in script.asked if asked.path == USAGE] == []


def test_when_it_runs_low_the_reset_is_asked_for_once_and_then_waited_for(
    connector: HubSpotConnector, script: Script, desk: Desk
) -> None:
    script.then(listing(), headers=left(380)).then(usage(), headers=left(379))
    ask(connector)
    script.then(listing(), headers=left(300))
    ask(connector)
    assert [asked.path for asked in script.asked].count(USAGE) == 1
    error = refused(connector)
    assert (error.at, error.code) == (MIDNIGHT, "DAILY")
    desk.at = MIDNIGHT
    script.then(listing(), headers=left(999))
    ask(connector)


def test_an_account_that_does_not_tell_its_reset_is_looked_at_each_hour(
    connector: HubSpotConnector, script: Script, desk: Desk
) -> None:
    script.then(listing(), headers=left(350)).then(refusal("MISSING_SCOPES"), status=403)
    ask(connector)
    script.then(listing(), headers=left(300))
    ask(connector)
    assert refused(connector).at == NOW + timedelta(hours=1)
    desk.at += timedelta(hours=1)
    script.then(listing(), headers=left(300))
    ask(connector)
    refused(connector)
    assert len(script.asked) == 4


@pytest.mark.parametrize(
    ("headers", "goes_on_at"), [({}, NOW + timedelta(hours=1)), ({"Retry-After": "18000"}, NOW + timedelta(hours=5))]
)
def test_after_daily_nothing_is_sent_until_the_moment_that_is_named(
    connector: HubSpotConnector, script: Script, desk: Desk, headers: dict[str, str], goes_on_at: datetime
) -> None:
    script.then(spent(), status=429, headers=headers)
    for _ in range(20):
        error = refused(connector)
        assert (error.at, error.code) == (goes_on_at, "DAILY")
        assert error.what.startswith("the daily API allowance is used up; goes on at 2026-11-21 1")
        desk.at += timedelta(minutes=2)
    assert len(script.asked) == 1
    desk.at = goes_on_at
    script.then(listing())
    ask(connector)


def test_after_daily_the_reset_that_is_known_is_waited_for(connector: HubSpotConnector, script: Script) -> None:
    script.then(listing(), headers=left(380)).then(usage(), headers=left(379))
    ask(connector)
    script.then(spent(), status=429)
    assert refused(connector).at == MIDNIGHT


def test_what_one_connector_heard_binds_all_on_its_budget(connector: HubSpotConnector, script: Script) -> None:
    script.then(spent(), status=429)
    refused(connector)
    heard = connector.context
    another = HubSpotConnector(connector.settings, Context("hubspot", heard.now, heard.budget, heard.record_call))
    refused(another)
    assert len(script.asked) == 1


def spent() -> Any:
    return {**refusal("RATE_LIMITS"), "errorType": "RATE_LIMIT", "policyName": "DAILY"}
