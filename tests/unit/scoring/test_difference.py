from __future__ import annotations

from datetime import timedelta
from typing import Any

from scoring.difference import retrace
from scoring.engine import Difference, compare
from scoring.facts import Facts
from tests.unit.scoring.builders import NOW, doing, engine, event, person

VISITS = {"id": "visits", "on": "visit", "points": 8, "decay": {"half_life": "7d"}}
FITS = {"id": "fits", "points": 10, "when": {"person.x": "yes"}}


def difference(before: Facts, after: Facts, *, days: int = 0, rules: Any = (FITS,), later_rules: Any = None) -> Difference:
    earlier = engine(rules, [VISITS]).score(before, NOW)
    return compare(earlier, engine(later_rules or rules, [VISITS]).score(after, NOW + timedelta(days=days)))


def reasons(found: Difference) -> list[tuple[str, str, int]]:
    return [(one.rule, one.reason, one.points) for one in found.changes]


def test_a_new_fact_is_gained_and_a_missing_one_lost() -> None:
    assert reasons(difference(person(), person({"x": "yes"}))) == [("fits", "gained", 1000)]
    assert reasons(difference(person({"x": "yes"}), person())) == [("fits", "lost", -1000)]


def test_time_alone_decays() -> None:
    seen = doing(event("a"))
    assert reasons(difference(seen, seen, days=7)) == [("visits", "decayed", -400)]
    assert reasons(difference(seen, seen, days=700)) == [("visits", "decayed", -800)]


def test_a_new_event_gains_although_older_ones_decayed() -> None:
    found = difference(doing(event("a")), doing(event("a"), event("b", days_ago=-7)), days=7)
    assert reasons(found) == [("visits", "gained", 400)]


def test_points_that_shrink_although_something_happened_faded() -> None:
    short = {**VISITS, "full_at": "100s"}
    before = engine(signals=[short]).score(doing(event("a")), NOW)
    after = engine(signals=[short]).score(doing(event("a"), event("b", days_ago=-7, seconds=1)), NOW + timedelta(days=7))
    assert reasons(compare(before, after)) == [("visits", "decayed", -392)]


def test_an_event_that_is_no_more_is_lost_and_did_not_fade() -> None:
    found = difference(doing(event("a"), event("b", days_ago=7)), doing(event("b", days_ago=7)), days=1)
    assert [(rule, reason) for rule, reason, _ in reasons(found)] == [("visits", "lost")]


def test_nothing_fades_within_a_day() -> None:
    assert reasons(difference(doing(event("a")), doing())) == [("visits", "lost", -800)]


def test_another_model_is_named_as_the_cause() -> None:
    same = person({"x": "yes"})
    found = difference(same, same, later_rules=[{**FITS, "points": 12}])
    assert reasons(found) == [("fits", "model changed", 200)]


def test_the_changes_sum_to_the_difference_of_the_totals() -> None:
    before = person({"x": "yes"}, overrides=[{"points": 95, "until": NOW + timedelta(days=2)}])
    after = person({"x": "yes"}, events=[{"id": "a", "type": "visit", "at": NOW}])
    for days in (0, 3):
        found = difference(before, after, days=days)
        assert sum(one.points for one in found.changes) == found.points
    assert found.to_json_dict()["points"] == found.points / 100
    assert (found.grade_before, found.grade_after) == ("D4", "D4")


def test_equal_breakdowns_have_no_changes() -> None:
    assert difference(person({"x": "yes"}), person({"x": "yes"}), days=1).changes == ()


def course(*moments: tuple[Any, str, int]) -> Difference:
    """What is told of moments of a person who visited us on the first day: the fit rule, the field it asks, the day."""
    visited = [{"id": "a", "type": "visit", "at": NOW}]
    return retrace(
        [
            engine([rule], [VISITS]).score(person({"x": x}, events=visited), NOW + timedelta(days=day))
            for rule, x, day in moments
        ]
    )


OTHER = {**FITS, "points": 12}


def test_what_the_model_did_is_told_apart_from_what_happened_before_and_after() -> None:
    found = course((FITS, "no", 0), (FITS, "yes", 7), (OTHER, "yes", 7), (OTHER, "yes", 14))
    assert reasons(found) == [("fits", "gained", 1000), ("visits", "decayed", -600), ("fits", "model changed", 200)]
    assert found.points == 600


def test_under_one_model_only_the_ends_are_compared() -> None:
    assert reasons(course((FITS, "no", 0), (FITS, "yes", 0), (FITS, "no", 0))) == []


def test_what_was_gained_under_one_model_and_lost_under_the_next_is_told_once() -> None:
    found = course((FITS, "no", 0), (FITS, "yes", 0), (OTHER, "yes", 0), (OTHER, "no", 0))
    assert reasons(found) == [("fits", "lost", -200), ("fits", "model changed", 200)]
    assert found.points == 0


def test_one_moment_is_no_different_from_itself() -> None:
    assert course((FITS, "yes", 0)).changes == ()
