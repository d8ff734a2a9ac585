"""What the org works out by itself, and the rules that belong to one object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Value
from sandbox.salesforce.soql.dates import moment_of, stamp
from sandbox.salesforce.table import Row

Values = Mapping[str, Value]
Derived = dict[str, Value]
ADDRESS_PARTS = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude")
MAX_EVENT_MINUTES = 14 * 24 * 60
CLOSED_TASK_STATUS = "completed"
_FORECAST = {"Closed Won": ("Closed", "Closed"), "Closed Lost": ("Omitted", "Omitted")}
_PROBABILITY = {
    "Prospecting": 10.0,
    "Qualification": 10.0,
    "Needs Analysis": 20.0,
    "Value Proposition": 50.0,
    "Id. Decision Makers": 60.0,
    "Perception Analysis": 70.0,
    "Proposal/Price Quote": 75.0,
    "Negotiation/Review": 90.0,
    "Closed Won": 100.0,
    "Closed Lost": 0.0,
}


class Finder(Protocol):
    """Where references lead."""

    def find(self, record_id: Value) -> Row | None:
        """The row with this id."""
        ...


@dataclass(frozen=True, slots=True)
class Write:
    """A write about to happen: the values before (empty for a new row), what is set, and the values after."""

    store: Finder
    now: str
    before: Values
    changes: Values
    after: Values

    @property
    def is_new(self) -> bool:
        """A create."""
        return not self.before

    def target(self, field_name: str) -> Row | None:
        """The row that a lookup points to after the write."""
        return self.store.find(self.after.get(field_name))

    def text(self, field_name: str) -> str:
        """A text value after the write, empty when there is none."""
        value = self.after.get(field_name)
        return value if isinstance(value, str) else ""


def derived_values(object_name: str, write: Write) -> Derived:
    """What the org sets on its own because of this write.

    Raises:
        SalesforceError: where the object's own rules forbid it.
    """
    rule = _RULES.get(object_name)
    return {} if rule is None else rule(write)


def _full_name(values: Values) -> str:
    names = (values.get("FirstName"), values.get("LastName"))
    return " ".join(str(name) for name in names if name)


def _address(values: Values, prefix: str) -> Value:
    parts: dict[str, object] = {}
    for part in ADDRESS_PARTS:
        parts[part[0].lower() + part[1:]] = values.get(prefix + part)
    if all(part is None for part in parts.values()):
        return None
    return {**parts, "geocodeAccuracy": None}


def _lead(write: Write) -> Derived:
    return {"Name": _full_name(write.after), "Address": _address(write.after, "")}


def _contact(write: Write) -> Derived:
    return {
        "Name": _full_name(write.after),
        "MailingAddress": _address(write.after, "Mailing"),
        "OtherAddress": _address(write.after, "Other"),
        "IsEmailBounced": write.after.get("EmailBouncedReason") is not None,
    }


def _account(write: Write) -> Derived:
    return {f"{kind}Address": _address(write.after, kind) for kind in ("Billing", "Shipping")}


def _user(write: Write) -> Derived:
    return {"Name": _full_name(write.after)}


def _opportunity(write: Write) -> Derived:
    stage = write.text("StageName")
    category, category_name = _FORECAST.get(stage, ("Pipeline", "Pipeline"))
    closing = date.fromisoformat(write.text("CloseDate"))
    quarter = (closing.month - 1) // 3 + 1
    found: Derived = {
        "IsClosed": stage in _FORECAST,
        "IsWon": stage == "Closed Won",
        "ForecastCategory": category,
        "ForecastCategoryName": category_name,
        "FiscalYear": closing.year,
        "FiscalQuarter": quarter,
        "Fiscal": f"{closing.year} {quarter}",
        "HasOpportunityLineItem": False,
    }
    if "Probability" not in write.changes and stage != write.before.get("StageName"):
        found["Probability"] = _PROBABILITY.get(stage, 0.0)
    if stage != write.before.get("StageName"):
        found["LastStageChangeDate"] = write.now
    probability = found.get("Probability", write.after.get("Probability"))
    amount = write.after.get("Amount")
    if isinstance(amount, float) and isinstance(probability, float):
        found["ExpectedRevenue"] = round(amount * probability / 100, 2)
    return found


def _opportunity_contact_role(write: Write) -> Derived:
    return {"IsPrimary": write.after.get("IsPrimary") is True}


def _check_who(write: Write) -> None:
    who = write.target("WhoId")
    if who is None or who.object != "Lead":
        return
    if write.after.get("WhatId") is not None:
        message = "Related To ID: a task or event for a lead cannot also be related to another record"
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, ("WhatId",))
    if "WhoId" in write.changes and who.values.get("IsConverted") is True:
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def _check_reminder(write: Write) -> None:
    if write.after.get("ReminderDateTime") is not None and write.after.get("IsReminderSet") is not True:
        message = "Reminder Date/Time: a reminder time needs IsReminderSet"
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, ("ReminderDateTime",))


def _account_of_activity(write: Write) -> Value:
    for name in ("WhatId", "WhoId"):
        target = write.target(name)
        if target is not None:
            account = target.id if target.object == "Account" else target.values.get("AccountId")
            if account is not None:
                return account
    return None


def _task(write: Write) -> Derived:
    _check_who(write)
    _check_reminder(write)
    owner = write.text("OwnerId")
    if owner.startswith("00G"):
        message = f"Assigned To ID: id value of incorrect type: {owner}"
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, ("OwnerId",))
    closed = write.text("Status").lower() == CLOSED_TASK_STATUS
    was_closed = write.before.get("IsClosed") is True
    return {
        "IsClosed": closed,
        "IsHighPriority": write.text("Priority").lower() == "high",
        "AccountId": _account_of_activity(write),
        "TaskSubtype": write.after.get("TaskSubtype") or "Task",
        "CompletedDateTime": (
            write.before.get("CompletedDateTime") if was_closed and closed else write.now if closed else None
        ),
    }


def _later(begin: datetime, minutes: int) -> datetime:
    if not 0 <= minutes <= MAX_EVENT_MINUTES:
        message = "Duration: an event lasts no longer than 14 days and not less than no time"
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, ("DurationInMinutes",))
    return begin + timedelta(minutes=minutes)


def _event(write: Write) -> Derived:
    _check_who(write)
    _check_reminder(write)
    start = write.text("StartDateTime") or write.text("ActivityDateTime")
    if "ActivityDateTime" in write.changes and "StartDateTime" not in write.changes:
        start = write.text("ActivityDateTime")
    minutes = write.after.get("DurationInMinutes")
    end = write.text("EndDateTime")
    if not start or (not end and not isinstance(minutes, int)):
        missing = ("DurationInMinutes", "ActivityDateTime")
        raise SalesforceError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
    begin = moment_of(start)
    if isinstance(minutes, int) and ("DurationInMinutes" in write.changes or not end):
        finish = _later(begin, minutes)
    else:
        finish = moment_of(end)
    return {
        "StartDateTime": start,
        "ActivityDateTime": start,
        "ActivityDate": begin.date().isoformat(),
        "EndDateTime": stamp(finish),
        "EndDate": finish.date().isoformat(),
        "DurationInMinutes": int((finish - begin).total_seconds() // 60),
        "AccountId": _account_of_activity(write),
        "EventSubtype": write.after.get("EventSubtype") or "Event",
    }


def _campaign_member(write: Write) -> Derived:
    lead, contact = write.target("LeadId"), write.target("ContactId")
    member = contact or lead
    if member is None:
        raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId]", ("LeadId",))
    responded = write.text("Status").lower() == "responded"
    account = write.store.find(member.values.get("AccountId"))
    first = write.before.get("FirstRespondedDate") or write.after.get("FirstRespondedDate")
    return {
        "Status": write.after.get("Status") or "Sent",
        "HasResponded": responded,
        "FirstRespondedDate": first or (write.now[:10] if responded else None),
        "Type": member.object,
        "LeadOrContactId": member.id,
        "Name": member.values.get("Name"),
        "Title": member.values.get("Title"),
        "Email": member.values.get("Email"),
        "CompanyOrAccount": account.values.get("Name") if account else member.values.get("Company"),
    }


def _email_relation(write: Write) -> Derived:
    target = write.target("RelationId")
    return {"RelationObjectType": None if target is None else target.object}


def _permission_set(write: Write) -> Derived:
    del write
    return {"IsCustom": True, "IsOwnedByProfile": False, "Type": "Regular"}


_RULES: dict[str, Callable[[Write], Derived]] = {
    "Lead": _lead,
    "Contact": _contact,
    "Account": _account,
    "User": _user,
    "Opportunity": _opportunity,
    "OpportunityContactRole": _opportunity_contact_role,
    "Task": _task,
    "Event": _event,
    "CampaignMember": _campaign_member,
    "EmailMessageRelation": _email_relation,
    "PermissionSet": _permission_set,
}
