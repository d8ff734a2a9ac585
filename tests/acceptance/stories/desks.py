"""What a lead does and what a rep does in each CRM, in the same words for both, and what that CRM shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from urllib.parse import unquote

from tests.acceptance.crm import Crm
from tests.stage.agreement import MARK
from tests.stage.hands import HubSpotHands, SalesforceHands

SITE = "https://www.seller.example"
OURS = ("score", "grade", "stage", "bant", "bant_next", "reasons", "trend", "scored_at", "feedback")
CONTACT_TO_COMPANY, CALL_TO_CONTACT, DEAL_TO_CONTACT = 1, 194, 3
CALL_SECONDS = 300
PHONE = "+49 30 5550100"


@dataclass(frozen=True, slots=True)
class Shown:
    """A task of ours as a rep sees it. `line` is what was passed, with its ordinal. A CRM may show a due time as its day."""

    id: str
    line: str
    subject: str
    body: str
    owner: str
    is_open: bool
    due: datetime | date


class Desk(Protocol):
    """A CRM in which one lead is worked on."""

    name: str
    rep: str
    colleague: str
    colleague_address: str

    def arrive(self, address: str, title: str, employees: int = 240, phone: str = PHONE) -> None:
        """A new lead of a company of so many, whose owner is `rep`."""

    def start_a_trial(self) -> None:
        """The lead looks around and fills in the form for a trial."""

    def ask_for_a_demo(self) -> None:
        """The lead raises a hand."""

    def look_closer(self) -> None:
        """The lead looks at prices, or at what this CRM can tell of instead."""

    def correct_title(self, title: str) -> None:
        """A rep puts the right title in."""

    def state_budget(self, amount: int) -> None:
        """A rep notes the budget."""

    def state_timeframe(self) -> None:
        """A rep notes that it is to be bought this quarter."""

    def call(self) -> None:
        """The rep talks to the lead for some minutes."""

    def give_verdict(self, value: str) -> None:
        """The rep chooses feedback in the drop-down."""

    def open_deal(self) -> None:
        """There is a deal with the lead."""

    def win_deal(self) -> None:
        """It is won."""

    def shown(self) -> Mapping[str, str]:
        """Our properties on the record, as text; what is empty is left out."""

    def tasks(self) -> list[Shown]:
        """Our tasks with the lead, in the order they were opened."""


class HubSpotDesk(HubSpotHands):
    """HubSpot: the visitor's pages and forms are its own."""

    name = "hubspot"

    def __init__(self, crm: Crm) -> None:
        super().__init__(crm)
        owners = self._call("GET", "", root="/crm/owners/2026-03")["results"]
        addresses = {str(owner["id"]): str(owner["email"]) for owner in owners if not owner["archived"]}
        self.rep, self.colleague = sorted(addresses)[:2]
        self.colleague_address = addresses[self.colleague]
        self.contact = self._deal = ""

    def arrive(self, address: str, title: str, employees: int = 240, phone: str = PHONE) -> None:
        employer = {"name": "Birch", "numberofemployees": str(employees), "industry": "COMPUTER_SOFTWARE"}
        company = self._make("companies", employer)
        self.contact = self._make(
            "contacts",
            {
                "email": address,
                "firstname": "Ana",
                "lastname": "Sato",
                "jobtitle": title,
                "phone": phone,
                "hubspot_owner_id": self.rep,
            },
            company,
            CONTACT_TO_COMPANY,
        )

    def start_a_trial(self) -> None:
        self._crm.visit(self.contact, page=f"{SITE}/pricing")
        self._crm.visit(self.contact, form="Free trial")

    def ask_for_a_demo(self) -> None:
        self._crm.visit(self.contact, form="Demo request")

    def look_closer(self) -> None:
        for _ in range(2):
            self._crm.visit(self.contact, page=f"{SITE}/pricing/teams")

    def correct_title(self, title: str) -> None:
        self.edit(self.contact, jobtitle=title)

    def state_budget(self, amount: int) -> None:
        self.edit(self.contact, budget_amount=str(amount))

    def state_timeframe(self) -> None:
        self.edit(self.contact, purchase_timeframe="this_quarter")

    def call(self) -> None:
        spoken = {
            "hs_timestamp": self._crm.now().isoformat(),
            "hs_call_status": "COMPLETED",
            "hs_call_direction": "OUTBOUND",
            "hs_call_duration": str(CALL_SECONDS * 1000),
            "hubspot_owner_id": self.rep,
        }
        self._make("calls", spoken, self.contact, CALL_TO_CONTACT)

    def give_verdict(self, value: str) -> None:
        self.edit(self.contact, leadline_feedback=value)

    def open_deal(self) -> None:
        deal = {"dealname": "Birch", "dealstage": "appointmentscheduled", "pipeline": "default"}
        self._deal = self._make("deals", deal, self.contact, DEAL_TO_CONTACT)

    def win_deal(self) -> None:
        self._call("PATCH", f"/deals/{self._deal}", {"properties": {"dealstage": "closedwon"}})

    def shown(self) -> Mapping[str, str]:
        names = ",".join(f"leadline_{name}" for name in OURS)
        found = self._call("GET", f"/contacts/{self.contact}?properties={names}")["properties"]
        return {name: str(value) for name in OURS if (value := found.get(f"leadline_{name}"))}

    def tasks(self) -> list[Shown]:
        named = "hs_task_subject,hs_task_body,hs_task_status,hs_timestamp,hubspot_owner_id"
        rows = self._call("GET", f"/tasks?properties={named}&associations=contacts&limit=100")["results"]
        return [_in_hubspot(row) for row in sorted(rows, key=lambda row: int(row["id"])) if self._is_with_the_lead(row)]

    def _is_with_the_lead(self, row: Mapping[str, Any]) -> bool:
        with_whom = row.get("associations", {}).get("contacts", {}).get("results", [])
        return any(one["id"] == self.contact for one in with_whom)

    def _make(self, kind: str, values: Mapping[str, str], to: str = "", link: int = 0) -> str:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": link}]
        associations = [{"to": {"id": to}, "types": types}] if to else []
        return str(self._call("POST", f"/{kind}", {"properties": values, "associations": associations})["id"])


