"""A company seen through its people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.accounts import AccountScore, BuyingRole, Member, Roles
from scoring.engine import Engine
from scoring.facts import Facts, read_facts
from scoring.lists import Lists
from scoring.model import parse_model

AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIMIT = 5_000
ROLES = Roles(
    [
        BuyingRole.model_validate({"id": "decision_maker", "when": {"person.seniority": {"in": ["c_level", "vp"]}}}),
        BuyingRole.model_validate({"id": "champion", "when": {"person.buying_role": "champion"}}),
    ],
    Lists(),
)
MODEL = parse_model(
    {
        "model": "small",
        "fit": {
            "limit": 50,
            "groups": {"g": {"limit": 50, "rules": [{"id": "de", "points": 20, "when": {"person.country": "DE"}}]}},
        },
        "engagement": {
            "limit": 50,
            "groups": {
                "g": {"limit": 50, "signals": [{"id": "s", "class": "direct", "on": "call", "points": 10, "limit": 40}]}
            },
        },
        "knockouts": [{"id": "rival", "when": {"person.rival": True}, "say": "Rival"}],
        "bands": {"fit": {"A": 75, "B": 50, "C": 25, "D": 0}, "engagement": {1: 75, 2: 50, 3: 25, 4: 0}},
    }
)


def engaged(*hundredths: int) -> list[Member]:
    return [Member(0, one) for one in hundredths]


def test_the_best_fit_is_the_companys() -> None:
    assert ROLES.score([Member(1_000, 0), Member(4_200, 0), Member(300, 0)], LIMIT).fit == 4_200


def test_the_second_most_engaged_counts_half_and_the_third_a_quarter() -> None:
    assert ROLES.score(engaged(400, 1_000, 800), LIMIT).engagement == 1_000 + 400 + 100


def test_a_fourth_person_counts_for_nothing() -> None:
    assert ROLES.score(engaged(1_000, 800, 400, 400), LIMIT) == replace_people(
        ROLES.score(engaged(1_000, 800, 400), LIMIT), 4
    )


def test_quarters_of_a_hundredth_round_half_up() -> None:
    assert [ROLES.score(engaged(0, 0, one), LIMIT).engagement for one in (1, 2)] == [1, 2]
    assert [ROLES.score(engaged(10, 10, one), LIMIT).engagement for one in (1, 2, 3)] == [15, 16, 16]


def test_engagement_stays_within_the_sections_limit() -> None:
    assert ROLES.score(engaged(5_000, 5_000, 5_000), LIMIT).engagement == LIMIT


def test_fit_and_engagement_make_the_score() -> None:
    found = ROLES.score([Member(3_000, 500), Member(1_000, 2_000)], LIMIT)
    assert (found.score, found.fit, found.engagement, found.people) == (5_250, 3_000, 2_250, 2)


def test_roles_are_told_in_the_order_of_the_file() -> None:
    found = ROLES.score([Member(0, 0, frozenset({"champion"})), Member(0, 0, frozenset({"champion"}))], LIMIT)
    assert (found.covered, found.missing) == (("champion",), ("decision_maker",))


def test_nobody_makes_nothing_and_everything_is_missing() -> None:
    found = ROLES.score([], LIMIT)
    assert (found.score, found.people, found.missing) == (0, 0, ("decision_maker", "champion"))


@pytest.mark.parametrize(
    ("person", "roles"),
    [
        ({"seniority": "vp"}, {"decision_maker"}),
        ({"seniority": "vp", "buying_role": "champion"}, {"decision_maker", "champion"}),
        ({"seniority": "entry"}, set()),
        ({}, set()),
    ],
)
def test_a_member_has_the_roles_whose_condition_is_true(person: dict[str, str], roles: set[str]) -> None:
    member = member_of(person)
    assert member is not None
    assert member.roles == roles


def test_a_member_brings_fit_and_engagement_of_the_breakdown() -> None:
    member = member_of({"country": "DE"}, calls=2)
    assert member is not None
    assert (member.fit, member.engagement) == (2_000, 2_000)


def test_who_is_knocked_out_is_no_member() -> None:
    assert member_of({"rival": True, "seniority": "vp", "country": "DE"}) is None


@given(st.lists(st.integers(0, LIMIT), max_size=8), st.randoms())
def test_the_order_of_people_cannot_matter(found: list[int], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis types its random as an object
    assert ROLES.score(engaged(*found), LIMIT) == ROLES.score(engaged(*shuffled), LIMIT)


@given(st.lists(st.integers(0, LIMIT), max_size=8), st.integers(0, LIMIT))
def test_one_more_person_never_lowers_it(found: list[int], more: int) -> None:
    assert ROLES.score(engaged(*found, more), LIMIT).score >= ROLES.score(engaged(*found), LIMIT).score


def member_of(person: Mapping[str, object], calls: int = 0) -> Member | None:
    events = [{"id": f"e{number}", "type": "call", "at": "2026-11-21T10:00:00Z"} for number in range(calls)]
    facts: Facts = read_facts({"id": "p", "person": person, "events": events})
    return ROLES.member(facts, Engine(MODEL, Lists()).score(facts, AS_OF), AS_OF)


def replace_people(found: AccountScore, people: int) -> AccountScore:
    return msgspec.structs.replace(found, people=people)
