"""Since when properties hold their values: histories of fifty records a call, values compared as we read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import RetryLater
from connectors.hubspot import values
from connectors.hubspot.history import since
from connectors.hubspot.wire import Version
from connectors.records import Ref
from tests.unit.connectors.hubspot.conftest import Build
from tests.unit.connectors.hubspot.scripted import Asked, Script

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)


def versions(*newest_first: str | None) -> list[Version]:
    """Values of one day after the other, the newest of Monday."""
    return [Version(MONDAY - timedelta(days=place), value) for place, value in enumerate(newest_first)]


@pytest.mark.parametrize(
    ("newest_first", "days_ago"),
    [
        (("40000",), 0),
        (("40000", "30000"), 0),
        (("40000", "40000.0", "40,000", "30000"), 2),
        (("40000", "30000", "40000"), 0),
        (("40000", "", "40000"), 0),
        (("", "40000"), None),
        ((None, "40000"), None),
        (("n/a",), None),
        ((), None),
    ],
)
def test_the_present_value_began_after_the_last_other_one(
    newest_first: tuple[str | None, ...], days_ago: int | None
) -> None:
    found = since(versions(*newest_first), values.number)
    assert found == (None if days_ago is None else MONDAY - timedelta(days=days_ago))


def test_the_order_of_the_answer_does_not_matter_and_a_tie_keeps_it() -> None:
    assert since(versions("2", "1")[::-1], values.number) == MONDAY
    same_time = [Version(MONDAY, "2"), Version(MONDAY, "1")]
    assert since(same_time, values.number) == MONDAY
    assert since(same_time[::-1], values.number) == MONDAY


def properties(asked: Asked) -> tuple[int, Any]:
    """An account with a budget property; each record's budget is as old as its number says."""
    if asked.method == "GET":
        types = {"budget_amount": "number", "jobtitle": "string", "numberofemployees": "number"}
        return 200, {
            "results": [{"name": name, "label": name, "type": kind, "fieldType": "text"} for name, kind in types.items()]
        }
    found = [
        {
            "id": each["id"],
            "propertiesWithHistory": {name: [shown(each["id"])] for name in asked.body["propertiesWithHistory"]},
        }
        for each in asked.body["inputs"]
    ]
    return 200, {"results": found}


def shown(number: str) -> dict[str, str]:
    """One value in a history."""
    at = MONDAY - timedelta(hours=int(number))
    return {"value": "7", "timestamp": at.isoformat(), "sourceType": "CRM_UI"}


def test_ten_thousand_records_take_two_hundred_calls(build: Build, script: Script) -> None:
    script.by(properties)
    connector = build(map={"person": {"budget": "budget_amount"}})
    refs = [Ref("contacts", str(number)) for number in range(1, 10_001)]
    for start in range(0, len(refs), 400):
        told = connector.held_since(refs[start : start + 400], frozenset({"person.budget"}))
        assert told[refs[start]] == {"person.budget": MONDAY - timedelta(hours=start + 1)}
    asked = [one for one in script.asked if one.method == "POST"]
    assert len(asked) == 200
    assert {len(one.body["inputs"]) for one in asked} == {50}
    assert all(one.body["propertiesWithHistory"] == ["budget_amount"] for one in asked)


def test_contacts_and_companies_are_asked_for_apart_and_only_for_what_they_have(build: Build, script: Script) -> None:
    script.by(properties)
    someone, acme = Ref("contacts", "1"), Ref("companies", "2")
    fields = frozenset({"person.title", "company.employees", "person.budget", "company.domain"})
    told = build().held_since([someone, acme], fields)
    assert {ref: set(since) for ref, since in told.items()} == {someone: {"person.title"}, acme: {"company.employees"}}


def test_what_was_merged_away_is_left_out(build: Build, script: Script) -> None:
    def survivor(asked: Asked) -> tuple[int, Any]:
        status, answer = properties(asked)
        return (status, answer) if asked.method == "GET" else (200, {"results": [{**answer["results"][0], "id": "9"}]})

    script.by(survivor)
    assert build().held_since([Ref("contacts", "1")], frozenset({"person.title"})) == {}


def test_half_an_answer_is_none(build: Build, script: Script) -> None:
    def half(asked: Asked) -> tuple[int, Any]:
        status, answer = properties(asked)
        locked = {"status": "error", "category": "RATE_LIMITS", "message": "busy", "context": {"ids": ["2"]}}
        return (status, answer) if asked.method == "GET" else (207, {**answer, "errors": [locked]})

    script.by(half)
    with pytest.raises(RetryLater):
        build().held_since([Ref("contacts", "1")], frozenset({"person.title"}))
