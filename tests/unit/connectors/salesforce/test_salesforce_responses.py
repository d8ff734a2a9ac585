"""When somebody responded to a campaign: Salesforce keeps the day alone, and a rep's answer is counted in minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.salesforce.activities import responded_at

DAY = date(2026, 3, 12)
MIDNIGHT = datetime(2026, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "hours", [0, 13.5, 23.9, -13.9, 35.9], ids=["midnight", "noon", "evening", "already that day in the east", "in the west"]
)
def test_who_became_a_member_by_responding_did_so_when_that_was_noted(hours: float) -> None:
    created = MIDNIGHT + timedelta(hours=hours)
    assert responded_at(DAY, created) == created


@pytest.mark.parametrize("days", [-30, -1, 2])
def test_who_was_on_the_list_before_did_so_on_that_day(days: int) -> None:
    assert responded_at(DAY, MIDNIGHT + timedelta(days=days)) == MIDNIGHT


def test_one_of_both_is_enough() -> None:
    assert responded_at(None, MIDNIGHT) == MIDNIGHT
    assert responded_at(DAY, None) == MIDNIGHT
    assert responded_at(None, None) is None
