"""The org's daily allowance of calls, over a rolling 24 hours, and the limits that `/limits` shows."""

from __future__ import annotations

from collections import deque

from sandbox.clock import TwinClock
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.tables.limits import CUSTOM_PERMISSION_SETS, LIMITS

DAY_SECONDS = 86_400
_BUCKET_SECONDS = 60


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

    def limits(self) -> dict[str, dict[str, object]]:
        """The body of `/limits`: only calls are ever used up."""
        found = {name: _untouched(limit) for name, limit in LIMITS.items()}
        found["DailyApiRequests"] = {"Max": self.allowance, "Remaining": self.allowance - self.used}
        found["PermissionSets"]["CreateCustom"] = _untouched(CUSTOM_PERMISSION_SETS)
        return dict(sorted(found.items()))


def _untouched(limit: int) -> dict[str, object]:
    return {"Max": limit, "Remaining": limit}
