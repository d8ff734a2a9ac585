"""What the demo ends with: what was read and written, who came out on top and why, and what a rep sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from connectors.fields import FieldSpec
from connectors.records import OwnerRecord, PersonRecord, Stream
from connectors.tasks import Task
from leadline.decide import shown_score
from leadline.state.people import PersonView
from leadline.state.scores import Score
from leadline.tally import Tally
from scoring.breakdown import DIGIT_NAMES
from scoring.facts import Facts

STREAMS = (Stream.CONTACTS, Stream.COMPANIES, Stream.DEALS, Stream.ENGAGEMENTS, Stream.OWNERS)


class SeenRecord(Struct, frozen=True):
    """A person record and its Leadline tasks, as a CRM's API shows them."""

    connection: str
    url: str
    record: PersonRecord
    tasks: tuple[Task, ...]


def show_traffic(console: Console, tally: Tally, connections: Sequence[str]) -> None:
    """A row for each connection: what was read, what was written, in how many API calls."""
    table = Table(title="Read and written", title_justify="left", title_style="bold")
    table.add_column("connection")
    for stream in STREAMS:
        table.add_column(stream.value, justify="right")
    for outcome in ("scores written", "tasks opened", "refused", "API calls"):
        table.add_column(outcome, justify="right")
    for name in connections:
        counts = tally.counts(name)
        table.add_row(
            name,
            *(f"{counts.get(f'read.{stream.value}', 0):,}" for stream in STREAMS),
            f"{counts.get('written', 0):,}",
            f"{counts.get('opened', 0):,}",
            f"{counts.get('rejected', 0):,}",
            f"{counts['calls']:,}",
        )
    console.print(table)


def show_grades(console: Console, counts: Mapping[str, int]) -> None:
    """The 4 × 4 matrix: fit in rows, engagement in columns."""
    table = Table(title="Grades: fit A to D, engagement 1 to 4", title_justify="left", title_style="bold")
    table.add_column("fit")
    for digit in "1234":
        table.add_column(f"{digit} {DIGIT_NAMES[digit]}", justify="right")
    for letter in "ABCD":
        table.add_row(letter, *(f"{counts.get(letter + digit, 0):,}" for digit in "1234"))
    console.print(table)
    console.print(f"Knocked out: {counts.get('X', 0):,}. Persons in all: {sum(counts.values()):,}.", markup=False)


def show_best(console: Console, best: Sequence[tuple[Score, Facts]]) -> None:
    """The best leads with grade, reasons, what BANT lacks, and the question to ask next."""
    table = Table(title="The ten best leads", title_justify="left", title_style="bold", show_lines=True)
    table.add_column("", justify="right")
    table.add_column("lead", ratio=3)
    table.add_column("score", justify="right")
    table.add_column("why", ratio=5)
    table.add_column("BANT: missing, and what to ask", ratio=4)
    for place, (score, facts) in enumerate(best, start=1):
        assessment = score.assessment
        missing = ", ".join(assessment.missing) or "nothing"
        ask = f"\n{assessment.next_question}" if assessment.next_question else ""
        table.add_row(
            str(place),
            Text(_who(facts)),
            f"{score.breakdown.grade}\n{shown_score(score.breakdown.total)}\n{score.standing.stage}",
            Text("\n".join(line.say for line in score.breakdown.reasons()[:4])),
            Text(f"{assessment.completeness} %, missing: {missing}{ask}"),
        )
    console.print(table)


def show_record(console: Console, seen: SeenRecord, fields: Sequence[FieldSpec], owners: Mapping[str, OwnerRecord]) -> None:
    """One record as its rep sees it, read back over the CRM's API just now."""
    console.print()
    console.print(f"As the rep sees {seen.record.ref} in {seen.connection}, read back from {seen.url}", style="bold")
    table = Table(box=box.ROUNDED, show_header=False)
    table.add_column(style="bold")
    table.add_column(ratio=1)
    for field in fields:
        value = seen.record.ours.get(field.name)
        table.add_row(field.label, "" if value is None else Text(str(value)))
    console.print(table)
    for task in seen.tasks:
        owner = owners.get(task.owner_id or "")
        whose = f"owner {owner.name}" if owner else "no owner"
        due = f"due {task.due_at:%d %b %Y %H:%M} UTC, {whose}" if task.due_at else whose
        console.print(Panel(Text(f"{task.subject}\n{due}\n\n{task.body}"), title="Task", title_align="left"))


def owned(view: PersonView, connection: str) -> list[PersonRecord]:
    """The person's records in one connection."""
    return [
        stored.record
        for stored in view.records
        if stored.connection == connection and isinstance(stored.record, PersonRecord)
    ]


def _who(facts: Facts) -> str:
    person, company = facts.person, facts.company
    name = " ".join(str(person[key]) for key in ("first_name", "last_name") if person.get(key))
    lines = [name or facts.id, str(person.get("title") or ""), str(company.get("name") or "")]
    return "\n".join(line for line in lines if line)
