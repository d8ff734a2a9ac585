"""From the database to layers: everybody for the first one, and who changed since for those on top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Connection

from leadline.sidecar.deeds import read_deeds
from leadline.sidecar.layer import FoldsGatherer, Layer, Told, ids_of
from leadline.sidecar.people import read_people
from scoring.columns import Column, Points, Table, narrow
from scoring.core import CompiledModel, Kept, given_by_hand
from scoring.facts import Facts
from scoring.population import Population, Touches, microseconds

_AT_ONCE = 65_536
"""People whose events are folded together: what a fold needs meanwhile is several times what it comes to."""


def everybody(tx: Connection, compiled: CompiledModel, preferred: Sequence[str], as_of: datetime) -> Layer:
    """The layer of all persons at a moment."""
    return _read(tx, compiled, preferred, None, as_of)


def of_persons(
    tx: Connection, compiled: CompiledModel, preferred: Sequence[str], persons: Sequence[str], as_of: datetime
) -> Layer:
    """The layer of these persons at a moment; those without a live record are in it as gone."""
    return _read(tx, compiled, preferred, persons, as_of)


def are_good(layers: Sequence[Layer], compiled: CompiledModel, as_of: datetime) -> bool:
    """Whether scores of a moment follow from these layers, once the changed and the overdue lie on top of them."""
    newest = max(one.as_of for one in layers)
    return newest <= as_of and not (compiled.folds_anew_daily and any(one.as_of.date() != as_of.date() for one in layers))


def overdue(layers: Sequence[Layer], as_of: datetime) -> set[str]:
    """Persons to whom something has happened by `as_of` that the database knew all along, and their folds do not."""
    return {person.decode() for one in layers for person in one.overdue(as_of)}


def of_facts(compiled: CompiledModel, facts: Sequence[Facts], as_of: datetime) -> Layer:
    """The layer of loose facts, nobody of whom was told anything."""
    people = sorted(facts, key=lambda one: one.id)
    population = Population.of(people, as_of, compiled.asked)
    later = [(row, at) for row, one in enumerate(people) for at in _turns(one, population.as_of)]
    ahead = np.array(later, dtype=np.int64).reshape(-1, 2)
    kept = _kept(compiled, population.fields, population.touches, given_by_hand(population.given), population.as_of)
    return Layer(
        as_of=population.as_of,
        ids=ids_of(population.ids),
        gone=ids_of([]),
        kept=kept,
        told=Told.nothing(len(people)),
        later_who=narrow(ahead[:, 0]),
        later=ahead[:, 1],
    )


def _read(
    tx: Connection, compiled: CompiledModel, preferred: Sequence[str], persons: Sequence[str] | None, as_of: datetime
) -> Layer:
    """The layer of these persons, or of everybody for None."""
    moment = as_of.astimezone(UTC)
    people = read_people(tx, compiled.asked.of_people, preferred, persons)
    types = {kind for one in compiled.engagement.signals for kind in one.signal.on}
    keys = None if persons is None else list(people.takers.numbers)
    deeds = read_deeds(tx, people.takers, compiled.asked.of_events, types, keys)
    touches, later_who, later = deeds.touches(moment)
    given = np.zeros(len(people.ids), dtype=np.int64)
    return Layer(
        as_of=moment,
        ids=ids_of(people.ids),
        gone=ids_of(sorted(set(persons or ()).difference(people.ids))),
        kept=_kept(compiled, people.fields, touches, given, moment),
        told=people.told,
        later_who=narrow(later_who),
        later=later,
    )


def _kept(compiled: CompiledModel, fields: Table, touches: Touches, given: Points, as_of: datetime) -> Kept:
    """What scores follow from, every question asked."""
    compiled.ask(fields, as_of.date())
    folds = FoldsGatherer()
    for low in range(0, max(1, fields.rows), _AT_ONCE):
        some = _of_rows(touches, low, low + _AT_ONCE)
        human = ~compiled.machines.flags(some, as_of.date())
        folds.add(compiled.engagement.fold(some, human, as_of.date()), low)
    narrowed = {name: Column(narrow(one.codes), one.values, one.answers) for name, one in fields.columns.items()}
    return Kept(Table(fields.rows, narrowed), folds.folds(), given)


def _of_rows(touches: Touches, low: int, high: int) -> Touches:
    """The events of the persons from one row to another, who are counted from the first of them."""
    start, end = np.searchsorted(touches.who, [low, high]).tolist()
    return Touches(touches.who[start:end] - low, touches.at[start:end], (), touches.fields.part(start, end))


def _turns(facts: Facts, as_of: datetime) -> Iterator[int]:
    """The moments at which what is known already makes other facts: events that begin to exist, overrides that end."""
    yield from (microseconds(event.at) for event in facts.events if event.at > as_of)
    yield from (microseconds(one.until) for one in facts.overrides if one.until > as_of)
