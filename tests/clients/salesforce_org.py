"""What the Salesforce twin holds, and some changes by API, so that it is known what a client has to find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.clients.twins import Twin

OBJECTS = ("Lead", "Contact", "Account", "Opportunity", "Task", "Event", "Campaign", "CampaignMember")
VERSION = "62.0"
_CHANGES: Mapping[str, Mapping[str, str]] = {
    "Lead": {"Title": "Head of Purchasing"},
    "Contact": {"Title": "Head of Purchasing"},
    "Account": {"BillingCity": "Bremen"},
    "Opportunity": {"Name": "Renamed"},
    "Task": {"Subject": "Renamed"},
    "Event": {"Subject": "Renamed"},
    "Campaign": {"Name": "Renamed"},
}
_NEW: Mapping[str, Mapping[str, str]] = {
    "Lead": {"LastName": "Newcomer", "Company": "Newcomer", "Email": "new.person@newcomer.example"},
    "Account": {"Name": "Newcomer"},
    "Task": {"Subject": "New"},
}
UPDATED = 5
"""How many records of each type are changed."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the org held at one moment: of each type the ids with their `SystemModstamp`; `deleted` ones are in the bin."""

    records: Mapping[str, Mapping[str, datetime]]
    deleted: Mapping[str, frozenset[str]]

    def all(self, name: str) -> frozenset[str]:
        """The ids of all records, those in the bin too."""
        return frozenset(self.records[name])

    def live(self, name: str) -> frozenset[str]:
        """The ids of records that are not in the bin."""
        return self.all(name) - self.deleted[name]

    def since(self, name: str, moment: datetime) -> frozenset[str]:
        """The ids of records touched at this moment or later, deletion included."""
        return frozenset(record_id for record_id, stamp in self.records[name].items() if stamp >= moment)

    def newest(self, name: str) -> datetime:
        """When a record of this type was last touched."""
        return max(self.records[name].values())


def holdings(twin: Twin) -> Holdings:
    """What the org holds now."""
    state = twin.state()
    records: dict[str, dict[str, datetime]] = {}
    deleted: dict[str, frozenset[str]] = {}
    for name in OBJECTS:
        stamps: dict[str, Mapping[str, str]] = state["volatile"][name]
        records[name] = {i: datetime.fromisoformat(values["SystemModstamp"]) for i, values in stamps.items()}
        seeded: Mapping[str, Mapping[str, Any]] = state["comparable"][name]["seeded"]
        deleted[name] = frozenset(record_id for record_id, values in seeded.items() if values["IsDeleted"])
    return Holdings(records, deleted)


class Editor:
    """Somebody who works in the org between two readings."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin
        names = {name: twin.ready[name] for name in ("client_id", "client_secret")}
        form = {"grant_type": "client_credentials", **names}
        reply = twin.http.post("/services/oauth2/token", data=form).raise_for_status()
        self._headers = {"Authorization": f"Bearer {reply.json()['access_token']}", "Sforce-Auto-Assign": "FALSE"}

    def work(self, held: Holdings) -> None:
        """Change, add and delete records; then as much time passes as the org may take to show them."""
        for name, values in _CHANGES.items():
            ids = sorted(held.live(name))
            for record_id in ids[:: max(1, len(ids) // UPDATED)]:
                self._change(name, record_id, values)
        for name, values in _NEW.items():
            self._send("POST", name, values)
        for name in ("Contact", "Task"):
            self._send("DELETE", f"{name}/{max(held.live(name))}", None)
        self._twin.pass_time(timedelta(hours=1))

    def _change(self, name: str, record_id: str, values: Mapping[str, str]) -> None:
        """Change a record. Converted leads refuse that, and may."""
        reply = self._twin.http.patch(self._path(f"{name}/{record_id}"), json=values, headers=self._headers)
        if reply.status_code != 204:
            assert "CANNOT_UPDATE_CONVERTED_LEAD" in reply.text, reply.text

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> None:
        self._twin.http.request(method, self._path(path), json=body, headers=self._headers).raise_for_status()

    def _path(self, path: str) -> str:
        return f"/services/data/v{VERSION}/sobjects/{path}"
