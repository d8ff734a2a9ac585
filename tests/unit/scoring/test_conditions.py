from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from scoring.conditions import Condition, compile_condition
from scoring.lists import MissingListError
from scoring.reading import Value
from tests.unit.scoring.builders import LISTS, NOW

UNKNOWN = None


def judge(condition: Any, **fields: Value) -> bool | None:
    named = {name.replace("__", "."): value for name, value in fields.items()}
    return compile_condition(Condition.model_validate(condition), LISTS)(named, NOW.date())


def x(test: Any, value: Value) -> bool | None:
    return judge({"person.x": test}, person__x=value)


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        ("acme", "ACME", True),
        ("straße", "STRASSE", True),
        ("acme", "acme ltd", False),
        ({"equals": 5}, "5.0", True),
        ({"equals": 5}, "five", False),
        ({"equals": "5"}, 5, True),
        ({"equals": "05"}, "5", False),
        ({"equals": True}, True, True),
        ({"equals": True}, "true", False),
        ({"equals": True}, 1, False),
        ({"equals": 1}, True, False),
        ({"in": ["vp", "head"]}, "VP", True),
        ({"in": [1, 2]}, "2", True),
        ({"not_in": ["vp", "head"]}, "staff", True),
        ({"not_in": ["vp", "head"]}, "Head", False),
        ({"contains": "pric"}, "/PRICING", True),
        ({"contains": ["/demo", "/pric"]}, "/pricing", True),
        ({"contains": "4"}, 240, True),
        ({"contains": "x"}, True, False),
        ({"matches": "(?i)student|intern"}, "Student", True),
        ({"matches": "student"}, "Student", False),
        ({"matches": "^2"}, 240.0, True),
        ({"at_least": 5}, 5, True),
        ({"above": 5}, 5, False),
        ({"at_most": 5}, 5, True),
        ({"below": 5}, "4.9", True),
        ({"between": [1, 5]}, 5, True),
        ({"between": [1, 5]}, 5.01, False),
        ({"at_least": 5, "below": 10}, 10, False),
        ({"listed": "competitors"}, "Rival.example", True),
        ({"listed": "competitors"}, "www.rival.example", False),
        ({"domain_listed": "free_mail"}, "a@mail.freemail.example", True),
        ({"domain_listed": "free_mail"}, "a@post.co.uk", True),
        ({"domain_listed": "free_mail"}, "a@other.co.uk", False),
        ({"domain_listed": "competitors"}, "https://www.rival.example:8080/about?x=a@b", True),
        ({"domain_listed": "competitors"}, "no domain at all", False),
    ],
)
def test_a_known_value_is_judged(test: Any, value: Value, expected: bool) -> None:
    assert x(test, value) is expected


@pytest.mark.parametrize("value", ["many", "1,000", "", float("nan"), float("inf"), True, "1e999", 10**400])
def test_what_is_no_finite_number_is_unknown_to_a_numeric_test(value: Value) -> None:
    assert x({"at_least": 0}, value) is UNKNOWN


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        ({"within": "90d"}, "2026-08-23", True),
        ({"within": "90d"}, "2026-08-22", False),
        ({"before": "90d"}, "2026-08-23", False),
        ({"before": "90d"}, "2026-08-22T23:59:59Z", True),
        ({"within": "0d"}, "2026-11-21T00:30:00+01:00", False),
        ({"within": "1w"}, "2027-01-01", True),
        ({"within": "90d"}, "soon", UNKNOWN),
        ({"before": "90d"}, "2026-02-30", UNKNOWN),
        ({"before": "90d"}, "1950-01-01", True),
    ],
)
def test_age_is_counted_in_whole_days_between_utc_dates(test: Any, value: str, expected: bool | None) -> None:
    assert x(test, value) is expected


@pytest.mark.parametrize("unknown", [None, "", ()])
@pytest.mark.parametrize(
    "test", ["a", {"in": ["a"]}, {"not_in": ["a"]}, {"matches": "."}, {"below": 1}, {"listed": "competitors"}]
)
def test_every_test_but_known_is_unknown_on_an_unknown_field(test: Any, unknown: Value) -> None:
    assert x(test, unknown) is UNKNOWN
    assert judge({"not": {"person.x": test}}, person__x=unknown) is UNKNOWN


def test_known_is_never_unknown() -> None:
    assert x({"known": True}, "a") is True
    assert x({"known": True}, "") is False
    assert x({"known": False}, None) is True
    assert x({"known": True, "at_least": 3}, None) is False
    assert x({"known": False}, 0) is False


T, F, U = {"t": "yes"}, {"t": "no"}, {"u": "yes"}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"all": [T, T]}, True),
        ({"all": [T, U]}, UNKNOWN),
        ({"all": [U, F]}, False),
        ({"any": [U, T]}, True),
        ({"any": [U, F]}, UNKNOWN),
        ({"any": [F, F]}, False),
        ({"not": T}, False),
        ({"not": U}, UNKNOWN),
        ({"not": {"any": [F, {"not": T}]}}, True),
        ({"t": "yes", "any": [F, U]}, UNKNOWN),
        ({"t": "yes", "not": F, "all": [T]}, True),
    ],
)
def test_logic_is_three_valued(condition: Any, expected: bool | None) -> None:
    assert judge(condition, t="yes", u=None) is expected


def test_a_field_with_several_values_passes_when_one_value_does() -> None:
    assert x({"in": ["a"]}, ("b", "A")) is True
    assert x({"not_in": ["a"]}, ("b", "A")) is False
    assert x({"contains": "z"}, ("b", "c")) is False


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({"person.x": {"inn": ["a"]}}, ("person.x", "inn")),
        ({"person.x": ["a"]}, ("person.x",)),
        ({"person.x": None}, ("person.x",)),
        ({"person.x": {}}, ("person.x",)),
        ({"person.x": {"at_least": "5"}}, ("person.x", "at_least")),
        ({"person.x": {"below": float("nan")}}, ("person.x", "below")),
        ({"person.x": {"between": [5, 1]}}, ("person.x",)),
        ({"person.x": {"matches": "a(?=b)"}}, ("person.x", "matches")),
        ({"person.x": {"matches": "("}}, ("person.x", "matches")),
        ({"person.x": {"within": "90"}}, ("person.x", "within")),
        ({"any": [{"person.x": {"known": "yes"}}]}, ("any", 0, "person.x", "known")),
    ],
)
def test_one_mistake_is_one_error_at_its_place(raw: Any, place: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        Condition.model_validate(raw)
    assert [error["loc"] for error in caught.value.errors()] == [place]


def test_a_list_that_is_missing_is_named() -> None:
    with pytest.raises(MissingListError, match="nowhere"):
        judge({"person.x": {"listed": "nowhere"}})


def test_long_and_broken_text_has_a_defined_result() -> None:
    assert x({"matches": "needle$"}, "hay" * 1_000_000 + "needle") is True
    assert x({"matches": "b"}, "a\ud800b\x00") is True
    assert x({"contains": "b\x00"}, "a\ud800b\x00") is True
