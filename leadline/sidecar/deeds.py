"""What persons did: the events of the database given to those who took part, as `load_people` and `Touches.of` have it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import repeat

import numpy as np

from leadline.sidecar.coding import ABSENT
from leadline.sidecar.gathering import Gathered
from leadline.sidecar.people import Takers
from scoring.columns import Flags, Rows
from scoring.population import Moments, Touches, microseconds


def touches(takers: Takers, events: Gathered, types: Collection[str], as_of: datetime) -> tuple[Touches, Rows, Moments]:
    """Those of some types that exist at a moment; and those that lie ahead, by person and time.

    Events of nobody here are left out. Types are looked at last: one event may be of another type through another record.
    """
    source, who, ranks = _taken(takers, events)
    column = events.fields.column("type")
    wanted: Flags = np.array([kind in types for kind in column.values], dtype=np.bool_)
    kept = _once(takers, events, source, who, ranks) & wanted[column.codes[source]]
    source, who = source[kept], who[kept]
    moments = events.at[source]
    ahead = moments > microseconds(as_of)
    source, there = source[~ahead], who[~ahead]
    order = _in_order(events, source, there)
    source = source[order]
    return Touches(there[order], events.at[source], (), events.fields.take(source)), who[ahead], moments[ahead]


def _taken(takers: Takers, events: Gathered) -> tuple[Rows, Rows, Rows]:
    """Each event for each person that took part: its row, the person, and the rank of the key."""
    numbers = np.fromiter(map(takers.numbers.get, events.keys, repeat(ABSENT)), dtype=np.int32, count=len(events.keys))
    keys = numbers[events.own]
    source = np.flatnonzero(keys != ABSENT)
    keys = keys[source]
    who, ranks = takers.who[keys], takers.ranks[keys]
    more = [(source[keys == number], row, rank) for number, row, rank in takers.others]
    if more:
        source = np.concatenate([source, *(found for found, _, _ in more)])
        who = np.concatenate([who, *(np.full(len(found), row) for found, row, _ in more)])
        ranks = np.concatenate([ranks, *(np.full(len(found), rank) for found, _, rank in more)])
    return source[who >= 0], who[who >= 0], ranks[who >= 0]


def _once(takers: Takers, events: Gathered, source: Rows, who: Rows, ranks: Rows) -> Flags:
    """Which of them stand: what somebody did through several records happened once, as the highest of them has it."""
    kept: Flags = np.ones(len(source), dtype=np.bool_)
    maybe = np.flatnonzero(takers.several[who])
    best: dict[tuple[int, str], tuple[int, int]] = {}
    owners, places, names = who[maybe].tolist(), ranks[maybe].tolist(), events.ids_of(source[maybe])
    for one in zip(zip(owners, names, strict=True), zip(places, maybe.tolist(), strict=True), strict=True):
        name, ranked = one
        rival = best.get(name)
        if rival is not None:
            kept[min(ranked, rival)[1]] = False
        best[name] = ranked if rival is None else max(ranked, rival)
    return kept


def _in_order(events: Gathered, source: Rows, who: Rows) -> Rows:
    """In the order of person, time and id."""
    at = events.at[source]
    order: Rows = np.lexsort((at, who))
    as_before = np.zeros(len(order) + 1, dtype=np.bool_)
    as_before[1:-1] = (np.diff(who[order]) == 0) & (np.diff(at[order]) == 0)
    tied = np.flatnonzero(as_before[1:] | as_before[:-1])
    group, names = np.cumsum(~as_before[:-1])[tied].tolist(), events.ids_of(source[order[tied]])
    sorted_out = sorted(range(len(tied)), key=lambda place: (group[place], names[place]))
    order[tied] = order[tied[sorted_out]]
    return order
