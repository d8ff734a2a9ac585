"""Everybody's lines in columns say what each one's breakdown says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.sidecar import build, lines
from scoring.core import CompiledModel
from scoring.engine import Engine
from scoring.facts import read_facts
from scoring.lists import Lists
from scoring.model import parse_model
from tests.plain.worlds import AS_OF, LISTS, models, people


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(model=models(), facts=st.lists(people(), min_size=1, max_size=4))
def test_each_line_has_the_points_of_the_breakdown(model: dict[str, Any], facts: list[dict[str, Any]]) -> None:
    parsed, lists = parse_model(model), Lists.of(LISTS)
    everybody = [read_facts({**one, "id": f"p{place}"}) for place, one in enumerate(facts)]
    compiled = CompiledModel(parsed, lists)
    layer = build.of_facts(compiled, everybody, AS_OF)
    ((low, columns),) = lines.line_columns(compiled, layer.kept, AS_OF.date())
    assert low == 0
    for row, told in enumerate(Engine(parsed, lists).score_many(everybody, AS_OF)):
        found = sorted(int(points[row]) for points in columns.values() if points[row])
        wanted = [line.points for line in told.lines if line.points and line.rule != "override"]
        by_hand = sum(line.points for line in told.lines if line.rule == "override")
        assert found == sorted([*wanted, *([by_hand] if by_hand else [])])
        assert sum(found) == told.total


def test_a_line_that_nobody_has_gets_no_file(tmp_path: Path) -> None:
    rules = [{"id": name, "points": 5, "when": {"person.country": name}} for name in ("DE", "FR")]
    model = parse_model(
        {
            "model": "m",
            "fit": {"limit": 50, "groups": {"a/b": {"rules": rules}}},
            "engagement": {"limit": 50, "groups": {}},
        }
    )
    compiled = CompiledModel(model, Lists.of({}))
    layer = build.of_facts(compiled, [read_facts({"id": "p", "person": {"country": "DE"}})], AS_OF)
    lines.write(tmp_path, compiled, layer.kept, AS_OF.date())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["line-0.npy", "lines.json"]
    assert json.loads((tmp_path / "lines.json").read_text()) == [["fit", "a/b", "DE"]]
    assert list(np.load(tmp_path / "line-0.npy")) == [500]
