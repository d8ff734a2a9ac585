"""Open tasks are brought up to date only while they are as we wrote them, whatever becomes of the answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.errors import Misconfigured, RecordRejected, RetryLater
from connectors.records import Ref
from connectors.tasks import Task, TaskChange
from leadline.closing import Told
from leadline.deliver import Delivered
from leadline.state import opened, outbox, parked
from leadline.state.database import Database
from tests.engine import START
from tests.unit.leadline.delivery_bench import Bench, LostReply

PERSON, TASK = Ref("contacts", "1"), Ref("tasks", "t1")
NEWS = TaskChange("Call: budget stated", "why now: budget stated")
LATER_NEWS = TaskChange("Call: wants it this quarter", "why now: this quarter")
NOTE = "Closed by Leadline: does not hold any more."


@pytest.fixture
def bench(sqlite: Database) -> Bench:
    return Bench(sqlite)


def has_open_task(bench: Bench, **changes: Any) -> None:
    """A task of ours that is open, or as a rep has changed it since."""
    due_at = bench.time.now
    bench.queue_task("t1")
    bench.deliver()
    bench.crm.board.append(replace(Task(TASK, PERSON, "t1", "Call", "why", True, None, due_at), **changes))
    bench.crm.told.clear()


def change(bench: Bench, wanted: TaskChange = NEWS, told: Told | None = None) -> None:
    with bench.database.begin() as tx:
        outbox.put_change(tx, "crm", "t1", wanted, bench.time.now, told)


def close(bench: Bench) -> None:
    with bench.database.begin() as tx:
        outbox.put_closing(tx, "crm", "t1", NOTE, bench.time.now)


def shown(bench: Bench) -> TaskChange:
    (task,) = bench.crm.board
    return TaskChange(task.subject, task.body, task.owner_id)


def settled(bench: Bench) -> list[Any]:
    return bench.table("tasks", "settled")


def test_an_untouched_task_is_brought_up_to_date_by_two_calls(database: Database) -> None:
    bench = Bench(database)
    has_open_task(bench)
    change(bench)
    assert bench.deliver() == Delivered()
    assert bench.crm.told == [("read t1",), ("change t1",)]
    assert shown(bench) == NEWS
    assert bench.deliver() == Delivered()
    assert len(bench.crm.told) == 2, "and then it rests"


def test_what_we_changed_ourselves_is_no_edit(bench: Bench) -> None:
    has_open_task(bench)
    for news in (NEWS, LATER_NEWS, TaskChange(owner_id="o2")):
        change(bench, news)
        bench.deliver()
    assert shown(bench) == replace(LATER_NEWS, owner_id="o2")
    close(bench)
    assert bench.deliver() == Delivered(closed=1)


def test_nothing_of_what_a_changed_task_says_is_kept(bench: Bench) -> None:
    has_open_task(bench)
    change(bench)
    bench.deliver()
    assert "budget stated" not in repr(bench.table("tasks", "content"))
    assert bench.table("outbox") == []


@pytest.mark.parametrize(
    ("touched", "became"),
    [
        ({"subject": "Call on Monday"}, "edited"),
        ({"body": "why, and I left a message"}, "edited"),
        ({"due_at": START + timedelta(days=3)}, "edited"),
        ({"open": False}, "completed"),
        (None, "gone"),
    ],
)
def test_what_a_rep_has_touched_stays_as_the_rep_left_it(bench: Bench, touched: dict[str, Any] | None, became: str) -> None:
    has_open_task(bench, **(touched or {}))
    if touched is None:
        bench.crm.board.clear()
    before = list(bench.crm.board)
    change(bench)
    bench.deliver()
    assert bench.crm.board == before
    assert settled(bench) == [became]
    change(bench, LATER_NEWS)
    close(bench)
    bench.crm.told.clear()
    bench.deliver()
    assert bench.crm.told == [], "it is the rep's from now on"


def test_whom_a_rep_gave_the_task_keeps_it(bench: Bench) -> None:
    has_open_task(bench)
    change(bench, TaskChange(owner_id="o2"))
    bench.deliver()
    bench.crm.board = [replace(task, owner_id="o3") for task in bench.crm.board]
    change(bench)
    bench.deliver()
    assert (shown(bench).subject, settled(bench)) == ("Call", ["edited"])


@pytest.mark.parametrize("lost", [RetryLater("busy"), LostReply("cut")])
def test_a_change_whose_answer_was_lost_is_made_once(bench: Bench, lost: Exception) -> None:
    has_open_task(bench)
    change(bench)
    bench.crm.change_answers += [lost, type(lost)("again")]
    with pytest.raises(RetryLater):
        bench.deliver()
    assert bench.table("outbox", "id, state") == [("change|t1", "sending")]
    bench.restarted()
    bench.deliver()
    assert shown(bench) == NEWS
    assert (settled(bench), bench.table("outbox")) == ([None], [])


@pytest.mark.parametrize("lost", [RetryLater("busy"), LostReply("cut")])
def test_newer_news_go_over_a_change_that_may_have_been_made(bench: Bench, lost: Exception) -> None:
    has_open_task(bench)
    for news in (NEWS, LATER_NEWS):
        change(bench, news)
        bench.crm.change_answers += [lost, type(lost)("again")]
        with pytest.raises(RetryLater):
            bench.deliver()
    change(bench, TaskChange("Call: all is known", "why now: all is known"))
    bench.deliver()
    assert shown(bench) == TaskChange("Call: all is known", "why now: all is known")


@pytest.mark.parametrize("lost", [RetryLater("busy"), LostReply("cut")])
def test_a_task_may_still_be_closed_when_the_answer_to_its_change_was_lost(bench: Bench, lost: Exception) -> None:
    has_open_task(bench)
    change(bench)
    bench.crm.change_answers += [lost, type(lost)("again")]
    with pytest.raises(RetryLater):
        bench.deliver()
    close(bench)
    assert bench.deliver() == Delivered(closed=1)
    assert bench.table("outbox") == []


def test_a_task_that_is_to_be_closed_is_not_changed_any_more(bench: Bench) -> None:
    has_open_task(bench)
    close(bench)
    change(bench)
    assert bench.deliver() == Delivered(closed=1)
    assert ("change t1",) not in bench.crm.told


def test_words_and_owner_change_together_when_both_wait(bench: Bench) -> None:
    has_open_task(bench)
    change(bench, TaskChange(owner_id="o2"))
    change(bench)
    bench.deliver()
    assert shown(bench) == replace(NEWS, owner_id="o2")
    assert bench.crm.told.count(("change t1",)) == 1


def test_a_task_that_still_waits_goes_out_with_the_newer_words(bench: Bench) -> None:
    bench.queue_task("t1")
    change(bench, replace(NEWS, owner_id="o2"), Told("m", "o2"))
    with bench.database.begin() as tx:
        ((_, payload),) = outbox.queued_tasks(tx)
    assert (payload.draft.subject, payload.draft.body, payload.draft.owner_id) == (NEWS.subject, NEWS.body, "o2")
    assert payload.told == Told("m", "o2")
    bench.deliver()
    assert bench.table("outbox") == []


def test_a_task_in_doubt_is_changed_when_it_turns_out_to_be_there(bench: Bench) -> None:
    bench.queue_task("t1")
    bench.crm.task_answers += [RetryLater("cut"), RetryLater("cut")]
    with pytest.raises(RetryLater):
        bench.deliver()
    change(bench)
    bench.crm.board.append(Task(TASK, PERSON, "t1", "Call", "why", True, None, START))
    bench.deliver()
    assert shown(bench).subject == NEWS.subject


def test_what_it_was_written_from_is_kept_with_the_time_of_the_change(bench: Bench) -> None:
    has_open_task(bench)
    change(bench, told=Told("material", "o2"))
    bench.deliver()
    with bench.database.begin() as tx:
        known = opened.unsettled(tx, "crm", "t1")
    assert known is not None
    assert known[0] is not None
    assert known[0].told == Told("material", "o2", changed_at=bench.time.now)


def test_a_change_that_is_refused_is_parked_and_can_be_tried_again(bench: Bench) -> None:
    has_open_task(bench)
    change(bench)
    bench.crm.change_answers.append(RecordRejected("in approval", code="LOCKED"))
    assert bench.deliver() == Delivered(rejected=1)
    change(bench, LATER_NEWS)
    assert bench.deliver() == Delivered(), "not again until the record or the configuration differs"
    with bench.database.begin() as tx:
        (row,) = parked.of_kind(tx, "change")
        parked.requeue(tx, [row.id], bench.time.now)
    bench.deliver()
    assert shown(bench) == NEWS


def test_what_the_account_lacks_puts_changes_off_and_says_so(bench: Bench) -> None:
    has_open_task(bench)
    change(bench)
    bench.crm.change_answers.append(Misconfigured("tasks are not granted", code="403"))
    bench.deliver()
    assert "tasks are not granted" in bench.problems()["crm:tasks"]
    bench.time.now += timedelta(minutes=1)
    bench.deliver()
    assert (shown(bench), bench.problems()) == (NEWS, {})


def test_while_a_fuse_holds_no_task_is_changed(bench: Bench) -> None:
    has_open_task(bench)
    change(bench)
    bench.sender.deliver(lambda: None, frozenset({"values"}))
    assert shown(bench).subject == "Call"


@pytest.mark.parametrize("half", [TaskChange(subject="Call"), TaskChange(body="why")])
def test_words_come_with_subject_and_body(bench: Bench, half: TaskChange) -> None:
    has_open_task(bench)
    with pytest.raises(ValueError, match="subject and its body"):
        change(bench, half)


def test_nothing_is_done_about_a_task_nobody_knows(bench: Bench) -> None:
    change(bench)
    assert bench.table("outbox") == []
