"""The soak's own count of calls finds what it looks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.soak.budget import HUBSPOT, Called, over

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)
SEARCH = "POST /crm/objects/2026-03/contacts/search"


def searches(*seconds: float) -> list[Called]:
    return [Called(number, NOON + timedelta(seconds=at), SEARCH, refused=False) for number, at in enumerate(seconds)]


def test_a_window_that_is_just_full_is_no_call_too_many() -> None:
    assert over(searches(0, 0.2, 0.4, 0.6, 0.8, 1.0), HUBSPOT) == 0


def test_each_call_into_a_full_window_counts() -> None:
    assert over(searches(0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95), HUBSPOT) == 2


def test_searches_do_not_count_as_other_calls() -> None:
    lists = [Called(100 + number, NOON, "GET /crm/objects/2026-03/contacts", refused=False) for number in range(190)]
    assert over([*searches(0, 0.2), *lists], HUBSPOT) == 0
