"""Rules of tasks: one key, one task, also after a lost reply."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from connectors.conformance.reading import LATER_SECONDS, draft, failing, latest, read
from connectors.conformance.world import World
from connectors.contract import Connector, Gone, Rejected
from connectors.errors import RetryLater
from connectors.records import EngagementRecord, OwnerRecord, Ref, Stream
from connectors.tasks import Opened, Task, TaskChange

KEY = "call-qualified.p-17.1"


class TaskRules:
    """What `open_task`, `find_tasks`, `change_task` and `close_task` promise."""

    def test_an_opened_task_is_what_a_rep_sees(self, world: World, ready: Connector[Any]) -> None:
        """Subject and body arrive whole, and the task is open."""
        (someone,) = world.add_people(1)
        wanted = draft(someone, KEY, world.now() + timedelta(hours=2))
        assert isinstance(ready.open_task(wanted), Opened)
        (seen,) = world.tasks_of(someone)
        assert (seen.subject, seen.open) == (wanted.subject, True)
        assert [line for line in wanted.body.splitlines() if line not in seen.body] == []

    def test_an_opened_task_is_found_by_its_key(self, world: World, ready: Connector[Any]) -> None:
        """At once, by any process, with what was drafted."""
        (someone,) = world.add_people(1)
        wanted = draft(someone, KEY, (world.now() + timedelta(days=2)).replace(microsecond=0))
        opened = ready.open_task(wanted)
        assert isinstance(opened, Opened)
        (found,) = world.connector().find_tasks(someone)
        assert (found.ref, found.person, found.key) == (opened.task, someone, KEY)
        assert (found.subject, found.open) == (wanted.subject, True)
        assert found.due_at is not None
        assert found.due_at.utcoffset() == timedelta(0)
        assert abs(found.due_at - wanted.due_at) <= timedelta(days=1), "some CRMs keep only the day"

    def test_the_body_is_read_back_with_every_line(self, world: World, ready: Connector[Any]) -> None:
        """In order and unescaped; a connector may add a marker of its own."""
        (someone,) = world.add_people(1)
        wanted = draft(someone, KEY, world.now() + timedelta(hours=2))
        ready.open_task(wanted)
        (found,) = ready.find_tasks(someone)
        assert wanted.body in found.body

    def test_somebody_without_tasks_has_none(self, world: World, ready: Connector[Any]) -> None:
        """An empty answer, no error."""
        (someone,) = world.add_people(1)
        assert ready.find_tasks(someone) == ()

    def test_tasks_of_others_are_found_without_a_key(self, world: World, ready: Connector[Any]) -> None:
        """A rep's own task is neither hidden nor taken for ours."""
        (someone,) = world.add_people(1)
        world.add_task(someone, "Send the brochure")
        (found,) = ready.find_tasks(someone)
        assert (found.subject, found.key, found.open) == ("Send the brochure", None, True)

    def test_tasks_belong_to_their_person(self, world: World, ready: Connector[Any]) -> None:
        """Two people, two keys, one task each."""
        people = world.add_people(2)
        for number, someone in enumerate(people):
            ready.open_task(draft(someone, f"{KEY}.{number}", world.now() + timedelta(hours=2)))
        assert [[task.key for task in ready.find_tasks(someone)] for someone in people] == [[f"{KEY}.0"], [f"{KEY}.1"]]

    def test_tasks_are_read_as_they_are(self, world: World, ready: Connector[Any]) -> None:
        """By id, each with its person: completed ones too, deleted ones not."""
        people = world.add_people(3)
        opened: dict[Ref, Ref] = {}
        for number, someone in enumerate(people):
            outcome = ready.open_task(draft(someone, f"{KEY}.{number}", world.now() + timedelta(hours=2)))
            assert isinstance(outcome, Opened)
            opened[outcome.task] = someone
        kept, completed, deleted = opened
        ready.close_task(completed, "done")
        world.remove_task(deleted)
        found = {task.ref: task for task in ready.read_tasks(opened)}
        assert {ref: (task.person, task.open) for ref, task in found.items()} == {
            kept: (people[0], True),
            completed: (people[1], False),
        }
        assert {task.key for task in found.values()} == {f"{KEY}.0", f"{KEY}.1"}
        assert ready.read_tasks({}) == ()

    def test_after_a_lost_reply_the_task_is_found_and_there_is_one(self, world: World, ready: Connector[Any]) -> None:
        """The create took effect and its answer never came: asking shows it, so nobody creates a second."""
        (someone,) = world.add_people(1)
        world.lose_reply("open_task")
        failing(world, RetryLater, lambda: ready.open_task(draft(someone, KEY, world.now() + timedelta(hours=2))))
        assert [task.key for task in world.connector().find_tasks(someone)] == [KEY]
        assert len(world.tasks_of(someone)) == 1

    def test_after_a_cut_connection_there_is_no_task_and_it_can_be_opened(self, world: World, ready: Connector[Any]) -> None:
        """The create never took effect: asking shows none, and the next attempt makes the one."""
        (someone,) = world.add_people(1)
        wanted = draft(someone, KEY, world.now() + timedelta(hours=2))
        world.fail_next("cut")
        failing(world, RetryLater, lambda: ready.open_task(wanted))
        assert ready.find_tasks(someone) == ()
        assert isinstance(ready.open_task(wanted), Opened)
        assert len(world.tasks_of(someone)) == 1

    def test_a_closed_task_is_completed_and_says_why(self, world: World, ready: Connector[Any]) -> None:
        """It stays on the record, with the note, and keeps its key."""
        (someone,) = world.add_people(1)
        opened = ready.open_task(draft(someone, KEY, world.now() + timedelta(hours=2)))
        assert isinstance(opened, Opened)
        ready.close_task(opened.task, "Closed: the lead cooled down")
        (seen,) = world.tasks_of(someone)
        assert not seen.open
        assert "asked for a demo" in seen.body
        assert "Closed: the lead cooled down" in seen.body
        (found,) = world.connector().find_tasks(someone)
        assert (found.key, found.open) == (KEY, False)

    def test_a_changed_task_says_what_was_given_and_keeps_the_rest(self, world: World, ready: Connector[Any]) -> None:
        """Subject alone, then body alone; key, due time and state stay."""
        (someone,) = world.add_people(1)
        before = _opened(world, ready, someone)
        ready.change_task(before.ref, TaskChange(subject="Call again: looked at prices"))
        (found,) = world.connector().find_tasks(someone)
        assert found == replace(before, subject="Call again: looked at prices")
        ready.change_task(before.ref, TaskChange(body="Why now: looked at prices\nAsk next: by when?"))
        (found,) = world.connector().find_tasks(someone)
        assert "Why now: looked at prices\nAsk next: by when?" in found.body
        assert "asked for a demo" not in found.body
        assert (found.key, found.due_at, found.open) == (KEY, before.due_at, True)
        assert found.subject == "Call again: looked at prices"

    def test_a_task_changes_hands_and_nothing_else(self, world: World, ready: Connector[Any]) -> None:
        """To a user who can hold tasks; subject, body and key stay."""
        (someone,) = world.add_people(1)
        before = _opened(world, ready, someone)
        owners = [one for one in read(ready, Stream.OWNERS).records if isinstance(one, OwnerRecord)]
        other = next(one for one in owners if one.active and one.kind == "user" and one.ref.id != before.owner_id)
        ready.change_task(before.ref, TaskChange(owner_id=other.ref.id))
        (found,) = world.connector().find_tasks(someone)
        assert found == replace(before, owner_id=other.ref.id)

    def test_a_change_of_nothing_changes_nothing(self, world: World, ready: Connector[Any]) -> None:
        """Parts that are not given stay."""
        (someone,) = world.add_people(1)
        before = _opened(world, ready, someone)
        ready.change_task(before.ref, TaskChange())
        assert world.connector().find_tasks(someone) == (before,)

    def test_a_completed_or_deleted_task_is_not_changed(self, world: World, ready: Connector[Any]) -> None:
        """What the rep has done with it stands, and it is no error."""
        (someone,) = world.add_people(1)
        opened = _opened(world, ready, someone)
        ready.close_task(opened.ref, "Done")
        (completed,) = ready.find_tasks(someone)
        ready.change_task(opened.ref, TaskChange(subject="Call again", body="Why now: prices"))
        assert ready.find_tasks(someone) == (completed,)
        world.remove_task(opened.ref)
        ready.change_task(opened.ref, TaskChange(subject="Call again", body="Why now: prices"))
        assert ready.find_tasks(someone) == ()

    def test_a_change_whose_reply_was_lost_may_be_made_again(self, world: World, ready: Connector[Any]) -> None:
        """The first has taken effect; the second leaves the same."""
        (someone,) = world.add_people(1)
        opened = _opened(world, ready, someone)
        change = TaskChange(subject="Call again", body="Why now: prices")
        world.lose_reply("change_task")
        failing(world, RetryLater, lambda: ready.change_task(opened.ref, change))
        (once,) = world.connector().find_tasks(someone)
        ready.change_task(opened.ref, change)
        assert world.connector().find_tasks(someone) == (once,)
        assert (once.key, once.subject) == (KEY, "Call again")

    def test_a_task_for_somebody_who_is_gone_is_an_outcome(self, world: World, ready: Connector[Any]) -> None:
        """`Gone` where the CRM tells, else refused in its words; either way no failure of the account."""
        (someone,) = world.add_people(1)
        world.archive_person(someone)
        outcome = ready.open_task(draft(someone, KEY, world.now() + timedelta(hours=2)))
        assert isinstance(outcome, Gone | Rejected)
        assert outcome.ref == someone

    def test_our_own_tasks_are_no_engagement(self, world: World, ready: Connector[Any]) -> None:
        """What we asked a rep to do says nothing about how keen the lead is."""
        (someone,) = world.add_people(1)
        opened = ready.open_task(draft(someone, KEY, world.now() + timedelta(hours=2)))
        assert isinstance(opened, Opened)
        ready.close_task(opened.task, "Done")
        world.advance(LATER_SECONDS)
        records = read(ready, Stream.ENGAGEMENTS).records if Stream.ENGAGEMENTS in ready.capabilities.streams else ()
        assert [ref for ref, record in latest(records).items() if isinstance(record, EngagementRecord)] == []


def _opened(world: World, ready: Connector[Any], person: Ref) -> Task:
    """An open task of this person, as it is read back."""
    ready.open_task(draft(person, KEY, (world.now() + timedelta(hours=2)).replace(microsecond=0)))
    (task,) = ready.find_tasks(person)
    return task
