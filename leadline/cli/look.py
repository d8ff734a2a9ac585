"""`explain`: why a person has a score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from sqlalchemy import Connection

from connectors.records import PersonRecord
from leadline.app import database_url, open_database
from leadline.cli.present import DEFAULT_CONFIG, FAILED, ConfigOption, err, out, told_plainly
from leadline.cli.since import tell_since
from leadline.cli.standing import crossing_lines, element_lines, stage_lines
from leadline.clock import system_clock
from leadline.decide import shown_score
from leadline.facts import dated_fields, facts_of, situation_of
from leadline.feedback import in_force
from leadline.settings.findings import SettingsInvalid
from leadline.settings.workspace import Workspace, load_workspace
from leadline.state import feedback, followups, people, scores
from leadline.state.people import PersonView, find_persons
from leadline.state.scores import Score
from scoring.outlook import outlook


def explain(
    person: Annotated[str, typer.Argument(help="An e-mail address, a CRM id, or a person's id.")],
    since: Annotated[str | None, typer.Option(help="Tell what changed since a day (UTC), such as 2026-10-01.")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Tell why a person has this score: every line, what is known, and where the person stands. Or what changed it."""
    day = _day(since, system_clock(Event()).now()) if since is not None else None
    rules = _rules(config)
    with told_plainly(), open_database(database_url()) as database, database.begin() as tx:
        found = find_persons(tx, person)
        held = scores.load_scores(tx, found)
        views = [view for view in people.load_people(tx, found) if view.id in held]
        told = [_explain(tx, view, held[view.id], day, rules) for view in views]
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


def _rules(config: Path) -> Workspace | None:
    """The configuration, to read the lines of stages by; what is known and why can be told without."""
    try:
        return load_workspace(config)
    except SettingsInvalid as invalid:
        err.print(f"The lines of the stages are left out: {invalid}; `python -m leadline check` tells.", markup=False)
        return None


def _explain(tx: Connection, view: PersonView, score: Score, day: date | None, rules: Workspace | None) -> bool:
    """Whether there was something to tell."""
    if day is not None:
        return _explain_since(tx, view, score, day)
    _explain_present(view, score)
    preferred = rules.preferred_connections() if rules else ()
    for line in (*_standing(tx, view, score, rules), *_known(tx, view, score, preferred)):
        out.print(f"  {line}", markup=False)
    for line in crossing_lines(scores.crossings_of(tx, view.id), followups.of_persons(tx, [view.id])):
        out.print(f"  {line}", markup=False)
    return True


def _standing(tx: Connection, view: PersonView, score: Score, rules: Workspace | None) -> Iterator[str]:
    if rules is None:
        return
    verdict = in_force(view, feedback.verdicts_of(tx, [view.id]).get(view.id, []))
    facts = facts_of(view, rules.preferred_connections())
    situation = situation_of(facts, score.breakdown, score.assessment, verdict)
    yield from stage_lines(outlook(score.standing, situation, rules.qualification), verdict)
    if score.rules_hash != rules.hash:
        yield "  The configuration has changed since this score; the next cycle reads the lines anew."


def _known(tx: Connection, view: PersonView, score: Score, preferred: Sequence[str]) -> Iterator[str]:
    speakers = {element.person for element in score.assessment.elements if element.person} - {view.id}
    colleagues = {one.id: dated_fields(one, preferred) for one in people.load_people(tx, sorted(speakers))}
    return element_lines(score.assessment, dated_fields(view, preferred), colleagues)


def _explain_since(tx: Connection, view: PersonView, score: Score, day: date) -> bool:
    """Whether an earlier score is kept to compare with."""
    told = tell_since(tx, score, day)
    if not told:
        err.print(f"error: no earlier score of {view.id} is kept; leave out --since", style="red", markup=False)
        return False
    out.print(_named(view), markup=False)
    for line in told:
        out.print(f"  {line}", markup=False)
    return True


def _explain_present(view: PersonView, score: Score) -> None:
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
    for hint in breakdown.hints:
        out.print(f"  would lift it to {hint.grade}: {hint.say} ({hint.points / 100:+g})", markup=False)


def _named(view: PersonView) -> str:
    refs = ", ".join(f"{one.connection} {one.record.ref}" for one in view.records if isinstance(one.record, PersonRecord))
    return f"{view.id}: {refs}"
