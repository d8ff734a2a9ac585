"""The story that the campaign interrupts: all that a workspace goes through, small enough to be told a hundred times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.acceptance.end_state import State, timeless
from tests.stage.agreement import our_tasks
from tests.stage.hands import HubSpotHands, SalesforceHands
from tests.stage.staged import KILLED, Kill, Saved, StagedWorld

PEOPLE = 40
BEGINS = datetime(2026, 3, 12, 1, tzinfo=UTC)
ENDS = datetime(2026, 3, 12, 22, tzinfo=UTC)
"""A Thursday: scores change with the day, so no story may be told on another one than the first telling."""
ARCHIVED_IS_NOTICED_SECONDS = 1_200.0
"""A pull looks for archived contacts every quarter of an hour."""

RULE = "- id: signs-contracts\n          points: 14"
OTHER_RULE = "- id: signs-contracts\n          points: 2"
FUSE = "fuses: {grade_changes: 1, at_least: 1}\n"
BUYER = {
    "budget_amount": "40000",
    "budget_status": "approved",
    "purchase_timeframe": "this_quarter",
    "pain_point": "scores nobody can explain",
}
LEAD_BUYER = {
    "Budget__c": 40_000,
    "Budget_Status__c": "Approved",
    "Purchase_Timeframe__c": "This quarter",
    "Pain_Point__c": "scores nobody can explain",
    "Buying_Role__c": "Decision maker",
    "NumberOfEmployees": 400,
}
CYCLE = ("once",)
FEW_ROWS = 10
MERGED_AT = "hs_calculated_merged_vids"
REFUSED = {"message": "frozen until the audit is over"}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One command, and what happens in the world before. Refusals and rules hold for this chapter only."""

    arguments: tuple[str, ...]
    before: Callable[[StagedWorld], None] = lambda _: None
    refusing: bool = False
    other_rules: bool = False


@dataclass(slots=True)
class Told:
    """An undisturbed telling: for each chapter what there was before, the boundaries in it, and what the CRMs held after."""

    before: dict[str, Saved] = field(default_factory=dict)
    crossed: dict[str, Counter[str]] = field(default_factory=dict)
    after: dict[str, State] = field(default_factory=dict)


def _an_older_field(world: StagedWorld) -> None:
    """One of our properties is there already, under another label."""
    HubSpotHands(world.hubspot).define("leadline_grade", "Grade of old")


def _arrivals(world: StagedWorld) -> None:
    """A dozen people of whom nobody knows much."""
    hubspot, salesforce = HubSpotHands(world.hubspot), SalesforceHands(world.salesforce)
    for number in range(6):
        hubspot.create(email=f"h{number}@north{number}.example", firstname="Ann", lastname=f"Number {number}")
    for number in range(6):
        who = {"FirstName": "Bob", "LastName": f"Number {number}", "Company": f"South {number}"}
        salesforce.create("Lead", Email=f"s{number}@south{number}.example", **who)


def _edits(world: StagedWorld) -> None:
    """Most of them turn out to be buyers, whom reps meet; one in each CRM refuses to be written."""
    hubspot, salesforce = HubSpotHands(world.hubspot), SalesforceHands(world.salesforce)
    contacts, leads = newcomers(world)
    for contact in contacts[:4]:
        hubspot.edit(contact, jobtitle="VP Sales", phone="+49 30 5550100", **BUYER)
        hubspot.meet(contact, BEGINS)
    for lead in leads[:4]:
        salesforce.edit("Lead", lead, Title="VP Sales", Phone="+49 30 5550101", **LEAD_BUYER)
        salesforce.meet(lead, BEGINS)


def _removals(world: StagedWorld) -> None:
    """People leave: archived, one of them with an open task; deleted for privacy; merged into another; a Lead deleted."""
    hubspot, salesforce = HubSpotHands(world.hubspot), SalesforceHands(world.salesforce)
    contacts, leads = newcomers(world)
    hubspot.archive(contacts[1])
    hubspot.archive(hubspot.person_of(next(task for crm, task in our_tasks(world) if crm == "hubspot")))
    hubspot.erase(contacts[2])
    hubspot.merge(contacts[3], contacts[4])
    salesforce.delete("Lead", leads[1])
    world.later(ARCHIVED_IS_NOTICED_SECONDS)


def _what_no_pass_has_seen(world: StagedWorld) -> None:
    """Somebody new, whom the audit finds before the next pull does."""
    HubSpotHands(world.hubspot).create(email="late@north9.example", firstname="Ann", lastname="Late")


