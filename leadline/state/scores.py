"""Scores with their reasons, the history of material changes, and crossings with what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, bindparam, delete, func, select, update

from connectors.records import Ref
from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import chunks, upsert
from scoring.breakdown import Breakdown, decode_breakdown
from scoring.evidence import Assessment
from scoring.stages import Crossing, Standing


class Score(Struct, frozen=True):
    """A person's present score with everything behind it. `rules_hash` stands for the configuration it was made under."""

    person_id: str
    breakdown: Breakdown
    assessment: Assessment
    standing: Standing
    rules_hash: str


class Kept(Struct, frozen=True):
    """A score as it was when it had changed materially."""

    breakdown: Breakdown
    stage: str


class Wanted(Struct, frozen=True):
    """A crossing whose task is not queued yet, with the person's present total (hundredths) to rank it by.

    `at` is when the crossing was noticed, `happened_at` when what caused it happened: for a signal, its event. `why` is the
    reason for the present outcome.
    """

    crossing_id: str
    person_id: str
    line: str
    direction: str
    at: datetime
    happened_at: datetime
    task_rule: str
    outcome: str
    at_launch: bool
    total: int
    why: str = ""


class Passed(Struct, frozen=True):
    """A crossing with what came of it, and why."""

    id: str
    at: datetime
    direction: str
    line: str
    outcome: str
    why: str

    def __str__(self) -> str:
        told = f"{self.at:%Y-%m-%d %H:%M} UTC {self.direction} {self.line}: {self.outcome}"
        return f"{told} ({self.why})" if self.why else told


_decode_assessment = msgspec.json.Decoder(Assessment).decode
_decode_standing = msgspec.json.Decoder(Standing).decode

AT_LAUNCH = "at launch"

Came: TypeAlias = Literal["no task", "wanted", "held back", "task queued", "task opened", "task closed", "lapsed"]
"""What came of a crossing, as far as it has come."""


def load_scores(tx: Connection, persons: Sequence[str]) -> dict[str, Score]:
    """The present scores among these persons."""
    found: dict[str, Score] = {}
    for chunk in chunks(persons):
        for row in tx.execute(select(tables.scores).where(tables.scores.c.person_id.in_(chunk))):
            found[row.person_id] = Score(
                row.person_id,
                decode_breakdown(row.breakdown),
                _decode_assessment(row.assessment),
                _decode_standing(row.standing),
                row.rules_hash,
            )
    return found


def load_standings(tx: Connection, persons: Sequence[str]) -> dict[str, Standing]:
    """Where these persons stand: as their records' ways left it, else as their score did."""
    found: dict[str, Standing] = {}
    for table in (tables.scores, tables.standings):
        for chunk in chunks(persons):
            rows = tx.execute(select(table.c.person_id, table.c.standing).where(table.c.person_id.in_(chunk)))
            found |= {row.person_id: _decode_standing(row.standing) for row in rows}
    return found


def keep_standings(tx: Connection, standings: Mapping[str, Standing]) -> None:
    """Keep where persons stand until they are scored again: their records went elsewhere or away, or others came."""
    rows = [(person, msgspec.json.encode(standing).decode()) for person, standing in sorted(standings.items())]
    upsert(tx, tables.standings, rows)


def drop_scores(tx: Connection, persons: Sequence[str]) -> None:
    """Forget the scores of persons without records, and keep where they stood: records may come back."""
    for chunk in chunks(persons):
        keep_standings(tx, load_standings(tx, chunk))
        tx.execute(delete(tables.scores).where(tables.scores.c.person_id.in_(chunk)))


def save_scores(tx: Connection, scores: Sequence[Score]) -> None:
    """Store scores, replacing earlier ones of the same persons, and what was kept of where they stood."""
    for chunk in chunks([score.person_id for score in scores]):
        tx.execute(delete(tables.standings).where(tables.standings.c.person_id.in_(chunk)))
    upsert(
        tx,
        tables.scores,
        [
            (
                score.person_id,
                score.breakdown.total,
                score.breakdown.grade,
                score.standing.stage,
                msgspec.json.encode(score.standing).decode(),
                score.breakdown.encode().decode(),
                msgspec.json.encode(score.assessment).decode(),
                score.breakdown.model_hash,
                score.rules_hash,
                stamp(score.breakdown.as_of),
            )
            for score in scores
        ],
    )


def keep_history(tx: Connection, scores: Sequence[Score]) -> None:
    """Keep these scores for good: they changed materially."""
    upsert(
        tx,
        tables.score_history,
        [
            (
                score.person_id,
                stamp(score.breakdown.as_of),
                score.breakdown.total,
                score.breakdown.grade,
                score.standing.stage,
                score.breakdown.model_hash,
                score.breakdown.encode().decode(),
            )
            for score in scores
        ],
    )


def kept_since(tx: Connection, person: str, day: date) -> list[Kept]:
    """The kept scores of a person from the last one of that UTC day or before, oldest first; all if none is so early."""
    table = tables.score_history
    theirs = table.c.person_id == person
    next_day = (day + timedelta(days=1)).isoformat()
    first = select(func.max(table.c.as_of)).where(theirs, table.c.as_of < next_day).scalar_subquery()
    rows = tx.execute(
        select(table.c.breakdown, table.c.stage)
        .where(theirs, table.c.as_of >= func.coalesce(first, ""))
        .order_by(table.c.as_of)
    )
    return [Kept(decode_breakdown(row.breakdown), row.stage) for row in rows]


