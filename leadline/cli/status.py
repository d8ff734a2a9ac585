"""`status` and `problems`: what the daemon did and has before it, and what troubles it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

import typer
from msgspec import Struct
from sqlalchemy import Connection

from connectors.errors import RetryLater
from leadline.app import connect, database_url, open_database
from leadline.cli.present import DEFAULT_CONFIG, FAILED, ConfigOption, out, told_plainly
from leadline.clock import Clock, system_clock
from leadline.heartbeat import age, is_silent
from leadline.observe import Silent
from leadline.settings.findings import SettingsInvalid
from leadline.settings.workspace import ConnectionConfig, load_workspace
from leadline.state import followups, overview, people, runs
from leadline.state.database import Database


class Told(Struct, frozen=True):
    """What one connection's configuration adds: how often it has a cycle, and the calls left today where they are known."""

    every: timedelta
    calls_left: int | None


def status(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Show each connection's last cycles, what is read, what waits, and open problems."""
    clock = system_clock(Event())
    with told_plainly(), open_database(database_url()) as database:
        told = {one.name: _told(one, clock, database) for one in _connections(config)}
        with database.begin() as tx:
            last = runs.last_runs(tx)
            for name, run in sorted(last.items()):
                out.print(_last_cycle(run), markup=False)
                for line in _standing(tx, name, told.get(name), clock.now()):
                    out.print(f"  {line}", markup=False)
            if not last:
                out.print("No cycle has run yet. Start one with: python -m leadline once")
            persons, dirty = people.count_persons(tx), people.count_dirty(tx)
            waiting = sum(one.rows for one in overview.waiting(tx))
            refused = sum(overview.parked(tx).values())
            held_back = overview.held_back(tx)
            troubles = runs.open_problems(tx)
    out.print(f"{persons} persons, {dirty} to be scored; {waiting} in the outbox; {refused} parked.")
    if held_back:
        out.print(f"{sum(tasks for _, tasks in held_back)} tasks are held back:")
    for why, tasks in held_back:
        out.print(f"  {tasks}: {why}", markup=False)
    for problem in troubles:
        out.print(f"{problem.severity}: {problem.what}. {problem.fix}", markup=False)


def problems(
    show_all: bool = typer.Option(False, "--all", help="Those that are over as well."),  # noqa: FBT001, FBT003 - a command's flag
) -> None:
    """List what a person should look at; exits 1 when an error is open."""
    with told_plainly(), open_database(database_url()) as database, database.begin() as tx:
        found = runs.open_problems(tx)
        over = runs.past_problems(tx) if show_all else []
    for problem in found:
        out.print(f"{problem.severity}: {problem.what} ({_seen(problem)}). {problem.fix}", markup=False)
    for past in over:
        out.print(
            f"over: {past.problem.what} ({_seen(past.problem)}, over {past.ended_at:%Y-%m-%d %H:%M} UTC)", markup=False
        )
    if not found:
        out.print("No problems.")
    if any(problem.severity == "error" for problem in found):
        raise typer.Exit(FAILED)


def _connections(config: ConfigOption) -> tuple[ConnectionConfig, ...]:
    """What is configured; nothing when that cannot be read, which is for `check` to say."""
    try:
        return load_workspace(config).connections
    except SettingsInvalid:
        return ()


def _told(config: ConnectionConfig, clock: Clock, database: Database) -> Told:
    connector = connect(config, clock, Silent(), database)
    try:
        return Told(config.envelope.every, connector.context.budget.daily_left())
    except RetryLater:
        return Told(config.envelope.every, None)
    finally:
        connector.close()


def _last_cycle(run: runs.Run) -> str:
    ended = f"{run.finished_at:%Y-%m-%d %H:%M:%S} UTC" if run.finished_at else f"still at {run.phase}"
    counts = ", ".join(f"{count} {what}" for what, count in run.counts.items() if count)
    return f"{run.connection}: {run.outcome or 'running'}, {ended}{f' ({counts})' if counts else ''}"


def _standing(tx: Connection, name: str, told: Told | None, now: datetime) -> Iterator[str]:
    good, known = runs.last_success(tx, name), runs.last_success_began(tx, name)
    if good is None or known is None:
        yield "no good cycle yet"
    else:
        age_seconds = age(good, now)
        silent = told is not None and is_silent(age_seconds, told.every)
        alarm = "; SILENT: two intervals passed without one" if silent else ""
        behind = _span(age(known, now))
        yield f"last good cycle {_span(age_seconds)} ago{alarm}; what changed more than {behind} ago is known"
    read = [f"{rows} {stream}" for (where, stream), rows in sorted(overview.live_records(tx).items()) if where == name]
    yield f"holds {', '.join(read) or 'nothing'}"
    lanes = [f"{one.rows} {one.kind} {one.state} ({one.lane})" for one in overview.waiting(tx) if one.connection == name]
    left = "" if told is None or told.calls_left is None else f"; {told.calls_left} calls left today"
    parked, tasks = overview.parked(tx)[name], overview.open_tasks(tx)[name]
    yield f"outbox: {', '.join(lanes) or 'empty'}; {parked} parked; {tasks} open tasks{left}"
    if (found := followups.responses(tx, now - followups.RECENT).get(name)) is not None:
        yield response_words(found)


def response_words(found: followups.Responses) -> str:
    """How fast tasks were responded to and how often not in time, in a line."""
    median = "" if found.median_seconds is None else f", half of them within {_span(found.median_seconds)}"
    late = ", ".join(f"{tasks} {reason}" for reason, tasks in found.breaches.items())
    answered = f"{found.answered} of {found.opened} responded to{median}"
    return f"tasks of {followups.RECENT.days} days: {answered}; breaches: {late or 'none'}"


def _span(seconds: float) -> str:
    """A length of time as people say it."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _seen(problem: runs.Problem) -> str:
    first, last = f"{problem.first_seen_at:%Y-%m-%d %H:%M} UTC", f"{problem.last_seen_at:%Y-%m-%d %H:%M} UTC"
    return f"{problem.id}, since {first}, last seen {last}"
