"""One bad record stops one record: the rest is written, the bad one is parked with the CRM's reason."""

from __future__ import annotations

from tests.acceptance.end_state import State, assert_same, timeless
from tests.acceptance.people import edit_contact, lone_leads, loners_in_hubspot
from tests.acceptance.world import World

CONTACT_REASON = "This contact is locked by the data protection officer"
OTHER_NUMBER = "+49 30 555 01 99"
LEAD_REASON = "Leads of this region are frozen until the audit is over"


def test_a_refused_record_is_parked_and_written_after_an_edit_or_on_demand(world: World, undisturbed: State) -> None:
    world.calm()
    contact, lead = chosen_contact(world), lone_leads(world.market)[0]
    world.hubspot.refuse({"object": "contacts", "id": contact, "message": CONTACT_REASON})
    world.salesforce.refuse({"object": "Lead", "id": lead, "message": LEAD_REASON})

    first = world.once()
    assert {line["connection"]: line["rejected"] for line in first.events("cycle")} == {"hubspot": 1, "salesforce": 1}
    assert_same(with_untouched(undisturbed, timeless(world.market), contact, lead), timeless(world.state()))
    lists_as_parked(world, {f"contacts/{contact}": CONTACT_REASON, f"Lead/{lead}": LEAD_REASON})

    before = [crm.last_number() for crm in world.crms]
    world.once()
    assert [crm.writes(since) for crm, since in zip(world.crms, before, strict=True)] == [[], []]

    for crm in world.crms:
        crm.refuse()
    edit_contact(world.hubspot, contact, phone=OTHER_NUMBER)
    retry = world.command("parked", "retry", f"Lead/{lead}")
    assert retry.code == 0
    assert retry.out.strip() == "1 queued again."
    world.once()
    assert_same(with_number(undisturbed, contact, OTHER_NUMBER), timeless(world.state()))
    assert world.command("parked").out.strip() == "Nothing is parked."


def test_asking_to_retry_a_record_that_is_not_parked_says_so(settled: tuple[World, State]) -> None:
    ended = settled[0].command("parked", "retry", "contacts/1")
    assert ended.code == 1
    assert "contacts/1 is not parked" in ended.err


def lists_as_parked(world: World, reasons: dict[str, str]) -> None:
    """`parked` has a line with the CRM's own reason for each of these records, and no other."""
    parked = world.command("parked")
    assert parked.code == 0
    lines = parked.out.splitlines()
    for record, reason in reasons.items():
        assert [line for line in lines if record in line and reason in line], parked.out
    assert f"{len(reasons)} parked." in parked.out


def chosen_contact(world: World) -> str:
    """A contact with a telephone number, so that another number changes nothing in its score."""
    contacts = world.market["hubspot"]["records"]["contacts"]
    return next(one for one in loners_in_hubspot(world.market) if contacts[one]["properties"].get("phone"))


def with_number(state: State, contact: str, number: str) -> State:
    """The state in which this contact has another telephone number."""
    contacts = state["hubspot"]["records"]["contacts"]
    edited = contacts[contact] | {"properties": contacts[contact]["properties"] | {"phone": number}}
    records = state["hubspot"]["records"] | {"contacts": contacts | {contact: edited}}
    return state | {"hubspot": state["hubspot"] | {"records": records}}


def with_untouched(state: State, before: State, contact: str, lead: str) -> State:
    """The state in which these two records are as they were before anybody wrote to them."""
    contacts = state["hubspot"]["records"]["contacts"]
    contacts = contacts | {contact: before["hubspot"]["records"]["contacts"][contact]}
    hubspot = state["hubspot"] | {"records": state["hubspot"]["records"] | {"contacts": contacts}}
    leads = state["salesforce"]["Lead"]
    leads = leads | {"seeded": leads["seeded"] | {lead: before["salesforce"]["Lead"]["seeded"][lead]}}
    return {"hubspot": hubspot, "salesforce": state["salesforce"] | {"Lead": leads}}
