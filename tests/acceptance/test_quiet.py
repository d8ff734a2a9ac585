"""Nothing changed, nothing written; one edit, one person."""

from __future__ import annotations

from tests.acceptance.crm import Crm
from tests.acceptance.end_state import State, differences
from tests.acceptance.people import edit_contact, edit_lead, lone_leads, loners_in_hubspot
from tests.acceptance.world import Ended, World


def test_the_first_cycle_tells_both_crms_of_scores_and_tasks(undisturbed: State) -> None:
    contacts = [record["properties"] for record in undisturbed["hubspot"]["records"]["contacts"].values()]
    leads = [lead for lead in undisturbed["salesforce"]["Lead"]["seeded"].values() if not lead["IsConverted"]]
    assert all("leadline_grade" in contact for contact in contacts)
    assert all("Leadline_Grade__c" in lead for lead in leads)
    assert undisturbed["hubspot"]["created"]["tasks"]
    assert undisturbed["salesforce"]["Task"]["created"]


def test_further_cycles_over_an_unchanged_market_write_nothing(settled: tuple[World, State]) -> None:
    world, _ = settled
    before = [crm.last_number() for crm in world.crms]
    for _ in range(2):
        world.once()
    assert [crm.writes(since) for crm, since in zip(world.crms, before, strict=True)] == [[], []]


def test_an_edit_in_hubspot_is_scored_and_written_for_that_person_alone(settled: tuple[World, State]) -> None:
    world, _ = settled
    state = world.state()
    chosen = loners_in_hubspot(state)[0]
    before = [crm.last_number() for crm in world.crms]
    edit_contact(world.hubspot, chosen, jobtitle=other_title(state, "hubspot", chosen))
    cycle = world.once()
    assert persons_scored(cycle) == 1
    assert effects(world.hubspot, before[0]) == ["PATCH", "POST"]
    assert effects(world.salesforce, before[1]) == []
    changed = differences(state, world.state())
    assert changed
    assert all(f"/hubspot/records/contacts/{chosen}/" in line for line in changed), changed
    assert any("leadline_" in line for line in changed), changed


def test_an_edit_in_salesforce_is_scored_and_written_for_that_person_alone(settled: tuple[World, State]) -> None:
    world, _ = settled
    state = world.state()
    chosen = lone_leads(state)[0]
    before = [crm.last_number() for crm in world.crms]
    edit_lead(world.salesforce, chosen, Title=other_title(state, "salesforce", chosen))
    cycle = world.once()
    assert persons_scored(cycle) == 1
    assert effects(world.hubspot, before[0]) == []
    assert effects(world.salesforce, before[1]) == ["PATCH", "PATCH"]
    changed = differences(state, world.state())
    assert all(f"/salesforce/Lead/seeded/{chosen}/" in line for line in changed), changed
    assert any("Leadline_" in line for line in changed), changed


def other_title(state: State, crm: str, record_id: str) -> str:
    """A title of quite another weight than the record has."""
    if crm == "hubspot":
        title = state["hubspot"]["records"]["contacts"][record_id]["properties"].get("jobtitle", "")
    else:
        title = state["salesforce"]["Lead"]["seeded"][record_id].get("Title") or ""
    return "Intern" if "chief" in title.casefold() else "Chief Executive Officer"


def persons_scored(cycle: Ended) -> int:
    return sum(line["persons"] for line in cycle.events("scored"))


def effects(crm: Crm, since: int) -> list[str]:
    """The methods of the writing calls since then: the rep's own edit, then ours."""
    return [entry.endpoint.partition(" ")[0] for entry in crm.writes(since)]
