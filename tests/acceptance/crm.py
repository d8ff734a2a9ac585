"""A CRM twin as a process of its own, filled with the made-up market and steered over its control surface."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from tests.contracts.watch import Watch

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 220
"""More than one handful of the scorer (200), so that there is a moment between two of them."""
POLL_SECONDS = 0.01
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One request that a twin answered. `effect` is empty for a mere read; `status` is 0 for a cut connection."""

    number: int
    endpoint: str
    status: int
    effect: str
    fault: str


class Crm:
    """One running twin. `ready` is what its ready line says: url, process id, made-up credentials.

    HubSpot's is under `watch`: what broke its wire contract can be asked for.
    """

    def __init__(self, name: str, folder: Path, as_of: datetime) -> None:
        self.name = name
        self.watch = Watch(folder)
        command = self._command(folder, as_of)
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self._began = time.monotonic()
        self.ready: dict[str, str] = {}

    def _command(self, folder: Path, as_of: datetime) -> list[str]:
        """What starts the twin."""
        market = ["--people", str(PEOPLE), "--as-of", as_of.isoformat()]
        certificate = ["--ca-out", str(folder / "ca.pem")] if self.name == "salesforce" else []
        plain = [sys.executable, "-m", "sandbox", self.name]
        return [*(self.watch.command() if self.name == "hubspot" else plain), *market, *certificate]

    def wait_until_ready(self) -> None:
        """Read the ready line, connect, and bring the twin's clock to where its start would have it."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the {self.name} twin did not start"
        self.ready = json.loads(line)
        certificate = self.ready.get("ca_file")
        trust = ssl.create_default_context(cafile=certificate) if certificate else True
        self.http = httpx.Client(base_url=self.ready["url"], trust_env=False, timeout=30, verify=trust)
        self.advance(time.monotonic() - self._began)

    def end(self) -> None:
        """End the process, if it still runs."""
        if self.ready:
            self.http.close()
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(timeout=10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def url(self) -> str:
        return self.ready["url"]

    def now(self) -> datetime:
        """The twin's time."""
        return datetime.fromisoformat(self._ask("health")["now"])

    def advance(self, seconds: float) -> None:
        """Move the twin's clock forward; time that would run backwards stands still."""
        self._steer("clock", {"advance_seconds": max(0.0, seconds)})

    def plan_faults(self, *items: Mapping[str, Any]) -> None:
        """Replace the fault plan; nothing ends all faults. Occurrences count from zero again."""
        self._steer("faults", list(items))

    def refuse(self, *rules: Mapping[str, str]) -> None:
        """Replace the records that refuse writes; nothing lifts all refusals."""
        self._steer("refuse", list(rules))

    def restore(self, kind: str, record: str) -> None:
        """Take a record out of the bin, as a person does in an app that has no API for it."""
        self._steer("restore", {"object": kind, "id": record})

    def visit(self, contact: str, *, page: str = "", form: str = "") -> None:
        """Somebody whom HubSpot knows looks at a page or fills in a form, now."""
        self._steer("visit", {"contact": contact, "page": page, "form": form})

    def faults_injected(self) -> int:
        return int(self._ask("counts")["faults"])

    def calls(self) -> int:
        """How many requests came in so far."""
        return int(self._ask("counts")["total"]["calls"])

    def state(self) -> dict[str, Any]:
        """Everything the CRM holds that is not made up by the server."""
        comparable: dict[str, Any] = self._ask("state")["comparable"]
        return comparable

    def journal(self, since: int = 0) -> list[JournalEntry]:
        """The requests dealt with after number `since`."""
        entries = self._ask(f"journal?since={since}")["entries"]
        return [JournalEntry(e["number"], e["endpoint"], e["status"], e["effect"], e["fault"]) for e in entries]

    def last_number(self) -> int:
        """The number of the newest request."""
        return max((entry.number for entry in self.journal()), default=0)

    def writes(self, since: int) -> list[JournalEntry]:
        """The requests after `since` that changed something or tried to. Signing in is none."""
        reads = ("/search", "/batch/read", "/oauth2/token")
        return [
            entry
            for entry in self.journal(since)
            if not entry.endpoint.startswith("GET ") and not entry.endpoint.endswith(reads)
        ]

    def _steer(self, what: str, body: object) -> None:
        reply = self.http.post(f"/_twin/{what}", json=body)
        assert reply.status_code == 200, reply.text

    def _ask(self, what: str) -> dict[str, Any]:
        reply = self.http.get(f"/_twin/{what}")
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found


def wait_until(what: str, happened: Callable[[], object], patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Ask again and again until it happened; fails, naming what it waited for, when patience ends."""
    deadline = time.monotonic() + patience_seconds
    while not happened():
        assert time.monotonic() < deadline, f"waited {patience_seconds:g} s in vain until {what}"
        time.sleep(POLL_SECONDS)
