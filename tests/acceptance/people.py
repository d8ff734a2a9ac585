"""People of the market chosen for a test, and edits that a rep makes in the CRM."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.acceptance.crm import Crm

Record = dict[str, Any]


def loners_in_hubspot(state: dict[str, Any]) -> list[str]:
    """Ids of contacts with a score that share neither an address nor a company with anybody, in either CRM."""
    contacts: dict[str, Record] = {
        record_id: record["properties"] for record_id, record in state["hubspot"]["records"]["contacts"].items()
    }
    addresses = _addresses(state)
    return [
        record_id
        for record_id, values in sorted(contacts.items())
        if values.get("email")
        and addresses[values["email"].casefold()] == 1
        and not values.get("associatedcompanyid")
        and not values.get("company")
        and not any("salesforce" in name for name in values)
    ]


def lone_leads(state: dict[str, Any]) -> list[str]:
    """Ids of open Leads with an address and a company that nobody else has, in either CRM."""
    leads: dict[str, Record] = state["salesforce"]["Lead"]["seeded"]
    addresses = _addresses(state)
    employers = Counter(lead["Company"].casefold() for lead in leads.values())
    employers.update(one["Name"].casefold() for one in state["salesforce"]["Account"]["seeded"].values())
    synced = str([record["properties"] for record in state["hubspot"]["records"]["contacts"].values()])
    return [
        record_id
        for record_id, lead in sorted(leads.items())
        if not lead["IsConverted"]
        and lead.get("Email")
        and addresses[lead["Email"].casefold()] == 1
        and employers[lead["Company"].casefold()] == 1
        and record_id not in synced
    ]


def edit_contact(hubspot: Crm, record_id: str, **values: str) -> None:
    """A rep edits a contact; search shows it two seconds later."""
    headers = {"Authorization": f"Bearer {hubspot.ready['token']}"}
    path = f"/crm/objects/2026-03/contacts/{record_id}"
    reply = hubspot.http.patch(path, headers=headers, json={"properties": values})
    assert reply.status_code == 200, reply.text
    hubspot.advance(3)


def edit_lead(salesforce: Crm, record_id: str, **values: str) -> None:
    """A rep edits a Lead."""
    grant = {
        "grant_type": "client_credentials",
        "client_id": salesforce.ready["client_id"],
        "client_secret": salesforce.ready["client_secret"],
    }
    session = salesforce.http.post("/services/oauth2/token", data=grant).json()
    headers = {"Authorization": f"Bearer {session['access_token']}"}
    reply = salesforce.http.patch(f"/services/data/v67.0/sobjects/Lead/{record_id}", headers=headers, json=values)
    assert reply.status_code == 204, reply.text


def _addresses(state: dict[str, Any]) -> Counter[str]:
    """How many records have each address, over both CRMs."""
    found = [record["properties"].get("email") for record in state["hubspot"]["records"]["contacts"].values()]
    found += [one.get("Email") for name in ("Lead", "Contact") for one in state["salesforce"][name]["seeded"].values()]
    return Counter(address.casefold() for address in found if address)
