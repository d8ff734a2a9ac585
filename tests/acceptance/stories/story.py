"""A story over weeks: the clock jumps from day to day, a true cycle runs, and all is read back from the CRMs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from tests.acceptance.private import leaks
from tests.acceptance.stories.desks import Desk, HubSpotDesk, SalesforceDesk, Shown
from tests.stage.staged import StagedWorld

BEGINS = datetime(2026, 3, 12, 9, tzinfo=UTC)
"""A Thursday morning, two weeks before summer time begins in Berlin, where the reps work."""
UNTIL_READABLE = timedelta(seconds=60)

D = TypeVar("D", bound=Desk)


class Story(Generic[D]):
    """One lead, worked on at `desk`; days are counted from the beginning."""

    def __init__(self, world: StagedWorld, desk: D, address: str) -> None:
        self.world, self.desk, self.address = world, desk, address

    def day(self, number: int, hour: int = 8) -> None:
        """Go on to this hour (UTC) of a later day."""
        at = BEGINS.replace(hour=hour) + timedelta(days=number)
        self.world.clock.move((at - self.world.clock.now()).total_seconds())

    def cycle(self) -> None:
        """A minute later, the true command."""
        self.world.clock.move(UNTIL_READABLE.total_seconds())
        self.world.once()

    def crossings(self) -> list[str]:
        """Every line that anybody passed, in order, and what came of it: `+mql1 no task`."""
        with closing(sqlite3.connect(self.world.database)) as opened:
            rows = opened.execute("SELECT line, ordinal, direction, outcome FROM crossings ORDER BY at, line, ordinal")
            return [f"{'+' if how == 'entered' else '-'}{line}{ordinal} {came}" for line, ordinal, how, came in rows]

    def explained(self) -> str:
        """What `explain` tells of the lead, its lines unbroken."""
        ended = self.world.command("explain", self.address)
        assert ended.code == 0, ended.err
        return " ".join(ended.out.split())

    def shown(self, *names: str) -> tuple[str | None, ...]:
        """Our properties on the record."""
        found = self.desk.shown()
        return tuple(found.get(name) for name in names)

    def score(self) -> int:
        """The score on the record."""
        return int(self.desk.shown()["score"])

    def the_task(self) -> Shown:
        """The one task there is with the lead."""
        (task,) = self.desk.tasks()
        return task


@contextmanager
def staged(folder: Path) -> Iterator[StagedWorld]:
    """A world without people that went live, in which nothing said may tell on anybody who comes."""
    world = StagedWorld(folder, BEGINS, people=0)
    try:
        world.prepare()
        world.once()
        yield world
        said = world.said()
        world.market = world.state()
        assert leaks(world, said) == []
        world.hubspot.watch.settle()
    finally:
        world.end()


def in_hubspot(world: StagedWorld, address: str) -> Story[HubSpotDesk]:
    """A story told in HubSpot."""
    return Story(world, HubSpotDesk(world.hubspot), address)


def in_salesforce(world: StagedWorld, address: str) -> Story[SalesforceDesk]:
    """A story told in Salesforce."""
    return Story(world, SalesforceDesk(world.salesforce), address)


TELLERS: Mapping[str, Callable[[StagedWorld, str], Story[Any]]] = {"hubspot": in_hubspot, "salesforce": in_salesforce}
"""Who tells a story, by the CRM it is told in."""


def is_due(task: Shown, at: datetime) -> bool:
    """Whether the task is due within a minute of then, or on that day where the CRM shows no more."""
    if isinstance(task.due, datetime):
        return abs(task.due - at) <= timedelta(minutes=1)
    return task.due == at.date()