class SalesforceDesk(SalesforceHands):
    """Salesforce: what a visitor does is a response to a campaign. The lead is a Lead until there is a deal."""

    name = "salesforce"

    def __init__(self, crm: Crm) -> None:
        super().__init__(crm)
        users = self.query("SELECT Id, Email FROM User WHERE IsActive = true AND UserType = 'Standard'")
        self.rep, self.colleague = sorted(users)[:2]
        self.colleague_address = str(users[self.colleague]["Email"])
        self.kind, self.record = "Lead", ""

    def arrive(self, address: str, title: str, employees: int = 240, phone: str = PHONE) -> None:
        self.record = self.create(
            "Lead",
            Email=address,
            FirstName="Ana",
            LastName="Sato",
            Title=title,
            Phone=phone,
            Company="Birch",
            NumberOfEmployees=employees,
            Industry="Software",
            OwnerId=self.rep,
        )

    def start_a_trial(self) -> None:
        self._respond("Webinar: a first look", "Webinar")
        self._respond("Free trial", "Trial")

    def ask_for_a_demo(self) -> None:
        self._respond("Demo request", "Other")

    def look_closer(self) -> None:
        """Pages are nothing that Salesforce sees."""
        self._respond("Webinar: what it costs", "Webinar")
        self._respond("Trial for the team", "Trial")

    def correct_title(self, title: str) -> None:
        self.edit(self.kind, self.record, Title=title)

    def state_budget(self, amount: int) -> None:
        self.edit(self.kind, self.record, Budget__c=amount)

    def state_timeframe(self) -> None:
        self.edit(self.kind, self.record, Purchase_Timeframe__c="This Quarter")

    def call(self) -> None:
        spoken = {"TaskSubtype": "Call", "CallType": "Outbound", "CallDurationInSeconds": CALL_SECONDS}
        self.create("Task", WhoId=self.record, Subject="Call", Status="Completed", OwnerId=self.rep, **spoken)

    def give_verdict(self, value: str) -> None:
        self.edit(self.kind, self.record, Leadline_Feedback__c=value)

    def open_deal(self) -> None:
        self.kind, self.record = "Contact", self.convert(self.record, self.rep)

    def win_deal(self) -> None:
        (deal,) = self.query("SELECT Id FROM Opportunity")
        self.edit("Opportunity", deal, StageName="Closed Won")

    def shown(self) -> Mapping[str, str]:
        names = {name: f"Leadline_{'_'.join(part.capitalize() for part in name.split('_'))}__c" for name in OURS}
        found = self._call("GET", f"/sobjects/{self.kind}/{self.record}")
        return {name: _text(found[field]) for name, field in names.items() if found.get(field) is not None}

    def tasks(self) -> list[Shown]:
        asked = (
            "SELECT Id, Leadline_Key__c, Subject, Description, Status, ActivityDate, OwnerId, CreatedDate FROM Task"
            f" WHERE Leadline_Key__c != null AND WhoId = '{self.record}'"
        )
        rows = sorted(self.query(asked).values(), key=lambda row: (row["CreatedDate"], row["Id"]))
        return [_in_salesforce(row) for row in rows]

    def _headers(self) -> dict[str, str]:
        """As in the app, where an edit gives no Lead to anybody else."""
        return {**super()._headers(), "Sforce-Auto-Assign": "FALSE"}

    def _respond(self, campaign: str, kind: str) -> None:
        run = self.create("Campaign", Name=campaign, Type=kind, IsActive=True)
        self.create("CampaignMember", CampaignId=run, LeadId=self.record, Status="Responded")


def _in_hubspot(row: Mapping[str, Any]) -> Shown:
    values = row["properties"]
    mark = MARK.search(values["hs_task_body"])
    return Shown(
        id=row["id"],
        line=_line(unquote(mark.group(1)) if mark else ""),
        subject=values["hs_task_subject"],
        body=values["hs_task_body"],
        owner=values["hubspot_owner_id"] or "",
        is_open=values["hs_task_status"] != "COMPLETED",
        due=datetime.fromisoformat(values["hs_timestamp"]),
    )


def _in_salesforce(row: Mapping[str, Any]) -> Shown:
    return Shown(
        id=row["Id"],
        line=_line(row["Leadline_Key__c"]),
        subject=row["Subject"],
        body=row["Description"],
        owner=row["OwnerId"],
        is_open=row["Status"] != "Completed",
        due=date.fromisoformat(row["ActivityDate"]),
    )


def _line(key: str) -> str:
    """A crossing's line and ordinal, without whose it is."""
    return key.partition(":")[2]


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