def give_history(tx: Connection, ended: str, person: str) -> None:
    """The score history of a person who is no more is another's; of two entries of one moment the other's stays."""
    table = tables.score_history
    theirs = select(table.c.as_of).where(table.c.person_id == person)
    tx.execute(delete(table).where(table.c.person_id == ended, table.c.as_of.in_(theirs)))
    tx.execute(update(table).where(table.c.person_id == ended).values(person_id=person))


def grade_counts(tx: Connection) -> dict[str, int]:
    """How many persons have each grade."""
    table = tables.scores
    return {row[0]: row[1] for row in tx.execute(select(table.c.grade, func.count()).group_by(table.c.grade))}


def best(tx: Connection, limit: int) -> list[Score]:
    """The persons with the highest totals."""
    table = tables.scores
    ids = [
        row.person_id
        for row in tx.execute(select(table.c.person_id).order_by(table.c.total.desc(), table.c.person_id).limit(limit))
    ]
    found = load_scores(tx, ids)
    return [found[person] for person in ids]


def save_crossing(tx: Connection, crossing: Crossing, task_rule: str | None, now: datetime, *, at_launch: bool) -> None:
    """Record a crossing: with the task it calls for, still to be queued, or as calling for none."""
    row = (
        crossing.id,
        crossing.person,
        crossing.line,
        crossing.ordinal,
        crossing.direction,
        stamp(now),
        stamp(crossing.happened_at),
        task_rule,
        "wanted" if task_rule else "no task",
        AT_LAUNCH if at_launch else "; ".join(crossing.reasons),
    )
    upsert(tx, tables.crossings, [row])


def wanted_tasks(tx: Connection) -> list[Wanted]:
    """The crossings whose tasks wait to be queued, best persons first."""
    table, scores = tables.crossings, tables.scores
    rows = tx.execute(
        select(table, scores.c.total)
        .join(scores, scores.c.person_id == table.c.person_id)
        .where(table.c.outcome.in_(["wanted", "held back"]), table.c.task_rule.is_not(None))
        .order_by(scores.c.total.desc(), table.c.person_id, table.c.ordinal, table.c.line)
    )
    return [
        Wanted(
            row.id,
            row.person_id,
            row.line,
            row.direction,
            from_stamp(row.at),
            from_stamp(row.happened_at),
            row.task_rule,
            row.outcome,
            row.why.startswith(AT_LAUNCH),
            row.total,
            row.why,
        )
        for row in rows
    ]


def settle_crossing(tx: Connection, crossing_id: str, outcome: Came, why: str) -> None:
    """Record what came of a crossing, and why."""
    table = tables.crossings
    tx.execute(update(table).where(table.c.id == crossing_id).values(outcome=outcome, why=why))


def settle_crossings(tx: Connection, outcomes: Sequence[tuple[str, Came, str]]) -> None:
    """Record what came of many crossings: id, outcome and reason of each."""
    table = tables.crossings
    if outcomes:
        these = (
            update(table).where(table.c.id == bindparam("this")).values(outcome=bindparam("is"), why=bindparam("because"))
        )
        tx.execute(these, [{"this": id_, "is": outcome, "because": why} for id_, outcome, why in outcomes])


def task_times(tx: Connection, since: datetime) -> list[tuple[str, str, str | None, datetime]]:
    """Connection, person, owner and time of every task opened since then. The person is whose record has the task now."""
    table, crossings, records = tables.tasks, tables.crossings, tables.records
    on_record = (
        (records.c.connection == table.c.connection)
        & (records.c.object == table.c.object)
        & (records.c.id == table.c.record_id)
    )
    person = func.coalesce(records.c.person_id, crossings.c.person_id)
    rows = tx.execute(
        select(table.c.connection, person, table.c.owner_id, table.c.opened_at)
        .join(crossings, crossings.c.id == table.c.crossing_id)
        .join(records, on_record, isouter=True)
        .where(table.c.opened_at >= stamp(since))
    )
    return [(row[0], row[1], row[2], from_stamp(row[3])) for row in rows]


def persons_of_crossings(tx: Connection, crossing_ids: Sequence[str]) -> set[str]:
    """Whose crossings these are."""
    table = tables.crossings
    found: set[str] = set()
    for chunk in chunks(crossing_ids):
        found |= {row[0] for row in tx.execute(select(table.c.person_id).where(table.c.id.in_(chunk)))}
    return found


def crossings_of(tx: Connection, person: str) -> list[Passed]:
    """Every line the person passed, oldest first."""
    table = tables.crossings
    rows = tx.execute(select(table).where(table.c.person_id == person).order_by(table.c.at, table.c.ordinal, table.c.line))
    return [Passed(row.id, from_stamp(row.at), row.direction, row.line, row.outcome, row.why) for row in rows]


def best_with_task(tx: Connection, connection: str) -> Ref | None:
    """The record with a task in this connection whose person has the highest total."""
    table, crossings, scored = tables.tasks, tables.crossings, tables.scores
    row = tx.execute(
        select(table.c.object, table.c.record_id)
        .join(crossings, crossings.c.id == table.c.crossing_id)
        .join(scored, scored.c.person_id == crossings.c.person_id)
        .where(table.c.connection == connection)
        .order_by(scored.c.total.desc(), table.c.key)
    ).first()
    return Ref(row.object, row.record_id) if row else None
