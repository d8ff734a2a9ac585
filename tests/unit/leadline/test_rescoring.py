"""Everybody is scored anew when a day or the rules are others. Whoever raises a hand meanwhile does not wait for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.records import Ref
from leadline.clock import Stopped
from leadline.cycle import Cycle
from leadline.observe import Silent
from leadline.state import people
from leadline.state.database import Database
from tests.engine import MovableTime, TwoCrms, asks_for_a_demo, contact, emptied, hot, shown


@pytest.fixture
def world(sqlite: Database) -> TwoCrms:
    """Five hundred people, scored yesterday: more than one handful."""
    world = of_yesterday(TwoCrms(sqlite))
    world.observer = Slow(world.time)
    return world


def of_yesterday(world: TwoCrms) -> TwoCrms:
    for number in range(100, 600):
        world.sales.put(contact(str(number), f"p{number}@birch.example", fields={"title": "VP Sales"}))
    world.run()
    world.later(days=1)
    return world


class Slow(Silent):
    """Scoring a handful takes its time."""

    def __init__(self, time: MovableTime) -> None:
        self._time = time

    def scored(self, persons: int, left: int) -> None:
        self._time.now += timedelta(seconds=15)


def left(world: TwoCrms) -> int:
    with world.database.begin() as tx:
        return people.count_dirty(tx)


def one_cycle(world: TwoCrms) -> Cycle:
    """A cycle of the daemon, which scores once, without the work that runs beside it."""
    world.time.now += timedelta(seconds=1)
    cycle = world.cycle()
    for name in ("marketing", "sales"):
        cycle.of(name, lambda: None)
    return cycle


def test_a_cycle_of_the_daemon_leaves_it_to_the_work_beside_it(world: TwoCrms) -> None:
    cycle = one_cycle(world)
    assert left(world) == 300
    cycle.rescore(lambda: None)
    assert left(world) == 0


def test_a_single_cycle_by_hand_does_it_all(world: TwoCrms) -> None:
    world.run()
    assert left(world) == 0


def test_a_raised_hand_is_answered_before_everybody_is_scored(world: TwoCrms) -> None:
    asks_for_a_demo(world, "100")
    one_cycle(world)
    assert left(world) == 499
    assert [task.person for task in world.sales.tasks.all()] == [Ref("contacts", "100")]


def test_nothing_else_is_told_until_everybody_is_scored(world: TwoCrms) -> None:
    world.revision = "2"  # other rules: the fuses judge what they do to all, not to the first few
    hot(world, "1")
    one_cycle(world)
    assert "score" not in world.sales.ours(Ref("contacts", "1"))
    assert world.sales.tasks.all() == ()
    world.cycle().rescore(lambda: None)
    one_cycle(world)
    assert "score" in world.sales.ours(Ref("contacts", "1"))
    assert [task.person for task in world.sales.tasks.all()] == [Ref("contacts", "1")]


def test_it_ends_where_it_is_asked_to_and_goes_on_from_there(world: TwoCrms) -> None:
    def stop() -> None:
        raise Stopped

    one_cycle(world)
    with pytest.raises(Stopped):
        world.cycle().rescore(stop)
    assert left(world) == 100
    world.cycle().rescore(lambda: None)
    assert left(world) == 0


def test_it_ends_as_if_all_had_been_scored_in_one_cycle(sqlite: Database) -> None:
    undisturbed = of_yesterday(TwoCrms(sqlite))
    undisturbed.run()
    expected = shown(undisturbed)
    world = of_yesterday(TwoCrms(emptied(sqlite)))
    world.observer = Slow(world.time)
    one_cycle(world).rescore(lambda: None)
    one_cycle(world)
    assert shown(world) == expected
