"""A twin as a process of its own, for clients that know nothing of it being one."""

from __future__ import annotations

import contextlib
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 600
BEHIND = {"hubspot": timedelta(hours=6), "salesforce": timedelta()}
"""How far a twin's clock is behind when it starts. HubSpot's search is settled for changes that are hours old, and clients
end their windows at the machine's own time. Salesforce's clients take up where the machine's clock was when they ended."""


class Twin:
    """One running twin. `ready` is what its ready line says: url, process id, made-up credentials."""

    def __init__(self, ready: dict[str, str]) -> None:
        self.ready = ready
        certificate = ready.get("ca_file")
        trust = ssl.create_default_context(cafile=certificate) if certificate else True
        self.http = httpx.Client(base_url=ready["url"], trust_env=False, timeout=60, verify=trust)

    @property
    def url(self) -> str:
        return self.ready["url"]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def now(self) -> datetime:
        """The twin's own time."""
        return datetime.fromisoformat(self._ask("health")["now"])

    def pass_time(self, span: timedelta) -> None:
        """Move the twin's clock forward."""
        self.http.post("/_twin/clock", json={"advance_seconds": span.total_seconds()}).raise_for_status()

    def catch_up(self) -> None:
        """Move the twin's clock to the machine's."""
        self.pass_time(datetime.now(UTC) - self.now())

    def state(self) -> dict[str, Any]:
        """Everything the CRM holds."""
        return self._ask("state")

    def calls(self) -> int:
        """How many requests it has dealt with."""
        return int(self._ask("counts")["total"]["calls"])

    def refusals(self, since: int = 0) -> list[str]:
        """What it answered with an error after request number `since`: status and endpoint."""
        entries = self._ask(f"journal?since={since}")["entries"]
        return [f"{e['status']} {e['endpoint']}" for e in entries if e["status"] >= 400]

    def _ask(self, what: str) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(f"/_twin/{what}").raise_for_status().json()
        return found


@contextlib.contextmanager
def running(name: Literal["hubspot", "salesforce"], folder: Path) -> Iterator[Twin]:
    """A twin with a market, its clock behind the machine's as `BEHIND` says."""
    as_of = datetime.now(UTC) - BEHIND[name]
    command = [sys.executable, "-m", "sandbox", name, "--people", str(PEOPLE), "--as-of", as_of.isoformat()]
    if name == "salesforce":
        command += ["--ca-out", str(folder / "salesforce-ca.pem")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"the {name} twin did not start"
        twin = Twin(json.loads(line))
        with twin.http:
            yield twin
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()
