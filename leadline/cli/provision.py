"""`provision`: create the properties that scores are written to, with the rights to see them."""

from __future__ import annotations

from threading import Event
from typing import Annotated

import typer

from connectors.fields import FieldChange
from leadline.app import connect, database_url, open_database
from leadline.cli.present import DEFAULT_CONFIG, ConfigOption, load, out, told_plainly
from leadline.clock import system_clock
from leadline.fields import field_specs, heartbeat_spec
from leadline.observe import Silent


def provision(
    config: ConfigOption = DEFAULT_CONFIG,
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be done.")] = False,
) -> None:
    """Create what is missing in every CRM. Safe to run again."""
    with told_plainly():
        workspace = load(config)
        fields = field_specs(workspace.qualification, workspace.words, workspace.settings.properties)
        clock = system_clock(Event())
        with open_database(database_url()) as database:
            for one in workspace.connections:
                connector = connect(one, clock, Silent(), database)
                wanted = fields if one.envelope.heartbeat is None else (*fields, heartbeat_spec(workspace.words))
                try:
                    changes = connector.plan_fields(wanted) if plan else connector.apply_fields(wanted)
                finally:
                    connector.close()
                _show(one.name, changes)


def _show(connection: str, changes: tuple[FieldChange, ...]) -> None:
    if not changes:
        out.print(f"{connection}: everything is there", markup=False)
    for change in changes:
        out.print(f"{connection}: {change.verb} {change.target}: {change.detail}", markup=False)
