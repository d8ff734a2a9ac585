"""A world on a clock that stands still: both twins, a workspace, and the true commands, which may be killed anywhere."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from tests.acceptance.crm import ROOT, Crm
from tests.acceptance.world import Ended, World
from tests.stage.program import Done, Order
from tests.stage.shared_time import SharedTime

CLOCK = "clock"
KILLED = -9


class StagedCrm(Crm):
    """A twin whose time is the stage's."""

    def __init__(self, name: str, folder: Path, as_of: datetime, people: int, clock: SharedTime) -> None:
        self._people, self._clock = people, clock
        super().__init__(name, folder, as_of)

    def _command(self, folder: Path, as_of: datetime) -> list[str]:
        market = ["--people", str(self._people), "--as-of", as_of.isoformat()]
        # Rows that a query shows late are held against the connector elsewhere; here they would make a state last longer.
        own = ["--ca-out", str(folder / "ca.pem"), "--late-share", "0"] if self.name == "salesforce" else []
        return [sys.executable, "-m", "tests.stage.twin", str(folder / CLOCK), self.name, *market, *own]

    def advance(self, seconds: float) -> None:
        """Move the stage's clock: everybody's time."""
        self._clock.move(seconds)

    def save(self) -> bytes:
        """Everything in the CRM, as bytes."""
        return self.http.get("/_twin/saved").content

    def load(self, saved: bytes) -> None:
        """Bring back what was saved, without refusals, rules and faults."""
        self._steer("reset", {})
        reply = self.http.post("/_twin/saved", content=saved)
        assert reply.status_code == 200, reply.text


@dataclass(frozen=True, slots=True)
class Kill:
    """The nth time that a command comes to a boundary, by its name."""

    boundary: str
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """A state of both CRMs, and the database that went with it, a file that may be missing."""

    crms: tuple[bytes, ...]
    database: Path


class StagedWorld(World):
    """`crossed` counts the boundaries that the last command came to."""

    def __init__(self, folder: Path, as_of: datetime, people: int) -> None:
        folder.mkdir(exist_ok=True)
        self._people = people
        self.clock = SharedTime.starting(folder / CLOCK, as_of)
        command = [sys.executable, "-m", "tests.stage.program", str(folder / CLOCK)]
        self._program = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, text=True, cwd=ROOT
        )
        self._commands = 0
        self.crossed: Counter[str] = Counter()
        super().__init__(folder, as_of)

    def _twins(self, as_of: datetime) -> tuple[Crm, Crm]:
        hubspot, salesforce = (
            StagedCrm(name, self.folder, as_of, self._people, self.clock) for name in ("hubspot", "salesforce")
        )
        return hubspot, salesforce

    def command(self, *arguments: str, kill: Kill | None = None) -> Ended:
        """Run a command to its end, or to the boundary at which it is killed; an exit code of -9 says so."""
        self._commands += 1
        out, err, trace = (str(self.file(f"command-{self._commands}.{end}")) for end in ("out", "err", "trace"))
        order = Order(
            list(arguments), self.environment, out, err, trace, kill.boundary if kill else None, kill.nth if kill else 1
        )
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(msgspec.json.encode(order).decode() + "\n")
        self._program.stdin.flush()
        done = msgspec.json.decode(self._program.stdout.readline(), type=Done)
        self.crossed = Counter(Path(trace).read_text(encoding="utf-8").splitlines())
        return Ended(done.code, Path(out).read_text(encoding="utf-8"), Path(err).read_text(encoding="utf-8"))

    def later(self, seconds: float) -> None:
        self.clock.move(seconds)

    def save(self) -> Saved:
        """Everything that the CRMs and the workspace hold now."""
        database = self.folder / f"saved-{self._commands}.db"
        if self.database.exists():
            with closing(sqlite3.connect(self.database)) as source, closing(sqlite3.connect(database)) as target:
                source.backup(target)
        return Saved(tuple(crm.save() for crm in self._staged()), database)

    def load(self, saved: Saved) -> None:
        """Bring that back. Only time has gone on; refusals and faults have ended."""
        for crm, state in zip(self._staged(), saved.crms, strict=True):
            crm.load(state)
        for file in self.folder.glob(f"{self.database.name}*"):
            file.unlink()
        if saved.database.exists():
            shutil.copyfile(saved.database, self.database)

    def _staged(self) -> tuple[StagedCrm, ...]:
        return tuple(crm for crm in self.crms if isinstance(crm, StagedCrm))

    def end(self) -> None:
        if self._program.stdin is not None:
            self._program.stdin.close()
        self._program.wait(timeout=10)
        if self._program.stdout is not None:
            self._program.stdout.close()
        super().end()
