"""Who gets a task: whom its rule means, else whom the routing says, and whose turn it is among several."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from connectors.records import OwnerRecord, Ref
from leadline.routing import Candidate, Routed, Router, Team, next_in_turn
from scoring.lists import Lists
from scoring.routing import Routing

TODAY = date(2026, 11, 18)
MORNING = datetime(2026, 11, 18, 9, tzinfo=UTC)


def user(name: str, **more: Any) -> OwnerRecord:
    """An owner whose id is their name."""
    return OwnerRecord(ref=Ref("owners", name), name=name.title(), email=f"{name}@acme.example", **more)


def team(*owners: OwnerRecord, owning: tuple[str, ...] = ()) -> Team:
    return Team.of({owner.ref.id: owner for owner in owners}, frozenset(owning))


TEAM = team(
    user("ana", manager_id="eve"),
    user("bo", active=False, manager_id="max"),
    user("cy"),
    user("dee"),
    user("eve"),
    user("max", active=False, manager_id="eve"),
    replace(user("inbox"), kind="queue"),
    owning=("ana", "bo", "cy", "inbox"),
)
ROUTING: dict[str, Any] = {
    "pools": {"sdr": ["cy@acme.example", "Dee@acme.example"], "gone": ["bo@acme.example", "nobody@acme.example"]},
    "territories": [
        {"id": "ghost", "when": {"company.country": "FR"}, "to": "gone"},
        {"id": "dach", "when": {"company.country": {"in": ["DE", "AT"]}}, "to": "sdr"},
        {"id": "vienna", "when": {"company.country": "AT"}, "to": "ana@acme.example"},
    ],
    "fallback": "eve@acme.example",
}


def among(to: str, owner: str | None = None, country: str | None = None, there: Team = TEAM, **routing: Any) -> list[str]:
    """Who may get the task of a record with this owner and country."""
    router = Router(Routing.model_validate(routing or ROUTING), Lists({}))
    fields = {} if country is None else {"company.country": country}
    return list(router.candidates(to, Routed(owner, lambda: fields), there, TODAY))


class TestWhoIsMeant:
    """What a rule's `to` says, as long as somebody active is meant."""

    def test_the_owner_of_the_record(self) -> None:
        assert among("owner", "dee", "DE") == ["dee"]

    def test_a_pool(self) -> None:
        assert among("sdr", "ana") == ["cy", "dee"]

    def test_one_person_by_address(self) -> None:
        assert among("dee@acme.example", "ana") == ["dee"]

    def test_the_manager_of_the_owner(self) -> None:
        assert among("manager", "ana") == ["eve"]

    def test_the_nearest_manager_who_is_still_there(self) -> None:
        assert among("manager", "bo") == ["eve"]

    def test_managers_in_a_circle_are_nobody(self) -> None:
        round_and_round = team(user("a", active=False, manager_id="b"), user("b", active=False, manager_id="a"), user("c"))
        assert among("manager", "a", there=round_and_round, pools={}) == ["c"]

    def test_the_members_of_a_pool_who_left_get_nothing(self) -> None:
        assert among("sdr", there=team(user("cy", active=False), user("dee"))) == ["dee"]

    def test_the_manager_of_oneself_is_nobody_above(self) -> None:
        assert among(
            "manager", "ana", there=team(user("ana", manager_id="ana"), user("cy")), fallback="cy@acme.example"
        ) == ["cy"]


class TestRouting:
    """Where nobody active is meant, a territory, else the fallback, else who owns records."""

    @pytest.mark.parametrize("owner", [None, "bo", "inbox", "unknown"])
    def test_a_record_without_an_owner_at_work_goes_to_its_territory(self, owner: str | None) -> None:
        assert among("owner", owner, "DE") == ["cy", "dee"]

    def test_the_first_territory_that_fits_counts(self) -> None:
        assert among("owner", None, "AT") == ["cy", "dee"]

    @pytest.mark.parametrize("country", [None, "US"])
    def test_outside_all_territories_it_goes_to_the_fallback(self, country: str | None) -> None:
        assert among("owner", None, country) == ["eve"]

    @pytest.mark.parametrize("to", ["owner", "gone", "manager", "nobody@acme.example"])
    def test_every_way_of_meaning_nobody_is_routed(self, to: str) -> None:
        assert among(to, None, "DE") == ["cy", "dee"]

    def test_a_territory_of_people_who_left_is_passed_over(self) -> None:
        assert among("owner", None, "FR") == ["eve"]

    def test_without_a_fallback_it_is_somebody_who_owns_records(self) -> None:
        assert among("owner", None, pools={}) == ["ana", "cy"]

    def test_a_fallback_that_nobody_has_loses_no_task(self) -> None:
        assert among("owner", None, fallback="nobody@acme.example") == ["ana", "cy"]

    def test_where_nobody_owns_records_it_is_anybody_active(self) -> None:
        assert among("owner", None, there=team(user("ana"), user("bo", active=False)), pools={}) == ["ana"]

    def test_only_without_any_active_user_it_is_nobody(self) -> None:
        assert among("owner", "bo", there=team(user("bo", active=False), replace(user("q"), kind="queue"))) == []

    def test_where_no_owners_are_known_the_record_tells(self) -> None:
        assert among("owner", "4711", there=team()) == ["4711"]
        assert among("owner", None, there=team()) == []

    def test_the_person_is_asked_only_when_a_territory_must_be_found(self) -> None:
        def never() -> dict[str, Any]:
            raise AssertionError("asked")

        router = Router(Routing.model_validate(ROUTING), Lists({}))
        assert router.candidates("owner", Routed("ana", never), TEAM, TODAY) == ["ana"]


