"""Engagement of records that prove to be one human counts, and counts once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.records import DealRecord, DealRole, Ref
from leadline.state.database import Database
from leadline.state.people import load_people
from tests.engine import START, TwoCrms, contact, engagement, same, total

FIRST, SECOND, THIRD = (Ref("contacts", number) for number in "123")


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """Two contacts in `sales`, each with a meeting of its own and one with both."""
    world = TwoCrms(sqlite)
    world.sales.put(contact("1", "ana@acme.example"))
    world.sales.put(contact("2", "ana@home.example"))
    world.sales.put(engagement("m1", "meeting", START - timedelta(days=1), "1"))
    world.sales.put(engagement("m2", "meeting", START - timedelta(days=2), "2"))
    world.sales.put(engagement("both", "call", START - timedelta(days=3), "1", "2"))
    world.run()
    return world


def events(world: TwoCrms, *people: str) -> list[str]:
    """The ids of what these contacts, who are one person, took part in."""
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql("SELECT id, person_id FROM records WHERE removed_at IS NULL").all()
        (person,) = {row[1] for row in rows if row[0] in people}
        (view,) = load_people(tx, [person])
    return sorted(event.id.removeprefix("sales:").removeprefix("activities:") for event in view.events)


def clicks(amount: int, **later: float) -> object:
    return total("hs_email_click", "email_click", amount, START + timedelta(**later))


def test_what_a_merged_record_took_part_in_counts_for_the_survivor_at_once_and_once(world: TwoCrms) -> None:
    world.sales.merge(FIRST, SECOND)
    world.run()
    assert events(world, "2") == ["both", "m1", "m2"]


def test_it_still_counts_once_when_the_crm_names_the_survivor_instead(world: TwoCrms) -> None:
    world.sales.merge(FIRST, SECOND)
    world.run()
    world.sales.put(engagement("m1", "meeting", START - timedelta(days=1), "2"))
    world.sales.put(engagement("both", "call", START - timedelta(days=3), "2"))
    world.run()
    assert events(world, "2") == ["both", "m1", "m2"]


def test_a_merge_into_a_record_of_a_new_id_takes_both_along(world: TwoCrms) -> None:
    world.sales.archive(FIRST, "merged", THIRD)
    world.sales.archive(SECOND, "merged", THIRD)
    world.sales.put(contact("3", "ana@acme.example", same_as=(same("1", "merge"), same("2", "merge"))))
    world.run()
    assert events(world, "3") == ["both", "m1", "m2"]


def test_what_an_archived_record_took_part_in_does_not_count(world: TwoCrms) -> None:
    world.sales.put(contact("2", "ana@acme.example"))
    world.run()
    assert events(world, "2") == ["both", "m1", "m2"]
    world.sales.archive(FIRST)
    world.run()
    assert events(world, "2") == ["both", "m2"]


def test_an_activity_that_follows_the_lead_to_its_contact_counts_once(world: TwoCrms) -> None:
    world.sales.put(contact("1", "ana@acme.example", writable=False, same_as=(same("2"),)))
    world.sales.put(engagement("m1", "meeting", START - timedelta(days=1), "1", "2"))
    world.run()
    assert events(world, "1", "2") == ["both", "m1", "m2"]


def test_a_deal_of_the_merged_record_is_the_survivors_with_the_role_the_crm_says_last(world: TwoCrms) -> None:
    parts = (DealRole(FIRST, "influencer"), DealRole(SECOND, "decision_maker"))
    world.sales.put(DealRecord(ref=Ref("deals", "d"), modified_at=START, stage="offer", open=True, won=False, people=parts))
    world.sales.merge(FIRST, SECOND)
    world.run()
    with world.database.begin() as tx:
        (person,) = tx.exec_driver_sql("SELECT person_id FROM records WHERE id = '2'").one()
        (view,) = load_people(tx, [person])
    assert [(entry.deal.ref.id, entry.role) for entry in view.deals] == [("d", "decision_maker")]


@pytest.mark.parametrize("merged_total", [7, 12], ids=["the CRM keeps the survivor's total", "the CRM adds both totals"])
def test_totals_of_merged_records_are_not_counted_twice(sqlite: Database, merged_total: int) -> None:
    world = TwoCrms(sqlite)
    world.sales.put(contact("1", "ana@acme.example", rollups=(clicks(4),)))
    world.sales.put(contact("2", "ana@home.example", rollups=(clicks(6),)))
    world.run()
    world.sales.put(contact("1", "ana@acme.example", rollups=(clicks(5, hours=1),)))
    world.sales.put(contact("2", "ana@home.example", rollups=(clicks(7, hours=1),)))
    world.run()
    known = [f"hs_email_click:{step}" for step in ("1:4", "1:5", "2:6", "2:7")]
    world.sales.archive(FIRST, "merged", SECOND)
    survivor = contact("2", "ana@home.example", rollups=(clicks(merged_total, hours=1),), same_as=(same("1", "merge"),))
    world.sales.put(survivor)
    world.run()
    assert events(world, "2") == known
    grown = contact("2", "ana@home.example", rollups=(clicks(merged_total + 1, hours=2),), same_as=(same("1", "merge"),))
    world.sales.put(grown)
    world.run()
    assert events(world, "2") == sorted([*known, f"hs_email_click:2:{merged_total + 1}"])


@pytest.mark.parametrize("merged_total", [5, 12], ids=["the CRM keeps the first one's total", "the CRM adds both totals"])
def test_a_total_that_comes_with_a_new_id_is_no_news(sqlite: Database, merged_total: int) -> None:
    world = TwoCrms(sqlite)
    world.sales.put(contact("1", "ana@acme.example", rollups=(clicks(5),)))
    world.sales.put(contact("2", "ana@home.example", rollups=(clicks(7),)))
    world.run()
    for lost in (FIRST, SECOND):
        world.sales.archive(lost, "merged", THIRD)
    statements = (same("1", "merge"), same("2", "merge"))
    world.sales.put(contact("3", "ana@acme.example", rollups=(clicks(merged_total, hours=1),), same_as=statements))
    world.run()
    assert events(world, "3") == ["hs_email_click:1:5", "hs_email_click:2:7"]
