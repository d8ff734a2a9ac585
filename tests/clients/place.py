"""Where a client is tried: a twin, the way to it, and a folder for what the client needs in files."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.clients.installations import Installed, environment
from tests.clients.readings import Report
from tests.clients.tunnel import Target, Tunnel, tunnel
from tests.clients.twins import Twin, running

HUBSPOT_NAMES = ("api.hubapi.com",)
SALESFORCE_NAMES = ("*.my.salesforce.com", "login.salesforce.com", "test.salesforce.com")


@dataclass(frozen=True, slots=True)
class Place:
    """One client in front of one twin. `report` collects what comes of it."""

    twin: Twin
    client: Installed
    tunnel: Tunnel
    folder: Path
    report: Report

    def start(self, *command: str) -> str:
        """Run a command in the client's surroundings and return what it printed. Raises `ClientFailed`."""
        found = environment(self.client, self.tunnel, self.folder / "authorities.pem")
        return self.client.start(list(command), found, self.folder)

    def program(self, name: str) -> str:
        """The path of a program that the client's package installs."""
        return str(self.client.folder / "bin" / name)

    def file(self, name: str, content: Any) -> str:
        """Write a JSON file and return its path."""
        path = self.folder / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)


@contextlib.contextmanager
def place(crm: Literal["hubspot", "salesforce"], client: Installed, folder: Path, report: Report) -> Iterator[Place]:
    """A fresh twin behind its public names; what the client asked for elsewhere ends as a problem of the report."""
    folder.mkdir()
    with running(crm, folder) as twin:
        names = HUBSPOT_NAMES if crm == "hubspot" else SALESFORCE_NAMES
        target = Target(names, twin.port, speaks_tls=crm == "salesforce")
        with tunnel((target,), folder / "proxy-ca.pem") as way:
            known = sorted(folder.glob("*-ca.pem"))
            (folder / "authorities.pem").write_bytes(b"\n".join(path.read_bytes() for path in known))
            try:
                yield Place(twin, client, way, folder, report)
            finally:
                report.calls, report.refused = twin.calls(), twin.refusals()
            if way.refused:
                report.problem = f"asked for hosts that are not the CRM's: {', '.join(sorted(set(way.refused)))}"
