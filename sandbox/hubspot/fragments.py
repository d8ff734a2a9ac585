"""Records in the JSON of a page, kept: whoever pages through an account asks for the same properties on every page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

MOST_KEPT = 150_000
"""How many records are kept in this form, about a kilobyte each; then all are forgotten."""


class Numbered(Protocol):
    """A record that is never changed in place."""

    @property
    def id(self) -> int:
        """Its id."""


R = TypeVar("R", bound=Numbered)


class Fragments(Generic[R]):
    """The JSON of records of one type, by the properties that it shows."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], dict[int, tuple[R, msgspec.Raw]]] = {}
        self._count = 0

    def of(self, rows: Iterable[R], names: Sequence[str], render: Callable[[R], object]) -> list[msgspec.Raw]:
        """The rows, each as `render` shows it with these properties; it is asked only for rows that are new or changed."""
        kept = self._kept.setdefault(tuple(names), {})
        found: list[msgspec.Raw] = []
        for row in rows:
            entry = kept.get(row.id)
            # The same object is the same content.
            if entry is None or entry[0] is not row:
                entry = kept[row.id] = (row, msgspec.Raw(msgspec.json.encode(render(row))))
                self._count += 1
            found.append(entry[1])
        if self._count > MOST_KEPT:
            self._kept.clear()
            self._count = 0
        return found
