"""What reps and admins do in both CRMs, over the CRMs' own APIs; no fault befalls them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tests.acceptance.crm import Crm

CALM = {"X-Twin-Calm": "1"}
OBJECTS = "/crm/objects/2026-03"
DATA = "/services/data/v67.0"
PARTNER = "/services/Soap/u/67.0"
TALK = "A talk"
CONVERTED = "Closed - Converted"
MEETING_TO_CONTACT = 200
SEARCH_SHOWS_AFTER_SECONDS = 3


class HubSpotHands:
    """An admin of the HubSpot account."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    def create(self, **values: str) -> str:
        """A new contact; its id."""
        return str(self._call("POST", "/contacts", {"properties": values, "associations": []})["id"])

    def edit(self, contact: str, **values: str) -> None:
        self._call("PATCH", f"/contacts/{contact}", {"properties": values})

    def archive(self, contact: str) -> None:
        self._call("DELETE", f"/contacts/{contact}")

    def restore(self, contact: str) -> None:
        """Take an archived contact out of the bin."""
        self._crm.restore("contacts", contact)
        self._crm.advance(SEARCH_SHOWS_AFTER_SECONDS)

    def erase(self, contact: str) -> None:
        """A privacy deletion."""
        self._call("POST", "/contacts/gdpr-delete", {"objectId": contact})

    def merge(self, kept: str, given_up: str) -> str:
        """The id of what both have become."""
        merged = self._call("POST", "/contacts/merge", {"primaryObjectId": kept, "objectIdToMerge": given_up})
        return str(merged["id"])

    def meet(self, contact: str, at: datetime) -> None:
        """A meeting with the contact."""
        values = {
            "hs_timestamp": at.isoformat(),
            "hs_meeting_title": TALK,
            "hs_meeting_outcome": "COMPLETED",
        }
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": MEETING_TO_CONTACT}]
        self._call("POST", "/meetings", {"properties": values, "associations": [{"to": {"id": contact}, "types": types}]})

    def define(self, name: str, label: str) -> None:
        """A text property of contacts."""
        kind = {"type": "string", "fieldType": "text", "groupName": "contactinformation"}
        self._call("POST", "", {"name": name, "label": label, **kind}, root="/crm/properties/2026-03/contacts")

    def person_of(self, task: str) -> str:
        """The contact that a task is about."""
        found = self._call("GET", f"/tasks/{task}?associations=contacts")
        return str(found["associations"]["contacts"]["results"][0]["id"])

    def edit_task(self, task: str, **values: str) -> None:
        self._call("PATCH", f"/tasks/{task}", {"properties": values})

    def delete_task(self, task: str) -> None:
        self._call("DELETE", f"/tasks/{task}")

    def listed(self, kind: str, *properties: str) -> dict[str, Mapping[str, Any]]:
        """All live records of a kind, by id."""
        return {row["id"]: row["properties"] for row in self._rows(f"/{kind}?properties={','.join(properties)}")}

    def talks(self) -> dict[str, str]:
        """The contact of every meeting that was made here, by the meeting's id."""
        rows = self._rows("/meetings?properties=hs_meeting_title&associations=contacts")
        return {
            row["id"]: row["associations"]["contacts"]["results"][0]["id"]
            for row in rows
            if row["properties"]["hs_meeting_title"] == TALK and "associations" in row
        }

    def _rows(self, path: str) -> Iterator[Mapping[str, Any]]:
        after = ""
        while True:
            page = self._call("GET", f"{path}&limit=100" + (f"&after={after}" if after else ""))
            yield from page["results"]
            after = page.get("paging", {}).get("next", {}).get("after", "")
            if not after:
                return

    def _call(self, method: str, path: str, body: object = None, root: str = OBJECTS) -> Any:
        headers = {"Authorization": f"Bearer {self._crm.ready['token']}", **CALM}
        reply = _answered(self._crm, method, root + path, headers, body)
        if method != "GET":
            self._crm.advance(SEARCH_SHOWS_AFTER_SECONDS)
        return reply


class SalesforceHands:
    """An admin of the Salesforce org."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    def create(self, kind: str, **values: Any) -> str:
        """A new row; its id."""
        return str(self._call("POST", f"/sobjects/{kind}", values)["id"])

    def edit(self, kind: str, row: str, **values: Any) -> None:
        self._call("PATCH", f"/sobjects/{kind}/{row}", values)

    def delete(self, kind: str, row: str) -> None:
        self._call("DELETE", f"/sobjects/{kind}/{row}")

    def convert(self, lead: str, owner: str, **into: str) -> str:
        """Make the Lead a Contact, which the owner gets, into an Account and Contact that are named; the Contact's id."""
        order = {"convertedStatus": CONVERTED, "leadId": lead, "ownerId": owner, **into}
        result = self._soap("convertLead", _element("leadConverts", "".join(_element(*part) for part in order.items())))
        return str(re.findall("<contactId>(.+?)</contactId>", result)[0])

    def merge(self, kept: str, given_up: str) -> None:
        """Merge two Leads or two Contacts."""
        parts = _element("masterRecord", _element("Id", kept)) + _element("recordToMergeIds", given_up)
        self._soap("merge", _element("request", parts))

    def undelete(self, row: str) -> None:
        """Bring back what was deleted or merged away."""
        self._soap("undelete", _element("ids", row))

    def meet(self, person: str, at: datetime) -> None:
        """A meeting with the person."""
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        self.create("Event", WhoId=person, Subject=TALK, ActivityDateTime=stamp, DurationInMinutes=30)

    def talks(self) -> dict[str, str]:
        """The person of every meeting that was made here, by the meeting's id."""
        rows = self.query(f"SELECT Id, WhoId FROM Event WHERE Subject = '{TALK}' AND WhoId != null")
        return {row: str(values["WhoId"]) for row, values in rows.items()}

    def query(self, soql: str) -> dict[str, Mapping[str, Any]]:
        """Rows by id; `Id` has to be asked for."""
        found: dict[str, Mapping[str, Any]] = {}
        page = self._call("GET", "/query", params={"q": soql})
        while True:
            found |= {row["Id"]: row for row in page["records"]}
            if page["done"]:
                return found
            page = self._call("GET", page["nextRecordsUrl"].removeprefix(DATA))

    def _call(self, method: str, path: str, body: object = None, params: Mapping[str, str] | None = None) -> Any:
        return _answered(self._crm, method, DATA + path, self._headers(), body, params)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._session()}", **CALM}

    def _soap(self, operation: str, content: str) -> str:
        """A call of the Partner API, for what REST has not; the text of its answer."""
        header = _element("e:Header", _element("SessionHeader", _element("sessionId", self._session())))
        names = 'xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"'
        body = _element("e:Body", _element(operation, content))
        reply = self._crm.http.post(PARTNER, content=f"<e:Envelope {names}>{header}{body}</e:Envelope>", headers=CALM)
        assert "<success>true</success>" in reply.text, f"{operation}: {reply.text[:500]}"
        return reply.text

    def _session(self) -> str:
        form = {name: self._crm.ready[name] for name in ("client_id", "client_secret")}
        signed = self._crm.http.post(
            "/services/oauth2/token", data={"grant_type": "client_credentials", **form}, headers=CALM
        )
        return str(signed.json()["access_token"])


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _answered(
    crm: Crm, method: str, path: str, headers: Mapping[str, str], body: object, params: Mapping[str, str] | None = None
) -> Any:
    reply = crm.http.request(method, path, headers=headers, params=params, json=body)
    assert reply.status_code < 300, f"{method} {path}: {reply.status_code} {reply.text[:500]}"
    return reply.json() if reply.content else None
