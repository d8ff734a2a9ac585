"""`audit`: compare everything with the CRMs now, as a worker does every night."""

from __future__ import annotations

import sys

import typer

from connectors.errors import ConnectorError
from leadline import logs
from leadline.app import App, database_url, open_app
from leadline.cli.alone import alone
from leadline.cli.present import DEFAULT_CONFIG, FAILED, ConfigOption, err, load, out, told_plainly
from leadline.clock import Stopped
from leadline.observe import Silent
from leadline.schedule import Signals
from leadline.state import fuses


def audit(
    connection: str = typer.Argument("", help="A connection; all of them when left out."),
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Compare everything the CRMs list with what is held here, and repair it. A worker does so every night."""
    logs.configure(sys.stderr)
    signals = Signals()
    signals.listen()
    with told_plainly():
        workspace = load(config)
        with open_app(workspace, database_url(), Silent(), signals.stop) as app:
            names = [name for name in app.auditors if connection in {"", name}]
            if not names:
                err.print(f"error: there is no connection {connection}", style="red", markup=False)
                raise typer.Exit(FAILED)
            try:
                with alone(app):
                    whole = [_audit(app, name) for name in names]
            except Stopped:
                out.print("Ended before all was compared; what was repaired stays.")
                return
    if not all(whole):
        raise typer.Exit(FAILED)


def _audit(app: App, name: str) -> bool:
    """Whether the connection could be audited; its streams are printed."""
    try:
        audited = app.auditors[name].run(app.stop_if_asked)
    except ConnectorError as error:
        err.print(f"error: {name}: {error.what}", style="red", markup=False)
        return False
    for one in audited:
        counts = f"{one.seen} seen, {one.repaired} repaired, {one.removed} removed"
        out.print(f"{name}: {one.stream.value}: {counts}", markup=False)
    if not audited:
        out.print(f"{name}: nothing to compare yet: no cycle has read it to its end", markup=False)
    with app.database.begin() as tx:
        held = [fuse for fuse in fuses.held(tx) if fuse.connection == name and fuse.kind.startswith("vanished:")]
    for fuse in held:
        out.print(f"{name}: {fuse.why}: none leaves before `python -m leadline approve`", markup=False)
    return True
