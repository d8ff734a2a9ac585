"""Whether the workspace and both CRMs say the same, once everything has come to rest: judged from outside of either."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.acceptance.world import World
from tests.stage.hands import HubSpotHands, SalesforceHands

Person = tuple[str, str, str]
"""Connection, object and id."""

MARK = re.compile(r"\[leadline:([^\]]+)\]")
"""What HubSpot's tasks carry; Salesforce has a field for it."""


def people_in_crms(world: World) -> dict[Person, Mapping[str, Any]]:
    """Every live person of both CRMs: address, title, and the grade that a rep sees; None where the CRM takes none."""
    found: dict[Person, Mapping[str, Any]] = {}
    contacts = HubSpotHands(world.hubspot).listed("contacts", "email", "jobtitle", "leadline_grade")
    for record, row in contacts.items():
        found["hubspot", "contacts", record] = said(row["email"], row["jobtitle"], row["leadline_grade"])
    salesforce = SalesforceHands(world.salesforce)
    for kind in ("Lead", "Contact"):
        converted = ", IsConverted" if kind == "Lead" else ""
        rows = salesforce.query(f"SELECT Id, Email, Title, Leadline_Grade__c{converted} FROM {kind}")
        for record, row in rows.items():
            grade = None if row.get("IsConverted") else row["Leadline_Grade__c"]
            found["salesforce", kind, record] = said(row["Email"], row["Title"], grade)
    return found


def said(address: str | None, title: str | None, grade: str | None) -> Mapping[str, Any]:
    """What is compared of a person."""
    return {"address": (address or "").casefold(), "title": title or "", "grade": grade}


def people_held(database: Path) -> dict[Person, Mapping[str, Any]]:
    """Every live person record in the database, with the grade of its person."""
    rows = _asked(
        database,
        "SELECT r.connection, r.object, r.id, r.body, s.grade FROM records r LEFT JOIN scores s ON s.person_id = r.person_id"
        " WHERE r.stream = 'contacts' AND r.removed_at IS NULL",
    )
    found: dict[Person, Mapping[str, Any]] = {}
    for connection, kind, record, body, grade in rows:
        person = json.loads(body)
        writable = person.get("writable", True)
        found[connection, kind, record] = said(
            person.get("email"), person.get("fields", {}).get("title"), grade if writable else None
        )
    return found


def disagreements(world: World) -> list[str]:
    """People whom only one side knows, or knows otherwise; and what was not delivered."""
    crm, held = people_in_crms(world), people_held(world.database)
    waiting = _asked(world.database, "SELECT kind, state, count(*) FROM outbox GROUP BY kind, state")
    return [*_differing(crm, held), *(f"outbox: {count} {kind} {state}" for kind, state, count in waiting)]


def opened_twice(world: World) -> list[str]:
    """The keys that more than one task in the CRMs carries, whether open, completed or edited."""
    return sorted(key for key, times in Counter(our_tasks(world).values()).items() if times > 1)


def our_tasks(world: World) -> dict[tuple[str, str], str]:
    """The key of every live task that we opened, by CRM and id."""
    return {task: shown["key"] for task, shown in _tasks(world).items()}


def shown_tasks(world: World) -> dict[str, Mapping[str, Any]]:
    """Every live task that we opened, by its key, as reps see it."""
    return {shown["key"]: shown for shown in _tasks(world).values()}


def _tasks(world: World) -> dict[tuple[str, str], Mapping[str, Any]]:
    rows = HubSpotHands(world.hubspot).listed("tasks", "hs_task_subject", "hs_task_body", "hs_task_status", "hs_timestamp")
    found = {
        ("hubspot", task): {
            "key": _key_in(row["hs_task_body"] or ""),
            "subject": row["hs_task_subject"],
            "body": row["hs_task_body"],
            "status": row["hs_task_status"],
            "due": row["hs_timestamp"],
        }
        for task, row in rows.items()
    }
    asked = "SELECT Id, Leadline_Key__c, Subject, Description, Status, ActivityDate FROM Task WHERE Leadline_Key__c != null"
    found |= {
        ("salesforce", task): {
            "key": row["Leadline_Key__c"],
            "subject": row["Subject"],
            "body": row["Description"],
            "status": row["Status"],
            "due": row["ActivityDate"],
        }
        for task, row in SalesforceHands(world.salesforce).query(asked).items()
    }
    return {task: shown for task, shown in found.items() if shown["key"]}


def traces_of(database: Path, words: str) -> list[str]:
    """The files of the database in which these words stand."""
    return [path.name for path in sorted(database.parent.glob(f"{database.name}*")) if words.encode() in path.read_bytes()]


def _key_in(body: str) -> str:
    found = MARK.search(body)
    return unquote(found.group(1)) if found else ""


def _differing(crm: Mapping[Person, Mapping[str, Any]], held: Mapping[Person, Mapping[str, Any]]) -> Iterator[str]:
    for person in sorted(crm.keys() | held.keys()):
        name = "/".join(person)
        if person not in held:
            yield f"{name}: the CRM has it, we do not"
        elif person not in crm:
            yield f"{name}: we have it, the CRM does not"
        else:
            yield from (
                f"{name}: {what} is {crm[person][what]!r} in the CRM, {held[person][what]!r} with us"
                for what in crm[person]
                if crm[person][what] != held[person][what]
            )


def _asked(database: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as opened:
        return opened.execute(statement).fetchall()
