"""What must never appear in a log: tokens, and the market's people."""

from __future__ import annotations

import re
from typing import Any

from tests.acceptance.world import World

SHORTEST_NAME = 3
_SECRETS = ("token", "client_secret", "refresh_token")


def leaks(world: World, text: str) -> list[str]:
    """The secrets and personal values of this world that stand in the text."""
    secrets = {crm.ready[name] for crm in world.crms for name in _SECRETS if name in crm.ready}
    found = {secret for secret in secrets if secret in text}
    words = set(re.findall(r"[^\W\d_][\w'’-]*", text))
    numbers = re.sub(r"[\s()-]", "", text)
    for person in _people(world.market):
        found |= {address for address in person["addresses"] if address.casefold() in text.casefold()}
        found |= {name for name in person["names"] if name in words or (" " in name and name in text)}
        found |= {number for number in person["numbers"] if re.sub(r"[\s()-]", "", number) in numbers}
    return sorted(found)


def _people(state: dict[str, Any]) -> list[dict[str, set[str]]]:
    contacts = [record["properties"] for record in state["hubspot"]["records"]["contacts"].values()]
    records = [record for name in ("Lead", "Contact") for record in state["salesforce"][name]["seeded"].values()]
    return [_values(one, "email", "phone", ("firstname", "lastname")) for one in contacts] + [
        _values(one, "Email", "Phone", ("FirstName", "LastName")) for one in records
    ]


def _values(record: dict[str, Any], address: str, number: str, names: tuple[str, str]) -> dict[str, set[str]]:
    held = {record[name] for name in names if record.get(name)}
    return {
        "addresses": {record[address]} if record.get(address) else set(),
        "numbers": {record[number]} if record.get(number) else set(),
        "names": {name for name in held if len(name) >= SHORTEST_NAME or not name.isascii()},
    }
