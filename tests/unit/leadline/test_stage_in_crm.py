"""Stages in the CRM's own field, where the admin gave them a value: set once, and never against people or the CRM."""

from __future__ import annotations

import pytest

from connectors.records import PersonRecord, Ref, Scalar
from leadline.state import parked
from leadline.state.database import Database
from tests.engine import TwoCrms, asks_for_a_demo, hot, writes

ANA = Ref("contacts", "1")


@pytest.fixture
def world(database: Database) -> TwoCrms:
    world = TwoCrms(database)
    world.lifecycle = {"mql": "marketing", "sql": "sales", "customer": "customer"}
    return world


def lifecycle(world: TwoCrms) -> Scalar:
    record = world.sales.get(ANA)
    assert isinstance(record, PersonRecord)
    return record.fields.get("lifecycle")


def stage(world: TwoCrms) -> Scalar:
    return world.sales.ours(ANA).get("stage")


def refusals(world: TwoCrms) -> list[tuple[str, str]]:
    with world.database.begin() as tx:
        return [(row.kind, row.reason) for row in parked.parked(tx)]


def test_a_stage_with_a_value_is_set_beside_our_own_property(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    assert (stage(world), lifecycle(world)) == ("sql", "sales")


def test_without_values_the_field_is_left_alone(world: TwoCrms) -> None:
    world.lifecycle = {}
    hot(world, "1")
    world.run()
    assert (stage(world), lifecycle(world)) == ("sql", None)


def test_a_stage_without_a_value_leaves_the_field_alone(world: TwoCrms) -> None:
    world.lifecycle = {"customer": "customer"}
    hot(world, "1")
    world.run()
    assert (stage(world), lifecycle(world)) == ("sql", None)


def test_what_is_further_in_the_crm_stays(world: TwoCrms) -> None:
    hot(world, "1")
    world.sales.set_fields(ANA, lifecycle="deal")
    world.run()
    assert (stage(world), lifecycle(world)) == ("sql", "deal")


def test_our_own_value_coming_back_starts_nothing(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    before = writes(world)
    for _ in range(10):
        world.run()
    assert writes(world) == before


def test_what_a_rep_takes_back_is_not_set_again(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    world.sales.set_fields(ANA, lifecycle="lead")
    world.run()
    asks_for_a_demo(world, "1")
    world.later(days=2)
    world.run()
    assert lifecycle(world) == "lead"


def test_values_named_later_reach_those_who_stand_there_already(world: TwoCrms) -> None:
    values, world.lifecycle = world.lifecycle, {}
    hot(world, "1")
    world.run()
    world.lifecycle, world.revision = values, "2"
    world.run()
    assert lifecycle(world) == "sales"


def test_where_reps_choose_only_untouched_values_are_replaced(world: TwoCrms) -> None:
    world.lifecycle_replaces = ("subscriber",)
    hot(world, "1")
    hot(world, "2")
    world.sales.set_fields(ANA, lifecycle="subscriber")
    world.sales.set_fields(Ref("contacts", "2"), lifecycle="lead")
    world.run()
    other = world.sales.get(Ref("contacts", "2"))
    assert isinstance(other, PersonRecord)
    assert (lifecycle(world), other.fields["lifecycle"]) == ("sales", "lead")


def test_a_refused_stage_keeps_no_score_back_and_is_told(world: TwoCrms) -> None:
    world.lifecycle = {"sql": "no such value"}
    hot(world, "1")
    world.run()
    assert (stage(world), lifecycle(world)) == ("sql", None)
    assert refusals(world) == [("stage", "no such value is no stage of this account")]
    before = writes(world)
    for _ in range(3):
        world.run()
    assert writes(world) == before


def test_a_refused_stage_is_tried_again_under_another_configuration(world: TwoCrms) -> None:
    world.lifecycle = {"sql": "no such value"}
    hot(world, "1")
    world.run()
    world.lifecycle, world.revision = {"sql": "sales"}, "2"
    world.run()
    assert (lifecycle(world), refusals(world)) == ("sales", [])


def test_a_refused_stage_can_be_tried_again_by_hand(world: TwoCrms) -> None:
    world.lifecycle = {"sql": "no such value"}
    hot(world, "1")
    world.run()
    world.lifecycle = {"sql": "sales"}  # as if the account had got the value
    with world.database.begin() as tx:
        parked.requeue(tx, [row.id for row in parked.parked(tx)], world.time.now)
    world.run()
    assert (stage(world), lifecycle(world), refusals(world)) == ("sql", "sales", [])


def test_a_record_that_takes_nothing_is_one_refusal_with_the_crms_words(world: TwoCrms) -> None:
    hot(world, "1")
    world.sales.refuse(ANA, "this record is frozen")
    world.run()
    assert refusals(world) == [("values", "this record is frozen")]
    world.sales.refuse(ANA, None)
    world.sales.set_fields(ANA, first_name="Anna")
    world.run()
    assert (stage(world), lifecycle(world), refusals(world)) == ("sql", "sales", [])


def test_a_stage_that_is_left_is_not_taken_back(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    world.sales.set_fields(ANA, lead_status="unqualified")
    world.run()
    assert (stage(world), lifecycle(world)) == ("lead", "sales")
