"""Versions, the list of resources, limits and record counts."""

from __future__ import annotations

from sandbox.exchange import Reply
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import DATA_ROOT, NEWEST_VERSION, OLDEST_VERSION, Call, Route, json_reply

_RESOURCES = ("tooling", "composite", "query", "queryAll", "limits", "sobjects")
_SEASONS = ("Winter", "Spring", "Summer")


def versions() -> Reply:
    """The supported API versions, which needs no session and costs no call (Salesforce docs: limit info header)."""
    body = [
        {"label": _label(number), "url": f"{DATA_ROOT}/v{number}.0", "version": f"{number}.0"}
        for number in range(OLDEST_VERSION, NEWEST_VERSION + 1)
    ]
    return json_reply(body)


def _label(number: int) -> str:
    """v31 was Summer '14; each year has three releases, and Winter '15 was the next."""
    season = (number - 29) % 3
    year = 14 + (number - 29) // 3
    return f"{_SEASONS[season]} '{year}"


class RootApi:
    """Handlers for the top of a version."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [
            Route("GET", "/limits", self.limits),
            Route("GET", "/limits/recordCount", self.record_count),
        ]

    def limits(self, _call: Call) -> Reply:
        """All limits with what remains of them."""
        return json_reply(self._org.usage.limits())

    def record_count(self, call: Call) -> Reply:
        """Approximate counts of the objects asked for, or of all; empty objects are left out."""
        asked = call.parameter("sObjects")
        names = None if asked is None else {name.strip().lower() for name in asked.split(",")}
        counts = [
            {"count": count, "name": name}
            for name, count in sorted(self._org.record_counts().items())
            if (count if names is None else name.lower() in names)
        ]
        return json_reply({"sObjects": counts})


def resources(base: str) -> Reply:
    """What lies below an API version."""
    return json_reply({name: f"{base}/{name}" for name in _RESOURCES})
