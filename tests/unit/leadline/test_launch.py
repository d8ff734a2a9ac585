"""Going live on a whole market: only the best few of each owner are called upon, the others by and by, nobody is lost.

`LAUNCH_PEOPLE` says how large the market is: 800 people unless told; `make soak` takes 50,000.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest

from connectors.budget import Budget
from connectors.contract import Connector, Context
from connectors.memory import MemoryConnector, MemorySettings
from connectors.memory_crm import MemoryCrm
from connectors.records import OwnerRecord, Ref
from leadline.clock import Clock
from leadline.observe import Observer
from leadline.state.database import Database
from tests.engine import BUYER, TwoCrms, company, contact, engagement

PEOPLE = int(os.environ.get("LAUNCH_PEOPLE", "800"))
ONE_IN = 12
"""One person in so many is ready for sales."""
OWNERS = max(2, PEOPLE // 5_000)
AT_LAUNCH, A_DAY = 5, 15
DAYS = 3
TITLES = ("VP Sales", "Head of Sales", "Director of Marketing", "Chief Executive Officer", "Sales Manager")


class Market(TwoCrms):
    """Two CRMs whose pages are as large as those of real ones."""

    def _connector(self, crm: MemoryCrm, clock: Clock, observer: Observer) -> Connector[MemorySettings]:
        budget = Budget((), now=clock.now, sleep=clock.sleep)
        context = Context(crm.name, clock.now, budget, lambda call: observer.called(crm.name, call))
        return MemoryConnector(MemorySettings(crm=crm.name, page_size=1_000), context)

    def fill(self) -> None:
        """A market of which one in twelve is ready for sales: more or less so, and their owners by turns."""
        for number in range(OWNERS):
            self.sales.put(OwnerRecord(ref=Ref("owners", f"o{number + 1}"), name=f"Owner {number + 1}"))
        for number in range(PEOPLE):
            if number % ONE_IN:
                self.sales.put(contact(f"{number}", f"p{number}@quiet{number}.example", fields={"title": "Student"}))
            else:
                self._put_ready(number, number // ONE_IN)

    def _put_ready(self, number: int, place: int) -> None:
        employer, person = f"c{place}", f"{number}"
        self.sales.put(company(employer, name=f"Acme {place}", employees=240, industry="software"))
        fields = {**BUYER, "title": TITLES[place % len(TITLES)], "last_name": f"Number {place}"}
        owner = f"o{1 + place % OWNERS}"
        at = Ref("companies", employer)
        self.sales.put(contact(person, f"p{number}@acme{place}.example", fields=fields, company=at, owner_id=owner))
        met_at = self.time.now - timedelta(days=place % 6, hours=3)
        self.sales.put(engagement(f"{person}-meeting", "meeting", met_at, person))
        for visit in range(2 + place % 3):
            seen_at = met_at + timedelta(minutes=visit)
            self.sales.put(engagement(f"{person}-{visit}", "page_view", seen_at, person, url="/pricing"))


@dataclass(frozen=True)
class Line:
    """A crossing that calls for a task: whose it is, what came of it and why."""

    person: str
    owner: str
    outcome: str
    why: str
    total: int


def wanted(world: TwoCrms) -> list[Line]:
    """Every crossing that calls for a task, the best persons first."""
    with world.database.begin() as tx:
        rows = tx.exec_driver_sql(
            "SELECT c.person_id, r.owner_id, c.outcome, c.why, s.total FROM crossings c"
            " JOIN scores s ON s.person_id = c.person_id JOIN records r ON r.person_id = c.person_id"
            " WHERE c.task_rule IS NOT NULL ORDER BY s.total DESC, c.person_id"
        ).all()
    return [Line(*row) for row in rows]


def by_owner(lines: list[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.owner, []).append(line)
    return found


def is_opened(line: Line) -> bool:
    return line.outcome in {"task queued", "task opened"}


def waiting(world: TwoCrms) -> Counter[str]:
    """The reasons of those who wait."""
    return Counter(line.why for line in wanted(world) if line.outcome == "held back")


@pytest.mark.timeout(3_600)  # a whole market where that was asked for
def test_going_live_opens_the_best_few_of_each_owner_and_the_others_by_and_by(sqlite: Database) -> None:
    world = Market(sqlite)
    world.fill()
    world.run()
    world.run()
    ready = len(range(0, PEOPLE, ONE_IN))
    assert len(wanted(world)) == ready
    assert_the_best_were_opened(world, AT_LAUNCH)
    assert waiting(world) == {f"at launch: only the best {AT_LAUNCH} of each owner are opened": ready - OWNERS * AT_LAUNCH}
    for day in range(1, DAYS + 1):
        world.later(days=1)
        world.run()
        world.run()
        assert_the_best_were_opened(world, AT_LAUNCH + day * A_DAY)
        assert len(wanted(world)) == ready
        full = f"at launch; owner's day is full: {A_DAY} tasks"
        assert set(waiting(world)) <= {full}
    assert world.time.slept_seconds == []


def assert_the_best_were_opened(world: TwoCrms, of_each: int) -> None:
    """Of each owner's people the best so many have a task of theirs, and the others wait with a reason."""
    theirs = by_owner(wanted(world))
    assert len(theirs) == OWNERS
    for lines in theirs.values():
        assert [is_opened(line) for line in lines] == [place < of_each for place in range(len(lines))]
        assert all(line.why for line in lines)
    opened = Counter(task.owner_id for task in world.sales.tasks.all())
    assert opened == {owner: min(of_each, len(lines)) for owner, lines in theirs.items()}
