from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.breakdown import Breakdown, decode_breakdown
from scoring.engine import Engine
from scoring.facts import Event, Facts, Override
from scoring.model import Model
from tests.unit.scoring.builders import LISTS, NOW, doing, engine, event, line, model, person

SIZE = {
    "id": "size",
    "field": "company.employees",
    "bands": [{"below": 10, "points": -5}, {"from": 10, "below": 200, "points": 8}, {"from": 200, "points": 15}],
}


def rule(rule_id: str, points: float, when: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": rule_id, "points": points, "when": when or {"person.x": "yes"}, **more}


YES = person({"x": "yes"})


def test_a_rule_gives_its_points_only_when_true() -> None:
    three = engine([rule("a", 5), rule("b", 7, {"not": {"person.x": "yes"}}), rule("c", 9, {"not": {"person.y": "no"}})])
    assert three.score(YES, NOW).fit == 500


@pytest.mark.parametrize(
    ("employees", "points"), [(9.99, 0), (10, 800), ("199", 800), (200, 1500), (None, 0), ("many", 0), (True, 0)]
)
def test_a_band_holds_its_lower_end_and_not_its_upper(employees: Any, points: int) -> None:
    assert engine([SIZE]).score(person(company={"employees": employees}), NOW).fit == points


def test_a_group_is_cut_at_its_limit_and_may_be_negative() -> None:
    limited = engine([rule("a", 20), rule("b", 10)], group_limit=25).score(YES, NOW)
    negative = engine([rule("a", -20)], group_limit=25).score(YES, NOW)
    assert [(one.rule, one.points) for one in limited.lines] == [("a", 2000), ("b", 1000), ("limit", -500)]
    assert [(one.rule, one.points) for one in negative.lines] == [("a", -2000), ("floor", 2000)]


def test_a_section_is_cut_at_its_limit() -> None:
    scored = engine([rule("a", 70)]).score(YES, NOW)
    assert (scored.fit, scored.total) == (5000, 5000)
    assert [(one.section, one.group, one.rule, one.points) for one in scored.lines][1:] == [("fit", None, "clamp", -2000)]


def test_the_first_persona_that_is_true_replaces_the_fit_section() -> None:
    def fit(points: int) -> dict[str, Any]:
        return {"limit": 50, "groups": {"g": {"rules": [rule("a", points), rule("b", 1, {"company.z": 1})]}}}

    personas = [
        {"id": "never", "when": {"person.unknown": 1}, "fit": fit(1)},
        {"id": "first", "when": {"person.x": "yes"}, "fit": fit(2)},
        {"id": "second", "when": {"person.x": "yes"}, "fit": fit(3)},
    ]
    scored = engine([rule("default", 40)], personas=personas).score(YES, NOW)
    assert (scored.persona, scored.fit, scored.inputs_asked, scored.inputs_known) == ("first", 200, 2, 1)
    assert engine([rule("default", 40)], personas=personas).score(person(), NOW).persona is None


def test_inputs_are_the_distinct_fields_that_fit_rules_ask() -> None:
    rules = [SIZE, rule("a", 1, {"any": [{"person.x": 1}, {"person.y": {"known": True}}]}), rule("b", 1, {"person.x": 2})]
    scored = engine(rules, knockouts=[{"id": "k", "when": {"person.z": 1}}]).score(person({"x": "", "y": 0}), NOW)
    assert (scored.inputs_asked, scored.inputs_known) == (3, 1)


@pytest.mark.parametrize(
    ("fit", "letter"), [(100, "A"), (37.5, "A"), (37.49, "B"), (25, "B"), (12.5, "C"), (12.49, "D"), (0, "D"), (-9, "D")]
)
def test_the_letter_is_the_highest_band_reached(fit: float, letter: str) -> None:
    assert engine([rule("a", fit)]).score(YES, NOW).grade == f"{letter}4"


def test_bands_can_be_moved_and_digits_have_names() -> None:
    bands = {"engagement": {1: 90, 2: 40, 3: 20, 4: 0}}
    hot = engine(signals=[{"id": "s", "on": "visit", "points": 20}], bands=bands).score(doing(event("a")), NOW)
    assert (hot.grade, hot.heat) == ("D2", "hot")


def test_overrides_count_until_they_end_and_the_total_stays_within_0_and_100() -> None:
    def scored(*points: float, until: datetime = NOW + timedelta(seconds=1)) -> Breakdown:
        given = [{"points": one, "until": until, "why": "met", "by": "ana"} for one in points]
        return engine([rule("a", 30)]).score(person({"x": "yes"}, overrides=given), NOW)

    assert scored(10.5).total == 4050
    assert scored(10, until=NOW).total == 3000
    assert (scored(90, 5).total, scored(-50).total) == (10_000, 0)
    assert [(one.rule, one.points) for one in scored(90).lines] == [("a", 3000), ("override", 9000), ("clamp", -2000)]
    assert scored(90).grade == "B4"


def test_a_knock_out_takes_everything_and_every_one_is_named() -> None:
    knockouts = [
        {"id": "rival", "when": {"company.domain": {"listed": "competitors"}}, "say": "Competitor"},
        {"id": "left", "when": {"person.x": "yes"}},
        {"id": "not-this", "when": {"person.x": "no"}},
    ]
    scored = engine([rule("a", 30)], knockouts=knockouts).score(person({"x": "yes"}, {"domain": "rival.example"}), NOW)
    assert (scored.total, scored.grade, scored.fit, scored.heat) == (0, "X", 3000, "knocked out")
    assert [(one.of, one.points, one.say) for one in scored.lines if one.rule == "knock-out"] == [
        ("rival", -3000, "Competitor"),
        ("left", 0, "Left"),
    ]
    assert scored.headline(60).startswith("Competitor; Left")


def test_the_future_does_not_exist_and_of_one_id_the_latest_stands() -> None:
    visits = engine(signals=[{"id": "s", "on": ["visit", "chat"], "points": 4, "decay": {"half_life": "1d"}}])
    assert visits.score(doing(event("a", days_ago=-0.01)), NOW).engagement == 0
    twice = [event("a", days_ago=2), event("a", "chat", days_ago=1), event("a", days_ago=-1)]
    assert visits.score(doing(*twice), NOW).engagement == visits.score(doing(*reversed(twice)), NOW).engagement == 200


def test_the_moment_may_be_given_in_any_zone() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=14)))
    visits = engine(signals=[{"id": "s", "on": "visit", "points": 4, "decay": {"half_life": "1d"}}])
    assert visits.score(doing(event("a")), east) == visits.score(doing(event("a")), NOW)


