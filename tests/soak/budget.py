"""How often each CRM was called, counted from the twins' journals against the limits as the reference states them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tests.acceptance.crm import Crm


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float


HUBSPOT: Mapping[str, Limit] = {
    "search": Limit(5, 1.0),
    "associations": Limit(150, 10.0),
    "requests": Limit(190, 10.0),
}
SALESFORCE: Mapping[str, Limit] = {"requests": Limit(100, 10.0)}
"""The courtesy limit that the connector is set to: Salesforce has none of its own but for the day."""


@dataclass(frozen=True, slots=True)
class Called:
    """One call: when, and where."""

    number: int
    at: datetime
    endpoint: str
    refused: bool


def calls_of(crm: Crm) -> list[Called]:
    """Every call so far; `refused` are those that the CRM's own limits refused, not a planned fault."""
    entries = crm.http.get("/_twin/journal").json()["entries"]
    return [
        Called(one["number"], datetime.fromisoformat(one["at"]), one["endpoint"], one["status"] == 429 and not one["fault"])
        for one in entries
    ]


def over(calls: Iterable[Called], limits: Mapping[str, Limit]) -> int:
    """How many calls came when their window was full already."""
    windows: dict[str, deque[datetime]] = {kind: deque() for kind in limits}
    too_many = 0
    for call in sorted(calls, key=lambda call: call.number):
        for kind in kinds(call.endpoint):
            if kind not in limits:
                continue
            window, limit = windows[kind], limits[kind]
            while window and (call.at - window[0]).total_seconds() >= limit.seconds:
                window.popleft()
            window.append(call.at)
            too_many += len(window) > limit.calls
    return too_many


def kinds(endpoint: str) -> tuple[str, ...]:
    """The limits that a call counts against."""
    if "/oauth" in endpoint:
        return ()
    if endpoint.endswith("/search"):
        return ("search",)
    return ("requests", "associations") if "/associations/" in endpoint else ("requests",)
