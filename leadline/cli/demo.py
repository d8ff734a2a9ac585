"""`demo`: the whole way once, on two made-up CRMs on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.console import Console

from connectors.fields import FieldSpec
from connectors.records import PersonRecord
from leadline import logs
from leadline.app import App, open_app
from leadline.cli.present import FAILED, load, told_plainly
from leadline.demo import screen
from leadline.demo.progress import Bars
from leadline.demo.twins import Twin, TwinFailed, start_twins
from leadline.demo.workspace import write_workspace
from leadline.facts import facts_of
from leadline.fields import field_specs
from leadline.schedule import Signals
from leadline.settings.workspace import Workspace
from leadline.state import people, scores
from leadline.state.records import owners_of
from leadline.tally import Several, Tally

PEOPLE = 2000
SEED = 7
SHIPPED = Path(__file__).resolve().parents[2] / "config"


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the twins and a daemon running at the end.")] = False,
) -> None:
    """Fill a made-up HubSpot and Salesforce, sync and score them, and show what came of it."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    signals = Signals()
    signals.listen()
    folder = Path(tempfile.mkdtemp(prefix="leadline-demo-"))
    with told_plainly(), ExitStack() as cleanup:
        twins = _twins(console, folder, cleanup)
        config = write_workspace(SHIPPED, folder, *twins)
        good = _sync_and_show(console, folder, config, twins, signals.stop)
        if keep and good:
            daemon = _start_daemon(folder, config)
            cleanup.pop_all()
            _say_what_runs(console, folder, twins, daemon)
    if not good:
        raise typer.Exit(FAILED)


def _twins(console: Console, folder: Path, cleanup: ExitStack) -> tuple[Twin, Twin]:
    cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
    with console.status("Starting a HubSpot and a Salesforce twin with the same market of 2,000 people"):
        try:
            twins = start_twins(folder, PEOPLE, SEED, datetime.now(UTC))
        except TwinFailed as error:
            cleanup.pop_all()
            console.print(f"error: {error}", style="red", markup=False)
            raise typer.Exit(FAILED) from None
    for twin in twins:
        cleanup.callback(twin.end)
        console.print(f"{twin.name} twin: {twin.url}", markup=False)
    console.print(
        f"Both hold one market: {PEOPLE:,} people, 400 companies, 300 deals, 25,000 engagement events over 180 days.",
        markup=False,
    )
    return twins


def _sync_and_show(console: Console, folder: Path, config: Path, twins: tuple[Twin, Twin], stop: Event) -> bool:
    with (folder / "leadline.log").open("w", encoding="utf-8") as log:
        logs.configure(log)
        workspace = load(config)
        first, second = Tally(), Tally()
        database = f"sqlite:///{folder / 'leadline.db'}"
        with Bars(console) as bars, open_app(workspace, database, Several(first, bars), stop) as app:
            for name, connector in app.connectors.items():
                made = connector.apply_fields(_fields(workspace))
                console.print(f"{name}: {len(made)} steps made the properties that scores are written to", markup=False)
            reports = app.cycle.once(app.stop_if_asked)
            bars.finish()
        with open_app(workspace, database, second, stop) as app:
            _show(console, app, first, twins)
            again = app.cycle.once(app.stop_if_asked)
    writes = sum(report.delivered.written + report.delivered.opened for report in again if report.delivered)
    console.print(f"Second cycle: {writes} writes.", style="bold", markup=False)
    failed = [f"{report.connection}: {report.failed}" for report in (*reports, *again) if report.failed]
    for failure in failed:
        console.print(f"error: {failure}", style="red", markup=False)
    return not failed and writes == 0


def _show(console: Console, app: App, tally: Tally, twins: tuple[Twin, Twin]) -> None:
    preferred = app.workspace.preferred_connections()
    with app.database.begin() as tx:
        grades = scores.grade_counts(tx)
        best = scores.best(tx, 10)
        views = {view.id: view for view in people.load_people(tx, [score.person_id for score in best])}
    console.print()
    screen.show_traffic(console, tally, list(app.connectors))
    screen.show_grades(console, grades)
    screen.show_best(console, [(score, facts_of(views[score.person_id], preferred)) for score in best])
    for twin in twins:
        _show_record(console, app, twin)


def _fields(workspace: Workspace) -> tuple[FieldSpec, ...]:
    return field_specs(workspace.qualification, workspace.words, workspace.settings.properties)


def _show_record(console: Console, app: App, twin: Twin) -> None:
    with app.database.begin() as tx:
        ref = scores.best_with_task(tx, twin.name)
        owners = owners_of(tx, twin.name)
    if ref is None:
        console.print(f"No task was opened in {twin.name}.", markup=False)
        return
    connector = app.connectors[twin.name]
    for record in connector.fetch([ref]):
        if isinstance(record, PersonRecord):
            tasks = tuple(task for task in connector.find_tasks(ref) if task.key)
            seen = screen.SeenRecord(twin.name, twin.url, record, tasks)
            screen.show_record(console, seen, _fields(app.workspace), owners)


def _start_daemon(folder: Path, config: Path) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'leadline.db'}",
        "LEADLINE_CONFIG": str(config),
    }
    with (folder / "daemon.log").open("wb") as log:
        # The command is our own interpreter with our own module.
        return subprocess.Popen(
            [sys.executable, "-m", "leadline", "run"],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _say_what_runs(console: Console, folder: Path, twins: tuple[Twin, Twin], daemon: subprocess.Popen[bytes]) -> None:
    for twin in twins:
        console.print(f"Running: {twin.name} twin at {twin.url}, process {twin.process.pid}", markup=False)
    console.print(f"Running: daemon, process {daemon.pid}, log {folder / 'daemon.log'}", markup=False)
    console.print(f"Configuration and database: {folder}", markup=False)
    pids = " ".join(str(process.pid) for process in (daemon, *(twin.process for twin in twins)))
    console.print(f"End them with: kill {pids}", markup=False)
