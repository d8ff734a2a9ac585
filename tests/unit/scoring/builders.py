"""Small models, facts and moments for the scoring tests, each written in one line where it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from scoring.breakdown import Breakdown, Line
from scoring.engine import Engine
from scoring.facts import Event, Facts, read_facts
from scoring.lists import Lists
from scoring.model import Model, parse_model

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LISTS = Lists.of({"competitors": ["rival.example"], "free_mail": ["freemail.example", "post.co.uk"]})

Raw = Mapping[str, Any]


def model(
    rules: Sequence[Raw] = (),
    signals: Sequence[Raw] = (),
    *,
    fit_limit: float = 50,
    group_limit: float | None = None,
    **more: object,
) -> Model:
    """A model with one fit group "who" and one engagement group "did"."""
    cap = {} if group_limit is None else {"limit": group_limit}
    return parse_model(
        {
            "model": "test",
            "fit": {"limit": fit_limit, "groups": {"who": {**cap, "rules": list(rules)}}},
            "engagement": {"limit": 100 - fit_limit, "groups": {"did": {**cap, "signals": list(signals)}}},
            **more,
        }
    )


def engine(*args: Any, lists: Lists = LISTS, **kwargs: Any) -> Engine:
    """An engine over `model(...)`."""
    return Engine(model(*args, **kwargs), lists)


def person(person: Raw | None = None, company: Raw | None = None, **more: object) -> Facts:
    """Facts of one person, "p1" unless told."""
    return read_facts({"id": "p1", "person": person or {}, "company": company or {}, **more})


def doing(*events: Event) -> Facts:
    """Facts of a person of whom only events are known."""
    return Facts(id="p1", events=events)


def event(event_id: str, kind: str = "visit", days_ago: float = 0, **fields: Any) -> Event:
    """An event so many days before NOW."""
    return Event(id=event_id, type=kind, at=NOW - timedelta(days=days_ago), fields=fields)


def line(breakdown: Breakdown, rule: str) -> Line | None:
    """The first line of a rule, if it has one."""
    return next((one for one in breakdown.lines if one.rule == rule), None)


def engagement(signal: Raw, *events: Event) -> int:
    """Hundredths that a signal gives for the events at NOW."""
    return engine(signals=[{"id": "s", "on": "visit", **signal}]).score(doing(*events), NOW).engagement
