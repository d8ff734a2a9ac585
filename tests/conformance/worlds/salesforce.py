"""Salesforce's world: an empty org of the twin, moved over Salesforce's own API by another app of its admin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.budget import RateLimit
from connectors.conformance import Effect, FaultKind, SeenTask
from connectors.contract import Context
from connectors.records import Ref, Removed, Scalar
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.settings import ClientCredentials, SalesforceSettings
from tests.conformance.worlds.half_done import HalfDoingWorld
from tests.conformance.worlds.twin import CALM, Twin

DATA = "/services/data/v67.0"
PARTNER = "/services/Soap/u/67.0"
TOKEN = "/services/oauth2/token"
ANY_CALL_BUT_SIGN_IN = "* /services/data/*"

LOST: Mapping[Effect, str] = {
    "write": "PATCH */composite/sobjects",
    "provision": "POST */tooling/sobjects/CustomField",
    "open_task": "POST */sobjects/Task",
    "change_task": "PATCH */sobjects/Task/*",
}


class SalesforceWorld(HalfDoingWorld):
    """People are Contacts and Leads, half and half; pages are small, so that 90 people fill several of each.

    A first page comes over REST and the 25 that are left of either from a Bulk job; of all else there is little.
    """

    several_pages = 90

    def __init__(self, twin: Twin) -> None:
        super().__init__()
        self._twin = twin
        self._settings = SalesforceSettings(
            instance_url=twin.url,
            auth=ClientCredentials(
                flow="client_credentials",
                client_id=twin.ready["client_id"],
                client_secret=twin.secret("client_secret"),
            ),
            ca_file=twin.ready["ca_file"],
            page_size=20,
            bulk_above=15,
            bulk_page_size=10,
        )
        self._session = ""
        self.secrets = (twin.ready["client_secret"],)
        self._people = 0

    def connect(self, context: Context) -> SalesforceConnector:
        return SalesforceConnector(self._settings, context)

    def limits(self) -> Sequence[RateLimit]:
        return SalesforceConnector.limits(self._settings)

    def now(self) -> datetime:
        return self._twin.now()

    def advance(self, seconds: float) -> None:
        self._twin.advance(seconds)
        self._session = ""

    def add_people(self, count: int) -> tuple[Ref, ...]:
        numbers = range(self._people, self._people + count)
        self._people += count
        contacts = (count + 1) // 2
        rows = [_row("Contact", number) for number in numbers[:contacts]]
        rows += [{**_row("Lead", number), "Company": "Acme"} for number in numbers[contacts:]]
        found: list[Ref] = []
        for start in range(0, count, 200):
            part = rows[start : start + 200]
            results = self._call("POST", "/composite/sobjects", {"allOrNone": True, "records": part})
            found.extend(Ref(row["attributes"]["type"], result["id"]) for row, result in zip(part, results, strict=True))
        return tuple(found)

    def edit_person(self, person: Ref, title: str) -> None:
        self._call("PATCH", f"/sobjects/{person.object}/{person.id}", {"Title": title})

    def archive_person(self, person: Ref) -> None:
        self._call("DELETE", f"/sobjects/{person.object}/{person.id}")

    def lose_people(self) -> tuple[Removed, ...]:
        archived, master, loser, erased, *_ = self.add_people(8)
        self.archive_person(archived)
        others = f"<recordToMergeIds>{loser.id}</recordToMergeIds>"
        self._soap("merge", f"<request><masterRecord><Id>{master.id}</Id></masterRecord>{others}</request>")
        self.archive_person(erased)
        self._soap("emptyRecycleBin", f"<ids>{erased.id}</ids>")
        return (
            Removed(ref=archived, at=self.now(), reason="archived"),
            Removed(ref=loser, at=self.now(), reason="merged", into=master),
            Removed(ref=erased, at=self.now(), reason="privacy"),
        )

    def add_company(self, employees: int) -> Ref:
        return self._create("Account", {"Name": "Acme", "NumberOfEmployees": employees})

    def edit_company(self, company: Ref, employees: int) -> None:
        self._call("PATCH", f"/sobjects/Account/{company.id}", {"NumberOfEmployees": employees})

    def add_deal(self, person: Ref, amount: float) -> Ref:
        closes_on = (self.now() + timedelta(days=30)).date().isoformat()
        row: dict[str, Scalar] = {"Name": "Acme", "StageName": "Prospecting", "CloseDate": closes_on, "Amount": amount}
        deal = self._create("Opportunity", row)
        self._create("OpportunityContactRole", {"OpportunityId": deal.id, "ContactId": person.id, "Role": "Decision Maker"})
        return deal

    def add_engagement(self, person: Ref) -> Ref:
        row: dict[str, Scalar] = {
            "WhoId": person.id,
            "Subject": "First talk",
            "ActivityDateTime": self.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "DurationInMinutes": 30,
        }
        return self._create("Event", row)

    def refuse(self, person: Ref, message: str) -> None:
        self._twin.refuse(person.object, person.id, message)

    def half_do_next_write(self) -> None:
        self._twin.half_do(LOST["write"])

    def calm(self) -> None:
        self._twin.calm()

    def fail_next(self, kind: FaultKind) -> None:
        self._twin.fail_next(kind, ANY_CALL_BUT_SIGN_IN if kind == "unauthorised" else "*")

    def lose_reply(self, effect: Effect) -> None:
        self._twin.lose_reply(LOST[effect])

    def ours_of(self, person: Ref) -> Mapping[str, Scalar]:
        row = self._call("GET", f"/sobjects/{person.object}/{person.id}")
        return {
            name.removeprefix("Leadline_").removesuffix("__c").lower(): value
            for name, value in row.items()
            if name.startswith("Leadline_")
        }

    def add_task(self, person: Ref, subject: str) -> None:
        self._create("Task", {"WhoId": person.id, "Subject": subject, "Status": "Not Started", "Priority": "Normal"})

    def remove_task(self, task: Ref) -> None:
        self._call("DELETE", f"/sobjects/Task/{task.id}")

    def tasks_of(self, person: Ref) -> tuple[SeenTask, ...]:
        query = f"SELECT Subject, Description, IsClosed FROM Task WHERE WhoId = '{person.id}'"
        rows = self._call("GET", "/query", params={"q": query})["records"]
        return tuple(SeenTask(row["Subject"] or "", row["Description"] or "", not row["IsClosed"]) for row in rows)

    def _sign_in(self) -> str:
        """A session for the admin's own app; sessions end with time."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._twin.ready["client_id"],
            "client_secret": self._twin.ready["client_secret"],
        }
        return str(self._twin.call("POST", TOKEN, {}, data=form)["access_token"])

    def _soap(self, operation: str, content: str) -> None:
        """A call of the Partner API, which is the only one to merge records and to empty the recycle bin."""
        self._session = self._session or self._sign_in()
        header = f"<e:Header><SessionHeader><sessionId>{self._session}</sessionId></SessionHeader></e:Header>"
        names = 'xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"'
        envelope = f"<e:Envelope {names}>{header}<e:Body><{operation}>{content}</{operation}></e:Body></e:Envelope>"
        reply = self._twin.http.post(PARTNER, content=envelope, headers=CALM)
        assert "<success>true</success>" in reply.text, reply.text

    def _create(self, kind: str, row: Mapping[str, Scalar]) -> Ref:
        return Ref(kind, self._call("POST", f"/sobjects/{kind}", dict(row))["id"])

    def _call(self, method: str, path: str, body: object = None, **rest: Any) -> Any:
        self._session = self._session or self._sign_in()
        headers = {"Authorization": f"Bearer {self._session}"}
        payload = {} if body is None else {"json": body}
        return self._twin.call(method, DATA + path, headers, **payload, **rest)


def _row(kind: str, number: int) -> dict[str, Any]:
    return {
        "attributes": {"type": kind},
        "FirstName": "Ann",
        "LastName": f"Number {number}",
        "Email": f"person-{number}@acme.example",
        "Title": "Engineer",
    }
