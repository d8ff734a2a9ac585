"""One twin as a process of its own: started empty, steered over its control surface, ended by its id.

HubSpot's is held against the wire contract: what breaks it fails the test.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx

from connectors.conformance import FaultKind
from sandbox.faults import default_plan
from tests.contracts.watch import Watch

ROOT = Path(__file__).resolve().parents[3]
THROTTLED = 429
MAX_TRIES = 20
SHORT_LIMITS_SECONDS = 11.0
CALM = {"X-Twin-Calm": "1"}
"""The hands that set a scene and look at it are not what is tested: no random fault befalls them."""

FAULTS: Mapping[FaultKind, dict[str, Any]] = {
    "throttled": {"kind": "status", "status": 429},
    "server_error": {"kind": "status", "status": 503},
    "unauthorised": {"kind": "status", "status": 401},
    "cut": {"kind": "cut", "when": "before"},
    "truncated": {"kind": "truncate"},
}


class Twin:
    """A running twin: `url`, `ready` (what its ready line says), `http` to speak to it, `folder` for files of the test.

    Its time is the machine's, moved by `advance`.
    """

    def __init__(self, name: str, *arguments: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="leadline-conformance-")
        self.folder = Path(self._folder.name)
        self.watch = Watch(self.folder)
        plain = [sys.executable, "-m", "sandbox", name]
        start = self.watch.command() if name == "hubspot" else plain
        command = [*start, "--port", "0", "--people", "0", *arguments]
        command = [part.replace("{folder}", str(self.folder)) for part in command]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(timeout=10)
            self._process.stdout.close()
            self._folder.cleanup()
            raise RuntimeError(f"the {name} twin ended with code {self._process.returncode} before it was ready")
        self.ready: dict[str, str] = json.loads(line)
        self.url = self.ready["url"]
        certificate = self.ready.get("ca_file")
        trust = ssl.create_default_context(cafile=certificate) if certificate else True
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=30, verify=trust)
        self._moved = timedelta(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.http.close()
        self._process.terminate()
        self._process.wait(timeout=10)
        assert self._process.stdout is not None
        self._process.stdout.close()
        try:
            if kind is None:
                self.watch.settle()
        finally:
            self._folder.cleanup()

    def secret(self, name: str) -> str:
        """A reference to one of the made-up credentials of the ready line, laid into a file."""
        path = self.folder / name
        path.write_text(self.ready[name], encoding="utf-8")
        return f"file:{path}"

    def now(self) -> datetime:
        return datetime.now(UTC) + self._moved

    def advance(self, seconds: float) -> None:
        self.steer("clock", {"advance_seconds": seconds})
        self._moved += timedelta(seconds=seconds)

    def reset(self) -> None:
        """An empty account as at the start, which the limits of the last seconds do not bind; only time has gone on."""
        self.steer("reset", {})
        self.advance(SHORT_LIMITS_SECONDS)

    def trouble(self, factor: float, seed: int) -> None:
        """From now on calls fail by chance: the default mix, at `factor` times its rate."""
        self.steer("faults", default_plan(f"default:{factor}:{seed}"))

    def calm(self) -> None:
        """End all faults."""
        self.steer("faults", [])

    def fail_next(self, kind: FaultKind, endpoint: str) -> None:
        """One fault at the next call whose endpoint matches."""
        self.steer("faults", [{"endpoint": endpoint, "occurrence": 1, **FAULTS[kind]}])

    def half_do(self, endpoint: str) -> None:
        """The next matching call does half of its batch."""
        self.steer("faults", [{"endpoint": endpoint, "occurrence": 1, "kind": "half_batch"}])

    def lose_reply(self, endpoint: str) -> None:
        """The next matching call takes effect and is not answered."""
        self.steer("faults", [{"endpoint": endpoint, "occurrence": 1, "kind": "cut", "when": "after"}])

    def refuse(self, kind: str, identity: str, message: str) -> None:
        """Refuse writes to this record."""
        self.steer("refuse", {"object": kind, "id": identity, "message": message})

    def steer(self, what: str, body: object) -> None:
        """Post to the control surface."""
        reply = self.http.post(f"/_twin/{what}", json=body)
        assert reply.status_code == 200, reply.text

    def call(self, method: str, path: str, headers: Mapping[str, str], **rest: Any) -> Any:
        """One call as another app makes it: waits out throttling in the twin's time. JSON, or None where there is none."""
        for _ in range(MAX_TRIES):
            reply = self.http.request(method, path, headers={**headers, **CALM}, **rest)
            if reply.status_code != THROTTLED:
                break
            self.advance(10)
        assert reply.status_code < 300, f"{method} {path}: {reply.status_code} {reply.text[:500]}"
        return reply.json() if reply.content else None
