"""Rules of `plan_fields` and `apply_fields`: needed before the first write, safe to repeat, safe to interrupt."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from connectors.conformance.reading import FIELDS, LATER_SECONDS, failing, person, read
from connectors.conformance.world import World
from connectors.contract import Connector, Update, Written
from connectors.errors import Misconfigured, RetryLater


class ProvisioningRules:
    """What provisioning promises."""

    def test_writing_needs_provisioned_properties(self, world: World, connector: Connector[Any]) -> None:
        """Without them the account is misconfigured, no record is to blame, and the error names the property."""
        people = world.add_people(3)
        error = failing(world, Misconfigured, lambda: connector.write([Update(ref, {"score": 71}) for ref in people]))
        assert "score" in error.what.lower()

    def test_people_can_be_pulled_before_provisioning(self, world: World, connector: Connector[Any]) -> None:
        """A property that does not exist yet is no reason to read nothing."""
        (someone,) = world.add_people(1)
        assert person(read(connector).records, someone).ours == {}

    def test_the_plan_is_what_happens(self, world: World, connector: Connector[Any]) -> None:
        """`apply_fields` does what `plan_fields` said, and then nothing is left to do."""
        world.calm()
        plan = connector.plan_fields(FIELDS)
        assert plan
        assert connector.apply_fields(FIELDS) == plan
        assert connector.plan_fields(FIELDS) == ()

    def test_planning_changes_nothing(self, world: World, connector: Connector[Any]) -> None:
        """It can be shown to an admin as often as they like."""
        assert connector.plan_fields(FIELDS) == world.connector().plan_fields(FIELDS)

    def test_provisioning_again_does_nothing(self, world: World, ready: Connector[Any]) -> None:
        """Not for this process and not for the next."""
        assert ready.apply_fields(FIELDS) == ()
        assert world.connector().apply_fields(FIELDS) == ()

    def test_a_property_added_later_is_all_that_is_planned(self, world: World, ready: Connector[Any]) -> None:
        """What exists stays as it is; the new property can be written."""
        more = (*FIELDS, replace(FIELDS[2], name="trend", label="Leadline trend"))
        plan = ready.plan_fields(more)
        assert plan
        assert all("trend" in change.target.lower() for change in plan)
        ready.apply_fields(more)
        (someone,) = world.add_people(1)
        assert ready.write([Update(someone, {"trend": "rising"})]) == (Written(someone),)

    def test_interrupted_provisioning_is_completed_by_the_next(self, world: World, connector: Connector[Any]) -> None:
        """Also when the interrupted step had taken effect."""
        world.lose_reply("provision")
        failing(world, RetryLater, lambda: connector.apply_fields(FIELDS))
        later = world.connector()
        later.apply_fields(FIELDS)
        assert later.plan_fields(FIELDS) == ()
        (someone,) = world.add_people(1)
        assert later.write([Update(someone, {"score": 71, "grade": "A1"})]) == (Written(someone),)

    def test_new_properties_are_seen_by_a_connector_that_ran_before(self, world: World, connector: Connector[Any]) -> None:
        """Provisioning by another process needs no restart."""
        (someone,) = world.add_people(1)
        cursor = read(connector).cursor
        world.connector().apply_fields(FIELDS)
        world.advance(LATER_SECONDS)
        assert connector.write([Update(someone, {"score": 71})]) == (Written(someone),)
        world.advance(LATER_SECONDS)
        assert person(read(world.connector(), cursor=cursor).records, someone).ours["score"] == 71
