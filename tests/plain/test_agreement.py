"""The engine and the plain reading of the specification give the same breakdown, whatever the model and the facts."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings

from scoring.engine import Engine
from scoring.facts import read_facts
from scoring.lists import Lists
from scoring.model import parse_model
from tests.plain import engine as plain
from tests.plain.worlds import AS_OF, LISTS, models, people

CASES = int(os.environ.get("FUZZ_CASES", "500"))
"""500 in `make test`; `make fuzz` takes 20,000."""


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(model=models(), facts=people())
def test_both_readings_give_the_same_numbers(model: dict[str, Any], facts: dict[str, Any]) -> None:
    found = Engine(parse_model(model), Lists.of(LISTS)).score(read_facts(facts), AS_OF)
    wanted = plain.score(facts, model, AS_OF, LISTS)
    lines = Counter((line.section, line.group, line.rule, line.points) for line in found.lines)
    assert {
        "persona": found.persona,
        "fit": found.fit,
        "engagement": found.engagement,
        "total": found.total,
        "grade": found.grade,
        "inputs": (found.inputs_known, found.inputs_asked),
        "machine_events": found.machine_events,
        "by_tag": {tag: dict(values) for tag, values in found.by_tag.items()},
        "buying_stage": found.buying_stage,
        "lines": lines,
    } == {
        "persona": wanted.persona,
        "fit": wanted.fit,
        "engagement": wanted.engagement,
        "total": wanted.total,
        "grade": wanted.grade,
        "inputs": (wanted.inputs_known, wanted.inputs_asked),
        "machine_events": wanted.machine_events,
        "by_tag": {tag: dict(values) for tag, values in wanted.by_tag.items()},
        "buying_stage": wanted.buying_stage,
        "lines": Counter(wanted.lines),
    }
    assert sum(line.points for line in found.lines) == found.total
