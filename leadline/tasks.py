"""Which wanted tasks are opened now, for whom, and which are held back so that nobody is flooded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection

from connectors.records import Ref
from leadline import consent
from leadline.calendars import Calendars, NeverAtWork, due_at
from leadline.drafts import Assignment, Drafts
from leadline.facts import facts_of, ranked_records, situation_of
from leadline.roster import Roster
from leadline.routing import Candidate, Routed, Router, Team, next_in_turn
from leadline.settings.workspace import Workspace
from leadline.state import outbox, people, scores
from leadline.state.opened import TaskPayload
from leadline.state.outbox import Lane
from leadline.state.people import PersonView
from leadline.state.records import owners_of
from leadline.state.scores import Came, Score, Wanted
from scoring.core import KNOCKED_OUT
from scoring.qualification import Calm, TaskRule
from scoring.stages import SIGNAL_LINE, Crossing, Direction, tasks_for

HAND_RAISER_WINDOW = timedelta(days=1)
"""A hand raised within this time is answered whatever the queue holds."""
REVIEW_EVERY = timedelta(minutes=10)
"""How long what is held back waits at most after there is room again."""
TURNS_REMEMBERED = timedelta(days=14)
"""How far back it is looked who had the last task."""
PERSONS_AT_ONCE = 500
"""Persons that are held in memory while their tasks are decided on."""


class TaskTarget(Struct, frozen=True):
    """Where a person's task goes: a record in a CRM, and who gets it."""

    connection: str
    record: Ref
    assignee: Candidate


class Load(Struct):
    """Who must wait: the persons in their cool-down, and everybody while something is `awaited`."""

    cooling: set[str]
    awaited: str | None = None


def held_back(wanted: Wanted, assignee: Candidate, load: Load, calm: Calm, rule: TaskRule, now: datetime) -> str | None:
    """Why a wanted task has to wait, None when it may open. Pure."""
    if rule.lane == "first" and now - wanted.happened_at <= HAND_RAISER_WINDOW and not wanted.at_launch:
        return None
    if load.awaited is not None:
        return f"waiting for {load.awaited}"
    if wanted.person_id in load.cooling:
        return f"cool-down: the person had a task within {calm.cool_down} days"
    launching = wanted.at_launch and wanted.at >= assignee.day_began
    room = min(calm.at_launch.open_top, assignee.room) if launching else assignee.room
    if assignee.taken >= room:
        if launching:
            return f"{scores.AT_LAUNCH}: only the best {room} of each owner are opened"
        return f"owner's day is full: {room} tasks"
    return None


