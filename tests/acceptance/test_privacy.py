"""Logs and terminals tell no token and nothing of the people, least of all when things go wrong.

Every world of this tier checks the same at its end, over everything that was said in it.
"""

from __future__ import annotations

from tests.acceptance.end_state import State
from tests.acceptance.people import lone_leads, loners_in_hubspot
from tests.acceptance.private import leaks
from tests.acceptance.world import World


def test_trouble_of_every_kind_tells_on_nobody(world: World) -> None:
    state = world.market
    contact, lead = loners_in_hubspot(state)[0], lone_leads(state)[0]
    address = state["hubspot"]["records"]["contacts"][contact]["properties"]["email"]
    world.hubspot.refuse({"object": "contacts", "id": contact, "message": f"{address} is on the block list"})
    other = state["salesforce"]["Lead"]["seeded"][lead]["Email"]
    world.salesforce.refuse({"object": "Lead", "id": lead, "message": f"{other} is on the block list"})
    for crm in world.crms:
        crm.plan_faults({"rate": 0.1, "seed": 3, "faults": [{"status": 500, "when": "after"}, {"kind": "truncate"}]})
    world.command("once")
    for command in ("status", "problems", "parked"):
        world.command(command)
    token = world.environment["ACCEPTANCE_HUBSPOT_TOKEN"]
    world.environment["ACCEPTANCE_HUBSPOT_TOKEN"] = token + "-revoked"
    world.secret.write_text("not-the-secret", encoding="utf-8")
    for command in ("once", "doctor", "problems"):
        world.command(command)
    said = world.said()
    assert "block list" in said
    assert "not-the-secret" not in said
    assert leaks(world, said) == []


def test_the_check_itself_finds_what_it_looks_for(settled: tuple[World, State]) -> None:
    world, _ = settled
    values = next(iter(world.market["hubspot"]["records"]["contacts"].values()))["properties"]
    told = f"{values['email']} {values['lastname']} {world.hubspot.ready['token']}"
    assert leaks(world, told) == sorted({values["email"], values["lastname"], world.hubspot.ready["token"]})
