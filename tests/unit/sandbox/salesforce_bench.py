"""An org without records whose time stands still, and short ways to use it as a signed-in client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from sandbox.market.ids import salesforce_id
from sandbox.refusals import Refusals
from sandbox.salesforce.crm import SalesforceCrm
from sandbox.salesforce.fields import Value
from sandbox.salesforce.org import Org, OrgSettings
from tests.unit.sandbox.twin_client import START, Bench, still_clock

BASE = "/services/data/v67.0"
QUIET = {"Sforce-Auto-Assign": "FALSE"}
REP_ID = salesforce_id("005", 991)
LEAVER_ID = salesforce_id("005", 992)


class SalesforceBench:
    """One org, its client, and what the org thinks of its records."""

    def __init__(self, settings: OrgSettings | None = None) -> None:
        self.clock = still_clock()
        self.settings = settings or OrgSettings()
        self.refusals = Refusals()
        self.org = Org(self.settings, self.clock, self.refusals, wall_seconds=START.timestamp)
        self.bench = Bench(SalesforceCrm(self.org, self.refusals), self.clock)
        self.http = self.bench.http
        self.http.base_url = httpx.URL("https://acme.my.example")
        self.load("User", Id=REP_ID, Name="Rhea Rep", LastName="Rep", IsActive=True)
        self.load("User", Id=LEAVER_ID, Name="Lou Gone", LastName="Gone", IsActive=False)
        self.sign_in()

    def load(self, kind: str, /, **values: Value) -> str:
        """Put in a record that no client could make, and return its id."""
        now = self.org.store.now()
        return self.org.store.load(kind, values | self.org.system_values(now, now)).id

    def sign_in(self) -> None:
        reply = self.token({"grant_type": "client_credentials"})
        assert reply.status_code == 200, reply.text
        self.http.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"

    def token(self, form: Mapping[str, str], secret: str | None = None, host: str | None = None) -> httpx.Response:
        client = (self.settings.client_id, secret or self.settings.client_secret)
        headers = {} if host is None else {"Host": host}
        return self.http.post("/services/oauth2/token", data=dict(form), auth=client, headers=headers)

    def create(self, kind: str, /, **values: Any) -> str:
        """Make a record and return its id."""
        reply = self.http.post(f"{BASE}/sobjects/{kind}", json=values, headers=QUIET)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])

    def lead(self, **values: Any) -> str:
        return self.create("Lead", **({"LastName": "Lind", "Company": "Acme"} | values))

    def update(self, kind: str, record_id: str, /, **values: Any) -> httpx.Response:
        return self.http.patch(f"{BASE}/sobjects/{kind}/{record_id}", json=values, headers=QUIET)

    def read(self, kind: str, record_id: str) -> dict[str, Any]:
        reply = self.http.get(f"{BASE}/sobjects/{kind}/{record_id}")
        assert reply.status_code == 200, reply.text
        values: dict[str, Any] = reply.json()
        return values

    def ask(self, soql: str, verb: str = "query", **headers: str) -> httpx.Response:
        return self.http.get(f"{BASE}/{verb}", params={"q": soql}, headers=headers)

    def rows(self, soql: str, verb: str = "query") -> list[dict[str, Any]]:
        """The records of a query, without their attributes."""
        reply = self.ask(soql, verb)
        assert reply.status_code == 200, reply.text
        return [{k: v for k, v in record.items() if k != "attributes"} for record in reply.json()["records"]]

    def column(self, soql: str) -> list[Any]:
        """The only column of a query, sorted."""
        return sorted(next(iter(row.values())) for row in self.rows(soql))

    def collection(self, method: str, kind: str, *records: Mapping[str, Any], **rest: Any) -> httpx.Response:
        body = {"records": [{"attributes": {"type": kind}, **record} for record in records], **rest}
        return self.http.request(method, f"{BASE}/composite/sobjects", json=body, headers=QUIET)

    def make_field(self, full_name: str, **metadata: Any) -> httpx.Response:
        body = {"FullName": full_name, "Metadata": metadata}
        return self.http.post(f"{BASE}/tooling/sobjects/CustomField", json=body)

    def described(self, kind: str) -> dict[str, dict[str, Any]]:
        """The fields of an object by name, as the user sees them."""
        reply = self.http.get(f"{BASE}/sobjects/{kind}/describe")
        assert reply.status_code == 200, reply.text
        return {field["name"]: field for field in reply.json()["fields"]}

    def grant(self, *qualified_names: str) -> None:
        """Let the integration user read and edit these fields, through a new permission set."""
        name = f"Set_{len(self.org.store.rows('PermissionSet'))}"
        parent = self.create("PermissionSet", Name=name, Label=name)
        for qualified in qualified_names:
            self.create(
                "FieldPermissions",
                ParentId=parent,
                SobjectType=qualified.partition(".")[0],
                Field=qualified,
                PermissionsRead=True,
                PermissionsEdit=True,
            )
        user = self.column(f"SELECT Id FROM User WHERE Username = '{self.settings.username}'")[0]
        self.create("PermissionSetAssignment", AssigneeId=user, PermissionSetId=parent)

    def make_activity_key(self) -> None:
        """The unique external id on Activity, visible on Task and Event."""
        made = self.make_field(
            "Activity.Sync_Key__c", type="Text", label="Sync Key", length=255, externalId=True, unique=True
        )
        assert made.status_code == 201, made.text
        self.grant("Task.Sync_Key__c", "Event.Sync_Key__c")


def error(reply: httpx.Response) -> tuple[int, str]:
    """Status and code of a refused request."""
    body = reply.json()
    assert isinstance(body, list)
    return reply.status_code, body[0]["errorCode"]


def row_error(reply: httpx.Response, row: int = 0) -> str:
    """The code with which one row of a collection failed."""
    result = reply.json()[row]
    assert result["success"] is False
    return str(result["errors"][0]["statusCode"])