def newcomers(world: StagedWorld) -> tuple[list[str], list[str]]:
    """The ids of the contacts and Leads of the story, in the order of their numbers."""
    contacts = HubSpotHands(world.hubspot).listed("contacts", "email")
    leads = SalesforceHands(world.salesforce).query("SELECT Id, Email FROM Lead WHERE Email LIKE '%@south%.example'")
    mine = {row["email"]: contact for contact, row in contacts.items() if "@north" in (row["email"] or "")}
    theirs = {row["Email"]: lead for lead, row in leads.items()}
    return [mine[address] for address in sorted(mine)], [theirs[address] for address in sorted(theirs)]


CHAPTERS: Mapping[str, Chapter] = {
    "provisioning": Chapter(("provision",), _an_older_field),
    "the first cycle": Chapter(CYCLE, _arrivals),
    "edits and refusals": Chapter(CYCLE, _edits, refusing=True),
    "people leave": Chapter(CYCLE, _removals, refusing=True),
    "an audit": Chapter(("audit",), _what_no_pass_has_seen, refusing=True),
    "a second chance": Chapter(("parked", "retry")),
    "other rules blow a fuse": Chapter(CYCLE, other_rules=True),
    "somebody approves": Chapter(("approve",), other_rules=True),
    "the last cycle": Chapter(CYCLE, other_rules=True),
}


def settle_in(world: StagedWorld) -> None:
    """A workspace that reads what is more than a few rows of Salesforce by jobs."""
    world.lay_out()
    file = world.file("config/connections/salesforce.yaml")
    file.write_text(file.read_text(encoding="utf-8") + f"  bulk_above: {FEW_ROWS}\n", encoding="utf-8")


def tell(world: StagedWorld) -> Told:
    """The whole story, undisturbed."""
    told = Told()
    for name, chapter in CHAPTERS.items():
        told.before[name] = world.save()
        ended = _play(world, chapter)
        assert ended == 0, f"{name}: exit code {ended}"
        told.crossed[name] = world.crossed
        told.after[name] = _lasting(world.state())
    return told


def tell_again(world: StagedWorld, told: Told, kills: Sequence[tuple[str, Kill]]) -> tuple[str, State]:
    """The story from the chapter of the first kill to the next cycle after the last; a killed command is run again.

    Of several kills in one chapter the later ones may find that nothing is left to be killed at. Returns the chapter in
    which it ends, and what the CRMs hold then.
    """
    retold = _from_first_to_last([name for name, _ in kills])
    world.load(told.before[retold[0]])
    for name in retold:
        here = [kill for chapter, kill in kills if chapter == name]
        first, more = here[0] if here else None, here[1:]
        ended = _play(world, CHAPTERS[name], first)
        assert first is None or ended == KILLED, f"{name} was not killed at {first}"
        for kill in more:
            world.command(*CHAPTERS[name].arguments, kill=kill)
        if first is not None:
            ended = world.command(*CHAPTERS[name].arguments).code
        assert ended == 0, f"{name}: exit code {ended}"
    return retold[-1], _lasting(world.state())


def _from_first_to_last(killed: Sequence[str]) -> list[str]:
    """The chapters from the first in which somebody is killed to the first whole cycle after the last."""
    names = list(CHAPTERS)
    places = [names.index(name) for name in killed]
    cycles = [place for place, name in enumerate(names) if CHAPTERS[name].arguments == CYCLE]
    last = next((place for place in cycles if place > max(places)), len(names) - 1)
    return names[min(places) : last + 1]


def _lasting(state: State) -> State:
    """The state of both CRMs without the moments of the run."""
    for contact in state["hubspot"]["created"]["contacts"]:
        contact["properties"].pop(MERGED_AT, None)
    return timeless(state)


def _play(world: StagedWorld, chapter: Chapter, kill: Kill | None = None) -> int:
    for crm in world.crms:
        crm.refuse()
    chapter.before(world)
    if chapter.refusing:
        contacts, leads = newcomers(world)
        world.hubspot.refuse({"object": "contacts", "id": contacts[0], **REFUSED})
        world.salesforce.refuse({"object": "Lead", "id": leads[0], **REFUSED})
    _set_rules(world.folder / "config", other=chapter.other_rules)
    return world.command(*chapter.arguments, kill=kill).code


def _set_rules(config: Path, *, other: bool) -> None:
    """The shipped rules, or others and a fuse that they blow."""
    model, settings = config / "scoring" / "inbound.yaml", config / "leadline.yaml"
    words = model.read_text(encoding="utf-8").replace(OTHER_RULE, RULE)
    lines = settings.read_text(encoding="utf-8").replace(FUSE, "")
    model.write_text(words.replace(RULE, OTHER_RULE) if other else words, encoding="utf-8")
    settings.write_text(lines + FUSE if other else lines, encoding="utf-8")
