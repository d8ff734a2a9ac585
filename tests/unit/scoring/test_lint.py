"""What the review of a model says beyond what makes it unusable: points in vain, slips of names, and unfair questions."""

from __future__ import annotations

from typing import Any

import pytest

from scoring.lint import Remark, review
from scoring.model import Model
from scoring.qualification import parse_qualification, review_qualification
from tests.unit.scoring.builders import model

RULES = ("fit", "groups", "who", "rules")
SIGNALS = ("engagement", "groups", "did", "signals")
TALL = {"id": "tall", "points": 50, "when": {"person.rank": "high"}}
KEEN = {"id": "keen", "on": "visit", "points": 50, "limit": 50}


def said(subject: Model, **known: Any) -> list[tuple[tuple[str | int, ...], str]]:
    found = review(subject, **{"lists": {"competitors", "free_mail"}, **known})
    assert all(isinstance(one, Remark) and one.severity == "warning" for one in found)
    return [(one.path, one.message) for one in found]


def with_rule(**rule: Any) -> Model:
    return model([TALL, {"id": "r", **rule}], [KEEN])


def with_signal(**signal: Any) -> Model:
    return model([TALL], [KEEN, {"id": "s", "on": "visit", **signal}])


def test_a_model_that_makes_sense_draws_no_word() -> None:
    assert said(model([TALL], [KEEN])) == []


@pytest.mark.parametrize(
    ("rule", "key", "words"),
    [
        ({"points": 5, "when": {"person.x": {"at_least": 9, "below": 3}}}, ("when", "person.x"), "never true"),
        ({"points": 5, "when": {"person.x": {"matches": "a|"}}}, ("when", "person.x"), "write {known: true}"),
        (
            {"points": 5, "when": {"any": [{"person.x": {"known": True}}, {"person.x": {"known": False}}]}},
            ("when", "any"),
            "always true",
        ),
        ({"points": 0, "when": {"person.x": 1}}, ("points",), 'the rule "r" gives 0 points'),
        ({"field": "person.x", "bands": [{"from": 1, "points": 0}]}, ("bands",), 'the rule "r" gives 0 points'),
    ],
)
def test_a_rule_that_can_never_matter_is_told(rule: Any, key: tuple[str, ...], words: str) -> None:
    ((path, message),) = said(with_rule(**rule))
    assert path == (*RULES, 1, *key)
    assert words in message


@pytest.mark.parametrize(
    ("signal", "key", "words"),
    [
        ({"points": 5, "limit": 9, "where": {"url": {"equals": "/a", "contains": "/b"}}}, ("where", "url"), "never true"),
        ({"points": 5, "limit": 9, "where": {"person.title": "ceo"}}, ("where", "person.title"), "about the event itself"),
        ({"points": 5, "at_most": {"times": 0, "per": "day"}}, ("at_most", "times"), "never gives points"),
        ({"points": 5, "limit": 0}, ("limit",), "never gives points"),
        (
            {"points": 5, "window": "30d", "decay": {"steps": {"30d": 0.5, "31d": 0.2}}},
            ("decay", "steps"),
            "the window ends after 30 days, before the step at 31 days begins",
        ),
        ({"measure": "count", "bands": [{"below": 0, "points": 1}, {"from": 0, "points": 2}]}, ("bands", 0), "below 0"),
        ({"measure": "active_days", "window": "7d", "bands": [{"from": 9, "points": 1}]}, ("bands", 0), "at most 8"),
        ({"measure": "days_since_last", "window": "7d", "bands": [{"from": 8, "points": 1}]}, ("bands", 0), "at most 7"),
        ({"points": 1, "limit": 9, "tags": {"stage": "decison"}}, ("tags", "stage"), 'did you mean "decision"'),
    ],
)
def test_a_signal_that_can_never_matter_or_holds_a_slip_is_told(signal: Any, key: tuple[str | int, ...], words: str) -> None:
    ((path, message),) = said(with_signal(**signal))
    assert path == (*SIGNALS, 1, *key)
    assert words in message


@pytest.mark.parametrize(
    "signal",
    [
        {"measure": "active_days", "window": "7d", "bands": [{"from": 8, "points": 1}]},
        {"measure": "days_since_last", "window": "7d", "bands": [{"below": 8, "points": 1}]},
        {"measure": "count", "window": "7d", "bands": [{"from": 900, "points": 1}]},
        {"points": 5, "window": "30d", "decay": {"steps": {"30d": 0.5}}},
        {"points": 5, "at_most": {"times": 2, "per": "day"}},
        {"points": 5, "window": "30d"},
        {"points": 5, "limit": 10},
        {"points": -5, "window": "30d"},
    ],
)
def test_a_signal_that_is_bounded_and_can_matter_draws_no_word(signal: Any) -> None:
    assert said(with_signal(**signal)) == []


def test_a_signal_without_any_bound_is_told() -> None:
    ((path, message),) = said(with_signal(points=1))
    assert path == (*SIGNALS, 1)
    assert message == 'neither the signal "s" nor its group has a limit, and no at_most or window bounds it'


