from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connectors.records import Ref
from leadline.identity import founded_by, join, person_ids
from leadline.state.database import Database
from leadline.state.links import Edge, Key
from tests.engine import TwoCrms, contact, same

KEYS = [Key("crm", "contacts", str(number)) for number in range(8)]
edges = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).map(lambda pair: Edge(*pair, "email")))


def people(world: TwoCrms) -> set[frozenset[str]]:
    """The records that are one person, as `connection/id`."""
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql(
            "SELECT person_id, connection, id FROM records WHERE stream = 'contacts' AND removed_at IS NULL"
        ).all()
    found: dict[str, set[str]] = {}
    for person, connection, number in rows:
        found.setdefault(person, set()).add(f"{connection}/{number}")
    return {frozenset(records) for records in found.values()}


@given(edges)
def test_every_record_is_in_exactly_one_group_and_joined_records_share_it(found: list[Edge]) -> None:
    grouped = join(KEYS, found).groups
    assert sorted(key for group in grouped for key in group) == KEYS
    group_of = {key: group for group in grouped for key in group}
    assert all(group_of[edge.a] == group_of[edge.b] for edge in found)


@given(edges, st.randoms())
def test_the_order_of_reasons_does_not_matter(found: list[Edge], random: object) -> None:
    assert join(KEYS, found) == join(list(reversed(KEYS)), list(reversed(found)))


def test_a_group_keeps_the_smallest_id_that_one_of_its_records_has() -> None:
    a, b, c = KEYS[:3]
    founded = {key: founded_by(key) for key in KEYS}
    smallest = min(founded[a], founded[b])
    assert person_ids([(a, b), (c,)], {a: founded[a], b: founded[b], c: None}) == {a: smallest, b: smallest, c: founded[c]}


def test_of_two_groups_that_were_one_person_the_founders_keeps_the_id() -> None:
    a, b = KEYS[:2]
    assert person_ids([(a,), (b,)], {a: founded_by(b), b: founded_by(b)}) == {a: founded_by(a), b: founded_by(b)}


def test_an_id_whose_founder_is_nowhere_stays_with_the_first_group_that_had_it() -> None:
    a, b = KEYS[:2]
    assert person_ids([(a,), (b,)], {a: "p-gone", b: "p-gone"}) == {a: "p-gone", b: founded_by(b)}


def test_one_address_in_both_crms_is_one_person_whatever_its_case(database: Database) -> None:
    world = TwoCrms(database)
    world.marketing.put(contact("1", "Ana@Acme.example"))
    world.sales.put(contact("7", " ana@acme.example"))
    world.run()
    assert people(world) == {frozenset({"marketing/1", "sales/7"})}


def test_equal_names_are_no_reason(database: Database) -> None:
    world = TwoCrms(database)
    world.marketing.put(contact("1", "ana@acme.example", fields={"first_name": "Ana", "last_name": "Sato"}))
    world.sales.put(contact("7", "ana@other.example", fields={"first_name": "Ana", "last_name": "Sato"}))
    world.run()
    assert people(world) == {frozenset({"marketing/1"}), frozenset({"sales/7"})}


def test_a_native_sync_id_joins_across_crms_without_an_address(database: Database) -> None:
    world = TwoCrms(database)
    world.marketing.put(contact("1", None, same_as=(same("7", "native_sync", crm="memory"),)))
    world.sales.put(contact("7", None))
    world.run()
    assert frozenset({"marketing/1", "sales/7"}) in people(world)


def test_a_statement_joins_also_when_the_record_it_names_arrives_later(database: Database) -> None:
    world = TwoCrms(database)
    world.sales.put(contact("1", "ana@acme.example", same_as=(same("2"),)))
    world.run()
    world.sales.put(contact("2", "ana.sato@acme.example"))
    world.run()
    assert people(world) == {frozenset({"sales/1", "sales/2"})}


def test_changing_the_address_splits_what_only_the_address_had_joined(database: Database) -> None:
    world = TwoCrms(database)
    world.marketing.put(contact("1", "info@acme.example"))
    world.sales.put(contact("7", "info@acme.example"))
    world.run()
    world.sales.put(contact("7", "bo@acme.example"))
    world.run()
    assert people(world) == {frozenset({"marketing/1"}), frozenset({"sales/7"})}


