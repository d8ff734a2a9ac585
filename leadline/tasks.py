"""Which wanted tasks are opened now, for whom, and which are held back so that nobody is flooded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Connection

from connectors.records import OwnerRecord, Ref
from leadline.calendars import calendar, due_at
from leadline.drafts import Assignment, Drafts
from leadline.facts import ranked_records
from leadline.settings.model import WorkingHours
from leadline.state import outbox, people, scores
from leadline.state.opened import TaskPayload
from leadline.state.outbox import Lane
from leadline.state.people import PersonView
from leadline.state.records import owners_of
from leadline.state.scores import Score, Wanted
from scoring.core import KNOCKED_OUT
from scoring.qualification import Calm, Qualification, TaskRule
from scoring.stages import SIGNAL_LINE

HAND_RAISER_WINDOW = timedelta(days=1)
"""A hand raised within this time is answered whatever the queue holds."""
REVIEW_EVERY = timedelta(minutes=10)
"""How long what is held back waits at most after there is room again."""


class TaskTarget(Struct, frozen=True):
    """Where a person's task goes: a record in a CRM, and the owner who gets it (None if the CRM has nobody active)."""

    connection: str
    record: Ref
    owner_id: str | None


class Team(Struct, frozen=True):
    """The people of one connection: everybody records can be assigned to, and the ids of those who own some."""

    owners: Mapping[str, OwnerRecord]
    owning: frozenset[str]


class Load(Struct):
    """What owners and persons already have: tasks opened or queued today by owner, and the persons in their cool-down.

    `unread` are the connections that were not yet read to their end for the first time: nobody is known whole without them.
    """

    by_owner: Counter[tuple[str, str | None]]
    cooling: set[str]
    unread: frozenset[str] = frozenset()


def held_back(wanted: Wanted, target: TaskTarget, load: Load, calm: Calm, rule: TaskRule, now: datetime) -> str | None:
    """Why a wanted task has to wait, None when it may open. Pure."""
    if rule.lane == "first" and now - wanted.happened_at <= HAND_RAISER_WINDOW and not wanted.at_launch:
        return None
    if load.unread:
        return f"waiting for {' and '.join(sorted(load.unread))} to be read for the first time"
    if wanted.person_id in load.cooling:
        return f"cool-down: the person had a task within {calm.cool_down} days"
    launching = wanted.at_launch and wanted.at.date() == now.date()
    room = min(calm.at_launch.open_top, calm.per_owner_per_day) if launching else calm.per_owner_per_day
    if load.by_owner[(target.connection, target.owner_id)] >= room:
        if launching:
            return f"{scores.AT_LAUNCH}: only the best {room} of each owner are opened"
        return f"owner's day is full: {room} tasks"
    return None


