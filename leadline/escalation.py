"""Who has responded, what nobody responded to, and the steps that are taken then: the edge around `leadline.followup`.

Responses are found when a person is scored, since whatever brings one makes the person dirty. That a rep has completed our
task only the task itself tells, so unanswered ones are read at their due time, at each step, and once a day: one call for a
hundred of them.

Effects, in their order: the tasks are read; verdict, steps taken and the change of a task that is reassigned are stored in
one transaction. A process killed before has done nothing, and one killed after has done it: no step is taken twice. Messages
are sent from what is stored, and marked when they were taken (`leadline.notify`), so a crash may repeat one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors.contract import Connector
from connectors.errors import Misconfigured
from connectors.records import OwnerRecord
from connectors.tasks import TaskChange
from leadline.calendars import Calendar, Calendars
from leadline.clock import Clock
from leadline.closing import Closing
from leadline.followup import Followup, Seen, Verdict, answer_in, answered, judge
from leadline.problems import Problems
from leadline.retry import Retrier
from leadline.roster import Roster
from leadline.routing import Router, Team, next_in_turn
from leadline.settings.workspace import Workspace
from leadline.state import followups, opened, outbox, people, scores
from leadline.state.database import Database
from leadline.state.people import PersonView
from leadline.state.records import owners_of
from leadline.tasks import TURNS_REMEMBERED
from scoring.routing import OWNER

AT_ONCE = 100
"""Tasks looked at by one call."""
MOST_AT_ONCE = 500
"""Tasks looked at in one cycle; the others wait for the next."""
NOBODY = "followup:nobody"
"""The problem that nobody is named who could be told; the name that `notify:` uses follows."""


class Hearing:
    """Hears of responses while persons are scored."""

    def __init__(self, workspace: Workspace) -> None:
        self._calendars = Calendars(workspace.settings)

    def hear(self, tx: Connection, views: Iterable[PersonView], now: datetime) -> None:
        """Keep the first response to each crossing of these persons, also when an earlier one comes to light."""
        found = {view.id: view for view in views}
        rows = followups.of_persons(tx, found)
        if not rows:
            return
        owners, team = followups.ever_owners(tx), Teams(tx, self._calendars)
        for row in rows:
            answer = answer_in(found[row.person_id].events, row.happened_at, now, owners)
            if answer is not None and (verdict := answered(row, answer, team.calendar(row))) is not None:
                followups.keep(tx, row.crossing_id, verdict)


class Teams:
    """The owners of each connection, as one transaction sees them, and their calendars."""

    def __init__(self, tx: Connection, calendars: Calendars) -> None:
        self._tx = tx
        self._calendars = calendars
        self._owners: dict[str, dict[str, OwnerRecord]] = {}

    def owner(self, connection: str, owner_id: str | None) -> OwnerRecord | None:
        """The owner with this id."""
        if connection not in self._owners:
            self._owners[connection] = owners_of(self._tx, connection)
        return self._owners[connection].get(owner_id) if owner_id else None

    def calendar(self, row: Followup) -> Calendar:
        """The calendar of who has the task."""
        return self._calendars.of(self.owner(row.connection, row.assignee))


class Successors:
    """Who takes over tasks of one connection that nobody responded to, in turn, as one transaction sees them."""

    def __init__(self, tx: Connection, connection: str, workspace: Workspace, calendars: Calendars, now: datetime) -> None:
        self._connection = connection
        self._team = Team.of(owners_of(tx, connection))
        self._router = Router(workspace.qualification.routing, workspace.lists)
        self._roster = Roster({connection: self._team}, calendars, workspace.qualification, now)
        for where, _, owner, at in scores.task_times(tx, now - TURNS_REMEMBERED):
            if where == connection:
                self._roster.note(connection, owner, at)

    def next(self, name: str, row: Followup) -> str | None:
        """Whose turn it is; None if the name means nobody but who has the task, and then it stays where it is."""
        whose = row.owner_id if name == OWNER else row.assignee
        found = [one for one in self._router.successors(name, whose, self._team) if one != row.assignee]
        if not found:
            return None
        candidates = [self._roster.candidate(self._connection, one) for one in found]
        chosen = next_in_turn(candidates, row.crossing_id, "tasks").owner_id
        self._roster.note(self._connection, chosen, self._roster.now)
        return chosen


class Escalations:
    """Looks after the unanswered crossings of one connection."""

    def __init__(
        self,
        connection: str,
        connector: Connector[Any],
        workspace: Workspace,
        database: Database,
        retry: Retrier,
        clock: Clock,
    ) -> None:
        self._connection = connection
        self._connector = connector
        self._workspace = workspace
        self._steps = workspace.qualification.escalate
        self._told = workspace.settings.notify_sales
        self._calendars = Calendars(workspace.settings)
        self._database = database
        self._retry = retry
        self._problems = Problems(database, clock)

    def look(self, known_until: datetime, stop_if_asked: Callable[[], None]) -> None:
        """Judge what is to be looked at. What happened in the CRM before `known_until` has been read.

        Raises:
            ConnectorError: the CRM cannot be asked now; nothing is concluded then.
        """
        if not self._connector.capabilities.tasks:
            return
        for _ in range(MOST_AT_ONCE // AT_ONCE):
            rows, closings = self._due(known_until)
            if not rows:
                return
            try:
                seen = self._read(closings)
            except Misconfigured as error:
                self._tell_of_unreadable(error)
                return
            self._problems.end(self._unreadable)
            untellable = self._judge(rows, seen, known_until)
            self._tell_of_nobody(untellable)
            stop_if_asked()

    def _due(self, known_until: datetime) -> tuple[frozenset[str], dict[str, Closing]]:
        """The crossings to look at, and how the tasks of those that are due were written."""
        name = self._connection
        with self._database.begin() as tx:
            rows = followups.to_look_at(tx, name, known_until, AT_ONCE)
            known = {row.crossing_id: opened.unsettled(tx, name, row.task_key) for row in rows if row.due_at <= known_until}
        closings = {crossing: held[0] for crossing, held in known.items() if held is not None and held[0] is not None}
        return frozenset(row.crossing_id for row in rows), closings

    def _read(self, closings: Mapping[str, Closing]) -> dict[str, Seen]:
        asked = {closing.task: closing.person for closing in closings.values() if closing.task is not None}
        if not asked:
            return {}
        read = self._retry(lambda: self._connector.read_tasks(asked))
        found = {task.ref: task for task in read}
        return {crossing: Seen(closing, found.get(closing.task)) for crossing, closing in closings.items() if closing.task}

    def _judge(self, looked_at: frozenset[str], seen: Mapping[str, Seen], now: datetime) -> set[str]:
        """Store what is known of these crossings and take the steps that are due; returns whom nobody can tell."""
        untellable: set[str] = set()
        with self._database.begin() as tx:
            # Read again: a response may have been heard of meanwhile.
            rows = followups.to_look_at(tx, self._connection, now, AT_ONCE)
            views = {view.id: view for view in people.load_people(tx, sorted({row.person_id for row in rows}))}
            owners, team = followups.ever_owners(tx), Teams(tx, self._calendars)
            successors = Successors(tx, self._connection, self._workspace, self._calendars, now)
            for row in rows:
                if row.crossing_id not in looked_at:
                    continue
                if (view := views.get(row.person_id)) is None:
                    followups.keep(tx, row.crossing_id, Verdict(None, None, row.breach, look_at=None))
                    continue
                answer = answer_in(view.events, row.happened_at, now, owners)
                verdict = judge(row, answer, seen.get(row.crossing_id), self._steps, team.calendar(row), now)
                followups.keep(tx, row.crossing_id, verdict)
                if verdict.steps:
                    untellable |= self._take_steps(tx, row, verdict.steps, successors, now)
        return untellable

    def _take_steps(
        self, tx: Connection, row: Followup, places: Sequence[int], successors: Successors, now: datetime
    ) -> set[str]:
        steps = [self._steps[place] for place in places]
        for step in steps:
            assignee = successors.next(step.reassign_to, row) if step.reassign_to is not None else None
            if assignee is not None:
                outbox.put_change(tx, row.connection, row.task_key, TaskChange(owner_id=assignee), now)
        named = {step.notify for step in steps if step.notify is not None}
        if not named & self._told.keys():
            followups.mark_told(tx, row, max(places) + 1)
        return named - self._told.keys()

    @property
    def _unreadable(self) -> str:
        return f"{self._connection}:followup"

    def _tell_of_unreadable(self, error: Misconfigured) -> None:
        name = self._connection
        what = f"{name}: nobody can tell whether tasks were completed: {error.what}"
        self._problems.open(
            self._unreadable, what, "Grant or correct what the message names; nothing is escalated until then."
        )

    def _tell_of_nobody(self, names: AbstractSet[str]) -> None:
        for name in sorted(names):
            what = f"leads were not answered in time, and nobody is named who is to be told for {name}"
            fix = f"Name an Apprise URL for {name} under notify_sales: in leadline.yaml, or take it out of escalate:."
            self._problems.open(f"{NOBODY}:{name}", what, fix, "warning")
