"""HubSpot's world: an empty account of the twin, moved over HubSpot's own API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.budget import RateLimit
from connectors.conformance import Effect, FaultKind, SeenTask
from connectors.contract import Context
from connectors.hubspot.connector import HubSpotConnector
from connectors.hubspot.settings import HubSpotSettings
from connectors.records import Ref, Removed, Scalar
from tests.conformance.worlds.half_done import HalfDoingWorld
from tests.conformance.worlds.twin import Twin

OBJECTS = "/crm/objects/2026-03"
ASSOCIATIONS = "/crm/associations/2026-03"
DEAL_TO_CONTACT, MEETING_TO_CONTACT, TASK_TO_CONTACT = 3, 200, 204

LOST: Mapping[Effect, str] = {
    "write": "POST */contacts/batch/update",
    "provision": "POST */properties/*",
    "open_task": "POST */tasks",
    "change_task": "PATCH */tasks/*",
}


class HubSpotWorld(HalfDoingWorld):
    """A page of the list endpoint holds 100 contacts."""

    several_pages = 230

    def __init__(self, twin: Twin) -> None:
        super().__init__()
        self._twin = twin
        self.secrets = (twin.ready["token"],)
        self._settings = HubSpotSettings(token=twin.secret("token"), host=twin.url)
        self._headers = {"Authorization": f"Bearer {twin.ready['token']}"}
        self._people = 0

    def connect(self, context: Context) -> HubSpotConnector:
        return HubSpotConnector(self._settings, context)

    def limits(self) -> Sequence[RateLimit]:
        return HubSpotConnector.limits(self._settings)

    def now(self) -> datetime:
        return self._twin.now()

    def advance(self, seconds: float) -> None:
        self._twin.advance(seconds)

    def add_people(self, count: int) -> tuple[Ref, ...]:
        numbers = range(self._people, self._people + count)
        self._people += count
        found: list[Ref] = []
        for start in range(0, count, 100):
            inputs = [{"properties": _contact(number), "associations": []} for number in numbers[start : start + 100]]
            answer = self._call("POST", f"{OBJECTS}/contacts/batch/create", {"inputs": inputs})
            found.extend(Ref("contacts", row["id"]) for row in answer["results"])
        return tuple(found)

    def edit_person(self, person: Ref, title: str) -> None:
        self._call("PATCH", f"{OBJECTS}/contacts/{person.id}", {"properties": {"jobtitle": title}})

    def archive_person(self, person: Ref) -> None:
        self._call("DELETE", f"{OBJECTS}/contacts/{person.id}")

    def lose_people(self) -> tuple[Removed, ...]:
        archived, erased, primary, other = self.add_people(4)
        self.archive_person(archived)
        body = {"primaryObjectId": primary.id, "objectIdToMerge": other.id}
        survivor = Ref("contacts", self._call("POST", f"{OBJECTS}/contacts/merge", body)["id"])
        self._call("POST", f"{OBJECTS}/contacts/gdpr-delete", {"objectId": erased.id})
        return (
            Removed(ref=archived, at=self.now(), reason="archived"),
            Removed(ref=primary, at=self.now(), reason="merged", into=survivor),
            Removed(ref=other, at=self.now(), reason="merged", into=survivor),
            Removed(ref=erased, at=self.now(), reason="privacy"),
        )

    def add_company(self, employees: int) -> Ref:
        properties = {"name": "Acme", "domain": "acme.example", "numberofemployees": str(employees)}
        return self._create("companies", properties)

    def edit_company(self, company: Ref, employees: int) -> None:
        self._call("PATCH", f"{OBJECTS}/companies/{company.id}", {"properties": {"numberofemployees": str(employees)}})

    def add_deal(self, person: Ref, amount: float) -> Ref:
        properties = {"dealname": "Acme", "pipeline": "default", "dealstage": "appointmentscheduled", "amount": str(amount)}
        return self._create("deals", properties, person, DEAL_TO_CONTACT)

    def add_engagement(self, person: Ref) -> Ref:
        properties = {
            "hs_timestamp": self.now().isoformat(),
            "hs_meeting_title": "First talk",
            "hs_meeting_outcome": "COMPLETED",
        }
        return self._create("meetings", properties, person, MEETING_TO_CONTACT)

    def refuse(self, person: Ref, message: str) -> None:
        self._twin.refuse(person.object, person.id, message)

    def half_do_next_write(self) -> None:
        self._twin.half_do(LOST["write"])

    def calm(self) -> None:
        self._twin.calm()

    def fail_next(self, kind: FaultKind) -> None:
        self._twin.fail_next(kind, "*")

    def lose_reply(self, effect: Effect) -> None:
        self._twin.lose_reply(LOST[effect])

    def ours_of(self, person: Ref) -> Mapping[str, Scalar]:
        names = self._call("GET", "/crm/properties/2026-03/contacts")["results"]
        ours = ",".join(row["name"] for row in names if row["name"].startswith("leadline_"))
        shown = self._call("GET", f"{OBJECTS}/contacts/{person.id}?properties={ours}")["properties"]
        return {name.removeprefix("leadline_"): shown.get(name) or None for name in ours.split(",")}

    def add_task(self, person: Ref, subject: str) -> None:
        properties = {
            "hs_timestamp": self.now().isoformat(),
            "hs_task_subject": subject,
            "hs_task_status": "NOT_STARTED",
            "hs_task_type": "TODO",
        }
        self._create("tasks", properties, person, TASK_TO_CONTACT)

    def remove_task(self, task: Ref) -> None:
        self._call("DELETE", f"{OBJECTS}/tasks/{task.id}")

    def tasks_of(self, person: Ref) -> tuple[SeenTask, ...]:
        asked = {"inputs": [{"id": person.id}]}
        links = self._call("POST", f"{ASSOCIATIONS}/contacts/tasks/batch/read", asked)["results"]
        ids = [str(end["toObjectId"]) for link in links for end in link["to"]]
        return tuple(self._task(identity) for identity in ids)

    def _task(self, identity: str) -> SeenTask:
        names = "hs_task_subject,hs_task_body,hs_task_status"
        shown = self._call("GET", f"{OBJECTS}/tasks/{identity}?properties={names}")["properties"]
        is_open = shown["hs_task_status"] != "COMPLETED"
        return SeenTask(shown["hs_task_subject"] or "", shown["hs_task_body"] or "", is_open)

    def _create(self, kind: str, properties: Mapping[str, str], person: Ref | None = None, link: int = 0) -> Ref:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": link}]
        links = [{"to": {"id": person.id}, "types": types}] if person else []
        answer = self._call("POST", f"{OBJECTS}/{kind}", {"properties": dict(properties), "associations": links})
        return Ref(kind, answer["id"])

    def _call(self, method: str, path: str, body: object = None) -> Any:
        return (
            self._twin.call(method, path, self._headers, json=body) if body else self._twin.call(method, path, self._headers)
        )


def _contact(number: int) -> dict[str, str]:
    return {
        "email": f"person-{number}@acme.example",
        "firstname": "Ann",
        "lastname": f"Number {number}",
        "jobtitle": "Engineer",
    }
