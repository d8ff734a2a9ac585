from __future__ import annotations

from typing import Any

from tests.unit.scoring.builders import NOW, doing, engine, event, person

SENIOR = {"id": "senior", "points": 40, "when": {"person.seniority": {"in": ["vp", "director"]}}}
DEMO = {"id": "demo", "on": "demo_request", "points": 30, "say": "Asked for a demo"}


def hints(*args: Any, given: Any = None, **kwargs: Any) -> list[tuple[str, str, int, str]]:
    scored = engine(*args, **kwargs).score(given or person(), NOW)
    return [(one.kind, one.id, one.points, one.grade) for one in scored.hints]


def test_a_behaviour_and_an_unknown_field_that_lift_the_grade_are_named_with_their_points() -> None:
    assert hints([SENIOR], [DEMO]) == [("field", "person.seniority", 4000, "A4"), ("behaviour", "demo", 3000, "D2")]


def test_what_is_known_cannot_become_known() -> None:
    assert hints([SENIOR], given=person({"seniority": "staff"})) == []


def test_a_change_that_does_not_lift_the_grade_is_no_hint() -> None:
    assert hints([{**SENIOR, "points": 12}], [{**DEMO, "points": 12}]) == []


def test_a_hint_counts_what_limits_leave_of_it() -> None:
    given = doing(event("a", "demo_request", days_ago=3))
    assert hints(signals=[{**DEMO, "points": 20, "limit": 26}], given=given) == [("behaviour", "demo", 600, "D2")]


def test_an_event_is_made_up_so_that_its_where_is_true() -> None:
    pricing = {"id": "pricing", "on": "page_view", "where": {"url": {"contains": "/pricing"}}, "points": 30}
    riddle = {"id": "riddle", "on": "page_view", "where": {"url": {"matches": "^/x+$"}}, "points": 30}
    assert hints(signals=[pricing, riddle]) == [("behaviour", "pricing", 3000, "D2")]


def test_the_last_event_that_at_least_waits_for_is_a_hint() -> None:
    signal = {"id": "reads", "on": "visit", "points": 15, "at_least": 2}
    assert hints(signals=[signal]) == []
    assert hints(signals=[signal], given=doing(event("a"))) == [("behaviour", "reads", 3000, "D2")]


def test_nothing_helps_who_is_knocked_out() -> None:
    out = [{"id": "k", "when": {"person.x": 1}}]
    assert hints([SENIOR], [DEMO], knockouts=out, given=person({"x": 1})) == []


def test_a_field_that_would_knock_out_is_no_hint() -> None:
    out = [{"id": "k", "when": {"person.seniority": "vp"}}]
    assert hints([{**SENIOR, "when": {"person.seniority": "vp"}}], knockouts=out) == []


def test_at_most_three_are_named_the_most_valuable_first() -> None:
    rules = [{"id": f"r{n}", "points": 20 + n, "when": {f"person.f{n}": 1}} for n in range(5)]
    assert [points for _, _, points, _ in hints(rules)] == [2400, 2300, 2200]


def test_bands_are_tried_too_and_the_best_value_of_a_field_stands() -> None:
    bands = [{"from": 10, "below": 50, "points": 15}, {"from": 50, "points": 30}]
    assert hints([{"id": "size", "field": "company.employees", "bands": bands}]) == [
        ("field", "company.employees", 3000, "B4")
    ]


def test_a_deed_done_before_is_no_new_one_where_only_distinct_ones_count() -> None:
    signal = {
        "id": "downloads",
        "on": "content_download",
        "where": {"name": "guide"},
        "distinct": "name",
        "points": 30,
    }
    advised = engine(signals=[signal]).score(doing(event("1", "content_download", name="guide")), NOW)
    assert [hint.id for hint in advised.hints] == []
    fresh = engine(signals=[signal]).score(doing(), NOW)
    assert [hint.id for hint in fresh.hints] == ["downloads"]
