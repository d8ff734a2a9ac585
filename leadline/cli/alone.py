"""The right to work at the database, for commands that do what a worker does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from leadline.app import App
from leadline.cli.present import FAILED, err
from leadline.state.lease import lease_on


@contextmanager
def alone(app: App) -> Iterator[None]:
    """Nobody else works at the database within the block; exits 1 when a worker does."""
    lease = lease_on(app.database)
    if not lease.take():
        err.print(
            "error: a worker is at this database already; it runs the cycles, or end it first.", style="red", markup=False
        )
        raise typer.Exit(FAILED)
    lease.guard(app.database)
    try:
        yield
    finally:
        lease.release()
