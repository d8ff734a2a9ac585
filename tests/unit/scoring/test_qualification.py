from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from scoring.durations import Due
from scoring.evidence import Assessment, ElementState, assess
from scoring.facts import Facts, read_facts
from scoring.lists import Lists
from scoring.qualification import Qualification, parse_qualification, review_qualification
from tests.unit.scoring.builders import NOW

STATED = {"id": "stated", "state": "confirmed", "when": {"person.budget": {"above": 0}}, "dated_by": "person.budget"}
REFUSED = {"id": "refused", "state": "contradicted", "when": {"person.status": "none"}, "dated_by": "person.status"}
PROXY = {"id": "proxy", "state": "inferred", "when": {"company.revenue": {"at_least": 5}}}


def framework(*evidence: dict[str, Any], scope: str = "person", more_elements: Any = None, **rest: Any) -> Qualification:
    budget = {"ask": "How much?", "scope": scope, "evidence": list(evidence)}
    return parse_qualification({"framework": "test", "elements": {"budget": budget, **(more_elements or {})}, **rest})


def who(person_id: str = "p1", revenue: Any = None, dates: Any = None, **fields: Any) -> Facts:
    return read_facts(
        {
            "id": person_id,
            "person": fields,
            "company": {"revenue": revenue},
            "dates": {f"person.{name}": at for name, at in (dates or {}).items()},
        }
    )


def assessed(qualification: Qualification, facts: Facts, *colleagues: Facts) -> Assessment:
    return assess(facts, qualification, Lists(), NOW, colleagues)


def budget(qualification: Qualification, facts: Facts, *colleagues: Facts) -> ElementState:
    return assessed(qualification, facts, *colleagues).elements[0]


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


BOTH = framework(STATED, REFUSED, PROXY)


def test_the_newest_dated_of_confirmed_and_contradicted_wins() -> None:
    newer_no = who(budget=5, status="none", dates={"budget": ago(9), "status": ago(3)})
    newer_yes = who(budget=5, status="none", dates={"budget": ago(3), "status": ago(9)})
    assert budget(BOTH, newer_no).state == "contradicted"
    assert budget(BOTH, newer_yes).state == "confirmed"


def test_on_a_tie_or_without_dates_contradicted_wins() -> None:
    assert budget(BOTH, who(budget=5, status="none", dates={"budget": ago(3), "status": ago(3)})).state == "contradicted"
    assert budget(BOTH, who(budget=5, status="none")).state == "contradicted"


def test_what_has_a_date_wins_over_what_has_none() -> None:
    assert budget(BOTH, who(budget=5, status="none", dates={"budget": ago(900)})).state == "confirmed"


def test_inferred_counts_only_without_better_evidence() -> None:
    assert budget(BOTH, who(revenue=9)).state == "inferred"
    assert budget(BOTH, who(revenue=9, budget=5)).state == "confirmed"
    assert budget(BOTH, who()).state == "unknown"


@pytest.mark.parametrize(("age", "state"), [(180, "confirmed"), (181, "stale")])
def test_confirmed_evidence_older_than_fresh_for_is_stale(age: int, state: str) -> None:
    aging = framework({**STATED, "fresh_for": "180d"})
    assert budget(aging, who(budget=5, dates={"budget": ago(age)})).state == state


def test_evidence_tells_who_said_it_in_which_field_and_never_the_value() -> None:
    found = budget(BOTH, who(budget=5123, dates={"budget": ago(3)}))
    assert found == ElementState(
        id="budget",
        state="confirmed",
        ask="How much?",
        evidence="stated",
        person="p1",
        field="person.budget",
        value_class="number",
        date=ago(3),
    )


def test_company_scope_accepts_what_a_colleague_said() -> None:
    shared, own = framework(STATED, REFUSED, scope="company"), framework(STATED, REFUSED)
    colleague = who("p2", budget=5, dates={"budget": ago(3)})
    assert (budget(shared, who(), colleague).state, budget(shared, who(), colleague).person) == ("confirmed", "p2")
    assert budget(own, who(), colleague).state == "unknown"
    assert budget(shared, who(status="none", dates={"status": ago(2)}), colleague).state == "contradicted"


def test_the_order_of_colleagues_does_not_matter() -> None:
    shared = framework(STATED, scope="company")
    people = [who(f"p{n}", budget=5, dates={"budget": ago(3)}) for n in range(2, 5)]
    assert assessed(shared, who(), *people) == assessed(shared, who(), *reversed(people))
    assert budget(shared, who(), *people).person == "p2"


def four(**rest: Any) -> Qualification:
    def element(field: str) -> dict[str, Any]:
        states = ("confirmed", "inferred", "contradicted")
        evidence = [{"id": state, "state": state, "when": {f"person.{field}": state}} for state in states]
        return {"ask": f"{field}?", "evidence": evidence}

    elements = {name: element(name) for name in ("need", "money", "time", "power")}
    return parse_qualification({"framework": "four", "elements": elements, **rest})


@pytest.mark.parametrize(
    ("states", "completeness"),
    [({}, 0), ({"need": "inferred"}, 13), ({"need": "confirmed", "money": "inferred"}, 38), ({"need": "contradicted"}, 0)],
)
def test_completeness_counts_inferred_half_and_rounds_half_up(states: dict[str, str], completeness: int) -> None:
    assert assessed(four(), who(**states)).completeness == completeness


def test_the_next_question_is_that_of_the_first_missing_element_in_framework_order() -> None:
    found = assessed(four(), who(need="confirmed", money="contradicted", power="inferred"))
    assert (found.missing, found.next_question) == (("time", "power"), "time?")
    done = assessed(four(), who(**dict.fromkeys(("need", "money", "time", "power"), "confirmed")))
    assert (done.missing, done.next_question, done.completeness) == ((), None, 100)


