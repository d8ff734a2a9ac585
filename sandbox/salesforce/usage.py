"""The org's daily allowance of calls, over a rolling 24 hours, and the limits that `/limits` shows."""

from __future__ import annotations

from collections import deque

from sandbox.clock import TwinClock
from sandbox.salesforce.errors import SalesforceError

DAY_SECONDS = 86_400
_BUCKET_SECONDS = 60
_OTHER_LIMITS = {
    "ConcurrentAsyncGetReportInstances": 200,
    "ConcurrentSyncReportRuns": 20,
    "DailyAsyncApexExecutions": 250_000,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDeliveredPlatformEvents": 25_000,
    "DailyStreamingApiEvents": 10_000,
    "DataStorageMB": 10_240,
    "FileStorageMB": 10_240,
    "HourlyPublishedPlatformEvents": 50_000,
    "MassEmail": 5_000,
    "SingleEmail": 5_000,
}


class Usage:
    """Counts calls. `allowance` is the number of calls in 24 hours."""

    def __init__(self, clock: TwinClock, allowance: int) -> None:
        self._clock = clock
        self._buckets: deque[tuple[int, int]] = deque()
        self._used = 0
        self.allowance = allowance

    @property
    def used(self) -> int:
        """Calls in the last 24 hours."""
        oldest = int((self._clock.seconds() - DAY_SECONDS) // _BUCKET_SECONDS)
        while self._buckets and self._buckets[0][0] <= oldest:
            self._used -= self._buckets.popleft()[1]
        return self._used

    def count(self) -> None:
        """One more call.

        Raises:
            SalesforceError: REQUEST_LIMIT_EXCEEDED, the allowance being gone.
        """
        if self.used >= self.allowance:
            raise SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        bucket = int(self._clock.seconds() // _BUCKET_SECONDS)
        if self._buckets and self._buckets[-1][0] == bucket:
            self._buckets[-1] = (bucket, self._buckets[-1][1] + 1)
        else:
            self._buckets.append((bucket, 1))
        self._used += 1

    @property
    def header(self) -> tuple[str, str]:
        """`Sforce-Limit-Info`, which is on every REST reply."""
        return ("Sforce-Limit-Info", f"api-usage={self.used}/{self.allowance}")

    def limits(self) -> dict[str, dict[str, int]]:
        """The body of `/limits`."""
        calls = {"Max": self.allowance, "Remaining": self.allowance - self.used}
        others = {name: {"Max": limit, "Remaining": limit} for name, limit in _OTHER_LIMITS.items()}
        return dict(sorted({"DailyApiRequests": calls, **others}.items()))
