"""`parked`: what a CRM refused for good, why, what to do about it, and trying again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from threading import Event

import typer

from leadline.advice import advice
from leadline.app import database_url, open_database
from leadline.cli.present import FAILED, err, out, told_plainly
from leadline.clock import system_clock
from leadline.state.parked import ParkedKind, ParkedRow, requeue
from leadline.state.parked import parked as refusals

app = typer.Typer(help="List what a CRM refused, with its reason; `parked retry` tries again.", invoke_without_command=True)

WHAT: dict[ParkedKind, str] = {
    "values": "its score",
    "stage": "its stage in the CRM's own field",
    "task": "a task",
    "change": "the change of a task",
    "closing": "the end of a task",
}


@app.callback()
def parked(context: typer.Context) -> None:
    """List every refusal by what it takes to lift it, oldest first."""
    if context.invoked_subcommand:
        return
    with told_plainly(), open_database(database_url()) as database, database.begin() as tx:
        rows = refusals(tx)
    for (connection, code), alike in groupby(sorted(rows, key=_cause), key=_cause):
        _show(connection, code, alike)
    if rows:
        out.print(
            f"{len(rows)} parked. Each is tried again when the record or the configuration changes, "
            "or with: python -m leadline parked retry",
            markup=False,
        )
    else:
        out.print("Nothing is parked.")


@app.command()
def retry(record: str = typer.Argument("", help="A record such as contacts/123; all of them when left out.")) -> None:
    """Queue refused records again; the next cycle sends them."""
    with told_plainly(), open_database(database_url()) as database, database.begin() as tx:
        rows = [row for row in refusals(tx) if not record or str(row.ref) == record]
        requeue(tx, [row.id for row in rows], system_clock(Event()).now())
    if record and not rows:
        err.print(f"error: {record} is not parked; `python -m leadline parked` lists what is", style="red", markup=False)
        raise typer.Exit(FAILED)
    out.print(f"{len(rows)} queued again.", markup=False)


def _cause(row: ParkedRow) -> tuple[str, str]:
    return row.connection, row.code


def _show(connection: str, code: str, rows: Iterable[ParkedRow]) -> None:
    for row in rows:
        when = f"{row.parked_at:%Y-%m-%d %H:%M} UTC"
        out.print(f"{connection} {row.ref} refused {WHAT[row.kind]} on {when}: {row.reason} [{code}]", markup=False)
    out.print(f"  What to do: {advice(code)}", markup=False)
