"""One bad record stops one record: the rest is written, the bad one is parked with the CRM's reason."""

from __future__ import annotations

from tests.acceptance.end_state import State, assert_same, timeless
from tests.acceptance.people import edit_contact, lone_leads, loners_in_hubspot
from tests.acceptance.world import World

CONTACT_REASON = "This contact is locked by the data protection officer"
LEAD_REASON = "Leads of this region are frozen until the audit is over"


def test_a_refused_record_is_parked_not_sent_again_and_written_once_it_may_be(world: World, undisturbed: State) -> None:
    state = world.market
    contact, lead = loners_in_hubspot(state)[0], lone_leads(state)[0]
    world.hubspot.refuse({"object": "contacts", "id": contact, "message": CONTACT_REASON})
    world.salesforce.refuse({"object": "Lead", "id": lead, "message": LEAD_REASON})

    first = world.once()
    assert {line["connection"]: line["rejected"] for line in first.events("cycle")} == {"hubspot": 1, "salesforce": 1}
    assert_same(with_untouched(undisturbed, timeless(state), contact, lead), timeless(world.state()))

    parked = world.command("parked")
    assert parked.code == 0
    lines = parked.out.splitlines()
    assert [line for line in lines if f"contacts/{contact}" in line and CONTACT_REASON in line], parked.out
    assert [line for line in lines if f"Lead/{lead}" in line and LEAD_REASON in line], parked.out
    assert "2 parked" in parked.out

    before = [crm.last_number() for crm in world.crms]
    world.once()
    assert [crm.writes(since) for crm, since in zip(world.crms, before, strict=True)] == [[], []]

    for crm in world.crms:
        crm.refuse()
    assert world.command("parked", "retry").code == 0
    world.once()
    assert_same(undisturbed, timeless(world.state()))
    assert world.command("parked").out.strip() == "Nothing is parked."


def test_a_refused_record_is_sent_again_after_it_was_edited(world: World) -> None:
    contact = loners_in_hubspot(world.market)[0]
    world.hubspot.refuse({"object": "contacts", "id": contact, "message": CONTACT_REASON})
    world.once()
    world.hubspot.refuse()
    edit_contact(world.hubspot, contact, phone="+49 30 555 01 99")
    world.once()
    assert "leadline_grade" in world.state()["hubspot"]["records"]["contacts"][contact]["properties"]
    assert world.command("parked").out.strip() == "Nothing is parked."


def test_asking_to_retry_a_record_that_is_not_parked_says_so(world: World) -> None:
    ended = world.command("parked", "retry", "contacts/1")
    assert ended.code == 1
    assert "contacts/1 is not parked" in ended.err


def with_untouched(state: State, before: State, contact: str, lead: str) -> State:
    """The state in which these two records are as they were before anybody wrote to them."""
    contacts = state["hubspot"]["records"]["contacts"]
    contacts = contacts | {contact: before["hubspot"]["records"]["contacts"][contact]}
    hubspot = state["hubspot"] | {"records": state["hubspot"]["records"] | {"contacts": contacts}}
    leads = state["salesforce"]["Lead"]
    leads = leads | {"seeded": leads["seeded"] | {lead: before["salesforce"]["Lead"]["seeded"][lead]}}
    return {"hubspot": hubspot, "salesforce": state["salesforce"] | {"Lead": leads}}
