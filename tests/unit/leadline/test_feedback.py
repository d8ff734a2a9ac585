"""What a rep says in the drop-down: read back, kept once with the score the rep saw, and acted on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from connectors.memory_crm import MemoryCrm
from connectors.records import PersonRecord, Ref
from leadline.clock import Stopped
from leadline.state.database import Database
from scoring.breakdown import decode_breakdown
from tests.engine import BUYER, TwoCrms, contact, engaged, hot, same, writes

LEAD = Ref("contacts", "1")


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """A buyer who was handed over, with the task open in `sales`."""
    world = TwoCrms(sqlite)
    world.sales.put(contact("100", "old@acme.example"))
    world.run()
    world.later(hours=1)
    hot(world, "1")
    world.run()
    world.run()
    assert stage(world) == "sql"
    return world


def choose(crm: MemoryCrm, verdict: str | None, ref: Ref = LEAD) -> None:
    """Choose in the drop-down, as a rep does."""
    record = crm.get(ref)
    assert isinstance(record, PersonRecord)
    crm.put(replace(record, ours={"feedback": verdict}))


def said(world: TwoCrms) -> list[tuple[str, str, str]]:
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql("SELECT connection, record_id, value FROM feedback ORDER BY at, connection").all()
    return [(row[0], row[1], row[2]) for row in rows]


def stage(world: TwoCrms, ref: Ref = LEAD) -> str:
    return str(world.sales.ours(ref)["stage"])


def open_tasks(world: TwoCrms) -> int:
    return sum(task.open for task in world.sales.tasks.all())


def told(world: TwoCrms, verdict: str | None, crm: MemoryCrm | None = None, ref: Ref = LEAD) -> None:
    world.later(hours=1)
    choose(crm or world.sales, verdict, ref)
    world.run()
    world.run()


def test_a_verdict_is_kept_with_the_score_that_the_rep_saw(world: TwoCrms) -> None:
    shown = world.sales.ours(LEAD)
    engaged(world, "100")
    told(world, "good")
    assert said(world) == [("sales", "1", "good")]
    with world.database.begin() as tx:
        (text,) = tx.exec_driver_sql("SELECT breakdown FROM feedback").one()
    kept = decode_breakdown(text)
    assert kept.grade == shown["grade"]
    assert (kept.total + 50) // 100 == shown["score"]


def test_a_verdict_that_stays_is_kept_once_and_nothing_is_written_over_it(world: TwoCrms) -> None:
    told(world, "good")
    before = writes(world)
    world.sales.set_fields(LEAD, phone="+49 30 5550111")
    for _ in range(6):
        world.run()
    assert said(world) == [("sales", "1", "good")]
    assert world.sales.ours(LEAD)["feedback"] == "good"
    assert writes(world) == before


def test_our_own_writes_around_a_verdict_start_nothing(world: TwoCrms) -> None:
    told(world, "bad_fit")
    persons, before = world.tally.persons, writes(world)
    for _ in range(5):
        world.run()
    assert (world.tally.persons, writes(world)) == (persons, before)


def test_a_bad_fit_is_put_aside_and_the_untouched_task_is_closed(world: TwoCrms) -> None:
    assert open_tasks(world) == 1
    told(world, "bad_fit")
    assert stage(world) == "disqualified"
    assert open_tasks(world) == 0


def test_a_verdict_without_a_rule_moves_nobody(world: TwoCrms) -> None:
    told(world, "too_early")
    assert (stage(world), open_tasks(world)) == ("sql", 1)


def test_a_verdict_that_is_taken_back_brings_the_person_back_and_opens_no_second_task_at_once(world: TwoCrms) -> None:
    told(world, "bad_fit")
    told(world, None)
    assert said(world) == [("sales", "1", "bad_fit"), ("sales", "1", "")]
    assert stage(world) == "sql"
    assert open_tasks(world) == 0


def test_a_changed_mind_counts(world: TwoCrms) -> None:
    told(world, "bad_fit")
    told(world, "good")
    assert [one[2] for one in said(world)] == ["bad_fit", "good"]
    assert stage(world) == "sql"


def test_of_two_crms_the_latest_word_counts(world: TwoCrms) -> None:
    world.marketing.put(contact("m", "buyer1@acme.example"))
    world.run()
    told(world, "bad_fit", world.marketing, Ref("contacts", "m"))
    assert stage(world) == "disqualified"
    told(world, "good")
    assert stage(world) == "sql"
    told(world, "not_real", world.marketing, Ref("contacts", "m"))
    assert stage(world) == "disqualified"


def test_who_comes_back_after_the_wait_is_not_put_aside_by_the_same_verdict(world: TwoCrms) -> None:
    told(world, "bad_fit")
    world.later(days=91)
    engaged(world, "1")
    world.run()
    world.run()
    assert stage(world) != "disqualified"
    for _ in range(3):
        world.later(days=1)
        world.run()
    assert stage(world) != "disqualified"
    told(world, "not_real")
    assert stage(world) == "disqualified"


def test_what_is_none_of_our_choices_says_nothing(world: TwoCrms) -> None:
    told(world, "whatever an import left")
    assert said(world) == []
    assert stage(world) == "sql"


def test_a_verdict_that_is_there_when_we_first_look_counts(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    hot(world, "1")
    choose(world.sales, "not_real")
    world.run()
    assert said(world) == [("sales", "1", "not_real")]
    assert stage(world) == "disqualified"


def test_a_process_that_dies_keeps_the_verdict_for_the_next(world: TwoCrms) -> None:
    world.later(hours=1)
    choose(world.sales, "bad_fit")

    def stop_once_it_is_stored() -> None:
        with world.database.begin() as tx:
            if tx.exec_driver_sql("SELECT id FROM records WHERE body LIKE '%bad_fit%'").first():
                raise Stopped

    with pytest.raises(Stopped):
        world.run(stop_once_it_is_stored)
    assert said(world) == []
    world.run()
    world.run()
    assert said(world) == [("sales", "1", "bad_fit")]
    assert stage(world) == "disqualified"


def test_a_verdict_goes_with_its_record_when_persons_join_and_part(world: TwoCrms) -> None:
    world.marketing.put(contact("m", "bo@birch.example", fields=BUYER))
    world.run()
    told(world, "bad_fit", world.marketing, Ref("contacts", "m"))
    assert stage(world) == "sql"
    world.marketing.set_fields(Ref("contacts", "m"), phone=None)
    moved = world.marketing.get(Ref("contacts", "m"))
    assert isinstance(moved, PersonRecord)
    world.marketing.put(replace(moved, email="buyer1@acme.example"))
    world.run()
    world.run()
    assert stage(world) == "disqualified"
    world.marketing.put(replace(moved, email="bo@birch.example"))
    world.run()
    world.run()
    assert stage(world) != "disqualified"
    assert said(world) == [("marketing", "m", "bad_fit")]


def test_a_verdict_that_came_over_in_a_merge_is_as_old_as_it_was(world: TwoCrms) -> None:
    told(world, "bad_fit")
    world.sales.put(contact("2", "other@acme.example"))
    world.run()
    given = when_said(world)
    world.later(days=3)
    world.sales.merge(LEAD, Ref("contacts", "2"))
    choose(world.sales, "bad_fit", Ref("contacts", "2"))
    world.run()
    world.run()
    assert stage(world, Ref("contacts", "2")) == "disqualified"
    assert set(when_said(world)) == set(given)


def when_said(world: TwoCrms) -> list[str]:
    with world.database.begin() as tx:
        return [row[0] for row in tx.exec_driver_sql("SELECT at FROM feedback").all()]


def test_a_converted_leads_verdict_goes_on_counting(world: TwoCrms) -> None:
    told(world, "bad_fit")
    record = world.sales.get(LEAD)
    assert isinstance(record, PersonRecord)
    world.sales.put(contact("9", "buyer1@acme.example"))
    world.sales.put(replace(record, writable=False, same_as=(same("9"),)))
    world.run()
    world.run()
    assert stage(world, Ref("contacts", "9")) == "disqualified"


def test_what_the_rep_saw_is_forgotten_with_what_it_rested_on(world: TwoCrms) -> None:
    """The verdict on the record that stays is kept: it is acted on still, and not taken for a new one."""
    world.marketing.put(contact("m", "buyer1@acme.example", fields={"title": "VP Secrets"}))
    world.run()
    told(world, "bad_fit")
    world.marketing.archive(Ref("contacts", "m"), "privacy")
    world.later(minutes=5)
    world.run()
    world.run()
    with world.database.begin() as tx:
        assert tx.exec_driver_sql("SELECT value, breakdown FROM feedback").all() == [("bad_fit", None)]
    assert stage(world) == "disqualified"
    world.sales.archive(LEAD, "privacy")
    world.later(minutes=5)
    world.run()
    assert said(world) == []
