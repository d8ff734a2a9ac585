"""How long a raised hand waits for its task: the true daemon, both twins with their usual faults, people at work in them.

python -m benchmarks.hand_raisers               # 48 hands within three minutes; six in all
python -m benchmarks.hand_raisers --hands 12 --minutes 1

A third of the hands is raised in each CRM by people whom only that one knows, a third in HubSpot by people of both, whose
tasks are opened in Salesforce. The wait is counted in the twins' time, from when the event can be read over the CRM's API.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from urllib.parse import unquote

from benchmarks.table import Line
from tests.acceptance.crm import Crm
from tests.acceptance.world import Started, World
from tests.stage.churn import Churn
from tests.stage.hands import HubSpotHands, SalesforceHands

AS_OF = datetime(2026, 3, 12, 12, tzinfo=UTC)
TARGET_SECONDS = 90.0
EVERY = "1m"
FORM = "Demo request"
RAISED = "signal:demo-request"
KEY = "Leadline_Key__c"
LOOK_SECONDS = 0.5
SOMETHING_ELSE_SECONDS = 2.0
"""How often somebody else does something in the CRMs."""
PATIENCE_SECONDS = 150.0
SEARCH_SHOWS_AFTER = timedelta(seconds=2)
"""HubSpot's search shows a change this much later."""
LATEST_SECONDS = 600.0
"""Whatever Salesforce shows late, it shows by then."""
IN_HUBSPOT, IN_SALESFORCE, IN_BOTH = "in HubSpot", "in Salesforce", "in HubSpot, the task in Salesforce"


class LiveCrm(Crm):
    """A twin whose time goes on as the machine's does, once it has begun."""

    is_live = False

    def advance(self, seconds: float) -> None:
        """Nothing moves the time of a live twin."""
        if not self.is_live:
            super().advance(seconds)


class LiveWorld(World):
    """Two live twins."""

    def _twins(self, as_of: datetime) -> tuple[Crm, Crm]:
        return LiveCrm("hubspot", self.folder, as_of), LiveCrm("salesforce", self.folder, as_of)

    def go_live(self) -> None:
        """From now on time is left alone."""
        self.keep_time()
        LiveCrm.is_live = True

    def end_live(self) -> None:
        """Time can be moved again, and is moved to when everything can be read."""
        LiveCrm.is_live = False
        for crm in self.crms:
            crm.advance(LATEST_SECONDS)


@dataclass(slots=True)
class Hand:
    """A hand to be raised by a contact or Lead, and when that was done, could be read, and was answered with a task."""

    where: str
    raiser: str
    answered_on: str
    raised_at: datetime | None = None
    readable_at: datetime | None = None
    answered_at: datetime | None = None

    def waited_seconds(self) -> float:
        """From when it could be read until its task was opened; without end if there is none."""
        if self.readable_at is None or self.answered_at is None:
            return float("inf")
        return max(0.0, (self.answered_at - self.readable_at).total_seconds())


class Market:
    """Both CRMs, and the people who will raise a hand."""

    def __init__(self, world: World, dice: Random) -> None:
        self.world, self.dice = world, dice
        self.hands: list[Hand] = []
        self._opened: dict[str, tuple[str, datetime]] = {}
        self.hubspot, self.salesforce = HubSpotHands(world.hubspot), SalesforceHands(world.salesforce)
        self._campaign = self.salesforce.create("Campaign", Name=FORM, Type="Other", IsActive=True)

    def settle(self, count: int) -> None:
        """Put the people in who are to raise their hands: known before, and in no hurry."""
        for number in range(count):
            where = (IN_HUBSPOT, IN_SALESFORCE, IN_BOTH)[number % 3]
            address = f"raiser{number}@quiet{number}.example"
            lead = contact = ""
            if where != IN_HUBSPOT:
                who = {"LastName": f"Raiser {number}", "Company": f"Quiet {number}"}
                lead = self.salesforce.create("Lead", Email=address, Title="Office Manager", **who)
            if where != IN_SALESFORCE:
                contact = self.hubspot.create(email=address, jobtitle="Office Manager", lastname=f"Raiser {number}")
            self.hands.append(Hand(where, contact or lead, lead or contact))
        self.dice.shuffle(self.hands)

    def raise_hand(self, hand: Hand) -> None:
        """Ask for a demo."""
        if hand.where == IN_SALESFORCE:
            self.salesforce.create("CampaignMember", CampaignId=self._campaign, LeadId=hand.raiser, Status="Responded")
            hand.raised_at = self.world.salesforce.now()
        else:
            self.world.hubspot.visit(hand.raiser, form=FORM)
            hand.raised_at = self.world.hubspot.now()
            hand.readable_at = hand.raised_at + SEARCH_SHOWS_AFTER

    def note_readable(self) -> None:
        """Look which responses Salesforce shows by now: it shows some of them late."""
        waiting = {one.raiser: one for one in self.hands if one.raised_at and one.readable_at is None}
        if waiting:
            asked = f"SELECT Id, LeadId FROM CampaignMember WHERE CampaignId = '{self._campaign}'"
            for row in self.salesforce.query(asked).values():
                if hand := waiting.get(row["LeadId"]):
                    hand.readable_at = self.world.salesforce.now()

    def note_answers(self) -> bool:
        """Look up which tasks were opened, and when; whether all that can be read is answered."""
        for task, row in self.hubspot.listed("tasks", "hs_task_body", "hs_createdate").items():
            if task not in self._opened and RAISED in unquote(row["hs_task_body"] or ""):
                self._opened[task] = self.hubspot.person_of(task), datetime.fromisoformat(row["hs_createdate"])
        asked = f"SELECT Id, WhoId, CreatedDate FROM Task WHERE {KEY} LIKE '%{RAISED}%'"
        for task, row in self.salesforce.query(asked).items():
            self._opened[task] = row["WhoId"], datetime.fromisoformat(row["CreatedDate"])
        opened = dict(self._opened.values())
        for hand in self.hands:
            hand.answered_at = opened.get(hand.answered_on)
        return all(hand.answered_at for hand in self.hands if hand.readable_at)


