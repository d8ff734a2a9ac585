"""The table that benchmarks of scoring print: what was measured, how long it took, and what was to be reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from os import times
from time import perf_counter


@dataclass(frozen=True, slots=True, order=True)
class Spent:
    """Seconds on the clock, and of the processor."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{seconds(self.clock)} ({seconds(self.processor)} of processor time)"

    def times(self, factor: float) -> Spent:
        """So many times as long."""
        return Spent(self.clock * factor, self.processor * factor)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    what: str
    measured: str
    target: str = ""


def spent(work: Callable[[], object]) -> Spent:
    """What some work costs."""
    began, used = perf_counter(), _processor()
    work()
    return Spent(perf_counter() - began, _processor() - used)


def _processor() -> float:
    """Of this process and of those that it started and that have ended."""
    return sum(times()[:4])


def best(work: Callable[[], object], rounds: int) -> Spent:
    """What it costs at best: as little disturbed as possible by whatever else the machine does."""
    return min(spent(work) for _ in range(rounds))


def seconds(amount: float) -> str:
    """A time as people read it."""
    return f"{amount * 1000:,.0f} ms" if amount < 1 else f"{amount:,.2f} s"