def test_changing_the_address_leaves_an_explicit_join(database: Database) -> None:
    world = TwoCrms(database)
    world.sales.put(contact("1", "ana@acme.example", same_as=(same("2"),)))
    world.sales.put(contact("2", "ana@acme.example"))
    world.run()
    world.sales.put(contact("2", "ana@home.example"))
    world.run()
    assert people(world) == {frozenset({"sales/1", "sales/2"})}


def test_an_address_on_very_many_records_is_a_shared_mailbox(database: Database) -> None:
    world = TwoCrms(database)
    for number in range(21):
        world.sales.put(contact(str(number), "office@acme.example"))
    world.run()
    assert len(people(world)) == 21


def test_a_person_whose_last_record_is_archived_leaves_the_score(database: Database) -> None:
    world = TwoCrms(database)
    world.sales.put(contact("1", "ana@acme.example"))
    world.run()
    assert len(world.scores()) == 1
    world.sales.archive(Ref("contacts", "1"))
    world.run()
    assert world.scores() == {}


def test_what_named_a_merged_record_names_its_survivor(database: Database) -> None:
    world = TwoCrms(database)
    world.marketing.put(contact("1", None, same_as=(same("7", "native_sync", crm="memory"),)))
    world.sales.put(contact("7", None))
    world.sales.put(contact("8", None))
    world.run()
    world.sales.merge(Ref("contacts", "7"), Ref("contacts", "8"))
    world.run()
    assert frozenset({"marketing/1", "sales/8"}) in people(world)


def test_an_address_that_only_a_merged_record_had_joins_no_more(database: Database) -> None:
    world = TwoCrms(database)
    world.marketing.put(contact("1", "ana@acme.example"))
    world.sales.put(contact("7", "ana@acme.example"))
    world.sales.put(contact("8", "ana@home.example"))
    world.run()
    world.sales.archive(Ref("contacts", "7"), "merged", Ref("contacts", "8"))
    world.run()
    assert people(world) == {frozenset({"marketing/1"}), frozenset({"sales/8"})}


def test_records_merged_into_one_do_not_make_a_shared_mailbox(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    world.marketing.put(contact("m", "ana@acme.example"))
    for number in range(25):
        world.sales.put(contact(str(number), "ana@acme.example"))
    world.run()
    for number in range(1, 25):
        world.sales.archive(Ref("contacts", str(number)), "merged", Ref("contacts", "0"))
        if number == 10:
            world.run()
    world.run()
    assert people(world) == {frozenset({"marketing/m", "sales/0"})}


def test_an_address_joins_while_it_is_on_few_records_and_no_longer(sqlite: Database) -> None:
    world = TwoCrms(sqlite)
    for number in range(20):
        world.sales.put(contact(str(number), "office@acme.example"))
    world.run()
    assert len(people(world)) == 1
    for number in range(20, 23):
        world.sales.put(contact(str(number), "office@acme.example"))
    world.run()
    assert len(people(world)) == 23
    world.sales.archive(Ref("contacts", "22"))
    world.sales.put(contact("21", "bo@acme.example"))
    world.run()
    assert len(people(world)) == 22
    world.sales.put(contact("20", "ana@acme.example"))
    world.run()
    assert len(people(world)) == 3
    world.sales.put(contact("21", "office@acme.example"))
    world.run()
    assert len(people(world)) == 22
    world.sales.archive(Ref("contacts", "21"))
    world.run()
    assert len(people(world)) == 2


def test_native_sync_ids_that_disagree_join_all_they_name(database: Database) -> None:
    world = TwoCrms(database)
    world.marketing.put(contact("c", None, same_as=(same("a", "native_sync", crm="memory"),)))
    world.sales.put(contact("a", None))
    world.sales.put(contact("b", None, same_as=(same("c", "native_sync", crm="memory"),)))
    world.run()
    assert people(world) == {frozenset({"marketing/c", "sales/a", "sales/b"})}