class TaskQueue:
    """Queues wanted tasks, the best persons first."""

    def __init__(
        self,
        qualification: Qualification,
        hours: WorkingHours,
        preferred: Sequence[str],
        task_objects: Mapping[str, frozenset[str]],
    ) -> None:
        self._calm = qualification.calm
        self._rules = {rule.id: rule for rule in qualification.tasks}
        self._hours = hours
        self._preferred = preferred
        self._drafts = Drafts(preferred)
        self._task_objects = task_objects
        self._reviewed: tuple[datetime, frozenset[str]] | None = None

    def queue(self, tx: Connection, now: datetime, unread: frozenset[str], scored: Set[str]) -> int:
        """Queue what may open now and record the reason for what may not; returns how many were queued.

        `unread` are the connections that were not yet read to their end for the first time, `scored` the persons scored
        since the last time. What is held back for others is looked at again every few minutes only: its reason is a full
        day or a cool-down, and hundreds may wait when a workspace goes live.
        """
        wanted = [one for one in scores.wanted_tasks(tx) if one.task_rule in self._rules]
        if not self._is_review(now, unread):
            wanted = [one for one in wanted if one.outcome == "wanted" or one.person_id in scored]
        if not wanted:
            return 0
        ids = sorted({one.person_id for one in wanted})
        views = {view.id: view for view in people.load_people(tx, ids)}
        held_scores = scores.load_scores(tx, ids)
        load = self._load(tx, now, unread)
        teams = {name: Team(owners_of(tx, name), people.owning(tx, name)) for name in self._task_objects}
        queued = 0
        for one in sorted(wanted, key=self._urgency):
            view, score = views.get(one.person_id), held_scores.get(one.person_id)
            if view is None or score is None or not _still_stands(one, score):
                scores.settle_crossing(tx, one.crossing_id, "lapsed", "the person no longer qualifies")
                continue
            if is_past(one, self._calm, now):
                why = f"it happened on {one.happened_at:%d %b %Y}, too long ago for a task"
                scores.settle_crossing(tx, one.crossing_id, "lapsed", why)
                continue
            queued += self._queue_one(tx, one, view, score, load, teams, now)
        return queued

    def _is_review(self, now: datetime, unread: frozenset[str]) -> bool:
        """Whether all that is held back is looked at now."""
        if self._reviewed is not None:
            at, was_unread = self._reviewed
            # A clock that was set back must not put the next look off.
            if unread == was_unread and now.date() == at.date() and timedelta() <= now - at < REVIEW_EVERY:
                return False
        self._reviewed = (now, unread)
        return True

    def _queue_one(
        self,
        tx: Connection,
        one: Wanted,
        view: PersonView,
        score: Score,
        load: Load,
        teams: Mapping[str, Team],
        now: datetime,
    ) -> int:
        rule = self._rules[one.task_rule]
        target = self._target(view, teams, load)
        if target is None:
            _hold_back(tx, one, "no CRM of this person takes tasks")
            return 0
        reason = held_back(one, target, load, self._calm, rule, now)
        if reason:
            _hold_back(tx, one, reason)
            return 0
        lane = Lane.FIRST if rule.lane == "first" else Lane.TASKS
        due = due_at(rule.due, now, calendar(self._hours))
        draft = self._drafts.draft(tx, view, score, rule, Assignment(one.crossing_id, target.record, target.owner_id, due))
        if not outbox.put_task(tx, target.connection, TaskPayload(draft, one.crossing_id), lane, now):
            scores.settle_crossing(tx, one.crossing_id, "task opened", "before the person's records went and came back")
            return 0
        scores.settle_crossing(tx, one.crossing_id, "task queued", f"{rule.id} for {target.record}")
        load.by_owner[(target.connection, target.owner_id)] += 1
        load.cooling.add(one.person_id)
        return 1

    def _target(self, view: PersonView, teams: Mapping[str, Team], load: Load) -> TaskTarget | None:
        for stored, record in ranked_records(view, self._preferred):
            name = stored.connection
            if record.writable and record.ref.object in self._task_objects.get(name, frozenset()):
                taken = {owner: count for (connection, owner), count in load.by_owner.items() if connection == name}
                return TaskTarget(name, record.ref, working_owner(record.owner_id, teams[name], taken))
        return None

    def _load(self, tx: Connection, now: datetime, unread: frozenset[str]) -> Load:
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        cooling_since = now - timedelta(days=self._calm.cool_down)
        opened = scores.task_times(tx, min(midnight, cooling_since))
        queued = outbox.queued_tasks(tx)
        by_owner = Counter((connection, owner) for connection, _, owner, at in opened if at >= midnight)
        by_owner.update((connection, payload.draft.owner_id) for connection, payload in queued)
        cooling = {person for _, person, _, at in opened if at >= cooling_since}
        cooling |= scores.persons_of_crossings(tx, [payload.crossing_id for _, payload in queued])
        return Load(by_owner, cooling, unread)

    def _urgency(self, one: Wanted) -> tuple[bool, int, str, str]:
        return self._rules[one.task_rule].lane != "first", -one.total, one.person_id, one.crossing_id


def _hold_back(tx: Connection, one: Wanted, reason: str) -> None:
    """Record the reason; what came of going live stays marked, or it would pass for news tomorrow."""
    marked = one.at_launch and not reason.startswith(scores.AT_LAUNCH)
    scores.settle_crossing(tx, one.crossing_id, "held back", f"{scores.AT_LAUNCH}; {reason}" if marked else reason)


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


def working_owner(owner_id: str | None, team: Team, taken: Mapping[str | None, int]) -> str | None:
    """Who gets a task of a record owned by `owner_id`: the owner, or if nobody works there, the least loaded seller.

    `taken` counts today's tasks by owner. A seller is an active user who owns records; without any, every active user is.
    Pure. None only for an account without active users.
    """
    active = {one.ref.id: one for one in team.owners.values() if one.active and one.kind == "user"}
    if owner_id in active:
        return owner_id
    sellers = [owner for owner in active if owner in team.owning] or list(active)
    return min(sellers, key=lambda owner: (taken.get(owner, 0), active[owner].name, owner), default=None)
