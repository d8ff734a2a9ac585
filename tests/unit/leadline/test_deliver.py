"""What one CRM is told, in which order, and what is kept of its answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from connectors.contract import (
    Gone,
    Outcome,
    Page,
    Rejected,
    RetryAt,
    Update,
    Written,
)
from connectors.errors import ContractBroken, Reauthorise, RecordRejected, RetryLater
from connectors.records import Ref, Stream
from connectors.tasks import Task
from leadline.deliver import Delivered
from leadline.state import backlog, delivered, outbox, parked, records
from leadline.state.database import Database
from leadline.state.outbox import Lane
from tests.engine import START, contact
from tests.unit.leadline.delivery_bench import Bench, UniqueKeys, answer


@pytest.fixture
def bench(sqlite: Database) -> Bench:
    return Bench(sqlite)


def test_hands_raised_go_first_then_tasks_then_scores_then_the_rest(database: Database) -> None:
    bench = Bench(database)
    bench.queue("4", lane=Lane.BACKFILL)
    bench.queue("1", "2")
    bench.queue_task("later")
    bench.queue_task("raised", lane=Lane.FIRST)
    bench.queue("3")
    assert bench.deliver() == Delivered(written=4, opened=2)
    assert bench.crm.told == [("task raised",), ("task later",), ("1", "2", "3"), ("4",)]
    assert bench.table("outbox") == []


def test_a_call_holds_as_many_records_as_the_crm_takes(bench: Bench) -> None:
    bench.queue("1", "2", "3", "4", "5", "6", "7")
    bench.deliver()
    assert [len(batch) for batch in bench.crm.told] == [3, 3, 1]


def test_each_delivery_counts_for_itself(bench: Bench) -> None:
    bench.queue("1", "2")
    assert bench.deliver().written == 2
    bench.queue("3")
    assert bench.deliver() == Delivered(written=1)
    assert bench.deliver() == Delivered()


def test_newer_values_replace_unsent_older_ones(database: Database) -> None:
    bench = Bench(database)
    bench.queue("1", score=50)
    bench.queue("1", score=60)
    assert bench.deliver().written == 1
    assert bench.crm.values == {"1": {"score": 60}}


def test_values_that_change_while_they_are_on_their_way_are_sent_once_more(bench: Bench) -> None:
    def meanwhile(updates: Sequence[Update]) -> Sequence[Outcome]:
        bench.queue("1", score=60)
        return [Written(update.ref) for update in updates]

    bench.queue("1", score=50)
    bench.crm.answers.append(meanwhile)
    assert bench.deliver().written == 2
    assert bench.crm.values["1"] == {"score": 60}
    with bench.database.begin() as tx:
        ref = Ref("contacts", "1")
        assert delivered.delivered(tx, "crm", [ref])[ref].values == {"score": 60}


def test_what_the_crm_confirmed_is_remembered(database: Database) -> None:
    bench = Bench(database)
    bench.queue("1")
    bench.deliver()
    with database.begin() as tx:
        ref = Ref("contacts", "1")
        told = delivered.delivered(tx, "crm", [ref, Ref("contacts", "9")])
    assert told == {ref: delivered.Delivered({"score": 50}, bench.time.now)}


def test_each_record_of_a_batch_has_an_outcome_of_its_own(database: Database) -> None:
    bench = Bench(database)
    with database.begin() as tx:
        page = Page(tuple(contact(number, f"{number}@acme.example") for number in "123"), "c")
        records.save_page(tx, "crm", Stream.CONTACTS, page, START)
    bench.queue("1", "2", "3")
    bench.crm.answers.append(answer(r2=lambda ref: Rejected(ref, "LOCKED", "in approval"), r3=Gone))
    assert bench.deliver() == Delivered(written=1, rejected=1, gone=1)
    assert bench.table("delivered") == ["1"]
    assert bench.table("parked", "record_id, code, reason") == [("2", "LOCKED", "in approval")]
    assert bench.table("outbox") == []
    assert bench.table("removals", "id, reason") == [("3", "archived")]


def test_a_locked_record_is_put_off_and_the_others_do_not_wait_for_it(bench: Bench) -> None:
    bench.queue("1", "2")
    bench.crm.answers.append(answer(r1=lambda ref: RetryAt(ref, "locked")))
    assert bench.deliver() == Delivered(written=1, postponed=1)
    assert bench.deliver() == Delivered(), "not before its time"
    bench.time.now += timedelta(minutes=1)
    assert bench.deliver() == Delivered(written=1)


def test_a_locked_record_waits_until_the_moment_that_the_crm_names(bench: Bench) -> None:
    at = bench.time.now + timedelta(hours=2)
    bench.queue("1")
    bench.crm.answers.append(answer(r1=lambda ref: RetryAt(ref, "locked", at)))
    bench.deliver()
    bench.time.now = at - timedelta(seconds=1)
    assert bench.deliver() == Delivered()
    bench.time.now = at
    assert bench.deliver() == Delivered(written=1)


@pytest.mark.parametrize("wrong", [[], ["2", "1"], ["1"], ["1", "2", "2"]])
def test_answers_that_do_not_match_the_question_are_no_answers(bench: Bench, wrong: list[str]) -> None:
    bench.queue("1", "2")
    bench.crm.answers.append(lambda updates: [Written(Ref("contacts", number)) for number in wrong])
    with pytest.raises(ContractBroken):
        bench.deliver()
    assert bench.table("delivered") == []
    assert bench.table("outbox", "record_id, state") == [("1", "sending"), ("2", "sending")]
    assert bench.deliver().written == 2


@pytest.mark.parametrize("error", [RetryLater("busy"), Reauthorise("who are you"), ContractBroken("what")])
def test_what_got_no_answer_is_sent_again_by_the_next_process(bench: Bench, error: Exception) -> None:
    def fail(_updates: Sequence[Update]) -> Sequence[Outcome]:
        raise error

    bench.queue("1")
    bench.crm.answers += [fail, fail]
    with pytest.raises(type(error)):
        bench.deliver()
    bench.crm.answers.clear()
    bench.restarted()
    assert bench.deliver() == Delivered(written=1)


def test_values_do_not_starve_behind_a_task_that_cannot_be_opened(bench: Bench) -> None:
    bench.queue_task("t1")
    bench.queue("1")
    bench.crm.task_answers.append(RecordRejected("no such owner"))
    assert bench.deliver() == Delivered(written=1, rejected=1)
    assert bench.table("parked", "kind") == ["task"]


def test_a_task_is_queued_once_whatever_became_of_it(database: Database) -> None:
    bench = Bench(database)
    assert bench.queue_task("t1")
    assert not bench.queue_task("t1"), "it waits"
    bench.deliver()
    assert not bench.queue_task("t1"), "it is open"
    assert bench.queue_task("t2")
    bench.crm.task_answers.append(Rejected(Ref("contacts", "1"), "NO", "no"))
    bench.deliver()
    assert not bench.queue_task("t2"), "it was refused"


def test_a_task_that_is_there_already_is_not_made_again(bench: Bench) -> None:
    there = Task(Ref("tasks", "77"), Ref("contacts", "1"), "t1", "Call", "", open=False, owner_id=None, due_at=None)
    bench.crm.board.append(there)
    bench.queue_task("t1")
    assert bench.deliver().opened == 1
    assert bench.crm.told == []
    assert bench.table("tasks", "task_id") == ["77"]


def test_somebody_elses_task_is_not_taken_for_ours(bench: Bench) -> None:
    bench.crm.board.append(
        Task(Ref("tasks", "77"), Ref("contacts", "1"), None, "Call", "", open=True, owner_id=None, due_at=None)
    )
    bench.queue_task("t1")
    bench.deliver()
    assert bench.table("tasks", "task_id") == ["t1"]


def test_a_crm_with_unique_keys_is_not_asked_first(sqlite: Database) -> None:
    bench = Bench(sqlite, UniqueKeys)
    bench.queue_task("t1")
    assert bench.deliver().opened == 1


def test_refusals_can_be_sent_again_by_hand(database: Database) -> None:
    bench = Bench(database)
    bench.queue("1")
    bench.queue_task("t1")
    bench.crm.answers.append(answer(r1=lambda ref: Rejected(ref, "NO", "no")))
    bench.crm.task_answers.append(Rejected(Ref("contacts", "1"), "NO", "no"))
    assert bench.deliver().rejected == 2
    with database.begin() as tx:
        parked.requeue(tx, [row.id for row in parked.parked(tx)], bench.time.now)
    assert bench.deliver() == Delivered(written=1, opened=1)
    assert bench.table("parked") == []


def test_other_crms_rows_are_left_alone(bench: Bench) -> None:
    with bench.database.begin() as tx:
        outbox.put_values(tx, "other", {Ref("contacts", "1"): {"score": 1}}, Lane.SCORES, bench.time.now)
    assert bench.deliver() == Delivered()
    with bench.database.begin() as tx:
        assert backlog.waiting_counts(tx) == {("other", "values", "waiting"): 1}


def test_delivery_can_be_stopped_between_two_calls(bench: Bench) -> None:
    bench.queue("1", "2", "3", "4")

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.sender.deliver(stop)
    assert bench.table("delivered") == ["1", "2", "3"]
    assert bench.table("outbox", "record_id, state") == [("4", "waiting")]
