"""What persons did, in columns, straight from the rows of events: as `load_people` and `Touches.of` have it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import compress, repeat
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Connection

from leadline.clock import from_stamp
from leadline.sidecar.coding import ABSENT, Coder, FieldCodes, Said, decode_all
from leadline.sidecar.people import Takers
from leadline.state import rows
from scoring.columns import Column, Flags, Rows, Table, Whole, narrow
from scoring.population import Moments, Touches, microseconds

_STAMP = 27
"""How long a time is, as `stamp` writes it."""
_BY_ITSELF = frozenset({"id", "type", "at"})


def read_deeds(
    tx: Connection, takers: Takers, asked: Collection[str], types: Collection[str], keys: Collection[str] | None
) -> Deeds:
    """Events of these types that these take part in; `keys` None reads those of everybody."""
    deeds = Deeds(takers, asked)
    for batch in rows.events(tx, types, keys):
        deeds.add(batch)
    return deeds


class Deeds:
    """Events, gathered some rows at a time."""

    def __init__(self, takers: Takers, asked: Iterable[str]) -> None:
        self._takers = takers
        self._coders = {name: Coder() for name in sorted({"type", *asked})}
        self._fields = FieldCodes({name: coder for name, coder in self._coders.items() if name not in _BY_ITSELF})
        self._decoder = msgspec.json.Decoder(list[self._fields.type])  # type: ignore[name-defined] # a type made here
        self._codes: dict[str, list[Whole]] = {name: [] for name in self._coders}
        self._keys: list[Said] = []
        self._at: list[Moments] = []
        self._ids: list[str] = []
        self._starts = [0]

    def add(self, batch: rows.Batch) -> None:
        """The next rows; those of nobody here are left out."""
        names = rows.column(batch, 0)
        keys = np.fromiter(map(self._takers.numbers.get, names, repeat(ABSENT)), dtype=np.int32, count=len(batch))
        if (keys == ABSENT).any():
            batch = list(compress(batch, keys != ABSENT))
            keys = keys[keys != ABSENT]
        types, stamps, texts, ids = (rows.column(batch, place) for place in range(1, 5))
        said = self._said(texts)
        told = {"type": types, "id": ids, "at": _as_iso(stamps) if "at" in self._coders else ()}
        said |= {name: self._coders[name].codes(values) for name, values in told.items() if name in self._coders}
        for name, codes in said.items():
            self._codes[name].append(narrow(np.maximum(codes, 0)))
        self._keys.append(keys)
        self._at.append(_moments(stamps))
        self._ids.append(rows.SEPARATOR.join(ids))
        self._starts.append(self._starts[-1] + len(ids))

    def touches(self, as_of: datetime) -> tuple[Touches, Rows, Moments]:
        """Those that exist at a moment; and those that lie ahead, by person and time."""
        at = np.concatenate([np.zeros(0, np.int64), *self._at])
        source, who, ranks = self._taken()
        kept = self._once(source, who, ranks)
        source, who = source[kept], who[kept]
        moments = at[source]
        ahead = moments > microseconds(as_of)
        source, there = source[~ahead], who[~ahead]
        order = self._in_order(source, there, moments[~ahead])
        source = source[order]
        columns = {name: self._column(name).take(source) for name in self._coders}
        return Touches(there[order], at[source], (), Table(len(source), columns)), who[ahead], moments[ahead]

    def _said(self, texts: Sequence[str]) -> dict[str, Said]:
        """What the events say of themselves. The same words are read once."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        at = np.fromiter(map(places.__getitem__, texts), dtype=np.int32, count=len(texts))
        distinct = self._fields.coded(decode_all(self._decoder, list(places)))
        return {name: codes[at] for name, codes in distinct.items()}

    def _column(self, name: str) -> Column:
        parts = self._codes[name]
        return Column(np.concatenate(parts) if parts else np.zeros(0, np.uint8), self._coders[name].values)

    def _taken(self) -> tuple[Rows, Rows, Rows]:
        """Each event for each person that took part: its row, the person, and the rank of the key."""
        keys = np.concatenate([np.zeros(0, np.int32), *self._keys])
        source, takers = np.arange(len(keys)), self._takers
        who, ranks = takers.who[keys], takers.ranks[keys]
        more = [(np.flatnonzero(keys == number), row, rank) for number, row, rank in takers.others]
        if more:
            source = np.concatenate([source, *(found for found, _, _ in more)])
            who = np.concatenate([who, *(np.full(len(found), row) for found, row, _ in more)])
            ranks = np.concatenate([ranks, *(np.full(len(found), rank) for found, _, rank in more)])
        return source[who >= 0], who[who >= 0], ranks[who >= 0]

    def _once(self, source: Rows, who: Rows, ranks: Rows) -> Flags:
        """Which of them stand: what somebody did through several records happened once, as the highest of them has it."""
        kept: Flags = np.ones(len(source), dtype=np.bool_)
        maybe = np.flatnonzero(self._takers.several[who])
        best: dict[tuple[int, str], tuple[int, int]] = {}
        owners, places, names = who[maybe].tolist(), ranks[maybe].tolist(), self._ids_of(source[maybe])
        for one in zip(zip(owners, names, strict=True), zip(places, maybe.tolist(), strict=True), strict=True):
            name, ranked = one
            rival = best.get(name)
            if rival is not None:
                kept[min(ranked, rival)[1]] = False
            best[name] = ranked if rival is None else max(ranked, rival)
        return kept

    def _in_order(self, source: Rows, who: Rows, at: Moments) -> Rows:
        """In the order of person, time and id."""
        order: Rows = np.lexsort((at, who))
        as_before = np.zeros(len(order) + 1, dtype=np.bool_)
        as_before[1:-1] = (np.diff(who[order]) == 0) & (np.diff(at[order]) == 0)
        tied = np.flatnonzero(as_before[1:] | as_before[:-1])
        group, names = np.cumsum(~as_before[:-1])[tied].tolist(), self._ids_of(source[order[tied]])
        sorted_out = sorted(range(len(tied)), key=lambda place: (group[place], names[place]))
        order[tied] = order[tied[sorted_out]]
        return order

    def _ids_of(self, source: Rows) -> list[str]:
        """The ids of some events. They are few: so ids wait in texts of many."""
        found = [""] * len(source)
        order = np.argsort(source, kind="stable")
        bounds = np.searchsorted(source[order], self._starts)
        for part, (low, high) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
            if low == high:
                continue
            names = self._ids[part].split(rows.SEPARATOR)
            for place in order[low:high].tolist():
                found[place] = names[int(source[place]) - self._starts[part]]
        return found


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
