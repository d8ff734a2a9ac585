"""`python -m sandbox generate`: grow a market into a folder, for twins that are started with `--market`."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from pathlib import Path

from sandbox.market.folder import store
from sandbox.market.generate import Size
from sandbox.market.source import MarketName


def moment(text: str) -> datetime:
    """An ISO 8601 time; one without a zone is taken as UTC."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def main(arguments: Sequence[str] | None = None) -> None:
    """Grow the market that the arguments describe; ends with a reason when that is not possible."""
    options = _parser().parse_args(arguments)
    as_of = (options.as_of or datetime.now(UTC)).replace(microsecond=0)
    name = MarketName(options.people, options.seed, as_of)
    began = time.monotonic()
    # Asked to end, it takes its unfinished folder along.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        store(options.out, name, options.workers, _reporter(options.people, began))
    except KeyboardInterrupt:
        raise SystemExit("generate: stopped, nothing was made") from None
    except (OSError, ValueError, BrokenProcessPool) as problem:
        raise SystemExit(f"generate: {problem}") from problem
    size = Size(options.people)
    _say(f"{size.people} people and {size.events} events in {time.monotonic() - began:.0f} s: {options.out}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox generate", description="Grow a market into a folder.")
    parser.add_argument("--people", type=number_from_one, required=True, help="size of the market")
    parser.add_argument("--seed", type=int, default=7, help="seed of the market")
    parser.add_argument("--as-of", type=moment, default=None, help="when the market ends; default: now")
    parser.add_argument("--out", type=Path, required=True, help="the folder to make; it must not exist yet")
    parser.add_argument("--workers", type=number_from_one, default=os.cpu_count() or 1, help="processes; default: all cores")
    return parser


def number_from_one(text: str) -> int:
    """A number of people or processes. Raises as argparse wants it when there would be none."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, was {number}")
    return number


def _reporter(people: int, began: float) -> Callable[[int], None]:
    done = 0

    def report(more: int) -> None:
        nonlocal done
        done += more
        _say(f"\r{done} of {people} people, {time.monotonic() - began:.0f} s " + ("\n" if done == people else ""))

    return report


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
