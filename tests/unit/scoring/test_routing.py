"""The routing block of a qualification: who may get a task, and how much each takes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from scoring.qualification import Qualification, parse_qualification, review_qualification
from scoring.routing import Pool

ANA, BO, CY = "ana@acme.example", "bo@acme.example", "cy@acme.example"


def qualification(**more: Any) -> Qualification:
    return parse_qualification({"framework": "bant", "elements": {"need": {"ask": "Why?"}}, **more})


def routed(**routing: Any) -> Qualification:
    return qualification(routing=routing)


def said(found: Qualification) -> dict[tuple[str | int, ...], str]:
    return {remark.path: remark.message for remark in review_qualification(found, lists=()) if remark.severity == "error"}


def test_a_pool_is_a_list_of_addresses_or_one_with_a_limit() -> None:
    pools = routed(pools={"sdr": [ANA, BO], "dach": {"members": [CY], "capacity_per_day": 4}}).routing.pools
    assert pools["sdr"] == Pool(members=(ANA, BO))
    assert pools["dach"].capacity_per_day == 4


def test_addresses_are_compared_whatever_their_case() -> None:
    found = routed(
        pools={"sdr": [" Ana@Acme.example "]}, fallback="BO@acme.example", capacity_per_day={"Ana@ACME.example": 3}
    )
    assert found.routing.pools["sdr"].members == (ANA,)
    assert found.routing.fallback == BO
    assert found.routing.room(ANA, 15) == 3


@pytest.mark.parametrize(
    "routing",
    [
        {"pools": {"sdr": []}},
        {"pools": {"sdr": ["ana"]}},
        {"pools": {"sdr": {"members": [ANA], "capacity_per_day": -1}}},
        {"capacity_per_day": {"ana": 3}},
        {"territories": [{"id": "dach", "to": ANA}]},
        {"fallback": ""},
        {"fall_back": ANA},
    ],
)
def test_what_means_nobody_is_refused(routing: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        routed(**routing)


@pytest.mark.parametrize(
    ("address", "room"),
    [(ANA, 8), (BO, 5), (CY, 15), ("dee@acme.example", 15), (None, 15)],
)
def test_an_entry_of_ones_own_goes_before_the_pools_and_the_cap_holds_for_all(address: str | None, room: int) -> None:
    found = routed(
        pools={"sdr": {"members": [ANA, BO], "capacity_per_day": 6}, "inbound": {"members": [BO], "capacity_per_day": 5}},
        capacity_per_day={ANA: 8, CY: 99},
    )
    assert found.routing.room(address, 15) == room


def test_a_name_that_no_pool_has_is_an_error_wherever_it_stands() -> None:
    task = {"id": "call", "on": {"enter": "lead"}, "due": "1d", "to": "sdrs"}
    escalation = {"after": "due", "reassign_to": "managr"}
    territory = {"id": "dach", "when": {"company.country": "DE"}, "to": "owner"}
    routing = {"pools": {"sdr": [ANA]}, "territories": [territory], "fallback": "desk"}
    found = said(qualification(tasks=[task], escalate=[escalation], routing=routing))
    assert found == {
        ("tasks", 0, "to"): 'there is no pool named "sdrs", did you mean "sdr"?',
        ("escalate", 0, "reassign_to"): 'there is no pool named "managr", did you mean "manager"?',
        ("routing", "territories", 0, "to"): 'there is no pool named "owner"',
        ("routing", "fallback"): 'there is no pool named "desk"',
    }


def test_a_pool_may_not_be_called_by_a_word_that_means_somebody() -> None:
    assert ("routing", "pools", "manager") in said(routed(pools={"manager": [ANA]}))


def test_a_territory_is_named_once_and_its_condition_is_reviewed() -> None:
    again = {"id": "dach", "when": {"company.domain": {"listed": "no-such"}}, "to": ANA}
    found = said(routed(territories=[{"id": "dach", "when": {"company.country": "DE"}, "to": ANA}, again]))
    assert found.keys() == {
        ("routing", "territories", 1, "id"),
        ("routing", "territories", 1, "when", "company.domain", "listed"),
    }


def test_every_address_that_is_to_get_tasks_is_told_with_its_place() -> None:
    found = qualification(
        tasks=[{"id": "call", "on": {"enter": "lead"}, "due": "1d", "to": ANA}],
        routing={
            "pools": {"sdr": [BO]},
            "territories": [{"id": "dach", "when": {"company.country": "DE"}, "to": CY}],
            "fallback": "sdr",
        },
    )
    assert dict(found.addresses()) == {
        ("routing", "pools", "sdr", 0): BO,
        ("routing", "territories", 0, "to"): CY,
        ("tasks", 0, "to"): ANA,
    }
