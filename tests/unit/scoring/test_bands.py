"""Bands reach as far as what they are held against: revenues have more digits than points."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from scoring.engine import Engine
from scoring.facts import read_facts
from scoring.lists import Lists
from scoring.model import parse_model


def banded(*bands: dict[str, Any]) -> dict[str, Any]:
    rule = {"id": "revenue", "field": "company.annual_revenue", "bands": list(bands)}
    return {
        "model": "banded",
        "fit": {"limit": 50, "groups": {"company": {"rules": [rule]}}},
        "engagement": {"limit": 50, "groups": {}},
    }


def test_a_band_may_begin_at_hundreds_of_millions() -> None:
    model = banded({"from": 10_000_000, "below": 500_000_000, "points": 8}, {"from": 500_000_000, "points": 15})
    facts = read_facts({"id": "p", "company": {"annual_revenue": 500_000_000}})
    assert Engine(parse_model(model), Lists.of({})).score(facts, datetime(2026, 3, 30, tzinfo=UTC)).fit == 1500


@pytest.mark.parametrize("bound", [float("nan"), float("inf"), 10**19, True, "10"])
def test_a_band_ends_at_a_number(bound: object) -> None:
    with pytest.raises(ValidationError, match="write a number"):
        parse_model(banded({"from": 0, "below": bound, "points": 8}))
