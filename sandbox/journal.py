"""What was asked of a twin: every request with its effect, calls per endpoint, and the highest rates seen."""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime
from fnmatch import fnmatchcase

import msgspec

KEPT_ENTRIES = 200_000


class Entry(msgspec.Struct, frozen=True):
    """One request. `endpoint` has record ids replaced by names; `fault` names the injected fault, if any.

    `status` is what the client got; 0 when the connection was cut without an answer.
    """

    number: int
    at: datetime
    method: str
    path: str
    endpoint: str
    query: str
    status: int
    effect: str
    correlation_id: str
    fault: str


class Question(msgspec.Struct, frozen=True):
    """Which requests of a journal: those with a number above `since` that match all shell patterns.

    `?*` matches whatever is not empty: `effect=?*` asks for what changed something, `fault=?*` for what was struck.
    """

    since: int = 0
    endpoint: str = "*"
    effect: str = "*"
    fault: str = "*"
    status: str = "*"

    def matches(self, entry: Entry) -> bool:
        """Whether the request is among those asked for."""
        held = (entry.endpoint, entry.effect, entry.fault, str(entry.status))
        wanted = (self.endpoint, self.effect, self.fault, self.status)
        return entry.number > self.since and all(map(fnmatchcase, held, wanted))


class Peak:
    """The largest number of calls within any sliding window of `width_seconds`."""

    def __init__(self, width_seconds: float) -> None:
        self._width_seconds = width_seconds
        self._times: deque[float] = deque()
        self.highest = 0

    def add(self, at_seconds: float) -> None:
        """Count one call at this time (seconds; not earlier than the one before)."""
        times = self._times
        times.append(at_seconds)
        oldest = at_seconds - self._width_seconds
        while times[0] <= oldest:
            times.popleft()
        self.highest = max(self.highest, len(times))


class EndpointCounts(msgspec.Struct, frozen=True):
    """Calls of one endpoint (or of all of them) by status, with the highest rates in the twin's time."""

    calls: int
    by_status: dict[str, int]
    peak_per_second: int
    peak_per_ten_seconds: int


class _Tally:
    """Running counts of one endpoint."""

    def __init__(self) -> None:
        self.statuses: Counter[int] = Counter()
        self.second = Peak(1.0)
        self.ten_seconds = Peak(10.0)

    def arrive(self, at_seconds: float) -> None:
        self.second.add(at_seconds)
        self.ten_seconds.add(at_seconds)

    def counts(self) -> EndpointCounts:
        by_status = {str(status): number for status, number in sorted(self.statuses.items())}
        return EndpointCounts(self.statuses.total(), by_status, self.second.highest, self.ten_seconds.highest)


class Journal:
    """All requests in order of arrival; the newest `KEPT_ENTRIES` in full, all of them in the counts."""

    def __init__(self, kept_entries: int = KEPT_ENTRIES) -> None:
        self._entries: deque[Entry] = deque(maxlen=kept_entries)
        self.forget()

    def forget(self) -> None:
        """Be as new: nothing was asked, and numbers start from 1."""
        self._entries.clear()
        self._number = 0
        self._all = _Tally()
        self._by_endpoint: dict[str, _Tally] = {}

    def arrive(self, endpoint: str, at: datetime) -> int:
        """Count a request towards the rates, in order of arrival, and return its number, counted from 1."""
        self._number += 1
        at_seconds = at.timestamp()
        self._all.arrive(at_seconds)
        self._tally(endpoint).arrive(at_seconds)
        return self._number

    def add(self, entry: Entry) -> None:
        """Keep one request that has been dealt with; slow ones come after those that overtook them."""
        self._entries.append(entry)
        self._all.statuses[entry.status] += 1
        self._tally(entry.endpoint).statuses[entry.status] += 1

    def _tally(self, endpoint: str) -> _Tally:
        tally = self._by_endpoint.get(endpoint)
        if tally is None:
            tally = self._by_endpoint[endpoint] = _Tally()
        return tally

    def asked(self, question: Question) -> list[Entry]:
        """The kept requests that match, in the order in which they were dealt with."""
        return [entry for entry in self._entries if question.matches(entry)]

    def totals(self) -> EndpointCounts:
        """Counts over all endpoints."""
        return self._all.counts()

    def by_endpoint(self) -> dict[str, EndpointCounts]:
        """Counts per endpoint, sorted by its name."""
        return {name: tally.counts() for name, tally in sorted(self._by_endpoint.items())}