def one(name: str, taken: int = 0, room: int = 15, at_work: bool = True, minutes_ago: int | None = None) -> Candidate:
    last = None if minutes_ago is None else MORNING - timedelta(minutes=minutes_ago)
    return Candidate(name, taken, room, MORNING.replace(hour=0), last, at_work)


class TestTurns:
    """Whose turn it is."""

    def test_who_has_the_fewest_today(self) -> None:
        assert next_in_turn([one("a", 2), one("b", 1, minutes_ago=1)], "key", "tasks").owner_id == "b"

    def test_of_equals_who_got_none_for_the_longest_time(self) -> None:
        waiting = [one("a", 1, minutes_ago=5), one("b", 1, minutes_ago=50), one("c", 1, minutes_ago=20)]
        assert next_in_turn(waiting, "key", "tasks").owner_id == "b"

    def test_who_never_had_one_comes_before_all_others(self) -> None:
        assert next_in_turn([one("a", minutes_ago=9_000), one("b")], "key", "tasks").owner_id == "b"

    def test_who_has_no_room_left_is_passed_over(self) -> None:
        assert next_in_turn([one("a", 1, room=1), one("b", 7)], "key", "tasks").owner_id == "b"

    def test_a_raised_hand_goes_to_who_is_at_work_now(self) -> None:
        there = [one("a", at_work=False), one("b", 9, room=9)]
        assert next_in_turn(there, "key", "first").owner_id == "b"
        assert next_in_turn(there, "key", "tasks").owner_id == "a"

    def test_at_night_a_raised_hand_goes_by_turn(self) -> None:
        asleep = [one("a", 1, at_work=False), one("b", at_work=False)]
        assert next_in_turn(asleep, "key", "first").owner_id == "b"

    def test_the_key_decides_between_equals_whatever_their_order(self) -> None:
        there = [one("a"), one("b"), one("c")]
        lots = {key: next_in_turn(there, key, "tasks").owner_id for key in map(str, range(60))}
        assert lots == {key: next_in_turn(there[::-1], key, "tasks").owner_id for key in lots}
        assert set(lots.values()) == {"a", "b", "c"}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.integers(0, 40))
def test_turns_are_even_as_far_as_there_is_room(rooms: list[int], tasks: int) -> None:
    names = [f"o{place}" for place in range(len(rooms))]
    taken: Counter[str] = Counter()
    last: dict[str, int] = {}
    for task in range(min(tasks, sum(rooms))):
        there = [one(name, taken[name], room, minutes_ago=last.get(name)) for name, room in zip(names, rooms, strict=True)]
        chosen = next_in_turn(there, f"task {task}", "tasks").owner_id
        taken[chosen] += 1
        last[chosen] = 1_000 - task
    for name, room in zip(names, rooms, strict=True):
        assert taken[name] <= room
        assert taken[name] == room or taken[name] >= max(taken.values(), default=0) - 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from(["user", "queue"])), max_size=4),
    st.sampled_from(["owner", "manager", "sdr", "gone", "o1@acme.example"]),
    st.sampled_from([None, "o0", "o3", "o9"]),
    st.sampled_from([None, "DE", "FR"]),
)
def test_whoever_gets_a_task_is_active_and_nobody_only_where_nobody_is(
    people: list[tuple[bool, Any]], to: str, owner: str | None, country: str | None
) -> None:
    owners = [replace(user(f"o{place}", active=active), kind=kind) for place, (active, kind) in enumerate(people)]
    there = team(*owners, owning=("o0", "o2"))
    found = among(to, owner, country, there)
    if people:
        assert set(found) <= there.active.keys()
        assert bool(found) == bool(there.active)
