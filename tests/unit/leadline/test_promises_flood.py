"""Reps are not flooded: not by going live, not by other rules, not by an outage in between."""

from __future__ import annotations

from connectors.memory_crm import MemoryCrm
from connectors.memory_wire import Fault
from connectors.records import OwnerRecord, Ref
from leadline.retry import RetryPolicy
from leadline.state.database import Database
from tests.engine import TwoCrms, asks_for_a_demo, hot

OUTAGE = RetryPolicy().attempts


def tasks_by_owner(world: TwoCrms) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    for task in (*world.marketing.tasks.all(), *world.sales.tasks.all()):
        found[task.owner_id] = found.get(task.owner_id, 0) + 1
    return found


def crowd(world: TwoCrms, size: int, crm: MemoryCrm | None = None, first: int = 100) -> None:
    """Buyers who are ready for sales and have asked for a demo, by turns of two owners."""
    where = crm or world.sales
    where.put(OwnerRecord(ref=Ref("owners", "o2"), name="Piet Poe"))
    for number in range(first, first + size):
        hot(world, str(number), where, owner=f"o{1 + number % 2}")
        asks_for_a_demo(world, str(number), where)


class TestFlood:
    """9. Reps are not flooded."""

    def test_going_live_opens_the_best_few_of_each_owner(self, database: Database) -> None:
        world = TwoCrms(database)
        crowd(world, 24)
        world.run()
        world.run()
        assert tasks_by_owner(world) == {"o1": 5, "o2": 5}

    def test_the_others_follow_within_the_room_of_the_owners_days(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        crowd(world, 60)
        world.run()
        before = tasks_by_owner(world)
        for _ in range(3):
            world.later(hours=15)
            world.run()
            world.run()
        after = tasks_by_owner(world)
        assert all(before[owner] < after[owner] <= before[owner] + 2 * 15 for owner in before)

    def test_a_midnight_after_going_live_does_not_turn_the_rest_into_news(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        world.later(hours=14)
        crowd(world, 60)
        world.run()
        world.later(hours=2)
        for _ in range(3):
            world.run()
        assert max(tasks_by_owner(world).values()) <= 5 + 15

    def test_changed_rules_open_no_wave(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        shipped = world.qualification
        closed = shipped.model_copy(update={"stages": shipped.stages[:1], "tasks": ()})
        world.qualification = closed
        crowd(world, 24)
        world.run()
        assert tasks_by_owner(world) == {}
        world.later(days=40)
        world.qualification, world.revision = shipped, "2"
        world.run()
        world.run()
        assert max(tasks_by_owner(world).values()) <= 5

    def test_a_new_lead_after_going_live_is_news(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        crowd(world, 24)
        world.run()
        opened = len(world.sales.tasks.all())
        world.later(minutes=10)
        hot(world, "500")
        asks_for_a_demo(world, "500")
        world.run()
        assert [task.person.id for task in world.sales.tasks.all()][opened:] == ["500"]

    def test_a_hand_raised_after_going_live_is_news(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        crowd(world, 24)
        world.run()
        opened = {task.person.id for task in world.sales.tasks.all()}
        waiting = next(str(number) for number in range(100, 124) if str(number) not in opened)
        world.later(minutes=10)
        asks_for_a_demo(world, waiting, occasion="again")
        world.run()
        assert {task.person.id for task in world.sales.tasks.all()} - opened == {waiting}

    def test_a_crm_that_was_empty_on_going_live_brings_news(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        world.run()
        world.later(minutes=10)
        crowd(world, 12)
        world.run()
        assert len(world.sales.tasks.all()) == 12

    def test_a_crm_connected_later_goes_live_too(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        hot(world, "1", world.marketing)
        world.sales.wire.declare(Fault(503, "GET *", times=RetryPolicy().attempts * 2))
        world.run()
        world.later(days=30)
        crowd(world, 24)
        world.run()
        world.run()
        assert tasks_by_owner(world)["o2"] == 5

    def test_an_outage_while_going_live_does_not_turn_the_rest_into_news(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        crowd(world, 24)
        world.sales.wire.declare(Fault(503, "GET /engagements", after_calls=2, times=RetryPolicy().attempts))
        assert [bool(report.failed) for report in world.run()] == [False, True]
        world.run()
        world.run()
        assert tasks_by_owner(world) == {"o1": 5, "o2": 5}

    def test_a_stream_granted_long_after_going_live_opens_no_wave(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        crowd(world, 24)
        world.sales.wire.declare(Fault(403, "GET /engagements", times=2))
        world.run()
        world.run()
        opened = tasks_by_owner(world)
        assert max(opened.values(), default=0) <= 5
        world.later(days=1)
        world.run()
        world.run()
        assert max(tasks_by_owner(world).values()) <= max(opened.values(), default=0) + 5

    def test_tasks_wait_until_every_crm_was_read_for_the_first_time(self, database: Database) -> None:
        world = TwoCrms(database)
        crowd(world, 4)
        for _ in range(OUTAGE):
            world.marketing.wire.declare(Fault(503, "GET /engagements"))
        world.run()
        assert tasks_by_owner(world) == {}
        world.run()
        assert tasks_by_owner(world) == {"o1": 2, "o2": 2}

    def test_a_crm_that_cannot_be_read_holds_the_others_up_for_a_day_only(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        crowd(world, 4)
        for hours in (0, 12, 13):
            world.later(hours=hours)
            for _ in range(OUTAGE):
                world.marketing.wire.declare(Fault(401, "GET /people"))
            world.run()
        assert sum(tasks_by_owner(world).values()) == 4

    def test_a_hand_raised_meanwhile_is_answered(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        hot(world, "1")
        world.run()
        world.later(days=30)
        world.marketing.wire.declare(Fault(401, "GET /people"))
        asks_for_a_demo(world, "1")
        world.run()
        assert sum(tasks_by_owner(world).values()) == 2

    def test_a_crm_that_was_read_once_is_not_waited_for_again(self, sqlite: Database) -> None:
        world = TwoCrms(sqlite)
        world.run()
        crowd(world, 4)
        for _ in range(OUTAGE):
            world.marketing.wire.declare(Fault(503, "GET /people"))
        world.run()
        assert sum(tasks_by_owner(world).values()) == 4
