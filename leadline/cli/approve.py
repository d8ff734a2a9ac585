"""`approve`: let go what a fuse holds up."""

from __future__ import annotations

import typer

from leadline.app import database_url, open_database
from leadline.cli.present import FAILED, err, out, told_plainly
from leadline.state import fuses


def approve(
    connection: str = typer.Argument("", help="A connection; all of them when left out."),
    show: bool = typer.Option(False, "--show", help="Only tell what waits."),  # noqa: FBT001, FBT003 - a command's flag
) -> None:
    """Let deliveries go that a fuse holds up; the next cycle sends them. More than is shown now is held up again."""
    with told_plainly(), open_database(database_url()) as database, database.begin() as tx:
        held = [fuse for fuse in fuses.held(tx) if not connection or fuse.connection == connection]
        for fuse in held if not show else ():
            fuses.approve(tx, fuse)
    if not held and connection:
        err.print(f"error: nothing of {connection} is held up", style="red", markup=False)
        raise typer.Exit(FAILED)
    for fuse in held:
        word = "waits" if show else "let go"
        out.print(f"{fuse.connection}: {fuse.kind}: {fuse.why}: {word}", markup=False)
    if not held:
        out.print("Nothing is held up.")
