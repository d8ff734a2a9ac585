"""`check` and `doctor`: is the configuration right, and does everything it names answer?"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer

from connectors.contract import Connector, Finding
from connectors.errors import ConnectorError
from connectors.records import OwnerRecord, Stream
from leadline.app import connect, database_url, open_database
from leadline.assignees import strangers, tasks_home
from leadline.cli.present import DEFAULT_CONFIG, FAILED, ConfigOption, load, out, told_plainly
from leadline.clock import system_clock
from leadline.observe import Silent
from leadline.settings.document import read_document
from leadline.settings.findings import SettingsInvalid
from leadline.settings.rules import failed_tests
from leadline.settings.schema import write_schemas
from leadline.settings.workspace import ConnectionConfig, Workspace
from scoring.engine import Engine
from scoring.inline_tests import run_inline_tests

OURS = ("connectors", "scoring", "leadline")


def check(
    config: ConfigOption = DEFAULT_CONFIG,
    *,
    write_schema: Annotated[
        bool, typer.Option("--write-schema", help="Also write the JSON schemas that editors use.")
    ] = False,
) -> None:
    """Check the configuration and run the tests inside the scoring model; exits 2 when something must be corrected."""
    if write_schema:
        for path in write_schemas(config / "schema"):
            out.print(f"wrote {path}", markup=False)
    with told_plainly():
        workspace = load(config)
        failures = run_inline_tests(Engine(workspace.model, workspace.lists))
        if failures:
            document = read_document(config / "scoring" / f"{workspace.settings.scoring}.yaml", config.parent)
            raise SettingsInvalid(failed_tests(document, failures))
    names = ", ".join(connection.name for connection in workspace.connections)
    out.print(f"All is well: {names}; model {workspace.model.model} with {len(workspace.model.tests)} tests.", markup=False)


def doctor(config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Try everything the configuration names: imports, the database, each connection; exits 1 when something fails."""
    failed = False
    for name, found, good in _imports():
        out.print(f"{'ok  ' if good else 'FAIL'} {name} is imported from {found}", markup=False)
        failed |= not good
    with told_plainly():
        workspace = load(config)
        with open_database(database_url()) as database:
            out.print(f"ok   database {database.url.render_as_string(hide_password=True)}", markup=False)
            clock = system_clock(Event())
            for one in workspace.connections:
                connector = connect(one, clock, Silent(), database)
                findings = _found(workspace, one, connector)
                connector.close()
                failed |= _tell(one, connector, findings)
    if failed:
        raise typer.Exit(FAILED)


def _found(workspace: Workspace, one: ConnectionConfig, connector: Connector[Any]) -> tuple[Finding, ...]:
    findings = connector.check()
    is_ready = all(finding.severity == "warning" for finding in findings)
    return (*findings, *_strangers(workspace, one, connector)) if is_ready else findings


def _strangers(workspace: Workspace, one: ConnectionConfig, connector: Connector[Any]) -> tuple[Finding, ...]:
    """Whom the qualification names though the sales home has no such user; nothing to tell of other connections."""
    takes_tasks = {other.name for other in workspace.connections if other.connector.capabilities.tasks}
    if not any(workspace.qualification.addresses()) or one.name != tasks_home(workspace, takes_tasks):
        return ()
    try:
        records = [record for page in connector.pull(Stream.OWNERS, None) for record in page.records]
    except ConnectorError as error:
        return (Finding("error", f"its users cannot be read: {error.what}", "Correct what the message names"),)
    return strangers(workspace, one.name, {one.ref.id: one for one in records if isinstance(one, OwnerRecord)})


def _tell(one: ConnectionConfig, connector: Connector[Any], findings: tuple[Finding, ...]) -> bool:
    """Print what was found; whether an error is among it."""
    if not findings:
        out.print(f"ok   {one.name} ({one.envelope.type}{_version(connector)})", markup=False)
    for finding in findings:
        mark = "FAIL" if finding.severity == "error" else "warn"
        out.print(f"{mark} {one.name}: {finding.what}. {finding.fix}", markup=False)
    return any(finding.severity == "error" for finding in findings)


def _version(connector: Connector[Any]) -> str:
    version = connector.api_version()
    if version is None:
        return ""
    until = f", supported until {version.supported_until}" if version.supported_until else ""
    return f", API {version.name}{until}"


def _imports() -> list[tuple[str, str, bool]]:
    """Packages of our names exist on the public index too; ours are the ones beside this file."""
    root = Path(__file__).resolve().parents[2]
    found = []
    for name in OURS:
        where = Path(import_module(name).__file__ or "").resolve().parent
        found.append((name, str(where), where == root / name))
    return found