def measured(count: int, minutes: float, folder: Path, seed: int) -> Sequence[Hand]:
    """Let so many hands be raised within these minutes, and see when they are answered."""
    world = LiveWorld(folder, AS_OF)
    try:
        world.prepare()
        world.connect(hubspot_every=EVERY, salesforce_every=EVERY)
        market = Market(world, Random(seed))
        market.settle(count)
        churn = Churn(world, seed)
        world.go_live()
        world.trouble(1.0, seed)
        daemon = world.start("run")
        for connection in ("hubspot", "salesforce"):
            world.wait_for_cycles(daemon, connection, 1)
        _live_through(market, churn, daemon, minutes * 60)
        daemon.stop()
        world.end_live()
        market.note_answers()
    finally:
        world.end()
    return market.hands


def _live_through(market: Market, churn: Churn, daemon: Started, seconds: float) -> None:
    """Raise all hands at moments of their own while others do other things, and wait until all can be answered."""
    others = _others(churn)
    began = time.monotonic()
    moments = sorted(market.dice.uniform(0, seconds) for _ in market.hands)
    due = dict(zip(moments, market.hands, strict=True))
    next_else = 0.0
    ends = seconds + PATIENCE_SECONDS
    while (now := time.monotonic() - began) < ends and daemon.running:
        for moment in [moment for moment in due if moment <= now]:
            market.raise_hand(due.pop(moment))
        if now >= next_else and due:
            market.dice.choice(others)()
            next_else = now + SOMETHING_ELSE_SECONDS
        market.note_readable()
        if not due and market.note_answers():
            return
        time.sleep(LOOK_SECONDS)


def _others(churn: Churn) -> Sequence[Callable[[], object]]:
    return (
        churn.edit_contact,
        churn.edit_lead,
        churn.meet_contact,
        churn.meet_lead,
        churn.create_contact,
        churn.create_lead,
    )


def table(hands: Sequence[Hand]) -> Iterator[Line]:
    """What was measured, by where the hands were raised."""
    by_where: Mapping[str, list[Hand]] = {
        where: [hand for hand in hands if hand.where == where and hand.readable_at is not None]
        for where in (IN_HUBSPOT, IN_SALESFORCE, IN_BOTH)
    }
    for where, raised in by_where.items():
        yield _line(f"{len(raised)} raised {where}", [hand.waited_seconds() for hand in raised])
    readable = [hand.waited_seconds() for raised in by_where.values() for hand in raised]
    yield _line(f"all {len(readable)}", readable)
    if len(readable) < len(hands):
        yield Line(f"{len(hands) - len(readable)} shown too late to wait for", " | | ")


def _line(what: str, waits: Sequence[float]) -> Line:
    if not waits:
        return Line(what, "")
    ordered = sorted(waits)
    high = ordered[max(0, -(-95 * len(ordered) // 100) - 1)]
    verdict = "reached" if ordered[-1] <= TARGET_SECONDS else "missed"
    return Line(
        what, f"{median(ordered):.0f} s | {high:.0f} s | {ordered[-1]:.0f} s", f"≤ {TARGET_SECONDS:.0f} s: {verdict}"
    )


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hand_raisers", description=__doc__.partition("\n")[0])
    parser.add_argument("--hands", type=int, default=48, help="how many hands are raised")
    parser.add_argument("--minutes", type=float, default=3.0, help="within how many minutes")
    parser.add_argument("--seed", type=int, default=7, help="of moments, faults and what else happens")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadline-hands-") as folder:
        hands = measured(options.hands, options.minutes, Path(folder), options.seed)
    print("| from readable to task | p50 | p95 | longest | target |\n|---|---|---|---|---|")
    for line in table(hands):
        print(f"| {line.what} | {line.measured} | {line.target} |")


if __name__ == "__main__":
    main()
