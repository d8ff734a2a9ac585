"""What stands in every org before anything is put in: the organization, two users, lead statuses and a queue."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.salesforce.fields import Value
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.tables.people import CONVERTED_STATUS

OWN_DOMAIN = "acme.my.salesforce.com"
ORG_ID = "00D8d0000000001EAA"
ADMIN_ID = "0058d0000000001AAA"
INTEGRATION_USER_ID = "0058d0000000002AAA"
INBOUND_QUEUE_ID = "00G8d0000000001EAA"
_LEAD_STATUSES = ("Open - Not Contacted", "Working - Contacted", CONVERTED_STATUS, "Closed - Not Converted")
"""Those of the field Lead.Status, in its order."""

_LOCALE: dict[str, Value] = {
    "TimeZoneSidKey": "GMT",
    "LocaleSidKey": "en_US",
    "LanguageLocaleKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "UserType": "Standard",
    "IsActive": True,
}


def furniture(username: str) -> Iterator[tuple[str, dict[str, Value]]]:
    """Object and values of each record, without system fields; `username` is the integration user's."""
    yield (
        "Organization",
        {
            "Id": ORG_ID,
            "Name": "Acme Software",
            "Country": "US",
            "TimeZoneSidKey": "GMT",
            "LanguageLocaleKey": "en_US",
            "DefaultLocaleSidKey": "en_US",
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "EU99",
            "IsSandbox": False,
        },
    )
    yield "User", _user(ADMIN_ID, "admin@acme.example", "Ada Admin", "admin")
    yield "User", _user(INTEGRATION_USER_ID, username, "Ivo Integration", "integr")
    for order, status in enumerate(_LEAD_STATUSES, start=1):
        yield "LeadStatus", _lead_status(order, status)
    yield "Group", {"Id": INBOUND_QUEUE_ID, "Name": "Unassigned Leads", "DeveloperName": "Unassigned_Leads", "Type": "Queue"}


def _lead_status(order: int, status: str) -> dict[str, Value]:
    return {
        "Id": long_id(f"01J8d000000000{order}"),
        "MasterLabel": status,
        "ApiName": status,
        "SortOrder": order,
        "IsDefault": order == 1,
        "IsConverted": status == CONVERTED_STATUS,
    }


def _user(user_id: str, username: str, name: str, alias: str) -> dict[str, Value]:
    first, last = name.split(" ")
    names: dict[str, Value] = {"FirstName": first, "LastName": last, "Name": name, "Alias": alias}
    return {"Id": user_id, "Username": username, "Email": username} | names | _LOCALE
