"""The records around changed ones, read as far as reasons to join reach and as far as persons reached so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, select, tuple_

from leadline.state import tables
from leadline.state.database import chunks
from leadline.state.links import Edge, Key, Separation, any_separations, separations_of

MAX_RECORDS_PER_EMAIL = 20
"""An address on more records than this is a shared mailbox, and proves nothing."""


class Member(Struct, frozen=True):
    """What joining needs to know of one stored record; `removed_at` is None for a live one.

    `survivor` is what the CRM merged the record into.
    """

    key: Key
    email: str | None
    person_id: str | None
    removed_at: str | None = None
    survivor: Key | None = None


class Neighbourhood(Struct, frozen=True):
    """Stored records, gone ones too, with the reasons that live ones give to join and the wishes to keep them apart.

    `survivors` names the live record that each merged one became, also where we never held the merged one.
    """

    members: Mapping[Key, Member]
    edges: frozenset[Edge]
    survivors: Mapping[Key, Key]
    separations: tuple[Separation, ...]

    @property
    def live(self) -> list[Key]:
        """The records that are there, sorted."""
        return sorted(key for key, member in self.members.items() if member.removed_at is None)


def neighbourhood(tx: Connection, seeds: Iterable[Key], crm_types: Mapping[str, str]) -> Neighbourhood:
    """Everything that can decide whose records the seeds are.

    `crm_types` names the connector type of each connection, which native-sync ids refer to.
    """
    walk = _Walk(tx, crm_types)
    frontier, visited = set(seeds), set[Key]()
    while frontier:
        visited |= frontier
        frontier = walk.step(frontier) - visited
    separations = separations_of(tx, walk.members) if any_separations(tx) else []
    live = {key for key, member in walk.members.items() if member.removed_at is None}
    said = frozenset(edge for edge in walk.edges if edge.a in live)
    return Neighbourhood(walk.members, said, survivors_of(walk.members, walk.edges), tuple(separations))


def survivors_of(members: Mapping[Key, Member], edges: Iterable[Edge]) -> dict[Key, Key]:
    """The live record that each merged one became. Pure.

    A record that is not there became what it was merged into, or else whatever names it as merged.
    """
    became: dict[Key, Key] = {}
    for edge in sorted(edge for edge in edges if edge.reason == "merge"):
        named = members.get(edge.b)
        if named is None or named.removed_at:
            became.setdefault(edge.b, edge.a)
    became |= {key: member.survivor for key, member in members.items() if member.removed_at and member.survivor}
    found: dict[Key, Key] = {}
    for key in became:
        at, seen = key, {key}
        while at in became and became[at] not in seen:
            at = became[at]
            seen.add(at)
        if at in members and members[at].removed_at is None:
            found[key] = at
    return found


class _Walk:
    """A reading in progress: what was found so far, and which addresses and persons were followed."""

    def __init__(self, tx: Connection, crm_types: Mapping[str, str]) -> None:
        self._tx = tx
        self._crm_types = crm_types
        self._emails: set[str] = set()
        self._persons: set[str] = set()
        self.members: dict[Key, Member] = {}
        self.edges: set[Edge] = set()

    def step(self, frontier: set[Key]) -> set[Key]:
        """Read these records; returns what they lead to."""
        found = self._members_at(frontier)
        self.members.update({member.key: member for member in found})
        emails = {one.email for one in found if one.email} - self._emails
        persons = {one.person_id for one in found if one.person_id} - self._persons
        self._emails |= emails
        self._persons |= persons
        shared, crowded = self._shared(emails)
        edges = self._stated(frontier) | shared
        self.edges |= edges
        reached = {key for edge in edges for key in (edge.a, edge.b)} | crowded | self._of_persons(persons)
        return reached | {one.survivor for one in found if one.survivor} | self._merged_into(frontier)

    def _members_at(self, keys: Iterable[Key]) -> list[Member]:
        table = tables.records
        columns = (table.c.connection, table.c.object, table.c.id)
        found: list[Member] = []
        for chunk in chunks(sorted(keys)):
            wanted = tuple_(*columns).in_([(key.connection, key.object, key.id) for key in chunk])
            more = (table.c.email, table.c.person_id, table.c.removed_at, table.c.merged_into)
            rows = self._tx.execute(select(*columns, *more).where(wanted, table.c.stream == "contacts"))
            found += [Member(_key(row), row.email, row.person_id, row.removed_at, _survivor(row)) for row in rows]
        return found

    def _stated(self, keys: Iterable[Key]) -> set[Edge]:
        table = tables.links
        own = (table.c.connection, table.c.object, table.c.id)
        other = (table.c.other_connection, table.c.other_object, table.c.other_id)
        found: set[Edge] = set()
        for chunk in chunks(sorted(keys)):
            outgoing = [(key.connection, key.object, key.id) for key in chunk]
            incoming = outgoing + [(f"type:{self._crm_types.get(key.connection)}", key.object, key.id) for key in chunk]
            for row in self._tx.execute(select(table).where(tuple_(*own).in_(outgoing) | tuple_(*other).in_(incoming))):
                for connection in self._connections_meant(row.other_connection):
                    named = Key(connection, row.other_object, row.other_id)
                    found.add(Edge(_key(row), named, row.reason, row.since))
        return found

    def _connections_meant(self, text: str) -> list[str]:
        if not text.startswith("type:"):
            return [text]
        return sorted(name for name, crm in self._crm_types.items() if crm == text.removeprefix("type:"))

    def _shared(self, emails: Iterable[str]) -> tuple[set[Edge], set[Key]]:
        """Every two records with one of these addresses, and the records that an address joined before it had too many."""
        table = tables.records
        columns = (table.c.connection, table.c.object, table.c.id)
        holders: dict[str, list[Key]] = {}
        persons: dict[tuple[str, str], list[Key]] = {}
        for chunk in chunks(sorted(emails)):
            there = (table.c.email.in_(chunk), table.c.removed_at.is_(None))
            for row in self._tx.execute(select(*columns, table.c.email, table.c.person_id).where(*there).order_by(*columns)):
                holders.setdefault(row.email, []).append(_key(row))
                if row.person_id:
                    persons.setdefault((row.email, row.person_id), []).append(_key(row))
        crowded = {email for email, held in holders.items() if len(held) > MAX_RECORDS_PER_EMAIL}
        joined = {key for (email, _), keys in persons.items() if email in crowded and len(keys) > 1 for key in keys}
        proving = [held for email, held in holders.items() if email not in crowded]
        return {Edge(a, b, "email") for held in proving for a, b in combinations(held, 2)}, joined

    def _of_persons(self, persons: Iterable[str]) -> set[Key]:
        table = tables.records
        columns = (table.c.connection, table.c.object, table.c.id)
        found: set[Key] = set()
        for chunk in chunks(sorted(persons)):
            found |= {_key(row) for row in self._tx.execute(select(*columns).where(table.c.person_id.in_(chunk)))}
        return found

    def _merged_into(self, keys: Iterable[Key]) -> set[Key]:
        table = tables.records
        columns = (table.c.connection, table.c.object, table.c.id)
        found: set[Key] = set()
        for chunk in chunks(sorted(keys)):
            survivors = [(key.connection, f"{key.object}/{key.id}") for key in chunk]
            rows = self._tx.execute(select(*columns).where(tuple_(table.c.connection, table.c.merged_into).in_(survivors)))
            found |= {_key(row) for row in rows}
        return found


def _key(row: Any) -> Key:
    return Key(row.connection, row.object, row.id)


def _survivor(row: Any) -> Key | None:
    if not row.merged_into:
        return None
    name, _, number = row.merged_into.rpartition("/")
    return Key(row.connection, name, number)
