"""Scoring as the engine does it: who is scored, when, and what is kept."""

from __future__ import annotations

from datetime import timedelta
from threading import Event, Thread

import pytest

from connectors.contract import Page
from connectors.records import DealRecord, DealRole, Ref, Removed, SameAs, Stream
from leadline.state import people, records, removals, scores
from leadline.state.database import Database
from tests.engine import BUYER, START, TwoCrms, asks_for_a_demo, company, contact, engaged, hot


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    world = TwoCrms(sqlite)
    hot(world, "1")
    world.run()
    return world


def history(world: TwoCrms) -> list[tuple[str, int]]:
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql("SELECT grade, total FROM score_history ORDER BY as_of").all()
    return [(row[0], row[1]) for row in rows]


def scored_by(world: TwoCrms) -> int:
    """How many persons the next cycle scores."""
    before = world.tally.persons
    world.run()
    return world.tally.persons - before


def test_only_who_changed_is_scored(world: TwoCrms) -> None:
    world.sales.put(contact("2", "bo@birch.example"))
    assert scored_by(world) == 1
    assert scored_by(world) == 0


def test_everybody_is_scored_once_on_each_utc_day(world: TwoCrms) -> None:
    world.time.now = START.replace(hour=23, minute=59)
    assert scored_by(world) == 0
    world.time.now = START.replace(hour=0, minute=0) + timedelta(days=1)
    assert scored_by(world) == 1
    assert scored_by(world) == 0


def test_everybody_is_scored_again_after_an_edit_of_the_configuration(world: TwoCrms) -> None:
    world.revision = "2"
    assert scored_by(world) == 1
    assert scored_by(world) == 0


def test_who_works_with_somebody_who_changed_is_assessed_again(world: TwoCrms) -> None:
    world.sales.put(company("c2", name="Birch"))
    at = Ref("companies", "c2")
    world.sales.put(contact("2", "bo@birch.example", company=at))
    world.sales.put(contact("3", "cy@birch.example", company=at))
    world.run()
    world.sales.set_fields(Ref("contacts", "3"), buying_role="decision_maker")
    assert scored_by(world) == 2
    by_name = {element.id: element.state for element in score_of(world, "2").assessment.elements}
    assert by_name["authority"] == "confirmed"


def score_of(world: TwoCrms, number: str) -> scores.Score:
    with world.database.begin() as tx:
        (person,) = people.find_persons(tx, number)
        return scores.load_scores(tx, [person])[person]


def test_a_person_is_found_by_address_crm_id_and_own_id(world: TwoCrms) -> None:
    (person,) = world.scores()
    with world.database.begin() as tx:
        for text in (" Buyer1@ACME.example", "1", person):
            assert people.find_persons(tx, text) == [person]
        assert people.find_persons(tx, "nobody@acme.example") == []


def test_an_engagement_that_arrives_while_scores_are_stored_is_scored_next(database: Database) -> None:
    world = TwoCrms(database)
    world.sales.put(contact("1", "ana@acme.example"))
    world.run()
    (person,) = world.scores()
    engaged(world, "1")
    page = Page(world.sales.live(Stream.ENGAGEMENTS), "later")
    stored = Event()

    def pull() -> None:
        with database.begin() as tx:
            records.save_page(tx, "sales", Stream.ENGAGEMENTS, page, world.time.now)
        stored.set()

    other = Thread(target=pull)
    with database.begin() as tx:
        people.dirty_persons(tx, 10)
        other.start()
        stored.wait(0.3)
        people.mark_clean(tx, [person])
    other.join(10)
    with database.begin() as tx:
        assert people.dirty_persons(tx, 10) == [person]


