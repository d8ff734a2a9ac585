"""Intents: what the CRMs should be told after people were scored, queued where it is worth it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connectors.records import PersonRecord, Ref, Scalar
from connectors.stages import CRM_STAGE, StagePlace
from leadline.channel import refused_for
from leadline.decide import is_material, values_to_show, with_time
from leadline.settings.workspace import Workspace
from leadline.state import delivered, opened, outbox, parked, records, scores
from leadline.state.course import scores_then
from leadline.state.delivered import Delivered
from leadline.state.outbox import Lane, values_id
from leadline.state.people import PersonView
from leadline.state.records import Stored
from leadline.state.scores import Score
from leadline.trend import WINDOW, Trend, direction, in_words, trend_of
from scoring.stages import Crossing


@dataclass(frozen=True, slots=True)
class Destination:
    """A connection scores can be written to: its connector type and the objects that carry them.

    `company_values` are the values of a company's score that have a place on the company; `stage_place` is where stages have
    one besides our own property.
    """

    crm_type: str
    person_objects: frozenset[str]
    takes_tasks: bool
    company_values: frozenset[str] = frozenset()
    stage_place: StagePlace | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one record should show."""

    stored: Stored
    record: PersonRecord
    wanted: dict[str, Scalar]
    trend: Trend
    stage: str


class Intents:
    """Queues values, and the end of tasks, for all destinations."""

    def __init__(self, workspace: Workspace, destinations: Mapping[str, Destination]) -> None:
        self._workspace = workspace
        self._destinations = destinations

    def queue_values(self, tx: Connection, scored: Iterable[tuple[PersonView, Score]], now: datetime) -> None:
        """Queue what the records of these persons should show, where that is worth a write."""
        by_connection: dict[str, list[_Entry]] = {}
        people = list(scored)
        then = scores_then(tx, [score.person_id for _, score in people], now - WINDOW)
        words, properties = self._workspace.words, self._workspace.settings.properties
        for view, score in people:
            stage = score.standing.stage
            wanted = values_to_show(score.breakdown, score.assessment, stage, words, properties)
            trend = trend_of(score.breakdown.total, then.get(score.person_id), now)
            for stored in view.records:
                record = stored.record
                if isinstance(record, PersonRecord) and self._takes_scores(stored.connection, record):
                    by_connection.setdefault(stored.connection, []).append(_Entry(stored, record, wanted, trend, stage))
        for connection, entries in sorted(by_connection.items()):
            self._queue_for(tx, connection, entries, now)

    def end_tasks(self, tx: Connection, passed: Iterable[Crossing], now: datetime) -> None:
        """Let the tasks of lines end that were left just now: closed while they are as we wrote them."""
        for crossing in passed:
            if crossing.direction != "left":
                continue
            because = f": {', '.join(crossing.reasons)}" if crossing.reasons else ""
            note = f"Closed by Leadline on {now:%d %b %Y}: {crossing.line} does not hold any more{because}."
            for key, connection in opened.tasks_on_line(tx, crossing.person, crossing.line):
                outbox.put_closing(tx, connection, key, note, now)

    def lift_refusals(self, tx: Connection, now: datetime) -> None:
        """Forget refusals whose record or settings are others now: tasks are wanted again, for whoever should have them.

        Values and changes of tasks are decided upon with the next score; values of records that left are forgotten.
        """
        for row in parked.of_kind(tx, "task"):
            if self._is_lifted(tx, row):
                parked.unpark(tx, [row.id])
                scores.settle_crossing(tx, outbox.crossing_of_task(row.id), "wanted", f"refused before: {row.code}")
        closings = [row.id for row in parked.of_kind(tx, "closing") if self._is_lifted(tx, row)]
        parked.requeue(tx, closings, now)
        parked.unpark(tx, [row.id for row in parked.of_kind(tx, "change") if self._is_lifted(tx, row)])
        parked.forget_values_of_removed(tx)

    def _is_lifted(self, tx: Connection, row: parked.ParkedRow) -> bool:
        stored = records.load(tx, row.connection, [row.ref]).get(row.ref)
        return row.refused_for != refused_for(stored.content_hash if stored else "", self._workspace.hash)

    def _takes_scores(self, connection: str, record: PersonRecord) -> bool:
        destination = self._destinations.get(connection)
        return destination is not None and record.writable and record.ref.object in destination.person_objects

    def _queue_for(self, tx: Connection, connection: str, entries: Sequence[_Entry], now: datetime) -> None:
        told = delivered.delivered(tx, connection, [entry.record.ref for entry in entries])
        ids = [values_id(connection, entry.record.ref) for entry in entries]
        refusals = {row.id: row for row in parked.parked(tx, ids)}
        stages = self._crm_stages(tx, connection, entries, told)
        unsent = outbox.unsent_values(tx, ids)
        intents: dict[Ref, dict[str, Scalar]] = {}
        lifted: list[str] = []
        for entry, row_id in zip(entries, ids, strict=True):
            refusal = refusals.get(row_id)
            if refusal and refusal.refused_for == refused_for(entry.stored.content_hash, self._workspace.hash):
                continue
            if refusal:
                lifted.append(refusal.id)
            before = told.get(entry.record.ref) or _seen_in_crm(entry.record)
            waiting = unsent.get(row_id)
            wanted = self._with_trend(entry, waiting or (before.values if before else {})) | stages.get(entry.record.ref, {})
            if waiting is not None:
                # What waits, or went out without an answer, must not outlive a score that has moved on or back.
                due = any(waiting.get(name) != value for name, value in {CRM_STAGE: None, **wanted}.items())
            else:
                due = refusal is not None or is_material(wanted, before, self._workspace.settings.delivery, now)
            if due:
                intents[entry.record.ref] = with_time(wanted, now)
        parked.unpark(tx, lifted)
        outbox.put_values(tx, connection, intents, Lane.SCORES, now)

    def _crm_stages(
        self, tx: Connection, connection: str, entries: Sequence[_Entry], told: Mapping[Ref, Delivered]
    ) -> dict[Ref, dict[str, Scalar]]:
        """The stages that are to be set in the CRM's own field, unless the CRM refused that of the record as it is."""
        place = self._destinations[connection].stage_place
        if place is None:
            return {}
        found: dict[Ref, dict[str, Scalar]] = {}
        for entry in entries:
            record, before = entry.record, told.get(entry.record.ref)
            if record.ref.object not in place.objects:
                continue
            last = before.values.get(CRM_STAGE) if before else None
            if (value := place.value_to_set(entry.stage, record.fields.get(place.field), last)) is not None:
                found[record.ref] = {CRM_STAGE: value}
        refusals = parked.parked(tx, [parked.stage_id(connection, ref) for ref in found])
        lifted = [row for row in refusals if self._is_lifted(tx, row)]
        parked.unpark(tx, [row.id for row in lifted])
        in_force = {row.ref for row in refusals} - {row.ref for row in lifted}
        return {ref: value for ref, value in found.items() if ref not in in_force}

    def _with_trend(self, entry: _Entry, told: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """The values with the score's trend, which goes on from what was told last."""
        if "trend" not in self._workspace.settings.properties:
            return entry.wanted
        way = direction(entry.trend, told.get("trend"), self._workspace.settings.delivery.min_change)
        return {**entry.wanted, "trend": in_words(entry.trend, way, self._workspace.words)}


def _seen_in_crm(record: PersonRecord) -> Delivered | None:
    """What the CRM already shows, for a workspace that lost its own memory of it."""
    if not record.ours.get("grade"):
        return None
    return Delivered(dict(record.ours), record.modified_at)
