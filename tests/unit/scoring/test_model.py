from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from scoring.engine import Engine
from scoring.inline_tests import run_inline_tests
from scoring.lint import review
from scoring.lists import MissingListError
from scoring.model import Model, model_hash, parse_model
from tests.unit.scoring.builders import LISTS, model

_LARGE = {"from": 9, "points": 9}
RAW: dict[str, Any] = {
    "model": "m",
    "fit": {
        "limit": 50,
        "groups": {
            "role": {
                "limit": 50,
                "rules": [
                    {"id": "boss", "points": 40, "when": {"person.seniority": "vp"}},
                    {
                        "id": "size",
                        "field": "company.employees",
                        "bands": [{"below": 9, "points": 1}, {"from": 9, "points": 9}],
                    },
                ],
            }
        },
    },
    "engagement": {
        "limit": 50,
        "groups": {"intent": {"limit": 50, "signals": [{"id": "demo", "on": "demo_request", "points": 45}]}},
    },
    "knockouts": [{"id": "rival", "when": {"company.domain": {"listed": "competitors"}}}],
    "tests": [{"name": "boss", "facts": {"person": {"seniority": "vp"}}, "as_of": "2026-11-21", "expect": {"grade": "A4"}}],
}
ROLE = ("fit", "groups", "role")
RULE = (*ROLE, "rules", 0)
INTENT = ("engagement", "groups", "intent")
SIGNAL = (*INTENT, "signals", 0)


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    raw = copy.deepcopy(RAW)
    here: Any = raw
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    return raw


