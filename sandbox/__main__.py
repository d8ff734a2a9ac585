"""`python -m sandbox hubspot|salesforce`: start one twin; `python -m sandbox generate`: make a large market for them.

A twin is a package `sandbox.<name>` with a module `app` that has `add_arguments(parser)` for its own knobs and
`build(arguments, clock) -> Launch`.
"""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox import generate
from sandbox.clock import TwinClock
from sandbox.faults import FaultPlan, default_plan
from sandbox.market.folder import Stored
from sandbox.serve import Launch, run

TWINS = ("hubspot", "salesforce")


def plan(words: str) -> Any:
    """A fault plan: the default one by its name, or the content of a JSON file."""
    if words.partition(":")[0] == "default":
        return default_plan(words)
    try:
        found = json.loads(Path(words).read_text(encoding="utf-8"))
        FaultPlan(found)
    except (OSError, ValueError) as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem
    return found


def parser_for(twin: str) -> argparse.ArgumentParser:
    """The command line of one twin: the knobs that all share, and its own."""
    parser = argparse.ArgumentParser(prog=f"python -m sandbox {twin}", description=f"Start the {twin} twin.")
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one")
    parser.add_argument("--people", type=int, default=2000, help="size of the market; 0 starts empty")
    parser.add_argument("--seed", type=int, default=7, help="seed of the market")
    parser.add_argument("--market", type=Path, default=None, help="a folder made by `generate`, in place of these two")
    parser.add_argument("--as-of", type=generate.moment, default=None, help="where the twin's clock starts; default: now")
    parser.add_argument("--faults", type=plan, default=(), help="default[:FACTOR[:SEED]], or a JSON file with a plan")
    parser.add_argument("--load", type=Path, default=None, help="a state that /_twin/saved gave, over the same market")
    parser.add_argument("--ready-file", type=Path, default=None, help="also write the ready line here")
    app = importlib.import_module(f"sandbox.{twin}.app")
    app.add_arguments(parser)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the twin that the first argument names."""
    first = argparse.ArgumentParser(prog="python -m sandbox", add_help=False)
    first.add_argument("twin", choices=(*TWINS, "generate"))
    chosen, rest = first.parse_known_args(arguments)
    if chosen.twin == "generate":
        generate.main(rest)
        return
    options = parser_for(chosen.twin).parse_args(rest)
    options.as_of = _start_of(options.market, options.as_of)
    clock = TwinClock(options.as_of)
    app = importlib.import_module(f"sandbox.{chosen.twin}.app")
    launch: Launch = app.build(options, clock)
    if options.load is not None:
        _load(launch, options.load)
    run(launch, clock, FaultPlan(options.faults), options.port, options.ready_file)


def _start_of(market: Path | None, as_of: datetime | None) -> datetime | None:
    """Where the clock starts: at the end of a stored market, unless a later time is given."""
    if market is None:
        return as_of
    try:
        end = Stored(market).name.as_of
    except ValueError as problem:
        raise SystemExit(f"--market: {problem}") from problem
    if as_of is not None and as_of < end:
        raise SystemExit(f"--as-of: the market in {market} ends at {end.isoformat()}, which is later")
    return as_of or end


def _load(launch: Launch, path: Path) -> None:
    """Bring a saved state back, or end with the reason why not."""
    try:
        launch.crm.load(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise SystemExit(f"--load {path}: {problem}") from problem


if __name__ == "__main__":
    main()
