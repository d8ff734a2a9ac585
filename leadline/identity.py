"""Which records are the same human.

Records join by explicit statements first (conversion, merge, the ids that the vendors' native sync stores), then by
normalised e-mail; never by name. A join that would bring two records together that somebody keeps apart is left out, the
weakest reason first. Joining is recomputed for the records that changed and everything they touch, so an edit that takes
away the only reason for a join undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

from msgspec import Struct
from sqlalchemy import Connection, bindparam, delete, select, update

from leadline import inheritance
from leadline.clock import stamp
from leadline.inheritance import Heir
from leadline.state import scores, tables
from leadline.state.database import chunks, upsert
from leadline.state.links import Edge, Key, Reason
from leadline.state.neighbours import Member, Neighbourhood, neighbourhood

_STRENGTH: dict[Reason, int] = {"conversion": 0, "merge": 1, "native_sync": 2, "email": 3}


class Joined(Struct, frozen=True):
    """The groups of records that are one human each, sorted; the reasons that made them, and those kept from it."""

    groups: tuple[tuple[Key, ...], ...]
    joining: tuple[Edge, ...]
    kept_apart: tuple[Edge, ...]


def join(
    keys: Iterable[Key],
    edges: Iterable[Edge],
    survivors: Mapping[Key, Key] | None = None,
    apart: Iterable[tuple[Key, Key]] = (),
) -> Joined:
    """Join records by their reasons, the strongest first. Pure, and the same in any order.

    A reason that names a record of `survivors` is one to join what that record became. No group holds a pair of `apart`.
    """
    became = survivors or {}
    groups = _Groups(keys, ((became.get(a, a), became.get(b, b)) for a, b in apart))
    joining: list[Edge] = []
    kept_apart: list[Edge] = []
    ends = [(_STRENGTH[edge.reason], became.get(edge.a, edge.a), became.get(edge.b, edge.b), edge) for edge in edges]
    for _, a, b, edge in sorted((strength, min(a, b), max(a, b), edge) for strength, a, b, edge in ends):
        if a not in groups or b not in groups or groups.are_one(a, b):
            continue
        if groups.must_not_meet(a, b):
            kept_apart.append(edge)
        else:
            groups.unite(a, b)
            joining.append(edge)
    return Joined(tuple(groups.sorted()), tuple(joining), tuple(kept_apart))


class _Groups:
    """Disjoint groups of records, with the pairs that no group may hold."""

    def __init__(self, keys: Iterable[Key], apart: Iterable[tuple[Key, Key]]) -> None:
        self._parent = {key: key for key in keys}
        self._foes: dict[Key, list[Key]] = {}
        for a, b in apart:
            if a != b and a in self and b in self:
                self._foes.setdefault(a, []).append(b)
                self._foes.setdefault(b, []).append(a)

    def __contains__(self, key: Key) -> bool:
        return key in self._parent

    def are_one(self, a: Key, b: Key) -> bool:
        """Whether both are in the same group."""
        return self._root(a) == self._root(b)

    def must_not_meet(self, a: Key, b: Key) -> bool:
        """Whether their groups hold a pair that is to be kept apart."""
        return any(self.are_one(foe, b) for foe in self._foes.get(self._root(a), ()))

    def unite(self, a: Key, b: Key) -> None:
        """Make one group of theirs."""
        low, high = sorted((self._root(a), self._root(b)))
        self._parent[high] = low
        if high in self._foes:
            self._foes.setdefault(low, []).extend(self._foes.pop(high))

    def sorted(self) -> Iterator[tuple[Key, ...]]:
        """The groups, each sorted, by their first record."""
        found: dict[Key, list[Key]] = {}
        for key in sorted(self._parent):
            found.setdefault(self._root(key), []).append(key)
        return (tuple(group) for group in found.values())

    def _root(self, key: Key) -> Key:
        parent = self._parent
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key


def person_ids(groups: Sequence[Sequence[Key]], held: Mapping[Key, str | None]) -> dict[Key, str]:
    """A person id for each record of these groups, of which each has its founding candidate first.

    A group keeps the smallest id that it had and one of its records founded; or else one whose founder is nowhere here;
    or else it is named after its first record. So after a split every id stays with the record that founded it.
    """
    home = {founded_by(key): place for place, group in enumerate(groups) for key in group}
    taken: set[str] = set()
    assigned: dict[Key, str] = {}
    for place, group in enumerate(groups):
        had = sorted({person for key in group if (person := held.get(key))})
        own = [person for person in had if home.get(person) == place]
        free = [person for person in had if person not in home and person not in taken]
        chosen = (own or free or [founded_by(group[0])])[0]
        taken.add(chosen)
        assigned.update(dict.fromkeys(group, chosen))
    return assigned


def founded_by(key: Key) -> str:
    """The id of a person first seen as this record: the same on every machine."""
    text = f"{key.connection}\0{key.object}\0{key.id}\x000"
    return "p" + blake2b(text.encode(), digest_size=8).hexdigest()


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
    around = neighbourhood(tx, sorted(unresolved), crm_types)
    apart = [(one.a, one.b) for one in around.separations]
    groups = with_merged(join(around.live, around.edges, around.survivors, apart).groups, around)
    held = {key: member.person_id for key, member in around.members.items()}
    assigned = person_ids(groups, held)
    assigned |= _left_behind(held, assigned)
    inheritance.carry_over(tx, _moves(held, assigned), _heirs(groups, held, assigned))
    return _store(tx, unresolved, around.members, assigned, now)


def with_merged(groups: Iterable[Sequence[Key]], around: Neighbourhood) -> list[tuple[Key, ...]]:
    """The groups, each followed by the stored records that were merged into one of its own."""
    merged: dict[Key, list[Key]] = {}
    for key, survivor in sorted(around.survivors.items()):
        if key in around.members:
            merged.setdefault(survivor, []).append(key)
    return [(*group, *(lost for key in group for lost in merged.get(key, ()))) for group in groups]


def _left_behind(held: Mapping[Key, str | None], assigned: Mapping[Key, str]) -> dict[Key, str]:
    """Records that are gone stay with the person they were, or go where that person's first record went."""
    in_use = set(assigned.values())
    went: dict[str, str] = {}
    for key in sorted(assigned):
        if person := held[key]:
            went.setdefault(person, assigned[key])
    gone = {key: person for key, person in held.items() if person and key not in assigned}
    return {key: person if person in in_use else went.get(person, person) for key, person in gone.items()}


