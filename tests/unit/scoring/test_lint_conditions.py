"""Conditions that say the same of everybody, and those that only look as if they did."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.conditions import Condition, Truth, compile_condition
from scoring.constancy import Verdict, constants
from scoring.reading import Value
from tests.unit.scoring.builders import LISTS, NOW

X, Y, SENIORITY = "person.x", "person.y", "person.seniority"


def verdicts(raw: Any) -> list[tuple[tuple[str | int, ...], str]]:
    return [(one.path, one.verdict) for one in constants(Condition.model_validate(raw), ())]


@pytest.mark.parametrize(
    "test",
    [
        {"between": [1, 5], "above": 5},
        {"between": [5, 5], "not_in": [5]},
        {"at_least": 10, "below": 10},
        {"equals": "a", "in": ["b", "c"]},
        {"in": ["A", "b"], "not_in": ["a", "B"]},
        {"equals": "vp", "contains": "director"},
        {"equals": "vp", "at_least": 5},
        {"equals": True, "at_least": 1},
        {"known": False, "matches": "a"},
        {"within": "30d", "before": "90d"},
        {"within": "30d", "above": 5},
        {"before": "999999w"},
        {"in": []},
        {"contains": []},
    ],
)
def test_tests_of_one_field_that_exclude_each_other_are_never_true(test: Any) -> None:
    assert verdicts({X: test}) == [((X,), "never")]


@pytest.mark.parametrize("test", [{"not_in": []}, {"contains": ""}, {"matches": ""}, {"matches": "(?i)student|intern|"}])
def test_a_test_that_every_known_value_passes_only_asks_whether_it_is_known(test: Any) -> None:
    assert verdicts({X: test}) == [((X,), "when known")]


@pytest.mark.parametrize(
    "test",
    [
        {"between": [1, 5], "above": 4},
        {"above": 1, "below": 2},
        {"at_least": 1e308},
        {"equals": "5", "at_least": 3},
        {"equals": "vp", "contains": "v"},
        {"contains": "5", "at_least": 1000},
        {"matches": "^$"},
        {"matches": "^[^@]*$"},
        {"equals": "vp", "matches": "VP"},
        {"equals": "acme.example", "domain_listed": "nowhere", "listed": "nowhere"},
        {"within": "90d", "before": "30d"},
        {"equals": "2026-01-01", "within": "30d"},
        {"known": True, "not_in": ["a"]},
        {"in": [True, False]},
    ],
)
def test_tests_that_some_value_passes_and_another_does_not_draw_no_word(test: Any) -> None:
    assert verdicts({X: test}) == []


@pytest.mark.parametrize(
    ("raw", "path", "verdict"),
    [
        ({"all": [{X: {"at_least": 10}}, {X: {"at_most": 5}}]}, (), "never"),
        ({X: "a", "not": {X: "a"}}, (), "never"),
        ({X: {"known": False}, "any": [{X: "a"}, {X: "b"}]}, (), "never"),
        ({Y: 1, "all": [{X: 1}, {"all": [{X: {"not_in": [1]}}]}]}, (), "never"),
        ({"all": [{SENIORITY: "vp"}, {SENIORITY: "head"}]}, (), "never"),
        ({"any": [{X: {"known": True}}, {X: {"known": False}}]}, ("any",), "always"),
        ({"any": [{X: "a"}, {}]}, ("any",), "always"),
        ({"any": [{X: {"at_least": 5}}, {X: {"below": 5}}]}, ("any",), "when known"),
        ({"any": [{X: {"above": 10}}, {X: {"below": 200}}]}, ("any",), "when known"),
        ({"any": [{X: {"in": ["a"]}}, {X: {"not_in": ["a"]}}]}, ("any",), "when known"),
        ({"any": [{X: {"listed": "l"}}, {"not": {X: {"listed": "l"}}}]}, ("any",), "when known"),
        ({Y: 1, "any": [{X: {"at_least": 5}}, {X: {"below": 5}}]}, ("any",), "when known"),
        ({"any": [{Y: 1}, {X: {"in": []}}]}, ("any", 1, X), "never"),
        ({"not": {"all": [{X: {"above": 9}}, {X: {"below": 9}}]}}, ("not",), "never"),
    ],
)
def test_a_part_that_is_always_the_same_is_found_where_it_stands(
    raw: Any, path: tuple[str | int, ...], verdict: str
) -> None:
    assert verdicts(raw) == [(path, verdict)]


@pytest.mark.parametrize(
    "raw",
    [
        {"any": [{X: {"known": False}}, {X: {"not_in": ["a"]}}]},
        {"any": [{X: {"at_least": 5}}, {Y: {"below": 5}}]},
        {"any": [{X: True}, {X: False}]},
        {"all": [{X: {"matches": "a"}}, {"not": {X: {"matches": "b"}}}]},
        {"all": [{X: {"at_least": 5}}, {X: {"at_most": 5}}]},
        {"not": {"any": [{X: "a"}, {X: {"known": False}}]}},
        {"any": [{X: {"matches": f"p{number}"}} for number in range(40)]},
    ],
)
def test_parts_that_leave_room_draw_no_word(raw: Any) -> None:
    assert verdicts(raw) == []


def test_a_field_with_several_choices_may_be_both() -> None:
    both = {"all": [{"person.topics": "crm"}, {"person.topics": "billing"}]}
    assert verdicts(both) == []
    assert (
        compile_condition(Condition.model_validate(both), LISTS)({"person.topics": ("crm", "billing")}, NOW.date()) is True
    )


def test_the_fields_that_are_at_odds_are_named() -> None:
    raw = {Y: 1, "all": [{X: {"above": 5}}, {X: {"below": 5}}]}
    assert [one.fields for one in constants(Condition.model_validate(raw), ())] == [(X,)]


def test_long_lists_of_values_take_no_time_to_speak_of() -> None:
    many = [f"value {number}" for number in range(2000)]
    assert verdicts({"all": [{X: {"in": many}}, {X: {"not_in": many}}]}) == [((), "never")]


_OPERANDS = st.sampled_from(["a", "B", "5", "7.0", 5, 6.5, True, False, "2026-11-01"])
_BOUNDS = st.integers(4, 8)
_DAYS = st.sampled_from(["0d", "10d", "30d"])
_TESTS = st.fixed_dictionaries(
    {},
    optional={
        "equals": _OPERANDS,
        "in": st.lists(_OPERANDS, max_size=2),
        "not_in": st.lists(_OPERANDS, max_size=3),
        "contains": st.sampled_from(["a", "5", "", ["b", "1"]]),
        "matches": st.sampled_from(["a", "^$", "x*", "(?i)b|^5"]),
        "at_least": _BOUNDS,
        "above": _BOUNDS,
        "at_most": _BOUNDS,
        "below": _BOUNDS,
        "listed": st.just("competitors"),
        "domain_listed": st.just("free_mail"),
        "within": _DAYS,
        "before": _DAYS,
        "known": st.booleans(),
    },
).filter(bool)
_FIELDS = st.dictionaries(st.sampled_from([X, Y]), _TESTS.map(lambda test: dict(list(test.items())[:3])), max_size=2)
_CONDITIONS = st.recursive(
    _FIELDS,
    lambda inner: st.one_of(
        st.builds(lambda fields, parts: {**fields, "all": parts}, _FIELDS, st.lists(inner, max_size=2)),
        st.builds(lambda fields, parts: {**fields, "any": parts}, _FIELDS, st.lists(inner, max_size=3)),
        st.builds(lambda fields, part: {**fields, "not": part}, _FIELDS, inner),
    ),
    max_leaves=5,
)
_NUMBERS: list[Value] = [3, 4, 4.5, 5, "5.0", 6, 6.5, "7.0", 8, 9]
_TEXTS: list[Value] = [
    "a",
    "B",
    "ab",
    "rival.example",
    "x@post.co.uk",
    "zz",
    "2026-11-21",
    "2026-11-01",
    "2026-10-01",
    "2027-01-01",
]
_VALUES: list[Value] = [None, "", *_NUMBERS, *_TEXTS]

_RULED_OUT: dict[Verdict, set[Truth]] = {"never": {True}, "always": {False, None}, "when known": {False}}


def part_at(raw: Any, path: tuple[str | int, ...]) -> Any:
    """What a finding is about, as a condition of its own."""
    for step in path[:-1]:
        raw = raw[step]
    return {path[-1]: raw[path[-1]]} if path and path[-1] in (X, Y, "any") else raw[path[-1]] if path else raw


@settings(max_examples=150, deadline=None)
@given(raw=_CONDITIONS)
def test_what_is_called_constant_is_the_same_for_every_value(raw: Any) -> None:
    for one in constants(Condition.model_validate(raw), ()):
        verdict, check = one.verdict, compile_condition(Condition.model_validate(part_at(raw, one.path)), LISTS)
        # A test that asks for no boolean is not held against the booleans when it is said to be true of all that is known.
        values = _VALUES if verdict == "when known" else [*_VALUES, True, False]
        answers = {check({X: x, Y: y}, NOW.date()) for x in values for y in values}
        assert answers.isdisjoint(_RULED_OUT[verdict])
