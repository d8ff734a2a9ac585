"""Who gets a task: the people that its rule, the territories and the fallback mean, and whose turn it is among them.

Everything here is a function of values. A turn depends on what is stored of earlier tasks and on the task's key, so a
process that is killed and started again gives every task to the same person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from connectors.records import OwnerRecord
from scoring.conditions import compile_condition
from scoring.lists import Lists
from scoring.reading import Fields
from scoring.routing import MANAGER, OWNER, Routing, is_email

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Candidate(Struct, frozen=True):
    """Somebody who may get a task: how many they have today of how many they can take, and since when the last one.

    `day_began` is when today began where they are (aware UTC). `at_work` is whether they are at this moment.
    """

    owner_id: str
    taken: int
    room: int
    day_began: datetime
    last_at: datetime | None = None
    at_work: bool = True


@dataclass(frozen=True, slots=True)
class Team:
    """The people of one connection by id, those of them who can get tasks, and the ids of those who own records.

    Tasks go to active users: a CRM refuses them for who has left, and a queue cannot call anybody.
    """

    owners: Mapping[str, OwnerRecord]
    active: Mapping[str, OwnerRecord]
    by_address: Mapping[str, str]
    owning: frozenset[str]

    @classmethod
    def of(cls, owners: Mapping[str, OwnerRecord], owning: frozenset[str] = frozenset()) -> Team:
        """The team of these owners. Of several users with one address the first by id has it."""
        active = {id_: one for id_, one in sorted(owners.items()) if one.active and one.kind == "user"}
        by_address = {one.email.strip().casefold(): id_ for id_, one in reversed(active.items()) if one.email}
        return cls(owners, active, by_address, owning)


@dataclass(frozen=True, slots=True)
class Routed:
    """Whose task it is to be: who owns the record, and what is known of the person, asked only to find a territory."""

    record_owner: str | None
    fields: Callable[[], Fields]


class Router:
    """Finds whom a task may go to, by the routing of a qualification."""

    def __init__(self, routing: Routing, lists: Lists) -> None:
        self._routing = routing
        self._territories = [(compile_condition(one.when, lists), one.to) for one in routing.territories]

    def candidates(self, to: str, person: Routed, team: Team, today: date) -> Sequence[str]:
        """The ids of those among whom a task goes by turn: whom it is meant for, else whom routing says; all active.

        `to` is what the task's rule says. Nobody only if the connection has no active user. Where no owners are known at
        all, the record's own must do.
        """
        if not team.owners:
            return [person.record_owner] if person.record_owner else []
        groups = self._groups(to, person, team, today)
        return next(filter(None, ([one for one in group if one in team.active] for group in groups)), [])

    def successors(self, to: str, assignee: str | None, team: Team) -> Sequence[str]:
        """The ids of those who may take a task over from who has it: whom `to` means, else the fallback, and nobody else."""
        names = [to] if self._routing.fallback is None else [to, self._routing.fallback]
        groups = (self._named(name, assignee, team) for name in names)
        return next(filter(None, ([one for one in group if one in team.active and one != assignee] for group in groups)), [])

    def _groups(self, to: str, person: Routed, team: Team, today: date) -> Iterator[Sequence[str]]:
        yield self._named(to, person.record_owner, team)
        if self._territories:
            fields = person.fields()
            yield from (self._named(name, None, team) for when, name in self._territories if when(fields, today) is True)
        if self._routing.fallback is not None:
            yield self._named(self._routing.fallback, None, team)
        yield sorted(team.owning)
        yield list(team.active)

    def _named(self, name: str, record_owner: str | None, team: Team) -> Sequence[str]:
        """The ids of those whom a name means, at work or not; without those whom the connection does not know."""
        if name == OWNER:
            return [record_owner] if record_owner else []
        if name == MANAGER:
            return list(_managers(record_owner, team))
        addresses = [name] if is_email(name) else self._routing.pools[name].members
        return [team.by_address[one] for one in addresses if one in team.by_address]


def _managers(owner_id: str | None, team: Team) -> Iterator[str]:
    """The nearest active one above an owner, if any. Reports may run in a circle."""
    seen: set[str] = set()
    below = team.owners.get(owner_id or "")
    while below is not None and below.ref.id not in seen:
        seen.add(below.ref.id)
        above = team.owners.get(below.manager_id or "")
        if above is not None and above.ref.id in team.active and above.ref.id not in seen:
            yield above.ref.id
            return
        below = above


def next_in_turn(candidates: Sequence[Candidate], key: str, lane: Literal["first", "tasks"]) -> Candidate:
    """Whose turn a task is: who has room and the fewest tasks today, then who got none for the longest time.

    In the first lane it is somebody at work now, if anybody is, even if their day is full. `key` decides between equals.
    """

    def rank(one: Candidate) -> tuple[bool, bool, int, datetime, bytes]:
        is_away = lane == "first" and not one.at_work
        lot = blake2b(f"{key}\0{one.owner_id}".encode(), digest_size=8).digest()
        return is_away, one.taken >= one.room, one.taken, one.last_at or _LONG_AGO, lot

    return min(candidates, key=rank)
