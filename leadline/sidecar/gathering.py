"""Events of the database in columns, as they come: whose each is, nobody asks yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection

from leadline.clock import from_stamp
from leadline.sidecar.coding import Coder, FieldCodes, Said, decode_all
from leadline.state import rows
from scoring.columns import Column, Rows, Table, Whole, narrow
from scoring.population import Moments, microseconds

_STAMP = 27
"""How long a time is, as `stamp` writes it."""
_BY_ITSELF = frozenset({"id", "type", "at"})


@dataclass(frozen=True, slots=True)
class Gathered:
    """Events in the order in which they were read: the place of each one's key in `keys`, its time, and what is asked of it.

    Ids wait in texts of many, for few are ever asked: those of the rows from one of `starts` to the next lie in one text.
    """

    keys: Sequence[str]
    own: Said
    at: Moments
    fields: Table
    ids: Sequence[str]
    starts: Sequence[int]

    def ids_of(self, source: Rows) -> list[str]:
        """The ids of some events."""
        found = [""] * len(source)
        order = np.argsort(source, kind="stable")
        bounds = np.searchsorted(source[order], self.starts)
        for part, (low, high) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
            if low == high:
                continue
            names = self.ids[part].split(rows.SEPARATOR)
            for place in order[low:high].tolist():
                found[place] = names[int(source[place]) - self.starts[part]]
        return found


def gather(tx: Connection, asked: Collection[str], keys: Collection[str] | None) -> Gathered:
    """Events that these keys take part in, with what is asked of them; all events for None."""
    gatherer = _Gatherer(asked)
    for batch in rows.events(tx, keys):
        gatherer.add(batch)
    return gatherer.gathered()


class _Gatherer:
    """Takes some rows at a time."""

    def __init__(self, asked: Iterable[str]) -> None:
        self._keys = _Places()
        self._coders = {name: Coder() for name in sorted({"type", *asked})}
        self._fields = FieldCodes({name: coder for name, coder in self._coders.items() if name not in _BY_ITSELF})
        self._decoder = msgspec.json.Decoder(list[self._fields.type])  # type: ignore[name-defined] # a type made here
        self._codes: dict[str, list[Whole]] = {name: [] for name in self._coders}
        self._own: list[Said] = []
        self._at: list[Moments] = []
        self._ids: list[str] = []
        self._starts = [0]

    def add(self, batch: rows.Batch) -> None:
        """The next rows."""
        names, types, stamps, texts, ids = (rows.column(batch, place) for place in range(5))
        said = self._said(texts)
        told = {"type": types, "id": ids, "at": _as_iso(stamps) if "at" in self._coders else ()}
        said |= {name: self._coders[name].codes(values) for name, values in told.items() if name in self._coders}
        for name, codes in said.items():
            self._codes[name].append(narrow(np.maximum(codes, 0)))
        self._own.append(self._keys.of(names))
        self._at.append(_moments(stamps))
        self._ids.append(rows.SEPARATOR.join(ids))
        self._starts.append(self._starts[-1] + len(ids))

    def gathered(self) -> Gathered:
        """All of them."""
        columns = {name: self._column(name) for name in self._coders}
        at = np.concatenate([np.zeros(0, np.int64), *self._at])
        own = np.concatenate([np.zeros(0, np.int32), *self._own])
        return Gathered(list(self._keys), own, at, Table(len(at), columns), self._ids, self._starts)

    def _said(self, texts: Sequence[str]) -> dict[str, Said]:
        """What the events say of themselves. The same words are read once."""
        places = _Places()
        at = places.of(texts)
        distinct = self._fields.coded(decode_all(self._decoder, list(places)))
        return {name: codes[at] for name, codes in distinct.items()}

    def _column(self, name: str) -> Column:
        parts = self._codes[name]
        return Column(np.concatenate(parts) if parts else np.zeros(0, np.uint8), self._coders[name].values)


class _Places(dict[str, int]):
    """The place of each distinct text, in the order in which they came."""

    def __missing__(self, text: str) -> int:
        place = self[text] = len(self)
        return place

    def of(self, texts: Sequence[str]) -> Said:
        """The places of these; new ones get the next."""
        return np.fromiter(map(self.__getitem__, texts), dtype=np.int32, count=len(texts))


def _moments(stamps: Sequence[str]) -> Moments:
    """Stored times as numbers."""
    text = "".join(stamps).encode()
    if len(text) == _STAMP * len(stamps):
        raw = np.frombuffer(text, dtype=np.uint8).reshape(-1, _STAMP)
        if (raw[:, -1] == ord("Z")).all():
            found: Any = raw[:, :-1].copy().view(f"S{_STAMP - 1}").ravel().astype("M8[us]")
            moments: Moments = found.astype(np.int64)
            return moments
    return np.array([microseconds(from_stamp(one)) for one in stamps], dtype=np.int64)


def _as_iso(stamps: Iterable[str]) -> list[str]:
    return [from_stamp(one).isoformat() for one in stamps]