def test_a_converted_lead_passes_its_score_to_the_contact(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    link = SameAs(Ref("contacts", "c"), "conversion")
    world.sales.put(contact("lead", "ana@acme.example", writable=False, same_as=(link,)))
    world.sales.put(contact("c", "ana@acme.example", fields=BUYER))
    engaged(world, "lead")
    world.run()
    assert world.sales.ours(Ref("contacts", "lead")) == {}
    assert world.sales.ours(Ref("contacts", "c"))["grade"] != "D4"
    (score,) = world.scores().values()
    assert score.breakdown.engagement > 0


def test_records_that_name_each_other_may_be_removed_one_after_the_other(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    for one, other in (("1", "2"), ("2", "1")):
        world.sales.put(contact(one, f"{one}@acme.example", same_as=(SameAs(Ref("contacts", other), "merge"),)))
    world.run()
    world.sales.archive(Ref("contacts", "1"))
    world.run()
    world.sales.archive(Ref("contacts", "2"))
    world.run()
    assert world.scores() == {}


def test_a_person_in_both_crms_has_one_score_written_to_both(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    hot(world, "1", world.marketing)
    world.sales.put(contact("s", "buyer1@acme.example"))
    world.run()
    assert world.sales.ours(Ref("contacts", "s")) == world.marketing.ours(Ref("contacts", "1"))


def test_history_keeps_what_changed_materially_and_nothing_else(world: TwoCrms) -> None:
    assert [grade for grade, _ in history(world)] == ["A2"]
    world.later(days=1)
    world.run()
    assert len(history(world)) == 1
    asks_for_a_demo(world, "1")
    world.run()
    assert [grade for grade, _ in history(world)] == ["A2", "A1"]


def test_a_score_that_fades_is_written_when_it_has_moved_far_enough(world: TwoCrms) -> None:
    before = world.sales.ours(Ref("contacts", "1"))
    for _ in range(12):
        world.later(days=5)
        world.run()
    after = world.sales.ours(Ref("contacts", "1"))
    present = score_of(world, "1").breakdown.total
    assert isinstance(before["score"], int)
    assert isinstance(after["score"], int)
    assert after["score"] < before["score"]
    assert abs(after["score"] - present / 100) <= 3.5


def test_who_is_gone_from_the_crm_when_told_leaves_the_score_and_comes_back_with_the_record(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    world.sales.put(contact("1", "ana@acme.example"))
    world.run()
    world.run()
    with sqlite.begin() as tx:
        left = Removed(ref=Ref("contacts", "1"), at=world.time.now, reason="archived")
        removals.expect(tx, "sales", Stream.CONTACTS, [left])
    world.run()
    assert world.scores() == {}
    world.sales.put(contact("1", "ana@acme.example"))
    world.run()
    assert len(world.scores()) == 1


def test_the_numbers_of_a_workspace_are_counted(world: TwoCrms) -> None:
    world.sales.put(contact("2", "bo@birch.example"))
    world.run()
    with world.database.begin() as tx:
        assert scores.grade_counts(tx) == {"A2": 1, "D4": 1}
        assert [score.breakdown.grade for score in scores.best(tx, 1)] == ["A2"]
        assert scores.best_with_task(tx, "sales") == Ref("contacts", "1")
        assert people.count_persons(tx) == 2
        assert people.count_dirty(tx) == 0


def test_a_colleagues_role_in_a_deal_speaks_for_the_company(world: TwoCrms) -> None:
    """Who signs may be told by a deal only, and be a colleague."""
    acme = Ref("companies", "7")
    world.sales.put(company("7", name="Birch"))
    for number in ("2", "3"):
        world.sales.put(contact(number, f"p{number}@birch.example", company=acme))
    part = DealRole(Ref("contacts", "3"), "decision_maker")
    world.sales.put(
        DealRecord(ref=Ref("deals", "1"), modified_at=START, stage="proposal", open=True, won=False, people=(part,))
    )
    world.run()
    with world.database.begin() as tx:
        (person,) = people.find_persons(tx, "p2@birch.example")
    authority = next(one for one in world.scores()[person].assessment.elements if one.id == "authority")
    assert authority.state == "confirmed"
