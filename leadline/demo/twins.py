"""The two CRM twins as processes of their own: started on free loopback ports, ended by their process ids."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

START_SECONDS = 60


class TwinFailed(Exception):
    """A twin did not come up; says which and where its log is."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A running twin: its process and what it said of itself when it was ready (url, credentials made up for it)."""

    name: str
    process: subprocess.Popen[bytes]
    said: dict[str, Any]

    @property
    def url(self) -> str:
        """Where it listens."""
        return str(self.said["url"])

    def end(self) -> None:
        """Ask it to end and wait."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=10)


def start_twins(folder: Path, people: int, seed: int, as_of: datetime) -> tuple[Twin, Twin]:
    """Start HubSpot's and Salesforce's twin side by side, filled with the same market.

    Raises:
        TwinFailed: one of them is not ready in time; the other one is ended.
    """
    market = ["--people", str(people), "--seed", str(seed), "--as-of", as_of.isoformat()]
    hubspot = _launch("hubspot", folder, market)
    salesforce = _launch("salesforce", folder, [*market, "--ca-out", str(folder / "salesforce-ca.pem")])
    started: list[Twin] = []
    try:
        started += [_ready("hubspot", hubspot, folder), _ready("salesforce", salesforce, folder)]
    except TwinFailed:
        for process in (hubspot, salesforce):
            process.kill()
            process.wait(timeout=10)
        raise
    return started[0], started[1]


def _launch(name: str, folder: Path, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "sandbox",
        name,
        "--port",
        "0",
        "--ready-file",
        str(_ready_file(folder, name)),
        *arguments,
    ]
    with _log(folder, name).open("wb") as log:
        # The command is our own interpreter with our own module. A session of its own keeps Ctrl-C for us alone.
        return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)  # noqa: S603


def _ready(name: str, process: subprocess.Popen[bytes], folder: Path) -> Twin:
    for _ in range(START_SECONDS * 20):
        text = _ready_file(folder, name).read_text(encoding="utf-8") if _ready_file(folder, name).exists() else ""
        if text.endswith(("\n", "}")):
            return Twin(name, process, json.loads(text))
        try:
            process.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    raise TwinFailed(f"the {name} twin did not start; see {_log(folder, name)}")


def _ready_file(folder: Path, name: str) -> Path:
    return folder / f"{name}-ready.json"


def _log(folder: Path, name: str) -> Path:
    return folder / f"{name}-twin.log"
