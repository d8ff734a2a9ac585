"""What persons did goes with their records: nobody gets a second task because records joined, parted, left or came back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.memory_wire import Fault
from connectors.records import Ref, Stream
from leadline.inheritance import doubles, without
from leadline.state import links
from leadline.state.crossings import Recorded
from leadline.state.database import Database
from leadline.state.links import Key
from scoring.stages import Standing, united
from tests.engine import BUYER, START, MovableTime, TwoCrms, contact, engaged, engagement, hot, same

FIRST = Ref("contacts", "1")
SECOND = Ref("contacts", "2")


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """A quiet workspace that has gone live, so that what comes is news."""
    world = TwoCrms(sqlite, MovableTime())
    for crm in (world.marketing, world.sales):
        crm.put(contact("100", "old@acme.example"))
    world.run()
    world.later(hours=1)
    return world


def tasks(world: TwoCrms) -> list[str]:
    """The contacts with a task of ours, as `connection/id`, one for each task."""
    found = [f"{crm.name}/{task.person.id}" for crm in (world.marketing, world.sales) for task in crm.tasks.all()]
    return sorted(found)


def crossings(world: TwoCrms) -> list[tuple[str, str, int]]:
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql("SELECT person_id, line, ordinal FROM crossings ORDER BY person_id, line, ordinal").all()
    return [(row[0], row[1], row[2]) for row in rows]


def person_of(world: TwoCrms, number: str, connection: str = "sales") -> str:
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql("SELECT connection, id, person_id FROM records WHERE stream = 'contacts'").all()
    found: dict[tuple[str, str], str] = {(row[0], row[1]): row[2] for row in rows}
    return found[connection, number]


def days_go_by(world: TwoCrms, days: int = 40) -> None:
    """Past every cool-down and every owner's full day, with a cycle now and then."""
    for _ in range(4):
        world.later(days=days / 4)
        for number in ("1", "2"):
            if any(record.ref.id == number for record in world.sales.live(Stream.CONTACTS)):
                engaged(world, number)
        world.run()


