"""Score: join records to persons, score those that may have changed, and queue what is worth telling.

Scores, crossings and what follows from them are stored in one transaction for each handful of persons, so a process killed
in between has either all of it or none, and scores the rest when it comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from leadline import consent, identity
from leadline.accounts import AccountBook
from leadline.assignees import Assignees
from leadline.clock import Clock
from leadline.escalation import Hearing
from leadline.facts import company_of, facts_of, situation_of
from leadline.feedback import in_force, new_verdicts
from leadline.intents import Destination, Intents
from leadline.observe import Observer
from leadline.settings.workspace import Workspace
from leadline.state import cursors, feedback, people, scores
from leadline.state.cursors import Launch
from leadline.state.database import Database
from leadline.state.people import PersonView
from leadline.state.scores import Score
from leadline.tasks import TaskQueue
from leadline.upkeep import Upkeep
from scoring.breakdown import Breakdown
from scoring.engine import Engine
from scoring.evidence import Assessment, Assessor
from scoring.facts import Facts
from scoring.qualification import TaskRule
from scoring.stages import Crossing, Feedback, Standing, move, tasks_for

PERSONS_AT_ONCE = 200
RESCORE_FOR = timedelta(seconds=10)
"""How long those who did not change are scored before others are served; a raised hand waits no longer for them."""
EVERYBODY_ANEW = "everybody to be scored anew"
"""What tasks of the best wait for when a day or the rules are others: the best of those scored so far are not the best."""


@dataclass(frozen=True, slots=True)
class _Scored:
    view: PersonView
    facts: Facts
    score: Score
    before: Score | None
    crossings: tuple[tuple[Crossing, TaskRule | str | None], ...]
    verdicts: tuple[feedback.Verdict, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    assessment: Assessment
    standing: Standing
    crossings: tuple[tuple[Crossing, TaskRule | str | None], ...]


class Scorer:
    """Scores with one model and one qualification. Not for two threads at once."""

    def __init__(
        self,
        workspace: Workspace,
        destinations: Mapping[str, Destination],
        database: Database,
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._workspace = workspace
        self._destinations = destinations
        self._database = database
        self._clock = clock
        self._observer = observer
        self._preferred = workspace.preferred_connections()
        self._engine = Engine(workspace.model, workspace.lists)
        self._assessor = Assessor(workspace.qualification, workspace.lists)
        self._hearing = Hearing(workspace)
        self._intents = Intents(workspace, destinations)
        self._accounts = AccountBook(workspace, destinations)
        self._upkeep = Upkeep(self._preferred)
        task_objects = {name: one.person_objects for name, one in destinations.items() if one.takes_tasks}
        self._tasks = TaskQueue(workspace, task_objects)
        self._assignees = Assignees(workspace, task_objects, database, clock)

    def score_dirty(self, stop_if_asked: Callable[[], None], unread: frozenset[str]) -> bool:
        """Score every person who may have changed, and for a moment those whose day or rules are over.

        Returns whether that is all: if not, `rescore_some` does the rest, and only raised hands get tasks until then.
        `unread` are the connections that were not yet read to their end for the first time: tasks wait for them.
        """
        now = self._clock.now()
        with self._database.begin() as tx:
            identity.resolve(tx, {name: one.crm_type for name, one in self._destinations.items()}, now)
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            people.mark_outdated(tx, midnight, self._workspace.hash, now)
            people.mark_colleagues(tx, now)
        scored: set[str] = set()
        while some := self._score_some(now, people.dirty_persons):
            scored.update(some)
            stop_if_asked()
        while self._clock.now() - now < RESCORE_FOR and (some := self._score_some(now, people.outdated_persons)):
            scored.update(some)
            stop_if_asked()
        while self._score_companies(now):
            stop_if_asked()
        with self._database.begin() as tx:
            is_done = not people.outdated_persons(tx, 1)
            self._intents.lift_refusals(tx, now)
            self._tasks.queue(tx, now, _words_of(unread) or (None if is_done else EVERYBODY_ANEW), scored)
        self._assignees.look(unread)
        return is_done

    def rescore_some(self) -> bool:
        """Score some of those whose day or rules are over; whether there were any."""
        return bool(self._score_some(self._clock.now(), people.outdated_persons))

    def _score_companies(self, now: datetime) -> bool:
        with self._database.begin() as tx:
            return self._accounts.score_some(tx, now)

    def _score_some(self, now: datetime, who: Callable[[Connection, int], list[str]]) -> Sequence[str]:
        with self._database.begin() as tx:
            ids = who(tx, PERSONS_AT_ONCE)
            if not ids:
                return ids
            scored = self._scored(tx, ids, now)
            self._store(tx, scored, now)
            self._hearing.hear(tx, (one.view for one in scored), now)
            self._upkeep.keep(tx, ((one.view, one.score) for one in scored), now)
            people.mark_clean(tx, ids)
            left = people.count_dirty(tx)
        self._observer.scored(len(ids), left)
        return ids

    def _scored(self, tx: Connection, ids: Sequence[str], now: datetime) -> list[_Scored]:
        views = people.load_people(tx, ids)
        colleagues = people.load_colleagues(tx, views)
        colleague_facts = {
            member.id: facts_of(member, self._preferred) for members in colleagues.values() for member in members
        }
        before, standings = scores.load_scores(tx, ids), scores.load_standings(tx, ids)
        verdicts = feedback.verdicts_of(tx, ids)
        facts = [facts_of(view, self._preferred) for view in views]
        found: list[_Scored] = []
        for view, known, breakdown in zip(views, facts, self._engine.score_many(facts, now), strict=True):
            company = company_of(view, self._preferred)
            others = [colleague_facts[member.id] for member in colleagues.get(company, [])] if company else []
            kept = verdicts.get(view.id, [])
            news = new_verdicts(view, kept, now)
            placed = self._placed(known, breakdown, others, standings.get(view.id), in_force(view, [*kept, *news]))
            score = Score(view.id, breakdown, placed.assessment, placed.standing, self._workspace.hash)
            found.append(_Scored(view, known, score, before.get(view.id), placed.crossings, tuple(news)))
        return found

    def _placed(
        self,
        facts: Facts,
        breakdown: Breakdown,
        others: Sequence[Facts],
        before: Standing | None,
        verdict: Feedback | None,
    ) -> _Placed:
        """Where a score, and what reps say, put a person."""
        assessment = self._assessor.assess(facts, breakdown.as_of, others)
        situation = situation_of(facts, breakdown, assessment, verdict)
        qualification = self._workspace.qualification
        crossings, standing = move(before, situation, qualification)
        with_tasks = (
            (crossing, consent.chosen(tasks_for(crossing, standing, situation, qualification), facts))
            for crossing in crossings
        )
        return _Placed(assessment, standing, tuple(with_tasks))

    def _store(self, tx: Connection, scored: Sequence[_Scored], now: datetime) -> None:
        scores.save_scores(tx, [one.score for one in scored])
        scores.keep_history(tx, [score for one in scored for score in _to_keep(one, self._workspace)])
        seen = {verdict: (one.before or one.score).breakdown for one in scored for verdict in one.verdicts}
        feedback.keep(tx, seen)
        launches = cursors.launches(tx)
        for one in scored:
            at_launch = self._at_launch(one, launches)
            for crossing, rule in one.crossings:
                opens = rule.id if isinstance(rule, TaskRule) else None
                scores.save_crossing(tx, crossing, opens, now, at_launch=at_launch)
                if isinstance(rule, str):
                    scores.settle_crossing(tx, crossing.id, "no task", rule)
            self._intents.end_tasks(tx, (crossing for crossing, _ in one.crossings), now)
        self._accounts.note(tx, (one.view for one in scored), now)
        self._intents.queue_values(tx, [(one.view, one.score) for one in scored], now)

    def _at_launch(self, one: _Scored, launches: Mapping[str, Launch]) -> bool:
        """Whether a crossing comes from going live or from other rules, rather than from what the person did."""
        found = [(stored, launches.get(stored.connection)) for stored in one.view.records]
        if one.before is None:
            return all(
                launch is None or launch.people_at is None or stored.first_seen_at <= launch.people_at
                for stored, launch in found
            )
        scored_at = one.before.breakdown.as_of
        half_known = any(launch is not None and scored_at < launch.all_at for _, launch in found)
        return half_known or one.before.rules_hash != self._workspace.hash


def _words_of(unread: frozenset[str]) -> str | None:
    return f"{' and '.join(sorted(unread))} to be read for the first time" if unread else None


def _to_keep(one: _Scored, workspace: Workspace) -> tuple[Score, ...]:
    before, after = one.before, one.score
    if before is None:
        return (after,)
    if after.breakdown.model_hash != before.breakdown.model_hash:
        return before, after  # what another model did can be told only beside the last score under the one before
    return (after,) if _changed(before, after, workspace) else ()


def _changed(before: Score, after: Score, workspace: Workspace) -> bool:
    moved = abs(after.breakdown.total - before.breakdown.total) >= workspace.settings.delivery.min_change * 100
    return moved or after.breakdown.grade != before.breakdown.grade or after.standing.stage != before.standing.stage
