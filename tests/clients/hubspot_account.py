"""What the HubSpot twin holds, and some changes by API, so that it is known what a client has to find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.clients.twins import Twin

KINDS = ("contacts", "companies", "deals", "calls", "emails", "meetings", "notes", "tasks")
_CHANGES: Mapping[str, Mapping[str, str]] = {
    "contacts": {"jobtitle": "Head of Purchasing"},
    "companies": {"city": "Bremen"},
    "deals": {"dealname": "Renamed"},
    "calls": {"hs_call_title": "Renamed"},
    "emails": {"hs_email_subject": "Renamed"},
    "meetings": {"hs_meeting_title": "Renamed"},
    "notes": {"hs_note_body": "Rewritten"},
    "tasks": {"hs_task_subject": "Renamed"},
}
_NEW: Mapping[str, Mapping[str, str]] = {
    "contacts": {"email": "new.person@newcomer.example", "firstname": "Nele"},
    "companies": {"name": "Newcomer", "domain": "newcomer.example"},
    "notes": {"hs_note_body": "New", "hs_timestamp": "2026-11-20T10:00:00Z"},
    "tasks": {"hs_task_subject": "New", "hs_timestamp": "2026-11-20T10:00:00Z"},
}
UPDATED = 5
"""How many records of each object type are changed."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the account held at one moment: of each object type the ids with the time they were modified."""

    live: Mapping[str, Mapping[str, datetime]]
    archived: Mapping[str, frozenset[str]]

    def ids(self, kind: str) -> frozenset[str]:
        """The ids of records that are not archived."""
        return frozenset(self.live[kind])

    def since(self, kind: str, moment: datetime) -> frozenset[str]:
        """The ids of records modified at this moment or later."""
        return frozenset(record_id for record_id, modified in self.live[kind].items() if modified >= moment)

    def newest(self, kind: str) -> datetime:
        """When a record of this type was last modified."""
        return max(self.live[kind].values())


def holdings(twin: Twin) -> Holdings:
    """What the account holds now."""
    state = twin.state()
    live: dict[str, dict[str, datetime]] = {}
    archived: dict[str, frozenset[str]] = {}
    for kind in KINDS:
        loaded = state["comparable"]["records"][kind]
        gone = frozenset(record_id for record_id, record in loaded.items() if record["archived"])
        modified: dict[str, str] = state["volatile"][kind]["modified"]
        live[kind] = {i: datetime.fromisoformat(at) for i, at in modified.items() if i not in gone}
        archived[kind] = gone
    return Holdings(live, archived)


class Editor:
    """Somebody who works in the CRM between two readings."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        self._headers = {"Authorization": f"Bearer {twin.ready['token']}"}

    def work(self, held: Holdings) -> None:
        """Change, add, archive and merge records an hour after `held`; then hours pass until now."""
        self._twin.pass_time(timedelta(hours=1))
        for kind in KINDS:
            ids = sorted(held.ids(kind), key=int)
            for record_id in ids[:: max(1, len(ids) // UPDATED)][:UPDATED]:
                self._send("PATCH", f"{kind}/{record_id}", {"properties": _CHANGES[kind]})
        for kind, properties in _NEW.items():
            self._send("POST", kind, {"properties": properties})
        for kind in ("contacts", "deals", "notes"):
            self.archive(kind, held)
        first, second = sorted(held.ids("contacts"), key=int)[1:3]
        self._send("POST", "contacts/merge", {"primaryObjectId": first, "objectIdToMerge": second})
        self._twin.catch_up()

    def archive(self, kind: str, held: Holdings) -> str:
        """Put the newest record of a type into the bin and return its id."""
        record_id = max(held.ids(kind), key=int)
        self._send("DELETE", f"{kind}/{record_id}", None)
        return record_id

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> None:
        self._twin.http.request(method, f"/crm/v3/objects/{path}", json=body, headers=self._headers).raise_for_status()