def test_a_person_who_was_removed_and_restored_goes_on_with_the_next_crossing(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    before = crossings(world)
    record = world.sales.get(FIRST)
    world.sales.archive(FIRST)
    world.run()
    assert record is not None
    world.sales.put(record)
    world.run()
    assert crossings(world) == before
    days_go_by(world)
    assert len(set(crossings(world))) == len(crossings(world))
    assert tasks(world) == ["sales/1"]


def test_a_person_restored_without_the_record_that_founded_it_is_the_same_person(world: TwoCrms) -> None:
    world.sales.put(contact("0", "buyer1@acme.example"))
    world.run()
    hot(world, "1")
    world.run()
    person = person_of(world, "1")
    record = world.sales.get(FIRST)
    assert record is not None
    world.sales.archive(FIRST)
    world.sales.archive(Ref("contacts", "0"))
    world.run()
    world.sales.put(record)
    days_go_by(world)
    assert len(tasks(world)) == 1
    assert person_of(world, "1") == person
    assert {one[0] for one in crossings(world)} == {person}


def test_a_crm_merge_hands_the_losers_history_to_the_survivor(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    assert tasks(world) == ["sales/1"]
    world.sales.put(contact("2", "ana@home.example", fields=BUYER))
    world.run()
    world.sales.merge(FIRST, SECOND)
    days_go_by(world)
    assert tasks(world) == ["sales/2"]
    assert {one[0] for one in crossings(world)} == {person_of(world, "2")}


def test_two_who_both_had_a_task_and_prove_to_be_one_get_no_third(world: TwoCrms) -> None:
    hot(world, "1")
    hot(world, "2")
    world.run()
    assert tasks(world) == ["sales/1", "sales/2"]
    world.sales.merge(FIRST, SECOND)
    days_go_by(world)
    assert tasks(world) == ["sales/2", "sales/2"]
    assert len({one[0] for one in crossings(world)}) == 1


def test_of_two_tasks_that_wait_for_one_human_only_one_is_opened(world: TwoCrms) -> None:
    hot(world, "1")
    hot(world, "2")
    world.sales.wire.declare(Fault(503, "POST /tasks", times=8))
    world.run()
    assert tasks(world) == []
    world.sales.merge(FIRST, SECOND)
    days_go_by(world)
    assert tasks(world) == ["sales/2"]


def test_a_join_by_address_and_the_split_after_it_open_no_second_task(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    world.marketing.put(contact("7", "buyer1@acme.example", fields=BUYER))
    engaged(world, "7", world.marketing)
    world.run()
    joined = person_of(world, "1")
    assert person_of(world, "7", "marketing") == joined
    world.marketing.put(contact("7", "bo@birch.example", fields=BUYER))
    days_go_by(world)
    assert person_of(world, "1") == joined
    assert person_of(world, "7", "marketing") != joined
    assert tasks(world) == ["sales/1"]


def test_after_a_split_each_id_is_with_the_record_that_founded_it_and_so_are_its_crossings(world: TwoCrms) -> None:
    hot(world, "1")
    hot(world, "2")
    world.run()
    ids = {number: person_of(world, number) for number in ("1", "2")}
    before = crossings(world)
    world.sales.put(contact("2", "buyer1@acme.example", fields=BUYER, company=Ref("companies", "c1")))
    world.run()
    assert {one[0] for one in crossings(world)} == {min(ids.values())}
    world.sales.put(contact("2", "buyer2@acme.example", fields=BUYER, company=Ref("companies", "c1")))
    world.run()
    assert {number: person_of(world, number) for number in ("1", "2")} == ids
    assert crossings(world) == before


def test_a_separation_opens_no_second_task_and_rejoining_neither(world: TwoCrms) -> None:
    hot(world, "1")
    world.sales.put(contact("2", "buyer1@acme.example", fields=BUYER))
    engaged(world, "2")
    world.run()
    had = tasks(world)
    assert len(had) == 1
    keys = [Key("sales", "contacts", number) for number in ("1", "2")]
    with world.database.begin() as tx:
        links.separate(tx, keys[0], [keys[1]], world.time.now)
    days_go_by(world)
    assert person_of(world, "1") != person_of(world, "2")
    with world.database.begin() as tx:
        links.rejoin(tx, keys[1])
    days_go_by(world)
    assert person_of(world, "1") == person_of(world, "2")
    assert tasks(world) == had


def test_a_raised_hand_is_answered_once_when_the_lead_is_converted(world: TwoCrms) -> None:
    world.sales.put(contact("1", "ana@acme.example", fields=BUYER))
    world.run()
    asked = world.time.now - timedelta(minutes=5)
    world.sales.put(engagement("demo", "demo_request", asked, "1"))
    world.run()
    assert tasks(world) == ["sales/1"]
    world.sales.put(contact("1", "ana@acme.example", fields=BUYER, writable=False, same_as=(same("2"),)))
    world.sales.put(contact("2", "ana@acme.example", fields=BUYER))
    world.sales.put(engagement("demo", "demo_request", asked, "1", "2"))
    for _ in range(2):
        world.later(hours=9)
        world.run()
    assert tasks(world) == ["sales/1"]
    assert [line for _, line, _ in crossings(world)].count("signal:demo-request") == 1


def outage(world: TwoCrms) -> object:
    """Tasks cannot be opened for a while."""

    return Fault(503, "POST /tasks", times=8)


def at(hours: int) -> str:
    return f"2026-11-18T{hours:02}:00:00.000000Z"


def crossing(person: str, line: str, ordinal: int, task: str, hours: int = 9) -> Recorded:
    direction = "entered" if ordinal % 2 or line.startswith("signal:") else "left"
    return Recorded(f"{person}:{line}:{ordinal}", line, ordinal, direction, at(hours), task)  # type: ignore[arg-type] # one of three words


@pytest.mark.parametrize(
    ("found", "lapsing"),
    [
        ([crossing("a", "mql", 1, "had"), crossing("b", "mql", 1, "coming")], ["b:mql:1"]),
        ([crossing("a", "mql", 1, "had"), crossing("b", "sql", 1, "coming")], []),
        ([crossing("a", "mql", 1, "had"), crossing("a", "mql", 2, "none"), crossing("b", "mql", 1, "coming")], []),
        ([crossing("a", "mql", 1, "coming", 9), crossing("b", "mql", 1, "coming", 8)], ["a:mql:1"]),
        ([crossing("a", "mql", 1, "none"), crossing("b", "mql", 1, "coming")], []),
        ([crossing("a", "signal:demo", 1, "had", 9), crossing("b", "signal:demo", 1, "coming", 8)], ["b:signal:demo:1"]),
        ([crossing("a", "signal:demo", 1, "had", 8), crossing("b", "signal:demo", 1, "coming", 9)], []),
        ([crossing("a", "signal:demo", 1, "coming", 8), crossing("b", "signal:demo", 1, "coming", 9)], ["a:signal:demo:1"]),
        ([crossing("a", "signal:demo", 1, "coming", 8), crossing("a", "signal:demo", 2, "coming", 9)], []),
    ],
)
def test_which_tasks_are_not_to_come_any_more(found: list[Recorded], lapsing: list[str]) -> None:
    assert doubles(found) == lapsing


def test_one_who_was_several_holds_every_line_that_one_of_them_held_with_ordinals_that_go_on() -> None:
    early = Standing("mql", {"mql": 1, "sql": 2, "signal:demo": 3}, START, None, {"demo": START})
    late = Standing("sql", {"mql": 2, "sql": 1}, START + timedelta(days=1), START, {"demo": START + timedelta(hours=1)})
    one = united([early, late])
    assert one.stage == "sql"
    assert one.ordinals == {"mql": 3, "sql": 3, "signal:demo": 3}
    assert one.signals == {"demo": START + timedelta(hours=1)}
    assert one.feedback_spent == START


def test_one_alone_is_united_with_nobody() -> None:
    standing = Standing("mql", {"mql": 1}, START)
    assert united([standing]) == standing


def test_who_parts_from_one_whose_task_waits_may_earn_it_and_a_signal_is_answered_once() -> None:
    standing = Standing("sql", {"mql": 1, "sql": 1, "signal:demo": 1}, START)
    assert without(standing, frozenset({"sql", "signal:demo"})).ordinals == {"mql": 1, "signal:demo": 1}


def test_a_merge_told_before_the_survivor_is_known_joins_when_it_comes(world: TwoCrms) -> None:
    hot(world, "1")
    world.run()
    person = person_of(world, "1")
    world.sales.archive(FIRST, "merged", SECOND)
    world.run()
    world.sales.put(contact("2", "ana@home.example"))
    world.run()
    assert person_of(world, "2") == person
