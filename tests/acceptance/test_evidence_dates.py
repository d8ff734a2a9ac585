"""Evidence gets stale by the CRM's own history, however new the record is to us: against each twin, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.budget import Budget
from connectors.conformance import World
from connectors.contract import Connector, Context, Update
from connectors.memory_crm import MemoryCrm
from leadline.clock import Clock
from leadline.fields import field_specs
from leadline.observe import Observer
from leadline.state.database import Database
from scoring.evidence import ElementState
from scoring.qualification import parse_qualification
from tests.conformance.worlds.hubspot import HubSpotWorld
from tests.conformance.worlds.salesforce import SalesforceWorld
from tests.conformance.worlds.twin import Twin
from tests.engine import MovableTime, TwoCrms

STATED_BY_TITLE = parse_qualification(
    {
        "framework": "own",
        "elements": {
            "authority": {
                "ask": "Who signs?",
                "evidence": [
                    {
                        "id": "title",
                        "state": "confirmed",
                        "when": {"person.title": {"in": ["VP Sales", "Chief Buyer"]}},
                        "dated_by": "person.title",
                        "fresh_for": "180d",
                    }
                ],
            }
        },
        "stages": [{"id": "lead"}],
    }
)
TRACKED = ("--track-field", "Lead.Title", "--track-field", "Contact.Title")


class AgainstTwin(TwoCrms):
    """The engine with a twin in the place of `sales`; its clock follows the twin's."""

    def __init__(self, database: Database, twin: World) -> None:
        super().__init__(database, MovableTime(twin.now()))
        self.twin = twin
        self.qualification = STATED_BY_TITLE

    def _connector(self, crm: MemoryCrm, clock: Clock, observer: Observer) -> Connector[Any]:
        if crm is not self.sales:
            return super()._connector(crm, clock, observer)
        budget = Budget((), now=clock.now, sleep=clock.sleep)
        return self.twin.connect(Context(crm.name, clock.now, budget, lambda call: observer.called(crm.name, call)))

    def days_later(self, days: float) -> None:
        """Let time pass for the twin and the engine."""
        self.twin.advance(timedelta(days=days).total_seconds())
        self.time.now = self.twin.now()

    def known(self) -> list[ElementState]:
        """What is known of everybody's authority."""
        self.run()
        return [score.assessment.elements[0] for score in self.scores().values()]


@pytest.fixture(params=["hubspot", "salesforce"])
def world(request: pytest.FixtureRequest, sqlite: Database) -> Iterator[AgainstTwin]:
    """A CRM with our properties and nobody in it."""
    options = ("--late-share", "0", *TRACKED) if request.param == "salesforce" else ()
    with Twin(request.param, *options) as twin:
        twin.reset()
        with (HubSpotWorld if request.param == "hubspot" else SalesforceWorld)(twin) as crm:
            crm.calm()
            crm.connector().apply_fields(field_specs(STATED_BY_TITLE))
            yield AgainstTwin(sqlite, crm)


def test_what_was_said_long_ago_is_stale_on_the_first_day(world: AgainstTwin) -> None:
    people = world.twin.add_people(2)
    for person in people:
        world.twin.edit_person(person, title="VP Sales")
    said_at = world.twin.now()
    world.days_later(200)
    world.twin.connector().write([Update(person, {"score": 1}) for person in people])
    world.days_later(1)
    known = world.known()
    assert [element.state for element in known] == ["stale", "stale"]
    assert all(element.date and abs(element.date - said_at) < timedelta(minutes=5) for element in known)
    world.days_later(1)
    world.twin.edit_person(people[0], title="Chief Buyer")
    world.days_later(1)
    assert sorted(element.state for element in world.known()) == ["confirmed", "stale"]