def test_the_limit_of_the_group_bounds_its_signals() -> None:
    assert said(model([TALL], [{"id": "s", "on": "visit", "points": 1}], group_limit=50)) == []


def test_a_measure_above_the_limit_of_its_group_is_told() -> None:
    high = {"id": "s", "on": "visit", "measure": "count", "bands": [{"from": 1, "points": 60}]}
    assert ((*SIGNALS, 0, "bands"), "60 lies above the limit of group did, 50: nobody feels the rest") in said(
        model([TALL], [high], group_limit=50)
    )


def test_what_often_enough_and_long_enough_bound_is_counted_when_grades_are_out_of_reach() -> None:
    rare = {"id": "s", "on": "visit", "points": 1, "at_most": {"times": 1, "per": "week"}, "window": "14d"}
    assert said(model([TALL], [rare])) == [
        (("engagement",), "no lead can reach engagement 1: at most 4 of 50 points can be had"),
        (("engagement",), "no lead can reach engagement 2: at most 4 of 50 points can be had"),
        (("engagement",), "no lead can reach engagement 3: at most 4 of 50 points can be had"),
    ]


def test_whoever_reaches_no_other_grade_has_the_lowest_one_wherever_it_starts() -> None:
    assert (
        said(model([TALL], [{**KEEN, "limit": 1}], bands={"engagement": {1: 2, 2: 1.5, 3: 1.2, 4: 1.1}}))
        == [
            # 1 of 50 points is 2 percent
        ]
    )
    assert said(model([TALL], [KEEN], bands={"fit": {"A": 50, "B": 40, "C": 0, "D": -5}})) == [
        (("fit",), "no lead can reach fit D: the better one starts as low")
    ]


def test_a_persona_that_another_hides_is_told() -> None:
    fit = {"limit": 50, "groups": {"who": {"rules": [TALL]}}}
    same = [{"id": name, "when": {"person.team": "data"}, "fit": fit} for name in ("first", "second")]
    assert said(model([TALL], [KEEN], personas=same)) == [
        (("personas", 1, "when"), 'nobody becomes the persona "second": "first" asks the same and comes first')
    ]


def test_a_slip_in_a_sentence_is_told_where_the_fields_are_known() -> None:
    subject = with_rule(points=5, when={"person.rank": "low"}, say="Title {person.titel} at {company.name}")
    assert said(subject) == []
    fields = {"person.rank", "person.title", "company.name"}
    assert said(subject, fields=fields) == [
        ((*RULES, 1, "say"), 'nothing maps the field "person.titel", did you mean "person.title"?')
    ]


@pytest.mark.parametrize(
    ("field", "trait"),
    [
        ("person.name", "sex and origin"),
        ("person.first_name", "sex and origin"),
        ("person.lastName", "sex and origin"),
        ("person.salutation", "sex and origin"),
        ("person.age", "age"),
        ("person.date_of_birth", "age or origin"),
        ("person.Birthdate", "age"),
        ("person.sex", "sex"),
        ("person.gender__c", "sex"),
        ("person.nationality", "nationality"),
        ("person.religion", "religion"),
        ("person.profile_photo_url", "sex, age and origin"),
    ],
)
def test_a_question_that_stands_for_a_protected_trait_is_told_with_its_reason(field: str, trait: str) -> None:
    expected = f'the field "{field}" gives away {trait}: judging people by it is unfair'
    ((path, message),) = said(with_rule(points=5, when={field: "x"}))
    assert (path, message.startswith(expected)) == ((*RULES, 1, "when", field), True)
    ((path, message),) = said(with_rule(field=field, bands=[{"from": 1, "points": 2}]))
    assert (path, message.startswith(expected)) == ((*RULES, 1, "field"), True)


@pytest.mark.parametrize(
    "field",
    [
        "person.title",
        "person.country",
        "person.language",
        "person.lead_age_days",
        "person.campaign_name",
        "person.message",
        "person.average_order",
        "company.name",
        "company.age",
    ],
)
def test_what_is_about_the_work_or_the_company_is_no_protected_trait(field: str) -> None:
    assert said(with_rule(points=5, when={field: "x"})) == []


def test_asking_whether_a_name_is_known_is_no_judgement_of_it() -> None:
    assert said(with_rule(points=5, when={"person.first_name": {"known": True}})) == []


def test_evidence_of_a_qualification_is_reviewed_the_same_way() -> None:
    when = {"person.gender": "x", "person.budget": {"above": 5, "below": 5}}
    evidence = [{"id": "e", "state": "confirmed", "when": when}]
    subject = parse_qualification({"framework": "own", "elements": {"budget": {"ask": "?", "evidence": evidence}}})
    found = {one.path[-1]: one.message for one in review_qualification(subject, lists=())}
    assert "gives away sex" in found["person.gender"]
    assert "never true" in found["person.budget"]
