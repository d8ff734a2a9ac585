"""Joining as a rule: the same whatever comes first, never against a separation, and the same bit by bit as all at once."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Page
from connectors.records import PersonRecord, Record, Ref, Removed, SameAs, Stream
from leadline.identity import join, resolve
from leadline.state import links, records
from leadline.state.database import Database
from leadline.state.departures import leave
from leadline.state.links import Edge, Key, Reason
from leadline.state.neighbours import Member, survivors_of
from tests.engine import START, contact, emptied

KEYS = [Key("crm", "contacts", str(number)) for number in range(7)]
STRENGTH: list[Reason] = ["conversion", "merge", "native_sync", "email"]

pairs = st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda pair: pair[0] != pair[1])
edges = st.lists(
    st.builds(lambda pair, reason: Edge(pair[0], pair[1], reason), pairs, st.sampled_from(STRENGTH)), max_size=14
)
aparts = st.lists(pairs, max_size=4)


def plain_join(found: Iterable[Edge], apart: Iterable[tuple[Key, Key]]) -> set[frozenset[Key]]:
    """What `join` promises, in the plainest words: take reasons one by one, and never hold a pair together."""
    groups = {frozenset({key}) for key in KEYS}
    for edge in sorted(found, key=lambda one: (STRENGTH.index(one.reason), *sorted((one.a, one.b)))):
        (first,) = (group for group in groups if edge.a in group)
        (second,) = (group for group in groups if edge.b in group)
        both = first | second
        if not any({a, b} <= both for a, b in apart):
            groups = (groups - {first, second}) | {both}
    return groups


@given(edges, aparts)
def test_joining_is_what_its_plainest_description_gives(found: list[Edge], apart: list[tuple[Key, Key]]) -> None:
    assert {frozenset(group) for group in join(KEYS, found, apart=apart).groups} == plain_join(found, apart)


@given(edges, aparts, st.randoms(use_true_random=False))
def test_the_order_of_reasons_and_separations_does_not_matter(
    found: list[Edge], apart: list[tuple[Key, Key]], random: Random
) -> None:
    joined = join(KEYS, found, apart=apart)
    random.shuffle(found)
    random.shuffle(apart)
    assert join(random.sample(KEYS, len(KEYS)), found, apart=[(b, a) for a, b in apart]) == joined


@given(edges, aparts)
def test_every_reason_joins_was_joined_already_or_is_told_as_kept_apart(
    found: list[Edge], apart: list[tuple[Key, Key]]
) -> None:
    joined = join(KEYS, found, apart=apart)
    group_of = {key: group for group in joined.groups for key in group}
    assert not any(group_of[a] == group_of[b] for a, b in apart)
    for edge in found:
        assert (group_of[edge.a] == group_of[edge.b]) != (edge in joined.kept_apart)


def test_the_stronger_reason_wins_where_two_records_want_a_third() -> None:
    a, b, c = KEYS[:3]
    by_email, by_sync = Edge(a, b, "email"), Edge(c, b, "native_sync")
    joined = join([a, b, c], [by_email, by_sync], apart=[(a, c)])
    assert joined.groups == ((a,), (b, c))
    assert joined.kept_apart == (by_email,)


def test_a_reason_that_names_a_merged_record_joins_what_it_became() -> None:
    a, lost, b = KEYS[:3]
    assert join([a, b], [Edge(a, lost, "native_sync")], {lost: b}).groups == ((a, b),)


def test_a_separation_of_a_merged_record_holds_for_what_it_became() -> None:
    a, lost, b = KEYS[:3]
    assert join([a, b], [Edge(a, b, "email")], {lost: b}, [(a, lost)]).groups == ((a,), (b,))


def test_merges_of_merges_lead_to_the_last_survivor_and_circles_to_nobody() -> None:
    a, b, c, d = KEYS[:4]
    members = {
        a: Member(a, None, None, "gone", b),
        b: Member(b, None, None, "gone", c),
        c: Member(c, None, None),
        d: Member(d, None, None, "gone", d),
    }
    assert survivors_of(members, []) == {a: c, b: c}


def test_a_record_we_never_held_is_what_its_survivor_says_it_was_merged_into() -> None:
    a, unknown = KEYS[:2]
    assert survivors_of({a: Member(a, None, None)}, [Edge(a, unknown, "merge")]) == {unknown: a}


def partition(database: Database) -> set[frozenset[str]]:
    with database.begin() as tx:
        rows = tx.exec_driver_sql("SELECT person_id, id FROM records WHERE removed_at IS NULL").all()
    found: dict[str, set[str]] = {}
    for person, number in rows:
        found.setdefault(person, set()).add(number)
    return {frozenset(numbers) for numbers in found.values()}


def saved(database: Database, one: Record) -> None:
    with database.begin() as tx:
        if isinstance(one, Removed):
            leave(tx, "crm", Stream.CONTACTS, [one], START)
        else:
            records.save_page(tx, "crm", Stream.CONTACTS, Page((one,), "c"), START)


def resolved(database: Database) -> None:
    with database.begin() as tx:
        resolve(tx, {"crm": "memory"}, START)


numbers = st.sampled_from([key.id for key in KEYS])
statements = st.builds(
    lambda number, reason: SameAs(Ref("contacts", number), reason),
    numbers,
    st.sampled_from(["conversion", "native_sync", "merge"]),
)
states = st.builds(
    lambda number, email, same: contact(number, email, same_as=tuple(same)),
    numbers,
    st.sampled_from([None, "a@acme.example", "b@acme.example"]),
    st.lists(statements, max_size=2),
)
merges = st.builds(
    lambda number, into: Removed(ref=Ref("contacts", number), at=START, reason="merged", into=Ref("contacts", into)),
    numbers,
    numbers,
)
archivals = st.builds(lambda number: Removed(ref=Ref("contacts", number), at=START, reason="archived"), numbers)
separations = st.lists(st.tuples(numbers, numbers).filter(lambda pair: pair[0] != pair[1]), max_size=2)


# The database is emptied for each example, so they may share it.
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(states, states, states, merges, archivals), max_size=12), separations, st.data())
def test_bit_by_bit_comes_to_what_all_at_once_does(
    sqlite: Database, steps: list[PersonRecord | Removed], apart: list[tuple[str, str]], data: st.DataObject
) -> None:
    database = emptied(sqlite)
    for one in steps:
        saved(database, one)
        if data.draw(st.booleans()):
            resolved(database)
    with database.begin() as tx:
        for a, b in apart:
            links.separate(tx, Key("crm", "contacts", a), [Key("crm", "contacts", b)], START)
    resolved(database)
    bit_by_bit = partition(database)
    with database.begin() as tx:
        tx.exec_driver_sql("UPDATE records SET person_id = NULL, unresolved = 1")
    resolved(database)
    assert partition(database) == bit_by_bit
    assert not any({a, b} <= group for a, b in apart for group in bit_by_bit)
