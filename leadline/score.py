"""Score: join records to persons, score those that may have changed, and queue what is worth telling.

Scores, crossings and what follows from them are stored in one transaction for each handful of persons, so a process killed
in between has either all of it or none, and scores the rest when it comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connectors.records import PersonRecord, Ref, Scalar
from leadline import identity
from leadline.channel import refused_for
from leadline.clock import Clock
from leadline.decide import is_material, values_to_show, with_time
from leadline.facts import company_of, facts_of
from leadline.observe import Observer
from leadline.settings.workspace import Workspace
from leadline.state import cursors, delivered, outbox, parked, people, records, scores
from leadline.state.cursors import Launch
from leadline.state.database import Database
from leadline.state.delivered import Delivered
from leadline.state.outbox import Lane, values_id
from leadline.state.people import PersonView
from leadline.state.records import Stored
from leadline.state.scores import Score
from leadline.tasks import TaskQueue
from scoring.engine import Engine
from scoring.evidence import Assessor
from scoring.facts import Facts
from scoring.stages import Crossing, Situation, Standing, move, tasks_for

PERSONS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Destination:
    """A connection scores can be written to: its connector type and the objects that carry them."""

    crm_type: str
    person_objects: frozenset[str]
    takes_tasks: bool


@dataclass(frozen=True, slots=True)
class _Scored:
    view: PersonView
    facts: Facts
    score: Score
    before: Score | None
    crossings: tuple[tuple[Crossing, str | None], ...]


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
        self._tasks = TaskQueue(
            workspace.qualification,
            workspace.settings.working_hours,
            self._preferred,
            {name: one.person_objects for name, one in destinations.items() if one.takes_tasks},
        )

    def score_dirty(self, stop_if_asked: Callable[[], None], unread: frozenset[str]) -> int:
        """Score every person who may have changed, by facts, by rules or by the passing of a day; returns how many.

        `unread` are the connections that were not yet read to their end for the first time: tasks wait for them.
        """
        now = self._clock.now()
        with self._database.begin() as tx:
            identity.resolve(tx, {name: one.crm_type for name, one in self._destinations.items()}, now)
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            people.mark_outdated(tx, midnight, self._workspace.hash, now)
            people.mark_colleagues(tx, now)
        done = 0
        while scored := self._score_some(now):
            done += scored
            stop_if_asked()
        with self._database.begin() as tx:
            self._want_parked_tasks(tx)
            self._tasks.queue(tx, now, unread)
        return done

    def _score_some(self, now: datetime) -> int:
        with self._database.begin() as tx:
            ids = people.dirty_persons(tx, PERSONS_AT_ONCE)
            if not ids:
                return 0
            scored = self._scored(tx, ids, now)
            self._store(tx, scored, now)
            people.mark_clean(tx, ids)
            left = people.count_dirty(tx)
        self._observer.scored(len(ids), left)
        return len(ids)

    def _scored(self, tx: Connection, ids: Sequence[str], now: datetime) -> list[_Scored]:
        views = people.load_people(tx, ids)
        colleagues = people.load_colleagues(tx, views)
        colleague_facts = {
            member.id: facts_of(member, self._preferred) for members in colleagues.values() for member in members
        }
        before, standings = scores.load_scores(tx, ids), scores.load_standings(tx, ids)
        found: list[_Scored] = []
        for view in views:
            company = company_of(view, self._preferred)
            others = [colleague_facts[member.id] for member in colleagues.get(company, [])] if company else []
            found.append(self._score_one(view, others, before.get(view.id), standings.get(view.id), now))
        return found

    def _score_one(
        self,
        view: PersonView,
        others: Sequence[Facts],
        before: Score | None,
        standing: Standing | None,
        now: datetime,
    ) -> _Scored:
        facts = facts_of(view, self._preferred)
        breakdown = self._engine.score(facts, now)
        assessment = self._assessor.assess(facts, now, others)
        situation = Situation(
            as_of=now,
            breakdown=breakdown,
            assessment=assessment,
            deals=facts.deals,
            latest_event_at=max((event.at for event in facts.events if event.at <= now), default=None),
        )
        qualification = self._workspace.qualification
        crossings, standing = move(standing, situation, qualification)
        with_tasks: list[tuple[Crossing, str | None]] = []
        for crossing in crossings:
            rules = tasks_for(crossing, standing, situation, qualification)
            with_tasks.append((crossing, rules[0].id if rules else None))
        score = Score(view.id, breakdown, assessment, standing, self._workspace.hash)
        return _Scored(view, facts, score, before, tuple(with_tasks))

    def _store(self, tx: Connection, scored: Sequence[_Scored], now: datetime) -> None:
        scores.save_scores(tx, [one.score for one in scored])
        scores.keep_history(tx, [one.score for one in scored if _changed(one, self._workspace)])
        launches = cursors.launches(tx)
        for one in scored:
            at_launch = self._at_launch(one, launches)
            for crossing, rule in one.crossings:
                scores.save_crossing(tx, crossing, rule, now, at_launch=at_launch)
        self._queue_values(tx, scored, now)

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

    def _want_parked_tasks(self, tx: Connection) -> None:
        """Refused tasks whose record or settings are others now are wanted again, for whoever should have them now."""
        for row in parked.of_kind(tx, "task"):
            stored = records.load(tx, row.connection, [row.ref]).get(row.ref)
            if row.refused_for != refused_for(stored.content_hash if stored else "", self._workspace.hash):
                parked.unpark(tx, [row.id])
                scores.settle_crossing(tx, outbox.crossing_of_task(row.id), "wanted", f"refused before: {row.code}")

    def _queue_values(self, tx: Connection, scored: Sequence[_Scored], now: datetime) -> None:
        by_connection: dict[str, list[tuple[Stored, PersonRecord, dict[str, Scalar]]]] = {}
        for one in scored:
            wanted = values_to_show(one.score.breakdown, one.score.assessment, one.score.standing.stage)
            for stored in one.view.records:
                record = stored.record
                if isinstance(record, PersonRecord) and self._takes_scores(stored.connection, record):
                    by_connection.setdefault(stored.connection, []).append((stored, record, wanted))
        for connection, entries in sorted(by_connection.items()):
            self._queue_for(tx, connection, entries, now)

    def _takes_scores(self, connection: str, record: PersonRecord) -> bool:
        destination = self._destinations.get(connection)
        return destination is not None and record.writable and record.ref.object in destination.person_objects

    def _queue_for(
        self,
        tx: Connection,
        connection: str,
        entries: Sequence[tuple[Stored, PersonRecord, dict[str, Scalar]]],
        now: datetime,
    ) -> None:
        told = delivered.delivered(tx, connection, [record.ref for _, record, _ in entries])
        ids = [values_id(connection, record.ref) for _, record, _ in entries]
        refusals = {row.id: row for row in parked.parked(tx, ids)}
        unsent = outbox.unsent_values(tx, ids)
        intents: dict[Ref, dict[str, Scalar]] = {}
        lifted: list[str] = []
        for stored, record, wanted in entries:
            refusal = refusals.get(values_id(connection, record.ref))
            if refusal and refusal.refused_for == refused_for(stored.content_hash, self._workspace.hash):
                continue
            if refusal:
                lifted.append(refusal.id)
            before = told.get(record.ref) or _seen_in_crm(record)
            waiting = unsent.get(values_id(connection, record.ref))
            if waiting is not None:
                # What waits, or went out without an answer, must not outlive a score that has moved on or back.
                due = any(waiting.get(name) != value for name, value in wanted.items())
            else:
                due = refusal is not None or is_material(wanted, before, self._workspace.settings.delivery, now)
            if due:
                intents[record.ref] = with_time(wanted, now)
        parked.unpark(tx, lifted)
        outbox.put_values(tx, connection, intents, Lane.SCORES, now)


def _seen_in_crm(record: PersonRecord) -> Delivered | None:
    """What the CRM already shows, for a workspace that lost its own memory of it."""
    if not record.ours.get("grade"):
        return None
    return Delivered(dict(record.ours), record.modified_at)


def _changed(one: _Scored, workspace: Workspace) -> bool:
    if one.before is None:
        return True
    before, after = one.before, one.score
    moved = abs(after.breakdown.total - before.breakdown.total) >= workspace.settings.delivery.min_change * 100
    return (
        moved
        or after.breakdown.grade != before.breakdown.grade
        or after.standing.stage != before.standing.stage
        or after.breakdown.model_hash != before.breakdown.model_hash
    )