def test_the_gate_names_every_part_that_does_not_hold() -> None:
    gate = {"min_confirmed": 2, "min_completeness": 75, "contradicted": 0}
    refused = assessed(four(hand_over=gate), who(need="confirmed", money="contradicted")).hand_over
    assert not refused.passed
    assert refused.refusals == (
        "min_confirmed: 1 of 2",
        "min_completeness: 25 of 75",
        "contradicted: 1 of at most 0 (money)",
    )
    held = assessed(four(hand_over=gate), who(need="confirmed", money="confirmed", time="confirmed")).hand_over
    assert held.passed
    assert assessed(four(), who()).hand_over.passed


RAW: dict[str, Any] = {
    "framework": "bant",
    "elements": {"budget": {"ask": "How much?", "evidence": [STATED]}},
    "stages": [
        {"id": "lead"},
        {"id": "mql", "enter": {"total": {"at_least": 50}}, "leave": {"total": {"below": 40}}},
        {"id": "gone", "enter": {"feedback": "bad_fit"}, "return": {"after": "90d", "if": {"new_events": True}}},
    ],
    "tasks": [{"id": "call", "on": {"enter": "mql"}, "if": {"completeness": {"below": 75}}, "due": "2 working hours"}],
    "calm": {"cool_down": "2w", "per_owner_per_day": 9, "at_launch": {"open_top": "5 per owner"}},
    "escalate": [{"after": "due", "notify": "owner"}, {"after": "due + 1 working day", "reassign_to": "manager"}],
}


def test_every_part_of_the_file_is_read() -> None:
    parsed = parse_qualification(RAW)
    assert parsed.tasks[0].due == Due(2, "working hours")
    assert (parsed.calm.cool_down, parsed.calm.at_launch.open_top) == (14, 5)
    assert [one.after for one in parsed.escalate] == [Due(0, "seconds"), Due(1, "working days")]
    assert parsed.stages[2].comes_back is not None
    assert parsed.stages[2].is_aside
    assert review_qualification(parsed, lists=(), fields={"person.budget"}, signals=()) == ()
    assert Qualification.model_json_schema()["properties"]["stages"]


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"elements": {}}, ("elements",), "at least one"),
        ({"hand_ower": {}}, ("hand_ower",), 'did you mean "hand_over"'),
        ({"hand_over": {"min_completeness": 101}}, ("hand_over", "min_completeness"), "less than or equal to 100"),
        ({"stages": [{"id": "a", "enter": {}}]}, ("stages", 0, "enter"), "at least one part"),
        ({"stages": [{"id": "a", "enter": {"totl": 5}}]}, ("stages", 0, "enter", "totl"), 'did you mean "total"'),
        ({"tasks": [{"id": "t", "on": {}, "due": "90s"}]}, ("tasks", 0, "on"), "one of enter, leave or signal"),
        ({"tasks": [{"id": "t", "on": {"enter": "a"}, "due": "soon"}]}, ("tasks", 0, "due"), "2 working hours"),
        ({"calm": {"at_launch": {"open_top": 5}}}, ("calm", "at_launch", "open_top"), "5 per owner"),
        ({"escalate": [{"after": "later", "notify": "owner"}]}, ("escalate", 0, "after"), "due + 2 working hours"),
        ({"escalate": [{"after": "due"}]}, ("escalate", 0), "notify, reassign_to or both"),
    ],
)
def test_a_mistake_is_reported_at_its_key(change: Any, place: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_qualification({**RAW, **change})
    assert [error["loc"] for error in caught.value.errors()] == [place]
    assert words in caught.value.errors()[0]["msg"]


@pytest.mark.parametrize(
    ("change", "severity", "place"),
    [
        ({"stages": [{"id": "a"}, {"id": "a", "enter": {"deal": "won"}}]}, "error", ("stages", 1, "id")),
        ({"stages": [{"id": "a", "enter": {"deal": "won"}}]}, "error", ("stages", 0, "enter")),
        ({"stages": [{"id": "a"}, {"id": "b"}]}, "error", ("stages", 1)),
        ({"stages": [{"id": "a"}, {"id": "b", "enter": {"total": {"at_least": 5}}}]}, "warning", ("stages", 1)),
        ({"tasks": [{"id": "t", "on": {"enter": "mqll"}, "due": "90s"}]}, "error", ("tasks", 0, "on", "enter")),
        ({"tasks": [{"id": "t", "on": {"signal": "demo"}, "due": "90s"}]}, "error", ("tasks", 0, "on", "signal")),
        ({"hand_over": {"min_confirmed": 2}}, "error", ("hand_over", "min_confirmed")),
        (
            {"elements": {"b": {"ask": "?", "evidence": [{**STATED, "dated_by": "person.bugdet"}]}}},
            "error",
            ("elements", "b", "evidence", 0, "dated_by"),
        ),
        (
            {"elements": {"b": {"ask": "?", "evidence": [{**PROXY, "fresh_for": "9d"}]}}},
            "warning",
            ("elements", "b", "evidence", 0, "fresh_for"),
        ),
    ],
)
def test_what_leads_nowhere_is_remarked(change: Any, severity: str, place: tuple[str | int, ...]) -> None:
    found = review_qualification(
        parse_qualification({**RAW, **change}),
        lists=(),
        fields={"person.budget", "company.revenue"},
        signals={"demo-request"},
    )
    assert (severity, place) in [(one.severity, one.path) for one in found]
