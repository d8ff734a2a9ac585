"""How often HubSpot may be called, by subscription (HubSpot usage guidelines, for static tokens and service keys)."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.budget import RateLimit
from connectors.hubspot.settings import HubSpotSettings, Tier

# Calls per ten seconds: of any kind but search, and of associations.
_PER_TEN_SECONDS: Mapping[Tier, tuple[int, int]] = {
    "free": (100, 100),
    "starter": (100, 100),
    "professional": (190, 150),
    "enterprise": (190, 150),
    "increased": (250, 150),
}
_SEARCHES_PER_SECOND = 5

_TEN_SECONDS = 10.0
_ONE_SECOND = 1.0


def rate_limits(settings: HubSpotSettings) -> tuple[RateLimit, ...]:
    """The limits of an account: `requests`, `associations` (within those) and `search` (outside)."""
    requests, associations = _PER_TEN_SECONDS[settings.tier]
    return (
        RateLimit("requests", requests, _TEN_SECONDS),
        RateLimit("associations", associations, _TEN_SECONDS),
        RateLimit("search", _SEARCHES_PER_SECOND, _ONE_SECOND),
    )
