"""What two runs leave in the CRMs, made comparable.

The twins already keep apart what their servers make up (ids, system times). What else depends on the moment of a run is
when a score was written and when a task is due; everything else has to be the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_WRITTEN_AT = frozenset({"leadline_scored_at", "Leadline_Scored_At__c"})
_DUE = frozenset({"hs_timestamp", "ActivityDate", "ReminderDateTime"})

State = dict[str, Any]

SHOWN = 20
SHOWN_LENGTH = 200
NOTHING = "nothing"


def timeless(state: State) -> State:
    """The state of both CRMs without the moments of the run."""
    hubspot, salesforce = state["hubspot"], state["salesforce"]
    kept_tasks = _in_any_order(_without(_DUE, hubspot["created"]["tasks"]))
    hubspot = hubspot | {"created": hubspot["created"] | {"tasks": kept_tasks}}
    tasks = salesforce["Task"]
    salesforce = salesforce | {"Task": tasks | {"created": _in_any_order(_without(_DUE, tasks["created"]))}}
    found: State = _without(_WRITTEN_AT, {"hubspot": hubspot, "salesforce": salesforce})
    return found


def differences(expected: Any, found: Any) -> list[str]:
    """Each leaf in which the two differ, as `path: expected → found`, long texts from where they part."""
    before, after = dict(_leaves(expected, "")), dict(_leaves(found, ""))
    return [
        f"{path}: {_parting(before.get(path, NOTHING), after.get(path, NOTHING))}"
        for path in sorted(before.keys() | after.keys())
        if before.get(path, NOTHING) != after.get(path, NOTHING)
    ]


def assert_same(expected: State, found: State) -> None:
    """Fails with the first differences."""
    differing = differences(expected, found)
    shown = "\n".join(differing[:SHOWN])
    assert not differing, f"{len(differing)} differences:\n{shown}"


def task_keys(state: State) -> list[str]:
    """The key of every task that was opened, in both CRMs: its crossing."""
    hubspot = [task["properties"]["hs_task_body"].splitlines()[-1] for task in state["hubspot"]["created"]["tasks"]]
    return hubspot + [task["Leadline_Key__c"] for task in state["salesforce"]["Task"]["created"]]


def _parting(before: Any, after: Any) -> str:
    """Two values, cut to where they differ."""
    one, other = repr(before), repr(after)
    common = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    start = max(0, common - SHOWN_LENGTH // 4) if max(len(one), len(other)) > SHOWN_LENGTH else 0
    return f"{one[start : start + SHOWN_LENGTH]} → {other[start : start + SHOWN_LENGTH]}"


def _without(names: frozenset[str], value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(names, held) for name, held in value.items() if name not in names}
    if isinstance(value, list):
        return [_without(names, held) for held in value]
    return value


def _in_any_order(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, held in value.items():
            yield from _leaves(held, f"{path}/{name}")
    elif isinstance(value, list):
        for place, held in enumerate(value):
            yield from _leaves(held, f"{path}/{place}")
    else:
        yield path, value
