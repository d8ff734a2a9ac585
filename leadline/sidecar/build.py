"""From the database to layers: everybody for the first one, and who changed since for those on top."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
import numpy as np
from sqlalchemy import Connection, select

from connectors.records import Scalar
from leadline.facts import facts_of
from leadline.sidecar.layer import NEVER, ColumnGatherer, FoldsGatherer, Layer, Told, ids_of
from leadline.state import people, tables
from leadline.state.database import chunks
from scoring.columns import Table, narrow
from scoring.core import GRADES, CompiledModel, Kept, given_by_hand
from scoring.facts import Facts
from scoring.population import Asked, Population, microseconds

T = TypeVar("T")

_AT_ONCE = 4_000
_decode_values = msgspec.json.Decoder(dict[str, Scalar]).decode


def everybody(tx: Connection, compiled: CompiledModel, preferred: Sequence[str], as_of: datetime) -> Layer:
    """The layer of all persons at a moment."""
    table = tables.persons
    persons = [row.id for row in tx.execute(select(table.c.id).order_by(table.c.id))]
    return of_persons(tx, compiled, preferred, persons, as_of)


def of_persons(
    tx: Connection, compiled: CompiledModel, preferred: Sequence[str], persons: Sequence[str], as_of: datetime
) -> Layer:
    """The layer of these persons at a moment; those without a live record are in it as gone."""
    gatherer = _Gatherer(compiled, as_of)
    for some in _batches(sorted(persons)):
        views = people.load_people(tx, some)
        gatherer.add([facts_of(view, preferred) for view in views], _told(tx, some))
    return gatherer.layer(sorted(set(persons) - set(gatherer.ids)))


def are_good(layers: Sequence[Layer], compiled: CompiledModel, as_of: datetime) -> bool:
    """Whether scores of a moment follow from these layers, once the changed and the overdue lie on top of them."""
    newest = max(one.as_of for one in layers)
    return newest <= as_of and not (compiled.folds_anew_daily and any(one.as_of.date() != as_of.date() for one in layers))


def overdue(layers: Sequence[Layer], as_of: datetime) -> set[str]:
    """Persons to whom something has happened by `as_of` that the database knew all along, and their folds do not."""
    return {person.decode() for one in layers for person in one.overdue(as_of)}


def of_facts(compiled: CompiledModel, facts: Sequence[Facts], as_of: datetime) -> Layer:
    """The layer of loose facts, nobody of whom was told anything."""
    gatherer = _Gatherer(compiled, as_of)
    for some in _batches(sorted(facts, key=lambda one: one.id)):
        gatherer.add(some, {})
    return gatherer.layer([])


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[low : low + _AT_ONCE] for low in range(0, len(items), _AT_ONCE))


class _Gatherer:
    """A layer, gathered some people at a time, in the order of their ids."""

    def __init__(self, compiled: CompiledModel, as_of: datetime) -> None:
        self.ids: list[str] = []
        self._compiled = compiled
        self._as_of = as_of.astimezone(UTC)
        self._columns = {name: ColumnGatherer() for name in sorted(compiled.asked.of_people)}
        self._folds = FoldsGatherer()
        self._given: list[int] = []
        self._told: list[tuple[int, int]] = []
        self._later: list[tuple[int, int]] = []

    def add(self, some: Sequence[Facts], told: Mapping[str, tuple[int, int]]) -> None:
        """The next people, with what the CRM shows of those who were told anything."""
        population = Population.of(some, self._as_of, Asked(frozenset(), self._compiled.asked.of_events))
        fields = [one.fields() for one in some]
        for name, column in self._columns.items():
            column.add([one.get(name) for one in fields])
        self._folds.add(self._compiled.folds(population), len(self.ids))
        self._later += [(row, at) for row, one in enumerate(some, len(self.ids)) for at in _turns(one, self._as_of)]
        self._given += given_by_hand(population.given).tolist()
        self._told += [told.get(one.id, (NEVER, NEVER)) for one in some]
        self.ids += [one.id for one in some]

    def layer(self, gone: Sequence[str]) -> Layer:
        """All of them, every question asked."""
        fields = Table(len(self.ids), {name: column.column() for name, column in self._columns.items()})
        self._compiled.ask(fields, self._as_of.date())
        told = np.array(self._told, dtype=np.int64).reshape(-1, 2)
        later = np.array(self._later, dtype=np.int64).reshape(-1, 2)
        return Layer(
            as_of=self._as_of,
            ids=ids_of(self.ids),
            gone=ids_of(gone),
            kept=Kept(fields, self._folds.folds(), np.array(self._given, dtype=np.int64)),
            told=Told(narrow(told[:, 0]), narrow(told[:, 1])),
            later_who=narrow(later[:, 0]),
            later=later[:, 1],
        )


def _turns(facts: Facts, as_of: datetime) -> Iterator[int]:
    """The moments at which what is known already makes other facts: events that begin to exist, overrides that end."""
    yield from (microseconds(event.at) for event in facts.events if event.at > as_of)
    yield from (microseconds(one.until) for one in facts.overrides if one.until > as_of)


def _told(tx: Connection, persons: Sequence[str]) -> dict[str, tuple[int, int]]:
    """The score and the grade that the CRMs show of these persons; as never told where their records differ."""
    records, told = tables.records, tables.delivered
    joined = records.join(
        told,
        (told.c.connection == records.c.connection)
        & (told.c.object == records.c.object)
        & (told.c.record_id == records.c.id),
    )
    found: dict[str, tuple[int, int]] = {}
    for chunk in chunks(persons):
        rows = tx.execute(
            select(records.c.person_id, told.c.content)
            .select_from(joined)
            .where(records.c.person_id.in_(chunk), records.c.removed_at.is_(None))
        )
        for person, content in rows:
            values = _decode_values(content)
            score, grade = values.get("score"), values.get("grade")
            said = (int(score), GRADES.index(grade)) if isinstance(score, int | float) and grade in GRADES else None
            found[person] = said if said is not None and found.get(person, said) == said else (NEVER, NEVER)
    return found
