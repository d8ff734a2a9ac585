"""The engine and the plain reading of the specification give the same breakdown, whatever the model and the facts."""

from __future__ import annotations

import os
from collections import Counter
from operator import attrgetter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring.breakdown import Breakdown
from scoring.engine import Engine
from scoring.facts import read_facts
from scoring.lists import Lists
from scoring.model import parse_model
from tests.plain import engine as plain
from tests.plain.worlds import AS_OF, LISTS, models, people

CASES = int(os.environ.get("FUZZ_CASES", "500"))
"""500 in `make test`; `make fuzz-scoring` takes 20,000."""
LINE = attrgetter("section", "group", "rule", "points")


@settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(model=models(), some=st.lists(people(), min_size=1, max_size=3))
def test_both_readings_give_the_same_numbers(model: dict[str, Any], some: list[dict[str, Any]]) -> None:
    """Several people at once: none may get what is another's."""
    together = Engine(parse_model(model), Lists.of(LISTS)).score_many(map(read_facts, some), AS_OF)
    for facts, found in zip(some, together, strict=True):
        assert parts(found) == parts(plain.score(facts, model, AS_OF, LISTS))
        assert sum(line.points for line in found.lines) == found.total


def parts(scored: Breakdown | plain.Scored) -> dict[str, Any]:
    """What both readings say of a person."""
    lines = scored.lines if isinstance(scored, plain.Scored) else map(LINE, scored.lines)
    return {
        "persona": scored.persona,
        "fit": scored.fit,
        "engagement": scored.engagement,
        "total": scored.total,
        "grade": scored.grade,
        "inputs": (scored.inputs_known, scored.inputs_asked),
        "machine_events": scored.machine_events,
        "by_tag": {tag: dict(values) for tag, values in scored.by_tag.items()},
        "buying_stage": scored.buying_stage,
        "lines": Counter(lines),
    }
