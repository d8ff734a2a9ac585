from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scoring.facts import Event
from tests.unit.scoring.builders import NOW, doing, engine

CLICKS = {"id": "clicks", "on": ["email_click", "email_open", "page_view"], "points": 1}


def click(event_id: str, second: float, kind: str = "email_click", **fields: Any) -> Event:
    return Event(event_id, kind, NOW - timedelta(hours=1) + timedelta(seconds=second), {"campaign": "news", **fields})


def counted(*events: Event, **machine: Any) -> tuple[int, int]:
    scored = engine(signals=[CLICKS], machine=machine).score(doing(*events), NOW)
    return scored.machine_events, scored.engagement // 100


def test_three_clicks_within_two_seconds_are_a_machine() -> None:
    assert counted(click("a", 0), click("b", 1), click("c", 2)) == (3, 0)


@pytest.mark.parametrize(
    "events",
    [
        [click("a", 0), click("b", 1), click("c", 2.1)],
        [click("a", 0), click("b", 1)],
        [click("a", 0), click("b", 1), click("c", 2, campaign="other")],
        [click("a", 0), click("b", 1), click("c", 2, kind="email_open")],
        [click("a", 0, campaign=None), click("b", 1, campaign=None), click("c", 2, campaign=None)],
    ],
    ids=["slower", "two", "two e-mails", "an open between", "no e-mail named"],
)
def test_slower_fewer_or_unrelated_clicks_are_a_person(events: list[Event]) -> None:
    assert counted(*events) == (0, len(events))


def test_only_the_burst_itself_is_the_machine() -> None:
    assert counted(*(click(str(second), second) for second in (0, 1, 2, 60))) == (3, 1)


def test_the_name_tells_e_mails_apart_where_no_campaign_does() -> None:
    assert counted(*(click(str(n), n, campaign=None, name="offer") for n in range(3))) == (3, 0)


@pytest.mark.parametrize(("delay", "machines"), [(0, 1), (1.9, 1), (2, 0), (-1, 0)])
def test_a_click_less_than_two_seconds_after_sending_is_a_machine(delay: float, machines: int) -> None:
    sent_at = (NOW - timedelta(hours=1) - timedelta(seconds=delay)).isoformat()
    assert counted(click("a", 0, sent_at=sent_at))[0] == machines


def test_an_e_mail_event_marked_as_a_machines_does_not_score() -> None:
    assert counted(click("a", 0, kind="email_open", machine=True)) == (1, 0)
    assert counted(click("a", 0, kind="page_view", machine=True)) == (0, 1)


def test_each_rule_can_be_switched_off() -> None:
    burst = [click("a", 0), click("b", 1), click("c", 2)]
    instant = click("d", 60, sent_at=(NOW - timedelta(hours=1) + timedelta(seconds=59)).isoformat())
    marked = click("e", 90, machine=True)
    assert counted(*burst, instant, marked, burst=False) == (2, 3)
    assert counted(*burst, instant, marked, instant=False) == (4, 1)
    assert counted(*burst, instant, marked, marked=False) == (4, 1)


def test_admins_can_add_conditions() -> None:
    assert counted(click("a", 0, agent="Proxy 2"), also=[{"agent": {"contains": "proxy"}}]) == (1, 0)