def _moves(held: Mapping[Key, str | None], assigned: Mapping[Key, str]) -> dict[str, str]:
    """Which person each founded one's crossings belong to from now on, where a record changed persons."""
    moved = [key for key in sorted(assigned) if held[key] and held[key] != assigned[key]]
    founders = {founded_by(key) for key in assigned}
    left = {str(held[key]): assigned[key] for key in reversed(moved)}
    in_use = set(assigned.values())
    orphaned = {person: heir for person, heir in left.items() if person not in founders and person not in in_use}
    return orphaned | {founded_by(key): assigned[key] for key in moved}


def _heirs(groups: Iterable[Sequence[Key]], held: Mapping[Key, str | None], assigned: Mapping[Key, str]) -> list[Heir]:
    """The persons whose records came from other persons."""
    in_use = set(assigned.values())
    found: list[Heir] = []
    for group in groups:
        person = assigned[group[0]]
        others = {before for key in group if (before := held[key])} - {person}
        if others:
            found.append(Heir(person, tuple(sorted(others - in_use)), tuple(sorted(others & in_use))))
    return found


def _store(
    tx: Connection,
    unresolved: Sequence[Key],
    members: Mapping[Key, Member],
    assigned: Mapping[Key, str],
    now: datetime,
) -> int:
    table = tables.records
    moved = [key for key in sorted(assigned) if members[key].person_id != assigned[key]]
    left = {held for key in {*moved, *unresolved} if key in members and (held := members[key].person_id)}
    concerned = {assigned[key] for key in {*moved, *unresolved} if key in assigned} | left
    this = (table.c.connection == bindparam("c"), table.c.object == bindparam("o"), table.c.id == bindparam("i"))
    if moved:
        tx.execute(
            update(table).where(*this).values(person_id=bindparam("person")),
            [{"c": key.connection, "o": key.object, "i": key.id, "person": assigned[key]} for key in moved],
        )
    tx.execute(update(table).where(table.c.unresolved == 1).values(unresolved=0))
    _mark_or_found(tx, concerned, now)
    _drop_empty(tx, left)
    return len(concerned)


def _mark_or_found(tx: Connection, concerned: Iterable[str], now: datetime) -> None:
    persons = tables.persons
    for chunk in chunks(sorted(concerned)):
        since = {row.id: row.since for row in tx.execute(select(persons).where(persons.c.id.in_(chunk)))}
        upsert(tx, persons, [(person, since.get(person, stamp(now)), stamp(now), None) for person in chunk])


def _drop_empty(tx: Connection, persons: Iterable[str]) -> None:
    """Persons whose last record went elsewhere or away leave the score."""
    table = tables.records
    for chunk in chunks(sorted(persons)):
        live = select(table.c.person_id).where(table.c.person_id.in_(chunk), table.c.removed_at.is_(None))
        alive = {row.person_id for row in tx.execute(live)}
        empty = [person for person in chunk if person not in alive]
        tx.execute(delete(tables.persons).where(tables.persons.c.id.in_(empty)))
        scores.drop_scores(tx, empty)
