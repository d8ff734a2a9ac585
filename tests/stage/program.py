"""`python -m tests.stage.program CLOCK`: the true commands on a shared clock, each in a process that may be killed.

Everything is imported once; a line of JSON on standard input (`Order`) then forks a process that runs one command, and a
line on standard output (`Done`) says how it ended. Nobody waits: where the command would sleep, the clock moves.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import NoReturn

import msgspec

import leadline.clock
from leadline.clock import Clock
from leadline.settings import workspace
from leadline.settings.workspace import Workspace
from tests.stage.effects import Boundary, Hear, listen, transactions
from tests.stage.shared_time import SharedTime

LATENCY_SECONDS = 0.02
"""Half of what a call takes."""


class Order(msgspec.Struct, frozen=True):
    """One command, its environment, files for what it says, and the boundary at which it is killed, the nth time there."""

    arguments: list[str]
    environment: dict[str, str]
    out: str
    err: str
    trace: str
    kill: str | None = None
    nth: int = 1


class Done(msgspec.Struct, frozen=True):
    """How the command ended: its exit code, negative when a signal ended it."""

    code: int


def main(clock: SharedTime) -> None:
    """Serve orders until standard input ends."""
    stage_clock(clock)
    transactions()
    read_configurations_once()
    from leadline.cli import main as command

    for line in sys.stdin:
        order = msgspec.json.decode(line, type=Order)
        os.environ.update(order.environment)
        workspace.load_workspace(Path(order.environment["LEADLINE_CONFIG"]))
        child = os.fork()
        if child == 0:
            _run(order, command, clock)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(msgspec.json.encode(Done(os.waitstatus_to_exitcode(status))).decode() + "\n")
        sys.stdout.flush()


def stage_clock(clock: SharedTime) -> None:
    """Give everything imported from now on this clock; sleeping moves it."""
    system_clock = leadline.clock.system_clock

    def staged(stop: Event) -> Clock:
        return replace(system_clock(stop), now=clock.now, sleep=clock.move, ticks=clock.seconds)

    leadline.clock.system_clock = staged


def read_configurations_once() -> None:
    """Give everything imported from now on a reader of configurations that remembers those it knows, word for word.

    Reading checks patterns with Polars, whose threads do not outlive a fork: so that is left to a process of its own.
    """
    read = workspace.load_workspace
    known: dict[tuple[tuple[str, str], ...], Workspace] = {}

    def remembering(folder: Path) -> Workspace:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        words = tuple((str(path), path.read_text(encoding="utf-8")) for path in files)
        if words not in known:
            known[words] = _elsewhere(lambda: read(folder))
        return known[words]

    workspace.load_workspace = remembering


def _elsewhere(work: Callable[[], Workspace]) -> Workspace:
    """What another process finds."""
    source, target = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(target, "wb") as told:
            pickle.dump(work(), told)
        os._exit(0)
    os.close(target)
    with os.fdopen(source, "rb") as heard:
        found: Workspace = pickle.load(heard)
    os.waitpid(child, 0)
    return found


@dataclass(slots=True)
class _Killer:
    """Notes every boundary, and ends this process at the one that was ordered."""

    order: Order
    trace: int
    times: Counter[str]

    def hear(self, boundary: Boundary) -> None:
        name = str(boundary)
        self.times[name] += 1
        os.write(self.trace, f"{name}\n".encode())
        if name == self.order.kill and self.times[name] == self.order.nth:
            os.kill(os.getpid(), signal.SIGKILL)


def _run(order: Order, command: Callable[[], None], clock: SharedTime) -> NoReturn:
    """The command, in this forked process."""
    for path, number in ((order.out, 1), (order.err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    trace = os.open(order.trace, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    hear: Hear = _Killer(order, trace, Counter()).hear
    listen(hear, lambda: clock.move(LATENCY_SECONDS))
    sys.argv = ["leadline", *order.arguments]
    code = 0
    try:
        command()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(SharedTime(Path(sys.argv[1])))