def test_tags_sum_their_lines_before_group_and_section_limits() -> None:
    tagged = engine(
        [rule("a", 20, tags={"dimension": "power"}), rule("b", 10, tags={"dimension": "power"})],
        [
            {"id": "s", "on": "visit", "points": 4, "limit": 6, "tags": {"stage": "decision", "topic": "price"}},
            {"id": "t", "on": "chat", "points": 2.5, "tags": {"stage": "consideration", "topic": "demo"}},
        ],
        group_limit=5,
    )
    scored = tagged.score(person({"x": "yes"}, events=[_raw("a", "visit"), _raw("b", "visit"), _raw("c", "chat")]), NOW)
    assert scored.by_tag == {
        "dimension": {"power": 3000},
        "stage": {"decision": 600, "consideration": 250},
        "topic": {"price": 600, "demo": 250},
    }
    assert (scored.buying_stage, scored.strongest("topic"), scored.strongest("nothing")) == ("decision", "price", None)


def _raw(event_id: str, kind: str) -> dict[str, Any]:
    return {"id": event_id, "type": kind, "at": NOW}


def test_the_buying_stage_needs_enough_points() -> None:
    signals = [
        {"id": "s", "on": "visit", "points": 3, "tags": {"stage": "awareness"}},
        {"id": "t", "on": "chat", "points": 2.99, "tags": {"stage": "decision"}},
    ]
    both = doing(event("a"), event("b", "chat"))
    assert engine(signals=signals).score(both, NOW).buying_stage == "awareness"
    assert engine(signals=signals, stage_at=2).score(both, NOW).buying_stage == "decision"
    assert engine(signals=signals, stage_at=9).score(both, NOW).buying_stage is None


def test_say_is_filled_with_facts_and_leaves_out_what_is_unknown() -> None:
    said = engine([rule("boss", 5, say="Decides ({person.title})"), rule("no-text", 4)])
    boss = line(said.score(person({"x": "yes", "title": "VP  Sales"}), NOW), "boss")
    assert boss is not None
    assert boss.say == "Decides (VP Sales)"
    assert [one.say for one in said.score(YES, NOW).lines] == ["Decides", "No text"]


def test_the_headline_begins_with_the_newest_strong_signal() -> None:
    signals = [
        {"id": "old", "class": "direct", "on": "demo", "points": 20, "say": "Asked for a demo"},
        {"id": "new", "class": "direct", "on": "trial", "points": 5, "say": "Started a trial"},
        {"id": "newest", "on": "visit", "points": 9, "say": "Came by"},
    ]
    given = [{**_raw("a", "demo"), "at": NOW - timedelta(days=9)}, {**_raw("b", "trial"), "at": NOW - timedelta(days=2)}]
    scored = engine([rule("a", 5, say="Fits")], signals).score(
        person({"x": "yes"}, events=[*given, _raw("c", "visit")]), NOW
    )
    assert scored.headline(255) == "Started a trial; Fits; Asked for a demo; Came by"
    assert scored.headline(30) == "Started a trial; Fits"
    assert scored.headline(8) == "Started…"