class TaskQueue:
    """Queues wanted tasks, the best persons first. `task_objects` are the objects that tasks go to, by connection."""

    def __init__(self, workspace: Workspace, task_objects: Mapping[str, frozenset[str]]) -> None:
        self._qualification = workspace.qualification
        self._calm = workspace.qualification.calm
        self._rules = {rule.id: rule for rule in workspace.qualification.tasks}
        self._calendars = Calendars(workspace.settings)
        self._router = Router(workspace.qualification.routing, workspace.lists)
        self._preferred = workspace.preferred_connections()
        self._drafts = Drafts(self._preferred)
        self._task_objects = task_objects
        self._reviewed: tuple[datetime, str | None] | None = None

    def queue(self, tx: Connection, now: datetime, awaited: str | None, scored: Set[str]) -> int:
        """Queue what may open now and record the reason for what may not; returns how many were queued.

        `awaited` is what all but raised hands wait for, `scored` are the persons scored since the last time. What is held
        back for others is looked at again every few minutes only: its reason is a full day or a cool-down, and thousands
        may wait when a workspace goes live.
        """
        wanted = [one for one in scores.wanted_tasks(tx) if one.task_rule in self._rules]
        if not self._is_review(now, awaited):
            wanted = [one for one in wanted if one.outcome == "wanted" or one.person_id in scored]
        if not wanted:
            return 0
        teams = {name: Team.of(owners_of(tx, name), people.owning(tx, name)) for name in self._task_objects}
        roster = Roster(teams, self._calendars, self._qualification, now)
        load = self._load(tx, roster, awaited)
        queued = 0
        wanted.sort(key=self._urgency)
        for start in range(0, len(wanted), PERSONS_AT_ONCE):
            queued += self._queue_some(tx, wanted[start : start + PERSONS_AT_ONCE], load, roster)
        return queued

    def _is_review(self, now: datetime, awaited: str | None) -> bool:
        """Whether all that is held back is looked at now."""
        if self._reviewed is not None:
            at, was_awaited = self._reviewed
            # A clock that was set back must not put the next look off.
            if awaited == was_awaited and now.date() == at.date() and timedelta() <= now - at < REVIEW_EVERY:
                return False
        self._reviewed = (now, awaited)
        return True

    def _queue_some(self, tx: Connection, wanted: Sequence[Wanted], load: Load, roster: Roster) -> int:
        ids = sorted({one.person_id for one in wanted})
        views = {view.id: view for view in people.load_people(tx, ids)}
        held_scores = scores.load_scores(tx, ids)
        settled: list[tuple[str, Came, str]] = []
        outcome: tuple[Came, str]
        queued = 0
        for one in wanted:
            view, score = views.get(one.person_id), held_scores.get(one.person_id)
            if view is None or score is None or not _still_stands(one, score):
                outcome = "lapsed", "the person no longer qualifies"
            elif is_past(one, self._calm, roster.now):
                outcome = "lapsed", f"it happened on {one.happened_at:%d %b %Y}, too long ago for a task"
            else:
                outcome = self._put(tx, one, view, score, load, roster)
                queued += outcome[0] == "task queued"
            if outcome != (one.outcome, one.why):
                settled.append((one.crossing_id, *outcome))
        scores.settle_crossings(tx, settled)
        return queued

    def _put(
        self, tx: Connection, one: Wanted, view: PersonView, score: Score, load: Load, roster: Roster
    ) -> tuple[Came, str]:
        """Queue a task if it may open now; returns what comes of it, and why."""
        rule = self._permitted(one, view, score)
        if isinstance(rule, str):
            return "no task", rule
        target = self._target(one, view, rule, roster)
        if isinstance(target, str):
            return _held_back(one, target)
        if reason := held_back(one, target.assignee, load, self._calm, rule, roster.now):
            return _held_back(one, reason)
        connection, assignee = target.connection, target.assignee.owner_id
        try:
            due = due_at(rule.due, roster.now, roster.calendar(connection, assignee))
        except NeverAtWork as fault:
            return _held_back(one, f"it can never be due: {fault}")
        lane = Lane.FIRST if rule.lane == "first" else Lane.TASKS
        draft = self._drafts.draft(tx, view, score, rule, Assignment(one.crossing_id, target.record, assignee, due))
        told = self._drafts.told(view, score, connection, target.record, rule.to)
        if not outbox.put_task(tx, connection, TaskPayload(draft, one.crossing_id, told), lane, roster.now):
            return "task opened", "before the person's records went and came back"
        roster.note(connection, assignee, roster.now)
        load.cooling.add(one.person_id)
        return "task queued", f"{rule.id} for {target.record}"

    def _permitted(self, one: Wanted, view: PersonView, score: Score) -> TaskRule | str:
        """The rule by which a task opens: the crossing's, or the next that the person has not refused; or why none does."""
        rule = self._rules[one.task_rule]
        if rule.kind == "todo":
            return rule
        facts = facts_of(view, self._preferred)
        situation = situation_of(facts, score.breakdown, score.assessment, None)
        direction: Direction = "left" if one.direction == "left" else "entered"
        crossing = Crossing(one.person_id, one.line, 0, direction, one.happened_at)
        others = tasks_for(crossing, score.standing, situation, self._qualification)
        return consent.chosen((rule, *others), facts) or rule

    def _target(self, one: Wanted, view: PersonView, rule: TaskRule, roster: Roster) -> TaskTarget | str:
        """Where the task goes; or why it can go nowhere."""
        for stored, record in ranked_records(view, self._preferred):
            name = stored.connection
            if record.writable and record.ref.object in self._task_objects.get(name, frozenset()):
                whose = Routed(record.owner_id, lambda: facts_of(view, self._preferred).fields())
                ids = self._router.candidates(rule.to, whose, roster.teams[name], roster.now.date())
                if not ids:
                    return f"nobody can take it: {name} has no active user"
                candidates = [roster.candidate(name, owner) for owner in ids]
                return TaskTarget(name, record.ref, next_in_turn(candidates, one.crossing_id, rule.lane))
        return "no CRM of this person takes tasks"

    def _load(self, tx: Connection, roster: Roster, awaited: str | None) -> Load:
        now = roster.now
        cooling_since = now - timedelta(days=self._calm.cool_down)
        opened = scores.task_times(tx, min(now - TURNS_REMEMBERED, cooling_since))
        queued = outbox.queued_tasks(tx)
        for connection, _, owner, at in opened:
            if connection in roster.teams:
                roster.note(connection, owner, at)
        for connection, payload in queued:
            if connection in roster.teams:
                roster.note(connection, payload.draft.owner_id, now)
        cooling = {person for _, person, _, at in opened if at >= cooling_since}
        cooling |= scores.persons_of_crossings(tx, [payload.crossing_id for _, payload in queued])
        return Load(cooling, awaited)

    def _urgency(self, one: Wanted) -> tuple[bool, int, str, str]:
        return self._rules[one.task_rule].lane != "first", -one.total, one.person_id, one.crossing_id


def _held_back(one: Wanted, reason: str) -> tuple[Came, str]:
    """The outcome for a reason; what came of going live stays marked, or it would pass for news tomorrow."""
    marked = one.at_launch and not reason.startswith(scores.AT_LAUNCH)
    return "held back", f"{scores.AT_LAUNCH}; {reason}" if marked else reason


def is_past(one: Wanted, calm: Calm, now: datetime) -> bool:
    """Whether a signal is history: older than the cool-down, within which a task would have answered it. Pure."""
    return one.line.startswith(SIGNAL_LINE) and now - one.happened_at > timedelta(days=calm.cool_down)


def _still_stands(one: Wanted, score: Score) -> bool:
    """A held-back task opens only while the person is on that side of the line. Signals are moments, and stay."""
    if score.breakdown.grade == KNOCKED_OUT:
        return False
    if one.line.startswith(SIGNAL_LINE):
        return True
    is_held = score.standing.ordinals.get(one.line, 0) % 2 == 1
    return is_held == (one.direction == "entered")
