"""Drawing from a seeded generator in ways that give the same result on every machine."""

import random
from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Wheel(Generic[T]):
    """Things to draw with fixed weights."""

    def __init__(self, *slots: tuple[T, float]) -> None:
        self._things = tuple(thing for thing, _ in slots)
        self._sums = tuple(accumulate(weight for _, weight in slots))
        self._total = self._sums[-1]
        self._last = len(slots) - 1

    def spin(self, rng: random.Random) -> T:
        """One of the things."""
        return self._things[bisect(self._sums, rng.random() * self._total, 0, self._last)]

    def deck(self, rng: random.Random, size: int) -> list[T]:
        """`size` of the things, shuffled, each as often as its weight says (to the nearest whole)."""
        weights = [after - before for before, after in zip((0.0, *self._sums), self._sums, strict=False)]
        dealt = [thing for thing, times in zip(self._things, apportion(size, weights), strict=True) for _ in range(times)]
        rng.shuffle(dealt)
        return dealt


def pick(rng: random.Random, things: Sequence[T]) -> T:
    """One of the things, all alike."""
    return things[int(rng.random() * len(things))]


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """`total` split in whole parts in proportion to the weights, largest remainders first, earlier places on a tie."""
    # Whole millionths keep the last bit of a mathematics library from deciding who gets a remainder.
    sizes = [round(weight * 1_000_000) for weight in weights]
    if not any(sizes):
        sizes = [1] * len(sizes)
    whole = sum(sizes)
    parts = [total * size // whole for size in sizes]
    by_remainder = sorted(range(len(sizes)), key=lambda place: (-(total * sizes[place] % whole), place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def share(total: int, place: int, places: int) -> int:
    """How much of `total` falls to `place` of `places` when it is spread evenly; the places sum to the total."""
    return total * (place + 1) // places - total * place // places


def between(rng: random.Random, first: datetime, last: datetime) -> datetime:
    """A whole second from `first` to `last`, or `last` if that is earlier."""
    chance = rng.random()
    seconds = int((last - first).total_seconds())
    return first + timedelta(seconds=int(chance * (seconds + 1))) if seconds > 0 else last
