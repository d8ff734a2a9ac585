"""Rules of histories: since when a field holds the value that it has now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.conformance.reading import A_DAY_SECONDS
from connectors.conformance.world import World
from connectors.contract import Connector
from connectors.records import Ref

TITLE = "person.title"
EMPLOYEES = "company.employees"


class DatingRules:
    """What `held_since` promises. The account keeps a history of job titles and of the size of companies."""

    def test_a_value_holds_since_it_was_entered(self, world: World, connector: Connector[Any]) -> None:
        """Not since the record was made, nor since it was last touched."""
        (someone,) = world.add_people(1)
        world.advance(A_DAY_SECONDS)
        entered_at = edited(world, someone, "VP Sales")
        world.advance(A_DAY_SECONDS)
        assert not late(entered_at, held(connector, someone))

    def test_the_same_value_again_changes_no_date(self, world: World, connector: Connector[Any]) -> None:
        """A form that repeats what is known states nothing new."""
        (someone,) = world.add_people(1)
        entered_at = edited(world, someone, "VP Sales")
        world.advance(A_DAY_SECONDS)
        edited(world, someone, "VP Sales")
        assert not late(entered_at, held(connector, someone))

    def test_a_value_that_comes_back_holds_since_it_came_back(self, world: World, connector: Connector[Any]) -> None:
        """What was withdrawn in between was not true all the time."""
        (someone,) = world.add_people(1)
        for title in ("VP Sales", "Advisor"):
            edited(world, someone, title)
            world.advance(A_DAY_SECONDS)
        entered_at = edited(world, someone, "VP Sales")
        world.advance(A_DAY_SECONDS)
        since = held(connector, someone)
        assert since is not None
        assert since >= entered_at.replace(microsecond=0)

    def test_the_size_of_a_company_has_a_date_too(self, world: World, connector: Connector[Any]) -> None:
        """Evidence may rest on what is known of the company."""
        company = world.add_company(40)
        world.advance(A_DAY_SECONDS)
        entered_at = world.now()
        world.edit_company(company, 900)
        world.advance(A_DAY_SECONDS)
        since = connector.held_since([company], frozenset({EMPLOYEES}))[company][EMPLOYEES]
        assert entered_at.replace(microsecond=0) <= since < world.now()

    def test_many_records_of_several_objects_are_answered_at_once(self, world: World, connector: Connector[Any]) -> None:
        """However many calls that takes; of nobody but those, of nothing but the fields, no time but a past one in UTC."""
        people = world.add_people(120)
        company = world.add_company(40)
        world.advance(A_DAY_SECONDS)
        chosen = (people[0], people[60], people[-1])
        for someone in chosen:
            world.edit_person(someone, title="VP Sales")
        world.edit_company(company, 900)
        world.advance(1.0)
        told = connector.held_since([*people, company], frozenset({TITLE, EMPLOYEES, "person.no_such_field"}))
        assert all(TITLE in told[someone] for someone in chosen)
        assert told[company].keys() == {EMPLOYEES}
        assert set(told) <= {*people, company}
        assert {name for since in told.values() for name in since} == {TITLE, EMPLOYEES}
        times = [at for since in told.values() for at in since.values()]
        assert all(at.utcoffset() is not None and not at.utcoffset() and at <= world.now() for at in times)

    def test_records_that_are_gone_are_left_out(self, world: World, connector: Connector[Any]) -> None:
        """As are fields without a history: no date is no error."""
        stays, goes = world.add_people(2)
        for someone in (stays, goes):
            world.edit_person(someone, title="VP Sales")
        world.archive_person(goes)
        world.advance(1.0)
        told = connector.held_since([stays, goes], frozenset({TITLE}))
        assert TITLE in told[stays]
        assert not told.get(goes)

    def test_asking_about_nothing_makes_no_call(self, world: World, connector: Connector[Any]) -> None:
        """No records, or no fields that the connection has."""
        (someone,) = world.add_people(1)
        before = len(world.calls)
        assert not connector.held_since([], frozenset({TITLE}))
        assert not any(connector.held_since([someone], frozenset()).values())
        assert len(world.calls) == before


def edited(world: World, person: Ref, title: str) -> datetime:
    """Change the title; returns when."""
    at = world.now()
    world.edit_person(person, title=title)
    return at


def held(connector: Connector[Any], person: Ref) -> datetime | None:
    """Since when the person's title is what it is."""
    return connector.held_since([person], frozenset({TITLE})).get(person, {}).get(TITLE)


def late(entered_at: datetime, since: datetime | None) -> str:
    """What is wrong with the date of a value entered then; some CRMs keep whole seconds."""
    if since is None:
        return "there is no date"
    seconds = (since - entered_at.replace(microsecond=0)).total_seconds()
    return "" if 0 <= seconds < A_DAY_SECONDS / 2 else f"{seconds} s after it was entered"
