"""Which records are the same human.

Records join by explicit statements first (conversion, merge, the ids that the vendors' native sync stores), then by
normalised e-mail; never by name. Joining is recomputed for the records that changed and everything they touch, so an edit
that takes away the only reason for a join undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

from msgspec import Struct
from sqlalchemy import Connection, delete, select, tuple_, update

from leadline.clock import stamp
from leadline.state import tables
from leadline.state.database import chunks, upsert

MAX_RECORDS_PER_EMAIL = 20
"""An address on more records than this is a shared mailbox, and proves nothing."""


class Key(Struct, frozen=True, order=True):
    """One person record in the workspace."""

    connection: str
    object: str
    id: str


class Edge(Struct, frozen=True, order=True):
    """A reason to hold two records for one human."""

    a: Key
    b: Key
    reason: str


class Member(Struct, frozen=True):
    """What joining needs to know of one record."""

    key: Key
    email: str | None
    person_id: str | None


def groups(keys: Iterable[Key], edges: Iterable[Edge]) -> list[tuple[Key, ...]]:
    """The connected groups, each sorted, ordered by their first key."""
    parent = {key: key for key in keys}

    def root(key: Key) -> Key:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for edge in edges:
        if edge.a in parent and edge.b in parent:
            low, high = sorted((root(edge.a), root(edge.b)))
            parent[high] = low
    found: dict[Key, list[Key]] = {}
    for key in sorted(parent):
        found.setdefault(root(key), []).append(key)
    return [tuple(found[first]) for first in sorted(found)]


def person_ids(grouped: Sequence[tuple[Key, ...]], current: Mapping[Key, str | None]) -> dict[Key, str]:
    """A person id for each record: a group keeps the smallest id one of its records has, unless an earlier group took it."""
    taken: set[str] = set()
    assigned: dict[Key, str] = {}
    for group in grouped:
        had = sorted({held for key in group if (held := current.get(key))} - taken)
        chosen = had[0] if had else founded_by(group[0], taken)
        taken.add(chosen)
        assigned.update(dict.fromkeys(group, chosen))
    return assigned


def founded_by(key: Key, taken: Iterable[str] = ()) -> str:
    """The id of a person first seen as this record: the same on every machine."""
    avoided = set(taken)
    salt = 0
    while True:
        text = f"{key.connection}\0{key.object}\0{key.id}\0{salt}"
        candidate = "p" + blake2b(text.encode(), digest_size=8).hexdigest()
        if candidate not in avoided:
            return candidate
        salt += 1


def resolve(tx: Connection, crm_types: Mapping[str, str], now: datetime) -> int:
    """Join every unresolved record to a person and mark the persons concerned dirty; returns how many were concerned.

    `crm_types` names the connector type of each connection, which native-sync ids refer to.
    """
    table = tables.records
    unresolved = [
        Key(row.connection, row.object, row.id)
        for row in tx.execute(select(table.c.connection, table.c.object, table.c.id).where(table.c.unresolved == 1))
    ]
    if not unresolved:
        return 0
    members, edges = _closure(tx, sorted(unresolved), crm_types)
    assigned = person_ids(groups(members, edges), {key: member.person_id for key, member in members.items()})
    return _store(tx, unresolved, members, assigned, now)


def _closure(tx: Connection, seeds: Sequence[Key], crm_types: Mapping[str, str]) -> tuple[dict[Key, Member], set[Edge]]:
    """The live records reachable from the seeds, by reasons to join and by the persons they belonged to so far."""
    members: dict[Key, Member] = {}
    edges: set[Edge] = set()
    seen_emails: set[str] = set()
    seen_persons: set[str] = set()
    frontier = set(seeds)
    visited: set[Key] = set()
    while frontier:
        visited |= frontier
        found = _members(tx, frontier)
        members.update({member.key: member for member in found})
        stated = _stated_edges(tx, frontier, crm_types)
        emails = {member.email for member in found if member.email} - seen_emails
        seen_emails |= emails
        shared = _email_edges(tx, emails)
        edges |= stated | shared
        persons = {member.person_id for member in found if member.person_id} - seen_persons
        persons |= _persons_of_removed(tx, frontier) - seen_persons
        seen_persons |= persons
        reached = {key for edge in stated | shared for key in (edge.a, edge.b)} | _of_persons(tx, persons)
        frontier = reached - visited
    return members, edges


def _members(tx: Connection, keys: Iterable[Key]) -> list[Member]:
    table = tables.records
    columns = (table.c.connection, table.c.object, table.c.id)
    found: list[Member] = []
    for chunk in chunks(sorted(keys)):
        rows = tx.execute(
            select(*columns, table.c.email, table.c.person_id).where(
                tuple_(*columns).in_([(key.connection, key.object, key.id) for key in chunk]),
                table.c.removed_at.is_(None),
                table.c.stream == "contacts",
            )
        )
        found.extend(Member(Key(row.connection, row.object, row.id), row.email, row.person_id) for row in rows)
    return found


def _persons_of_removed(tx: Connection, keys: Iterable[Key]) -> set[str]:
    table = tables.records
    columns = (table.c.connection, table.c.object, table.c.id)
    found: set[str] = set()
    for chunk in chunks(sorted(keys)):
        rows = tx.execute(
            select(table.c.person_id).where(
                tuple_(*columns).in_([(key.connection, key.object, key.id) for key in chunk]),
                table.c.removed_at.is_not(None),
                table.c.person_id.is_not(None),
            )
        )
        found |= {row.person_id for row in rows}
    return found


def _stated_edges(tx: Connection, keys: Iterable[Key], crm_types: Mapping[str, str]) -> set[Edge]:
    table = tables.links
    own = (table.c.connection, table.c.object, table.c.id)
    other = (table.c.other_connection, table.c.other_object, table.c.other_id)
    found: set[Edge] = set()
    for chunk in chunks(sorted(keys)):
        outgoing = [(key.connection, key.object, key.id) for key in chunk]
        incoming = outgoing + [(f"type:{crm_types.get(key.connection)}", key.object, key.id) for key in chunk]
        for row in tx.execute(select(table).where(tuple_(*own).in_(outgoing) | tuple_(*other).in_(incoming))):
            for connection in _connections_meant(row.other_connection, crm_types):
                found.add(
                    Edge(
                        Key(row.connection, row.object, row.id),
                        Key(connection, row.other_object, row.other_id),
                        row.reason,
                    )
                )
    return found


def _connections_meant(text: str, crm_types: Mapping[str, str]) -> list[str]:
    if not text.startswith("type:"):
        return [text]
    return sorted(name for name, crm in crm_types.items() if crm == text.removeprefix("type:"))


def _email_edges(tx: Connection, emails: Iterable[str]) -> set[Edge]:
    table = tables.records
    holders: dict[str, list[Key]] = {}
    for chunk in chunks(sorted(emails)):
        rows = tx.execute(
            select(table.c.connection, table.c.object, table.c.id, table.c.email).where(
                table.c.email.in_(chunk), table.c.removed_at.is_(None)
            )
        )
        for row in rows:
            holders.setdefault(row.email, []).append(Key(row.connection, row.object, row.id))
    found: set[Edge] = set()
    for keys in holders.values():
        if 1 < len(keys) <= MAX_RECORDS_PER_EMAIL:
            first, *rest = sorted(keys)
            found |= {Edge(first, key, "email") for key in rest}
    return found


def _of_persons(tx: Connection, persons: Iterable[str]) -> set[Key]:
    table = tables.records
    found: set[Key] = set()
    for chunk in chunks(sorted(persons)):
        rows = tx.execute(select(table.c.connection, table.c.object, table.c.id).where(table.c.person_id.in_(chunk)))
        found |= {Key(row.connection, row.object, row.id) for row in rows}
    return found


def _store(
    tx: Connection,
    unresolved: Sequence[Key],
    members: Mapping[Key, Member],
    assigned: Mapping[Key, str],
    now: datetime,
) -> int:
    table = tables.records
    moved = [key for key in assigned if members[key].person_id != assigned[key]]
    left = {held for key in moved if (held := members[key].person_id)} | _persons_of_removed(tx, unresolved)
    concerned = {assigned[key] for key in unresolved if key in assigned} | {assigned[key] for key in moved} | left
    by_person: dict[str, list[Key]] = {}
    for key in moved:
        by_person.setdefault(assigned[key], []).append(key)
    for person, keys in by_person.items():
        for key in keys:
            tx.execute(
                update(table)
                .where(table.c.connection == key.connection, table.c.object == key.object, table.c.id == key.id)
                .values(person_id=person)
            )
    tx.execute(update(table).where(table.c.unresolved == 1, table.c.removed_at.is_not(None)).values(person_id=None))
    tx.execute(update(table).where(table.c.unresolved == 1).values(unresolved=0))
    _mark_or_found(tx, concerned, now)
    _drop_empty(tx, left)
    return len(concerned)


def _mark_or_found(tx: Connection, concerned: Iterable[str], now: datetime) -> None:
    persons = tables.persons
    for chunk in chunks(sorted(concerned)):
        since = {row.id: row.since for row in tx.execute(select(persons).where(persons.c.id.in_(chunk)))}
        upsert(tx, persons, [(person, since.get(person, stamp(now)), stamp(now)) for person in chunk])


def _drop_empty(tx: Connection, persons: Iterable[str]) -> None:
    """Persons whose last record went elsewhere or away leave the score."""
    table = tables.records
    for chunk in chunks(sorted(persons)):
        alive = {row.person_id for row in tx.execute(select(table.c.person_id).where(table.c.person_id.in_(chunk)))}
        empty = [person for person in chunk if person not in alive]
        tx.execute(delete(tables.persons).where(tables.persons.c.id.in_(empty)))
        tx.execute(delete(tables.scores).where(tables.scores.c.person_id.in_(empty)))