def test_a_breakdown_survives_json_and_prints_points_as_numbers() -> None:
    scored = engine([rule("a", 5.25, tags={"k": "v"})], [{"id": "s", "on": "visit", "points": 3}]).score(
        person({"x": "yes"}, events=[_raw("a", "visit")]), NOW
    )
    data = scored.to_json_dict()
    assert (data["total"], data["as_of"], data["lines"][1]["last_at"]) == (
        8.25,
        "2026-11-21T12:00:00Z",
        "2026-11-21T12:00:00Z",
    )
    assert list(data["lines"][0]) == ["section", "group", "rule", "points", "say"]
    assert decode_breakdown(scored.encode()) == scored


# Promises: the reasons add up, and only facts, model and time matter.

_points = st.one_of(st.integers(-200, 200), st.integers(-20_000, 20_000).map(lambda n: n / 100))
_limits = st.none() | st.integers(0, 60)


@st.composite
def _models(draw: st.DrawFn) -> Model:
    rules = [rule(f"r{n}", draw(_points), {"person.x": draw(st.sampled_from(["yes", "no"]))}) for n in range(3)]
    decays = [{"half_life": "9d"}, {"linear": "30d"}, {"steps": {"3d": 0.3, "20d": -1}}, "none"]
    signals = [
        {
            "id": f"s{n}",
            "on": draw(st.sampled_from([["visit"], ["chat", "visit"]])),
            "points": draw(_points),
            "decay": draw(st.sampled_from(decays)),
            "full_at": "60s",
            **({} if (limit := draw(_limits)) is None else {"limit": limit}),
            **(
                {}
                if draw(st.booleans())
                else {"at_most": {"times": 1, "per": draw(st.sampled_from(["day", "week", "month"]))}}
            ),
            **({} if draw(st.booleans()) else {"distinct": "name"}),
        }
        for n in range(3)
    ]
    knockouts = [{"id": "k", "when": {"person.k": True}}]
    return model(rules, signals, fit_limit=draw(st.integers(0, 100)), group_limit=draw(_limits), knockouts=knockouts)


_events = st.builds(
    Event,
    id=st.sampled_from("abcdef"),
    type=st.sampled_from(["visit", "chat", "email_click"]),
    at=st.datetimes(datetime(2026, 9, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001 - made aware right after
    fields=st.fixed_dictionaries({}, optional={"name": st.sampled_from("xy"), "seconds": st.integers(0, 90)}),
)
_people = st.builds(
    Facts,
    id=st.just("p1"),
    person=st.fixed_dictionaries({}, optional={"x": st.sampled_from(["yes", "no"]), "k": st.booleans()}),
    events=st.lists(_events, max_size=12).map(tuple),
    overrides=st.lists(
        st.builds(Override, points=st.decimals(-500, 500, places=2), until=st.just(NOW + timedelta(days=1))), max_size=2
    ).map(tuple),
)


@given(_models(), _people)
def test_sum_of_reasons(generated: Model, facts: Facts) -> None:
    scored = Engine(generated, LISTS).score(facts, NOW)
    assert sum(one.points for one in scored.lines) == scored.total
    assert 0 <= scored.total <= 10_000


@given(_models(), _people, st.randoms(use_true_random=False))
def test_pure_replaying_events_twice_in_any_order_changes_nothing(
    generated: Model, facts: Facts, shuffle: random.Random
) -> None:
    events = [*facts.events, *facts.events]
    shuffle.shuffle(events)
    again = Facts(id=facts.id, person=facts.person, events=tuple(events), overrides=facts.overrides)
    scorer = Engine(generated, LISTS)
    assert next(scorer.score_many([again], NOW)) == scorer.score(facts, NOW)


END_OF_DAY = NOW.replace(hour=23, minute=59, second=59, microsecond=999_999)


@given(_models(), _people)
def test_every_hint_comes_true_when_it_happens(generated: Model, facts: Facts) -> None:
    scorer = Engine(generated, LISTS)
    before = scorer.score(facts, END_OF_DAY)
    assert len(before.hints) <= 3
    kinds = {signal.id: signal.on[0] for _, signal in generated.engagement.signals()}
    for hint in before.hints:
        if hint.kind == "behaviour":
            happened = Event("hint", kinds[hint.id], END_OF_DAY)
            tried = [msgspec.structs.replace(facts, events=(*facts.events, happened))]
        else:
            values = ("yes", "no")
            tried = [msgspec.structs.replace(facts, person={**facts.person, "x": value}) for value in values]
        found = [(one.total - before.total, one.grade) for one in scorer.score_many(tried, END_OF_DAY)]
        assert (hint.points, hint.grade) in found
        assert hint.grade != before.grade
        assert hint.grade[0] <= before.grade[0]
        assert hint.grade[1] <= before.grade[1]
