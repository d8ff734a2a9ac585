"""Counting calls as a CRM does, without a word of the code that is to keep within its limits."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta


def most_within(arrived: Iterable[datetime], seconds: float) -> int:
    """The most calls that any rolling window held; the arrivals in order."""
    within: deque[datetime] = deque()
    most = 0
    for at in arrived:
        within.append(at)
        while within[0] <= at - timedelta(seconds=seconds):
            within.popleft()
        most = max(most, len(within))
    return most
