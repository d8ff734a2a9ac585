"""How fast scoring is: everybody anew from the sidecar, its building from the database, and one person explained.

python -m benchmarks.scoring                    # a million people, ten million events
python -m benchmarks.scoring --people 100000    # a smaller market; the targets are for a million
python -m benchmarks.scoring --growth           # also ten times as many, in a process of their own
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.scoring_database import database_lines
from benchmarks.scoring_market import AS_OF, EVENTS_EACH, Market, facts
from benchmarks.scoring_model import LISTS, model
from benchmarks.table import Line, Spent, best, spent
from leadline.sidecar import lines, rescore
from leadline.sidecar.shelf import Shelf
from scoring.core import GRADES, CompiledModel
from scoring.engine import Engine, compare
from scoring.facts import Facts, read_facts
from scoring.lists import Lists
from scoring.model import model_hash, parse_model
from tests.plain import engine as plain

MODEL = model()
PARSED = parse_model(MODEL)
LOOSE = Lists.of(LISTS)
KEY = model_hash(PARSED)
TOMORROW = AS_OF + timedelta(days=1)
"""Scored on another day than the sidecar was built, as it will be: questions of the day are asked anew."""
ROUNDS = 5
SAMPLE = 1_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scoring", description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--growth", action="store_true", help="also ten times as many people and events")
    parser.add_argument("--no-database", action="store_true", help="leave out what reads a database")
    parser.add_argument("--make", type=Path, help="make a sidecar of so many people in this folder")
    parser.add_argument("--lines", type=Path, help="write all lines of the sidecar in this folder and tell the cost")
    parser.add_argument("--rescore", type=Path, help="rescore the sidecar in this folder once and tell the cost as JSON")
    options = parser.parse_args()
    if options.rescore:
        print(json.dumps(rescore_once(options.rescore)))
        return
    if options.make:
        Shelf(options.make / "columns").replace(KEY, Market(options.people).layer(CompiledModel(PARSED, LOOSE)))
        return
    if options.lines:
        print(json.dumps(lines_once(options.lines)))
        return
    load = "" if not hasattr(os, "getloadavg") else f", load {os.getloadavg()[0]:.1f}"
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}{load}\n\n| what | measured | target |\n|---|---|---|")
    for line in measured(options):
        print(f"| {line.what} | {line.measured} | {line.target} |", flush=True)


def measured(options: argparse.Namespace) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as scratch:
        yield from rescored(Path(scratch), options.people)
    yield from explained()
    if not options.no_database:
        yield from database_lines(PARSED, LOOSE)
    if options.growth:
        with tempfile.TemporaryDirectory() as scratch:
            yield from grown(Path(scratch), options.people * 10)


def rescored(scratch: Path, people: int) -> Iterator[Line]:
    """A full rescore in processes of its own, and the same people by the plain implementation."""
    _make(scratch, people)
    yield Line("people, fields, events", f"{people:,}, 20, {people * EVENTS_EACH:,}")
    runs = [_apart("--rescore", scratch) for _ in range(ROUNDS)]
    first, again = (Spent(*min(run[which] for run in runs)) for which in ("first", "again"))
    yield Line("full rescore, files to files, a fresh process on a new day", str(first), "≤ 1.0 s")
    yield Line("the same again", str(again))
    yield Line("memory at its peak, everything included", f"{min(run['megabytes'] for run in runs):,.0f} MB", "≤ 500 MB")
    written = min(_apart("--lines", scratch)["spent"] for _ in range(2))
    yield Line("all breakdown lines of everybody, as columns on disk", str(Spent(*written)), "≤ 5 s more")
    alone = _plain_against_columns(scratch, Market(people))
    ratio, by_processor = alone.clock * people / first.clock, alone.processor * people / first.processor
    yield Line("times the plain implementation", f"{ratio:,.0f} ({by_processor:,.0f} by processor time)", "≥ 40")


def rescore_once(folder: Path) -> dict[str, Any]:
    """From files to files, twice."""
    compiled = CompiledModel(PARSED, LOOSE)

    def once() -> None:
        layers = Shelf(folder / "columns").read(KEY)
        assert layers is not None
        rescore.write(folder / "scores", rescore.rescored(compiled, layers, TOMORROW, 3), TOMORROW)

    runs = [spent(once), spent(once)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"first": _pair(runs[0]), "again": _pair(runs[1]), "megabytes": peak}


def lines_once(folder: Path) -> dict[str, Any]:
    """From files to a file for each line."""
    compiled, out = CompiledModel(PARSED, LOOSE), folder / "lines"
    out.mkdir(exist_ok=True)

    def once() -> None:
        layers = Shelf(folder / "columns").read(KEY)
        assert layers is not None
        lines.write(out, compiled, layers[0].kept, TOMORROW.date())

    return {"spent": _pair(spent(once))}


def explained() -> Iterator[Line]:
    """Breakdowns: for a sample, from which everybody's follow, for a thousand, and for one."""
    people = _sample(SAMPLE)
    engine = Engine(PARSED, LOOSE)
    thousand = best(lambda: list(engine.score_many(people, TOMORROW)), ROUNDS)
    yield Line(f"{SAMPLE:,} people scored and explained, hints included", str(thousand), "≤ 100 ms")
    one = max(people, key=lambda found: len(found.events))

    def alone() -> None:
        compare(engine.score(one, AS_OF), engine.score(one, TOMORROW))

    yield Line("one person with breakdown, comparison and hints", str(best(alone, ROUNDS)), "≤ 50 ms")


def grown(scratch: Path, people: int) -> Iterator[Line]:
    _make(scratch, people)
    runs = [_apart("--rescore", scratch) for _ in range(2)]
    what = f"full rescore of {people:,} people with {people * EVENTS_EACH:,} events"
    yield Line(what, str(Spent(*min(run["first"] for run in runs))), "≤ 12 s")
    yield Line("memory at its peak", f"{min(run['megabytes'] for run in runs):,.0f} MB", "≤ 3,000 MB")


def _make(scratch: Path, people: int) -> None:
    """In a process of its own: the peak of its memory would count as that of every process started from here."""
    subprocess.run([sys.executable, "-m", "benchmarks.scoring", "--make", str(scratch), "--people", str(people)], check=True)


def _apart(task: str, scratch: Path) -> dict[str, Any]:
    """A task in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scoring", task, str(scratch)]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told


def _plain_against_columns(scratch: Path, market: Market) -> Spent:
    """What one person costs the plain implementation, on average, and that both say the same."""
    sample = _lines(market, SAMPLE)
    found: list[plain.Scored] = []
    cost = spent(lambda: found.extend(plain.score(one, MODEL, TOMORROW, LISTS) for one in sample))
    layers = Shelf(scratch / "columns").read(KEY)
    assert layers is not None
    every = rescore.rescored(CompiledModel(PARSED, LOOSE), layers, TOMORROW, 3).standings
    for row, one in enumerate(found):
        assert (one.total, one.grade) == (every.total[row], GRADES[every.grades[row]]), row
    return cost.times(1 / len(sample))


def _lines(market: Market, count: int) -> list[dict[str, Any]]:
    """The first people as lines of facts."""
    fields, (_, touches) = market.fields(), next(islice(market.touches(), 1))
    return [facts(fields, touches, row) for row in range(min(count, market.people))]


def _sample(count: int) -> Sequence[Facts]:
    return [read_facts(line) for line in _lines(Market(50_000), count)]


def _pair(cost: Spent) -> tuple[float, float]:
    return cost.clock, cost.processor


if __name__ == "__main__":
    main()
