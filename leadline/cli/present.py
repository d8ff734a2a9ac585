"""What every command shares: where the configuration is, how people are told, and which exit code means what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from connectors.errors import ConnectorError
from leadline.monitor import PortUnavailable
from leadline.settings.findings import SettingsInvalid
from leadline.settings.workspace import Workspace, load_workspace
from leadline.state.database import DatabaseUnavailable

FAILED = 1
"""Exit code: something could not be done now."""

MISCONFIGURED = 2
"""Exit code: a person has to correct the configuration or the command."""

ConfigOption = Annotated[
    Path,
    typer.Option("--config", envvar="LEADLINE_CONFIG", help="The folder with leadline.yaml.", show_default=True),
]
DEFAULT_CONFIG = Path("config")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def load(config: Path) -> Workspace:
    """The configuration, with its warnings shown."""
    workspace = load_workspace(config)
    for warning in workspace.warnings:
        err.print(str(warning), style="yellow", markup=False)
    return workspace


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn the errors a person can do something about into a message and an exit code."""
    try:
        yield
    except SettingsInvalid as invalid:
        for finding in invalid.findings:
            err.print(str(finding), style="red" if finding.severity == "error" else "yellow", markup=False)
        err.print(f"{invalid}. Nothing was started.", markup=False)
        raise typer.Exit(MISCONFIGURED) from None
    except DatabaseUnavailable as error:
        err.print(f"error: {error}. {error.fix}", style="red", markup=False)
        raise typer.Exit(FAILED) from None
    except PortUnavailable as error:
        err.print(f"error: {error}. Choose another monitoring.port in leadline.yaml.", style="red", markup=False)
        raise typer.Exit(MISCONFIGURED) from None
    except ConnectorError as error:
        err.print(f"error: {error.what}", style="red", markup=False)
        raise typer.Exit(FAILED) from None
