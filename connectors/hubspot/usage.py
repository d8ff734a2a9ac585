"""What HubSpot tells of the day's calls: how many are left, on most answers; when the count starts anew, only when asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct


class DayLeft(Struct, frozen=True):
    """The account's calls of a day, and those left of them."""

    limit: int
    remaining: int


class Count(Struct, frozen=True, rename="camel"):
    """One count of the day. It starts anew at midnight in the account's time zone (HubSpot usage guidelines)."""

    resets_at: datetime


class Usage(Struct, frozen=True):
    """The answer to the usage check."""

    results: list[Count]


def day_left(headers: Mapping[str, str]) -> DayLeft | None:
    """What the headers of an answer tell; None for searches and OAuth apps, whose answers tell nothing."""
    limit = headers.get("X-HubSpot-RateLimit-Daily", "")
    remaining = headers.get("X-HubSpot-RateLimit-Daily-Remaining", "")
    return DayLeft(int(limit), int(remaining)) if limit.isdigit() and remaining.isdigit() else None