@pytest.mark.parametrize(
    ("path", "value", "place", "words"),
    [
        (("fitt",), {}, ("fitt",), 'did you mean "fit"'),
        ((*ROLE, "limt"), 5, (*ROLE, "limt"), 'did you mean "limit"'),
        ((*RULE, "whem"), {}, (*RULE, "whem"), 'did you mean "when"'),
        ((*RULE, "when", "person.seniority"), {"contain": "x"}, (*RULE, "when", "person.seniority", "contain"), "contains"),
        ((*SIGNAL, "claas"), "direct", (*SIGNAL, "claas"), 'did you mean "class"'),
        ((*SIGNAL, "zzz"), 1, (*SIGNAL, "zzz"), "allowed here: id, class, on"),
        ((*SIGNAL, "decay"), {"half_live": "9d"}, (*SIGNAL, "decay", "half_live"), 'did you mean "half_life"'),
        ((*SIGNAL, "decay"), {"half_life": "9"}, (*SIGNAL, "decay", "half_life"), "such as 14d"),
        ((*SIGNAL, "decay"), {"half_life": "9d", "linear": "9d"}, (*SIGNAL, "decay"), "one shape"),
        ((*SIGNAL, "full_at"), "2d", (*SIGNAL, "full_at"), "such as 60s"),
        ((*SIGNAL, "at_most"), {"times": 1, "per": "year"}, (*SIGNAL, "at_most", "per"), "'day', 'week' or 'month'"),
        ((*SIGNAL, "class"), "strong", (*SIGNAL, "class"), "direct"),
        ((*SIGNAL, "measure"), "count", SIGNAL, "a measure takes bands"),
        ((*SIGNAL, "bands"), [{"from": 1, "points": 1}], SIGNAL, "either points"),
        ((*RULE, "points"), "5", (*RULE, "points"), "write a number"),
        ((*RULE, "points"), True, (*RULE, "points"), "write a number"),
        ((*RULE, "points"), float("inf"), (*RULE, "points"), "between"),
        ((*RULE, "field"), "person.x", RULE, "either points and when, or field and bands"),
        ((*ROLE, "rules", 1, "bands", 0), {"points": 1}, (*ROLE, "rules", 1, "bands", 0), "from, below or both"),
        ((*ROLE, "rules", 1, "bands", 0), {"from": 5, "below": 5, "points": 1}, (*ROLE, "rules", 1, "bands", 0), "under"),
        ((*SIGNAL, "on"), [], (*SIGNAL, "on"), "at least one"),
        ((*SIGNAL, "on"), [5], (*SIGNAL, "on", 0), "string"),
        (("fit", "limit"), -1, ("fit", "limit"), "zero or more"),
        (("bands",), {"engagement": {1: 20, 2: 50, 3: 25, 4: 0}}, ("bands", "engagement"), "1 must not start below 2"),
        (("bands",), {"engagement": {5: 20}}, ("bands", "engagement", "5"), "allowed here: 1, 2, 3, 4"),
        (("tests", 0, "facts"), {"person": {"x": {"y": 1}}}, ("tests", 0, "facts"), "person.x"),
        (("tests", 0, "as_of"), "some day", ("tests", 0, "as_of"), "ISO 8601"),
        (("machine",), {"burst": "off"}, ("machine", "burst"), "boolean"),
    ],
)
def test_a_mistake_is_reported_at_its_key_with_words_that_help(
    path: tuple[str | int, ...], value: Any, place: tuple[str | int, ...], words: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_model(changed(path, value))
    assert [error["loc"] for error in caught.value.errors()] == [place]
    assert words in caught.value.errors()[0]["msg"]


def test_all_mistakes_are_reported_at_once() -> None:
    raw = changed((*RULE, "pionts"), 1)
    raw["engagement"]["limit"] = "much"
    raw["knockouts"].append({"id": "k"})
    with pytest.raises(ValidationError) as caught:
        parse_model(raw)
    assert {error["loc"] for error in caught.value.errors()} == {
        (*RULE, "pionts"),
        ("engagement", "limit"),
        ("knockouts", 1, "when"),
    }


def test_data_nested_without_end_is_refused() -> None:
    deep: dict[str, Any] = {"person.x": 1}
    for _ in range(5000):
        deep = {"not": deep}
    with pytest.raises(ValidationError, match="nested too deeply"):
        parse_model(changed((*RULE, "when"), deep))


def test_the_hash_follows_the_meaning_and_not_the_layout() -> None:
    plain = model_hash(parse_model(RAW))
    assert len(plain) == 12
    reordered = {key: RAW[key] for key in reversed(RAW)}
    assert model_hash(parse_model(reordered)) == plain
    assert model_hash(parse_model(changed(("tests",), []))) == plain
    assert model_hash(parse_model(changed((*SIGNAL, "points"), 45.0))) == plain
    assert model_hash(parse_model(changed((*SIGNAL, "points"), 45.01))) != plain
    weeks = changed((*SIGNAL, "window"), "2w"), changed((*SIGNAL, "window"), "14d")
    assert len({model_hash(parse_model(raw)) for raw in weeks}) == 1


def test_the_model_describes_itself_to_editors() -> None:
    schema = Model.model_json_schema()
    assert schema["properties"]["fit"]
    assert {"class", "on"} <= set(schema["$defs"]["Signal"]["properties"])


def remarks(path: tuple[str | int, ...], value: Any, **known: Any) -> list[tuple[str, tuple[str | int, ...], str]]:
    found = review(parse_model(changed(path, value)), **{"lists": {"competitors", "free_mail"}, **known})
    return [(one.severity, one.path, one.message) for one in found]


def test_a_sound_model_draws_no_remark() -> None:
    found = review(
        parse_model(RAW),
        lists={"competitors"},
        fields={"person.seniority", "company.employees", "company.domain"},
        event_types={"demo_request"},
    )
    assert found == ()


@pytest.mark.parametrize(
    ("path", "value", "severity", "place", "words"),
    [
        ((*RULE, "id"), "size", "error", (*ROLE, "rules", 1, "id"), "used twice"),
        ((*RULE, "id"), "demo", "error", (*RULE, "id"), "used twice"),
        ((*RULE, "id"), "limit", "error", (*RULE, "id"), "name of an adjustment"),
        (("fit", "limit"), 60, "error", ("fit", "limit"), "sum to 110, not to 100"),
        (
            ("knockouts", 0, "when"),
            {"company.domain": {"listed": "competitor"}},
            "error",
            ("knockouts", 0, "when", "company.domain", "listed"),
            'did you mean "competitors"',
        ),
        ((*RULE, "when"), {"seniority": "vp"}, "error", (*RULE, "when", "seniority"), "must start with person. or company."),
        (
            (*ROLE, "rules", 1, "bands"),
            [{"below": 9, "points": 1}, {"from": 8, "points": 9}],
            "error",
            (*ROLE, "rules", 1, "bands", 1),
            "overlaps",
        ),
        (
            (*ROLE, "rules", 1, "bands"),
            [{"from": 12, "points": 9}, {"below": 9, "points": 1}],
            "warning",
            (*ROLE, "rules", 1, "bands", 0),
            "nothing covers 9 to 12",
        ),
        ((*RULE, "when"), {"any": []}, "warning", (*RULE, "when"), "asks no field"),
        ((*SIGNAL, "where"), {}, "warning", (*SIGNAL, "where"), "asks no field"),
        (
            (*ROLE, "rules", 1, "bands"),
            [{"below": 9, "points": 60}],
            "warning",
            (*ROLE, "rules", 1, "bands"),
            "nobody feels the rest",
        ),
        ((*INTENT, "limit"), None, "warning", SIGNAL, "neither the signal"),
        ((*INTENT, "limit"), 60, "warning", (*INTENT, "limit"), "nobody feels the rest"),
        ((*RULE, "points"), 55, "warning", (*RULE, "points"), "nobody feels the rest"),
        ((*SIGNAL, "limit"), 20, "warning", ("engagement",), "no lead can reach engagement 1: at most 20 of 50"),
        (("bands",), {"fit": {"A": 100}}, "warning", ("fit",), "no lead can reach fit A"),
        (("bands",), {"fit": {"A": 50}}, "warning", ("fit",), "no lead can reach fit B: the better one starts as low"),
    ],
)
def test_what_cannot_work_or_can_hardly_be_meant_is_remarked(
    path: tuple[str | int, ...], value: Any, severity: str, place: tuple[str | int, ...], words: str
) -> None:
    found = remarks(path, value)
    assert any((one[0], one[1]) == (severity, place) and words in one[2] for one in found), found


def test_fields_and_event_types_are_held_against_what_is_mapped() -> None:
    found = remarks(("model",), "m", fields={"person.senority", "company.employees", "company.domain"}, event_types={"demo"})
    assert [(severity, place) for severity, place, _ in found] == [
        ("error", (*RULE, "when", "person.seniority")),
        ("warning", (*SIGNAL, "on")),
    ]
    assert 'did you mean "person.senority"' in found[0][2]


def test_an_engine_refuses_a_model_whose_list_is_missing() -> None:
    with pytest.raises(MissingListError):
        Engine(model([{"id": "a", "points": 1, "when": {"person.x": {"listed": "nowhere"}}}]), LISTS)


def test_inline_tests_run_against_the_model_that_holds_them() -> None:
    assert run_inline_tests(Engine(parse_model(RAW), LISTS)) == ()
    wrong = changed(("tests", 0, "expect"), {"grade": "A1", "total": {"at_least": 50}, "persona": {"known": False}})
    failures = run_inline_tests(Engine(parse_model(wrong), LISTS))
    assert [(one.index, one.name, one.part, one.found) for one in failures] == [
        (0, "boss", "grade", "A4"),
        (0, "boss", "total", 40),
    ]
    assert str(failures[0]) == "boss: grade is A4"
