"""What editors are told agrees with what the parser takes."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scoring.model import Model, parse_model


def model_with(**signal: Any) -> dict[str, Any]:
    group = {"limit": 40, "signals": [{"id": "s", "on": "page_view", "limit": 9, **signal}]}
    return {
        "model": "m",
        "fit": {"limit": 50, "groups": {}},
        "engagement": {"limit": 50, "groups": {"g": group}},
        "bands": {
            "fit": {"A": 75, "B": 50, "C": 25, "D": 0},
            "engagement": {"1": 75, "2": 50, "3": 25, "4": 0},
        },
    }


@pytest.mark.parametrize(
    "signal",
    [
        {"points": 3, "decay": "none"},
        {"points": 3, "decay": {"half_life": "14d"}},
        {"points": 3, "window": 0},
        {"measure": {"distinct": "name"}, "bands": [{"from": 1, "points": 2}]},
        {"measure": "count", "bands": [{"from": 1, "points": 2}]},
    ],
    ids=["decay-none", "decay-shape", "window-zero", "measure-distinct", "measure-word"],
)
def test_editors_accept_what_the_parser_accepts(signal: dict[str, Any]) -> None:
    raw = model_with(**signal)
    parse_model(raw)
    schema = Model.model_json_schema(by_alias=True)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(raw)] == []
