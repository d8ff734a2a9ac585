"""Tasks on their way to a CRM: opened once, sent on, put off, and closed while nobody has touched them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.contract import Gone, Rejected
from connectors.errors import Misconfigured, RecordRejected, RetryLater
from connectors.records import Ref
from connectors.tasks import Opened, Task, TaskDraft
from leadline.closing import Settled, already_settled, closing_of
from leadline.deliver import Delivered
from leadline.state import outbox, parked
from leadline.state.database import Database
from tests.engine import START
from tests.unit.leadline.delivery_bench import Bench, LostReply

NOTE = "Closed by Leadline: does not hold any more."
PERSON, TASK = Ref("contacts", "1"), Ref("tasks", "77")
DRAFT = TaskDraft("p1:sql:1", PERSON, "Call Ana", "Why now\n\nScore 71", START + timedelta(hours=2), owner_id="o1")
AS_OPENED = Task(TASK, PERSON, DRAFT.key, "Call Ana", "Why now\n\nScore 71", True, "o1", DRAFT.due_at)


@pytest.fixture
def bench(sqlite: Database) -> Bench:
    return Bench(sqlite)


def close(bench: Bench, key: str = "t1") -> None:
    with bench.database.begin() as tx:
        outbox.put_closing(tx, "crm", key, NOTE, bench.time.now)


def opened(bench: Bench, key: str = "t1", **changes: Any) -> None:
    """A task of ours that is open, or as a rep has changed it since."""
    due_at = bench.time.now
    bench.queue_task(key)
    bench.deliver()
    shown = Task(Ref("tasks", key), PERSON, key, "Call", "why", open=True, owner_id=None, due_at=due_at)
    bench.crm.board.append(replace(shown, **changes))
    bench.crm.told.clear()


def settled(bench: Bench) -> list[Any]:
    return bench.table("tasks", "key, settled")


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        (AS_OPENED, None),
        (replace(AS_OPENED, body="Why now\r\n\r\nScore 71\n", due_at=DRAFT.due_at.replace(second=30)), None),
        (replace(AS_OPENED, due_at=datetime.combine(DRAFT.due_at.date(), time(), START.tzinfo)), None),
        (None, Settled.GONE),
        (replace(AS_OPENED, open=False), Settled.COMPLETED),
        (replace(AS_OPENED, open=False, body=f"Why now\n\nScore 71\n\n{NOTE}"), Settled.CLOSED),
        (replace(AS_OPENED, subject="Call Ana on Monday"), Settled.EDITED),
        (replace(AS_OPENED, body="Why now\n\nScore 71\n\nLeft a message"), Settled.EDITED),
        (replace(AS_OPENED, due_at=DRAFT.due_at + timedelta(days=1)), Settled.EDITED),
        (replace(AS_OPENED, due_at=None), Settled.EDITED),
        (replace(AS_OPENED, owner_id="o2"), Settled.EDITED),
    ],
)
def test_a_task_is_closed_only_while_it_is_as_we_wrote_it(shown: Task | None, found: Settled | None) -> None:
    assert already_settled(closing_of(DRAFT, TASK, NOTE), shown) is found


def test_whom_the_crm_gave_a_task_without_owner_to_is_no_edit() -> None:
    assert already_settled(closing_of(replace(DRAFT, owner_id=None), TASK, NOTE), AS_OPENED) is None


def test_what_is_kept_of_a_task_to_close_says_nothing_personal() -> None:
    assert "Ana" not in repr(closing_of(DRAFT, TASK, NOTE))


def test_an_untouched_task_is_closed_with_the_note(database: Database) -> None:
    bench = Bench(database)
    opened(bench)
    close(bench)
    close(bench)
    assert bench.deliver() == Delivered(closed=1)
    assert bench.crm.told == [("read t1",), ("close t1",)]
    assert bench.crm.board[0].body.endswith(NOTE)
    assert settled(bench) == [("t1", "closed")]
    close(bench)
    assert bench.deliver() == Delivered(), "what is settled stays so"


@pytest.mark.parametrize(
    ("changes", "became"), [({"subject": "Call back"}, "edited"), ({"open": False}, "completed"), (None, "gone")]
)
def test_what_a_rep_has_touched_is_left_alone(bench: Bench, changes: dict[str, Any] | None, became: str) -> None:
    opened(bench, **(changes or {}))
    if changes is None:
        bench.crm.board.clear()
    close(bench)
    bench.deliver()
    assert bench.crm.told == [("read t1",)]
    assert settled(bench) == [("t1", became)]
    assert bench.table("outbox", "id") == []


def test_many_tasks_are_read_by_one_call(bench: Bench) -> None:
    keys = ("t1", "t2", "t3")
    for key in keys:
        opened(bench, key)
    for key in keys:
        close(bench, key)
    assert bench.deliver().closed == 3
    assert bench.crm.told[0] == ("read t1", "read t2", "read t3")


@pytest.mark.parametrize("lost", [RetryLater("busy"), LostReply("cut")])
def test_a_closing_whose_answer_was_lost_is_done_once(bench: Bench, lost: Exception) -> None:
    opened(bench)
    close(bench)
    bench.crm.close_answers += [lost, type(lost)("again")]
    with pytest.raises(RetryLater):
        bench.deliver()
    assert bench.table("outbox", "id, state") == [("closing|t1", "sending")]
    bench.restarted()
    bench.deliver()
    assert settled(bench) == [("t1", "closed")]
    assert bench.crm.board[0].body.count(NOTE) in {1, 2}


def test_a_task_that_was_not_sent_is_dropped_instead_of_closed(database: Database) -> None:
    bench = Bench(database)
    bench.queue_task("t1")
    close(bench)
    assert bench.deliver() == Delivered()
    assert bench.crm.told == []


def test_a_task_that_was_refused_is_dropped_instead_of_closed(bench: Bench) -> None:
    bench.queue_task("t1")
    bench.crm.task_answers.append(Rejected(PERSON, "NO", "no"))
    bench.deliver()
    close(bench)
    assert bench.table("parked", "id") == []
    assert bench.deliver() == Delivered()


def test_a_task_whose_opening_is_in_doubt_is_found_first_and_then_closed(bench: Bench) -> None:
    bench.queue_task("t1")
    bench.crm.task_answers += [RetryLater("cut"), RetryLater("cut")]
    with pytest.raises(RetryLater):
        bench.deliver()
    bench.crm.board.append(Task(Ref("tasks", "77"), PERSON, "t1", "Call", "why", open=True, owner_id=None, due_at=START))
    bench.crm.told.clear()
    close(bench)
    assert bench.deliver() == Delivered(opened=1, closed=1)
    assert bench.crm.told == [("read 77",), ("close 77",)]


def test_a_task_in_doubt_that_the_account_turns_out_not_to_take_is_withdrawn(bench: Bench) -> None:
    bench.queue_task("t1")
    bench.crm.task_answers += [RetryLater("cut"), RetryLater("cut"), Misconfigured("no tasks here")]
    with pytest.raises(RetryLater):
        bench.deliver()
    close(bench)
    bench.deliver()
    assert bench.table("outbox", "id") == []


def test_a_task_of_an_earlier_release_is_left_alone(bench: Bench) -> None:
    opened(bench)
    with bench.database.begin() as tx:
        tx.exec_driver_sql("UPDATE tasks SET content = NULL")
    close(bench)
    bench.deliver()
    assert bench.crm.told == []
    assert settled(bench) == [("t1", "unknown")]


def test_a_closing_that_is_refused_is_parked_and_can_be_tried_again(bench: Bench) -> None:
    opened(bench)
    close(bench)
    bench.crm.close_answers.append(RecordRejected("in approval", code="LOCKED"))
    assert bench.deliver() == Delivered(rejected=1)
    close(bench)
    assert bench.deliver() == Delivered()
    with bench.database.begin() as tx:
        (row,) = parked.of_kind(tx, "closing")
        assert (row.code, row.reason) == ("LOCKED", "in approval")
        parked.requeue(tx, [row.id], bench.time.now)
    assert bench.deliver() == Delivered(closed=1)


def test_while_a_fuse_holds_no_task_is_closed(bench: Bench) -> None:
    opened(bench)
    close(bench)
    assert bench.sender.deliver(lambda: None, frozenset({"values"})) == Delivered()
    assert bench.deliver().closed == 1


def test_what_the_account_lacks_parks_no_task(database: Database) -> None:
    bench = Bench(database)
    for key in ("t1", "t2"):
        bench.queue_task(key)
    bench.queue("9")
    bench.crm.task_answers.append(Misconfigured("tasks are not granted", code="403"))
    assert bench.deliver() == Delivered(written=1), "values do not starve"
    assert bench.crm.told == [("task t1",), ("9",)], "nor is the next task tried in vain"
    assert bench.table("parked") == []
    assert "tasks are not granted" in bench.problems()["crm:tasks"]
    assert bench.deliver() == Delivered(opened=1), "the others go on"
    assert bench.problems() == {}
    bench.time.now += timedelta(minutes=1)
    assert bench.deliver() == Delivered(opened=1)


def test_the_problem_with_tasks_ends_when_none_waits(bench: Bench) -> None:
    bench.queue_task("t1")
    bench.crm.task_answers.append(Misconfigured("tasks are not granted", code="403"))
    bench.deliver()
    close(bench)
    bench.deliver()
    assert bench.problems() == {}


def test_a_task_whose_record_went_into_another_goes_there_under_the_same_key(database: Database) -> None:
    bench = Bench(database)
    bench.queue_task("t1")
    bench.crm.task_answers += [Gone(PERSON, into=Ref("contacts", "2")), Opened(TASK)]
    assert bench.deliver() == Delivered(opened=1, gone=1)
    assert bench.table("tasks", "key, record_id, task_id") == [("t1", "2", "77")]
    assert bench.table("removals", "id, reason, merged_into") == [("1", "merged", "contacts/2")]


def test_a_task_that_is_sent_round_in_circles_ends(bench: Bench) -> None:
    bench.queue_task("t1")
    there, back = Gone(PERSON, into=Ref("contacts", "2")), Gone(Ref("contacts", "2"), into=PERSON)
    bench.crm.task_answers += [there, back] * 5
    assert bench.deliver().opened == 0
    assert bench.table("outbox") == []
