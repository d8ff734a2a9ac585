"""What is worth telling a CRM."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Scalar
from leadline.decide import is_material, shown_score, values_to_show, with_time
from leadline.settings.model import Delivery
from leadline.state.delivered import Delivered
from scoring.engine import Engine
from scoring.evidence import Assessment, Assessor, Gate
from scoring.facts import Facts
from tests.engine import BUYER, START, workspace

TOLD: dict[str, Scalar] = {
    "score": 70,
    "grade": "A2",
    "stage": "mql",
    "bant": 50,
    "bant_next": "Ask: who signs?",
    "reasons": "Met with us",
    "scored_at": "2026-11-18T09:00:00Z",
}
SETTINGS = Delivery()


def wanted(**other: Scalar) -> dict[str, Scalar]:
    return {name: value for name, value in {**TOLD, **other}.items() if name != "scored_at"}


def material(after: timedelta = timedelta(0), settings: Delivery = SETTINGS, **other: Scalar) -> bool:
    return is_material(wanted(**other), Delivered(TOLD, START), settings, START + after)


def test_what_was_never_told_is_told() -> None:
    assert is_material(wanted(), None, SETTINGS, START)


def test_the_same_again_is_not_told() -> None:
    assert not material()


@pytest.mark.parametrize(
    ("name", "value"),
    [("grade", "A1"), ("stage", "sql"), ("bant", 75), ("bant_next", None), ("reasons", "Asked for a demo")],
)
def test_what_a_rep_acts_on_is_told_however_little_the_score_moved(name: str, value: Scalar) -> None:
    assert is_material(wanted(**{name: value}), Delivered(TOLD, START), SETTINGS, START)


@pytest.mark.parametrize(("score", "told"), [(72, False), (68, False), (73, True), (67, True)])
def test_a_score_is_told_when_it_moved_by_the_least_change(score: int, told: bool) -> None:
    assert material(score=score) is told


def test_a_least_change_of_zero_tells_each_move_but_not_the_same_again() -> None:
    every = Delivery(min_change=0)
    assert material(settings=every, score=71)
    assert not material(settings=every)


@pytest.mark.parametrize(("days", "told"), [(30, False), (31, True)])
def test_an_old_value_is_told_again(days: int, told: bool) -> None:
    assert material(timedelta(days=days)) is told


def test_a_score_that_the_crm_lost_is_told() -> None:
    held = {name: value for name, value in TOLD.items() if name != "score"}
    assert is_material(wanted(), Delivered(held, START), SETTINGS, START)


def test_numbers_that_a_crm_gives_back_as_decimals_are_the_same_numbers() -> None:
    held = Delivered({**TOLD, "score": 70.0, "bant": 50.0}, START)
    assert not is_material(wanted(), held, SETTINGS, START)


scores = st.integers(0, 100)


@given(scores, scores, st.integers(0, 100))
def test_what_was_just_told_is_never_told_again(score: int, other: int, least: int) -> None:
    values = wanted(score=score, bant=other)
    settings = Delivery(min_change=least)
    assert not is_material(values, Delivered(with_time(values, START), START), settings, START)


@given(st.lists(scores, min_size=1, max_size=30), st.integers(1, 20))
def test_what_the_crm_shows_is_never_as_far_off_as_the_least_change(walk: list[int], least: int) -> None:
    settings, told = Delivery(min_change=least), Delivered(wanted(score=walk[0]), START)
    for score in walk:
        if is_material(wanted(score=score), told, settings, START):
            told = Delivered(wanted(score=score), START)
        shown = told.values["score"]
        assert isinstance(shown, int)
        assert abs(shown - score) < least


@pytest.mark.parametrize(("hundredths", "shown"), [(0, 0), (49, 0), (50, 1), (6949, 69), (6950, 70), (10000, 100)])
def test_scores_are_shown_rounded_half_up(hundredths: int, shown: int) -> None:
    assert shown_score(hundredths) == shown


def test_the_time_is_written_in_whole_seconds_of_utc() -> None:
    assert with_time({}, START + timedelta(microseconds=7)) == {"scored_at": "2026-11-18T09:00:00Z"}


def shown(facts: Facts, assessment: Assessment | None = None) -> dict[str, Scalar]:
    space = workspace()
    breakdown = Engine(space.model, space.lists).score(facts, START)
    found = assessment or Assessor(space.qualification, space.lists).assess(facts, START)
    return values_to_show(breakdown, found, "lead")


def test_a_record_shows_score_grade_stage_bant_and_reasons() -> None:
    found = shown(Facts("p", person={**BUYER, "seniority": "vp", "function": "sales"}))
    assert found.keys() == {"score", "grade", "stage", "bant", "bant_next", "reasons"}
    assert found["grade"] == "B4"
    assert found["bant"] == 100
    assert found["bant_next"] is None
    assert str(found["reasons"]).startswith("Senior decision maker (VP Sales)")


def test_what_is_missing_and_the_question_to_ask_come_in_words() -> None:
    assert str(shown(Facts("p"))["bant_next"]).startswith("Missing: budget, authority, need, timeline. Ask: What budget")


def test_nothing_to_say_clears_the_property() -> None:
    assert shown(Facts("p"))["reasons"] is None


def test_texts_fit_their_properties() -> None:
    long = Assessment("bant", (), 0, Gate(False), ("need",), "why? " * 100)
    text = str(shown(Facts("p", person={"title": "VP " + "Sales " * 100}), long)["bant_next"])
    assert len(text) == 255
    assert text.endswith("…")
