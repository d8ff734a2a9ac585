"""From the database to layers: everybody for the first one, and who changed since for those on top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Connection

from leadline.sidecar import apart
from leadline.sidecar.deeds import touches
from leadline.sidecar.gathering import Gathered, gather
from leadline.sidecar.layer import FoldsGatherer, Layer, Told, ids_of
from leadline.sidecar.people import People, read_people
from leadline.state import rows
from leadline.state.database import Database
from scoring.columns import Column, Points, Table, narrow
from scoring.core import CompiledModel, Kept, given_by_hand
from scoring.facts import Facts
from scoring.population import Population, Touches, microseconds

_AT_ONCE = 65_536
"""People whose events are folded together: what a fold needs meanwhile is several times what it comes to."""

_MANY = 10_000
"""People whose events are worth a second process, which takes about a second to begin."""


def everybody(
    database: Database, compiled: CompiledModel, preferred: Sequence[str], as_of: datetime, many: int = _MANY
) -> Layer:
    """The layer of all persons at a moment.

    With as many persons, in a file, and cores for two, another process gathers the events. A server would end the
    transaction of a process that waits for so long.
    """
    with database.begin() as tx:
        if apart.cores() < 2 or not database.is_file or not rows.has_persons(tx, many):
            return _of_read(compiled, *_read(tx, compiled, preferred, None), (), as_of)
        with apart.helper(database, compiled.asked.of_events) as helper:
            people = read_people(tx, compiled.asked.of_people, preferred, None)
            compiled.ask(people.fields, as_of.astimezone(UTC).date())
            events = helper.gathered() or _events(tx, compiled, None)
    return _of_read(compiled, people, events, (), as_of)


def of_persons(
    tx: Connection, compiled: CompiledModel, preferred: Sequence[str], persons: Sequence[str], as_of: datetime
) -> Layer:
    """The layer of these persons at a moment; those without a live record are in it as gone."""
    return _of_read(compiled, *_read(tx, compiled, preferred, persons), persons, as_of)


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
    tx: Connection, compiled: CompiledModel, preferred: Sequence[str], persons: Sequence[str] | None
) -> tuple[People, Gathered]:
    """These persons and what they did; everybody for None."""
    people = read_people(tx, compiled.asked.of_people, preferred, persons)
    return people, _events(tx, compiled, None if persons is None else list(people.takers.numbers))


def _events(tx: Connection, compiled: CompiledModel, keys: Sequence[str] | None) -> Gathered:
    return gather(tx, compiled.asked.of_events, keys)


def _of_read(compiled: CompiledModel, people: People, events: Gathered, persons: Sequence[str], as_of: datetime) -> Layer:
    """The layer of what was read. Of `persons`, whoever was not found is gone."""
    moment = as_of.astimezone(UTC)
    types = {kind for one in compiled.engagement.signals for kind in one.signal.on}
    there, later_who, later = touches(people.takers, events, types, moment)
    given = np.zeros(len(people.ids), dtype=np.int64)
    return Layer(
        as_of=moment,
        ids=ids_of(people.ids),
        gone=ids_of(sorted(set(persons).difference(people.ids))),
        kept=_kept(compiled, people.fields, there, given, moment),
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
