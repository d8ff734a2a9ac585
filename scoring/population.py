"""People in columns: their fields, what they did, and what was added by hand, at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Column, Rows, Table
from scoring.facts import Event, Facts, Override
from scoring.reading import Value

Moments: TypeAlias = NDArray[np.int64]
"""Microseconds since 1970, UTC."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MICROSECONDS = 86_400_000_000
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Touches:
    """Events in the order of person, time and id: `who` is the person's row, `at` when it happened.

    `fields` hold what is asked of an event: its type and, where a model wants them, its own fields, id and time.
    """

    who: Rows
    at: Moments
    ids: tuple[str, ...]
    fields: Table

    @classmethod
    def of(cls, people: Sequence[Facts], as_of: datetime, names: Iterable[str]) -> Touches:
        """What these people did until a moment."""
        who: list[int] = []
        events: list[Event] = []
        for row, facts in enumerate(people):
            there = existing(facts.events, as_of)
            events += there
            who += [row] * len(there)
        return cls(
            who=np.array(who, dtype=np.int64),
            at=np.fromiter((microseconds(event.at) for event in events), dtype=np.int64, count=len(events)),
            ids=tuple(event.id for event in events),
            fields=Table(len(events), dict(_told_of(events, sorted({"type", *names})))),
        )

    def take(self, rows: Rows) -> Touches:
        """Some of them, in the order asked for."""
        return Touches(self.who[rows], self.at[rows], tuple(self.ids[row] for row in rows), self.fields.take(rows))

    def days(self) -> Rows:
        """The UTC day of each, counted from 1970."""
        return self.at // DAY_MICROSECONDS

    def moment(self, row: int) -> datetime:
        """When one of them happened."""
        return EPOCH + int(self.at[row]) * _MICROSECOND


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields that a model asks of people and of events, be it to judge or to say them. Others are left behind."""

    of_people: frozenset[str]
    of_events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Population:
    """Many people at `as_of` (UTC). `given` are the overrides that hold then, by row."""

    as_of: datetime
    ids: tuple[str, ...]
    fields: Table
    touches: Touches
    given: tuple[tuple[Override, ...], ...]

    @classmethod
    def of(cls, people: Sequence[Facts], as_of: datetime, asked: Asked) -> Population:
        """These people at a moment: events that exist by then, overrides that still hold."""
        as_of = as_of.astimezone(UTC)
        return cls(
            as_of=as_of,
            ids=tuple(one.id for one in people),
            fields=Table(len(people), {name: Column.of(_known_of(people, name)) for name in sorted(asked.of_people)}),
            touches=Touches.of(people, as_of, asked.of_events),
            given=tuple(tuple(one for one in facts.overrides if one.until > as_of) for facts in people),
        )

    @property
    def today(self) -> date:
        """The UTC day that ages are counted to."""
        return self.as_of.date()

    @property
    def rows(self) -> int:
        """How many people."""
        return len(self.ids)


def days_since_epoch(day: date) -> int:
    """A UTC day as a number."""
    return (day - EPOCH.date()).days


def existing(events: Iterable[Event], as_of: datetime) -> list[Event]:
    """The events that exist at `as_of`, oldest first.

    Later ones do not exist; of those with one id the latest stands, whatever order they come in.
    """
    latest: dict[str, Event] = {}
    for event in events:
        if event.at > as_of:
            continue
        rival = latest.get(event.id)
        if rival is None or _precedence(event) > _precedence(rival):
            latest[event.id] = event
    return sorted(latest.values(), key=lambda event: (event.at, event.id))


def _known_of(people: Sequence[Facts], name: str) -> list[Value]:
    """One field of everybody, by its full name."""
    owner, _, key = name.partition(".")
    if owner == "person":
        return [one.person.get(key) for one in people]
    return [one.company.get(key) if owner == "company" else None for one in people]


def _told_of(events: Sequence[Event], names: Iterable[str]) -> Iterator[tuple[str, Column]]:
    """The columns of some fields of these events, as conditions see them."""
    told = [event.fields for event in events]
    for name in names:
        match name:
            case "id":
                yield name, Column.of([event.id for event in events])
            case "type":
                yield name, Column.of([event.type for event in events])
            case "at":
                yield name, Column.of([event.at.isoformat() for event in events])
            case _:
                yield name, Column.of([fields.get(name) for fields in told])


def microseconds(moment: datetime) -> int:
    """An aware moment as a number."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _precedence(event: Event) -> tuple[datetime, str, str]:
    # Two versions of one event at one moment: any fixed choice keeps the score independent of order.
    return event.at, event.type, repr(sorted((name, repr(value)) for name, value in event.fields.items()))
