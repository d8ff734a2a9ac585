"""What the daemon did and what troubles it: runs with their phase and counts, and problems with a beginning and an end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, func, select, update

from leadline.clock import from_stamp, stamp
from leadline.state import tables
from leadline.state.database import upsert


class Problem(Struct, frozen=True):
    """Something a person should know. `id` stays the same while it lasts; times are aware UTC."""

    id: str
    severity: Literal["error", "warning"]
    what: str
    fix: str
    first_seen_at: datetime
    last_seen_at: datetime


class Run(Struct, frozen=True):
    """One cycle of one connection. `outcome` is None while it runs, then `ok` or `failed`."""

    id: str
    connection: str
    phase: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    counts: dict[str, int]


def begin_run(tx: Connection, run_id: str, connection: str, now: datetime) -> None:
    """Note that a cycle began."""
    upsert(tx, tables.runs, [(run_id, connection, "begin", stamp(now), None, None, "{}")])


def enter_phase(tx: Connection, run_id: str, phase: str) -> None:
    """Note what the cycle is at: `pull`, `score` or `deliver`."""
    tx.execute(update(tables.runs).where(tables.runs.c.id == run_id).values(phase=phase))


def finish_run(tx: Connection, run_id: str, outcome: str, counts: dict[str, int], now: datetime) -> None:
    """Note how the cycle ended."""
    tx.execute(
        update(tables.runs)
        .where(tables.runs.c.id == run_id)
        .values(
            phase="done",
            outcome=outcome,
            counts=msgspec.json.encode(counts, order="sorted").decode(),
            finished_at=stamp(now),
        )
    )


def last_runs(tx: Connection) -> dict[str, Run]:
    """The newest run of each connection."""
    table = tables.runs
    newest = select(table.c.connection, func.max(table.c.started_at).label("at")).group_by(table.c.connection).subquery()
    rows = tx.execute(
        select(table).join(newest, (table.c.connection == newest.c.connection) & (table.c.started_at == newest.c.at))
    )
    return {row.connection: _run(row) for row in rows}


def last_success(tx: Connection, connection: str) -> datetime | None:
    """When the connection's last good cycle ended."""
    table = tables.runs
    at = tx.execute(
        select(func.max(table.c.finished_at)).where(table.c.connection == connection, table.c.outcome == "ok")
    ).scalar()
    return from_stamp(at) if at else None


def first_began(tx: Connection, connection: str) -> datetime | None:
    """When the connection's first cycle began."""
    table = tables.runs
    at = tx.execute(select(func.min(table.c.started_at)).where(table.c.connection == connection)).scalar()
    return from_stamp(at) if at else None


def last_success_began(tx: Connection, connection: str) -> datetime | None:
    """When the connection's last good cycle began: what changed before that is known."""
    table = tables.runs
    at = tx.execute(
        select(func.max(table.c.started_at)).where(table.c.connection == connection, table.c.outcome == "ok")
    ).scalar()
    return from_stamp(at) if at else None


def open_problem(
    tx: Connection, problem_id: str, severity: Literal["error", "warning"], what: str, fix: str, now: datetime
) -> bool:
    """Record a problem or that it goes on; True when it is new, which is when people are told."""
    table = tables.problems
    row = tx.execute(select(table).where(table.c.id == problem_id)).first()
    ongoing = row is not None and row.ended_at is None
    first, told = (row.first_seen_at, row.opening_told_at) if row is not None and ongoing else (stamp(now), None)
    upsert(tx, table, [(problem_id, severity, what, fix, first, stamp(now), None, told, None)])
    return not ongoing


def end_problem(tx: Connection, problem_id: str, now: datetime) -> bool:
    """Record that a problem is over; True when there was one."""
    table = tables.problems
    ended = tx.execute(update(table).where(table.c.id == problem_id, table.c.ended_at.is_(None)).values(ended_at=stamp(now)))
    return bool(ended.rowcount)


def keep_past_problem(tx: Connection, problem: Problem) -> None:
    """Record a problem that could not be stored while it lasted. Its beginning counts as told; its end does not."""
    first, last = stamp(problem.first_seen_at), stamp(problem.last_seen_at)
    row = (problem.id, problem.severity, problem.what, problem.fix, first, last, last, last, None)
    upsert(tx, tables.problems, [row])


def open_problems(tx: Connection) -> list[Problem]:
    """The problems that last, errors first, oldest first."""
    table = tables.problems
    rows = tx.execute(
        select(table).where(table.c.ended_at.is_(None)).order_by(table.c.severity, table.c.first_seen_at, table.c.id)
    )
    return [_problem(row) for row in rows]


class Past(Struct, frozen=True):
    """A problem that is over, and since when (aware UTC)."""

    problem: Problem
    ended_at: datetime


def past_problems(tx: Connection) -> list[Past]:
    """The problems that are over, the latest first; of one that came again, only its last time."""
    table = tables.problems
    rows = tx.execute(select(table).where(table.c.ended_at.is_not(None)).order_by(table.c.ended_at.desc(), table.c.id))
    return [Past(_problem(row), from_stamp(row.ended_at)) for row in rows]


def untold_problems(tx: Connection) -> tuple[list[Problem], list[Problem]]:
    """Problems whose beginning nobody was told of, and problems whose end nobody was told of, oldest first.

    One that ended before anybody heard of it is in neither list.
    """
    table = tables.problems
    begun = select(table).where(table.c.ended_at.is_(None), table.c.opening_told_at.is_(None))
    over = select(table).where(
        table.c.ended_at.is_not(None), table.c.opening_told_at.is_not(None), table.c.end_told_at.is_(None)
    )
    order = (table.c.first_seen_at, table.c.id)
    return [_problem(row) for row in tx.execute(begun.order_by(*order))], [
        _problem(row) for row in tx.execute(over.order_by(*order))
    ]


def mark_told(tx: Connection, begun: Iterable[Problem], over: Iterable[Problem], now: datetime) -> None:
    """Note that people were told of these beginnings and ends."""
    table = tables.problems
    for column, problems in ((table.c.opening_told_at, begun), (table.c.end_told_at, over)):
        ids = [problem.id for problem in problems]
        if ids:
            tx.execute(update(table).where(table.c.id.in_(ids)).values({column: stamp(now)}))


def _problem(row: Any) -> Problem:
    first, last = from_stamp(row.first_seen_at), from_stamp(row.last_seen_at)
    return Problem(row.id, row.severity, row.what, row.fix, first, last)


def _run(row: object) -> Run:
    held = msgspec.convert(row, _RunRow, from_attributes=True)
    return Run(
        held.id,
        held.connection,
        held.phase,
        from_stamp(held.started_at),
        from_stamp(held.finished_at) if held.finished_at else None,
        held.outcome,
        msgspec.json.decode(held.counts, type=dict[str, int]),
    )


class _RunRow(Struct):
    id: str
    connection: str
    phase: str
    started_at: str
    finished_at: str | None
    outcome: str | None
    counts: str
