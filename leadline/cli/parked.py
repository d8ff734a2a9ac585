"""`parked`: what a CRM refused for good, why, and trying again."""

from __future__ import annotations

from threading import Event

import typer

from leadline.app import database_url, open_database
from leadline.cli.present import FAILED, err, out, told_plainly
from leadline.clock import system_clock
from leadline.state import parked as refusals

app = typer.Typer(help="List what a CRM refused, with its reason; `parked retry` tries again.", invoke_without_command=True)


@app.callback()
def parked(context: typer.Context) -> None:
    """List every refusal, oldest first."""
    if context.invoked_subcommand:
        return
    with told_plainly(), open_database(database_url()) as database, database.begin() as tx:
        rows = refusals.parked(tx)
    for row in rows:
        what = "a task" if row.kind == "task" else "its score"
        when = f"{row.parked_at:%Y-%m-%d %H:%M} UTC"
        out.print(f"{row.connection} {row.ref} refused {what} on {when}: {row.reason} [{row.code}]", markup=False)
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
        rows = [row for row in refusals.parked(tx) if not record or str(row.ref) == record]
        refusals.requeue(tx, [row.id for row in rows], system_clock(Event()).now())
    if record and not rows:
        err.print(f"error: {record} is not parked; `python -m leadline parked` lists what is", style="red", markup=False)
        raise typer.Exit(FAILED)
    out.print(f"{len(rows)} queued again.", markup=False)
