"""`explain`: why a person has a score."""

from __future__ import annotations

from datetime import date, datetime
from threading import Event
from typing import Annotated

import typer
from sqlalchemy import Connection

from connectors.records import PersonRecord
from leadline.app import database_url, open_database
from leadline.cli.present import FAILED, err, out, told_plainly
from leadline.cli.since import tell_since
from leadline.clock import system_clock
from leadline.decide import shown_score
from leadline.state import people, scores
from leadline.state.people import find_persons
from leadline.state.scores import Score


def explain(
    person: Annotated[str, typer.Argument(help="An e-mail address, a CRM id, or a person's id.")],
    since: Annotated[str | None, typer.Option(help="Tell what changed since a day (UTC), such as 2026-10-01.")] = None,
) -> None:
    """Tell why a person has this score: every line, what is known, and where the person stands. Or what changed it."""
    day = _day(since, system_clock(Event()).now()) if since is not None else None
    with told_plainly(), open_database(database_url()) as database, database.begin() as tx:
        found = find_persons(tx, person)
        held = scores.load_scores(tx, found)
        views = [view for view in people.load_people(tx, found) if view.id in held]
        told = [_explain(tx, view, held[view.id], day) for view in views]
    if not told:
        err.print("error: nobody with a score is known by that; try the CRM's record id", style="red")
    if not told or not all(told):
        raise typer.Exit(FAILED)


def _day(text: str, now: datetime) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f'"{text}" is no day; write 2026-10-01', param_hint="--since") from None
    if day > now.date():
        raise typer.BadParameter(f"{text} is yet to come; today is {now.date()} (UTC)", param_hint="--since")
    return day


def _explain(tx: Connection, view: people.PersonView, score: Score, day: date | None) -> bool:
    """Whether there was something to tell."""
    if day is not None:
        return _explain_since(tx, view, score, day)
    _explain_present(tx, view, score)
    return True


def _explain_since(tx: Connection, view: people.PersonView, score: Score, day: date) -> bool:
    """Whether an earlier score is kept to compare with."""
    told = tell_since(tx, score, day)
    if not told:
        err.print(f"error: no earlier score of {view.id} is kept; leave out --since", style="red", markup=False)
        return False
    out.print(_named(view), markup=False)
    for line in told:
        out.print(f"  {line}", markup=False)
    return True


def _explain_present(tx: Connection, view: people.PersonView, score: Score) -> None:
    breakdown = score.breakdown
    out.print(_named(view), markup=False)
    out.print(
        f"  score {shown_score(breakdown.total)}, grade {breakdown.grade} ({breakdown.heat}), "
        f"stage {score.standing.stage}, model {breakdown.model} {breakdown.model_hash}",
        markup=False,
    )
    for line in breakdown.lines:
        place = "/".join(part for part in (line.section, line.group, line.rule) if part)
        out.print(f"  {line.points / 100:+8.2f}  {line.say}  [{place}]", markup=False)
    lines = "1 line" if len(breakdown.lines) == 1 else f"{len(breakdown.lines)} lines"
    out.print(f"  {breakdown.total / 100:8.2f}  total of {lines}", markup=False)
    for element in score.assessment.elements:
        said = f" ({element.field})" if element.field else ""
        out.print(f"  {element.id}: {element.state}{said}", markup=False)
    gate = score.assessment.hand_over
    out.print(f"  hand-over: {'passed' if gate.passed else 'not yet: ' + ', '.join(gate.refusals)}", markup=False)
    for hint in breakdown.hints:
        out.print(f"  would lift it to {hint.grade}: {hint.say} ({hint.points / 100:+g})", markup=False)
    for crossing in scores.crossings_of(tx, view.id):
        out.print(f"  {crossing}", markup=False)


def _named(view: people.PersonView) -> str:
    refs = ", ".join(f"{one.connection} {one.record.ref}" for one in view.records if isinstance(one.record, PersonRecord))
    return f"{view.id}: {refs}"
