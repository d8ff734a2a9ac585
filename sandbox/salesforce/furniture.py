"""What stands in every org before anything is put in: the organization, two users and a queue."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.salesforce.fields import Value

OWN_DOMAIN = "acme.my.salesforce.com"
ORG_ID = "00D8d0000000001EAA"
ADMIN_ID = "0058d0000000001AAA"
INTEGRATION_USER_ID = "0058d0000000002AAA"
INBOUND_QUEUE_ID = "00G8d0000000001EAA"
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
    yield "Group", {"Id": INBOUND_QUEUE_ID, "Name": "Unassigned Leads", "DeveloperName": "Unassigned_Leads", "Type": "Queue"}


def _user(user_id: str, username: str, name: str, alias: str) -> dict[str, Value]:
    first, last = name.split(" ")
    names: dict[str, Value] = {"FirstName": first, "LastName": last, "Name": name, "Alias": alias}
    return {"Id": user_id, "Username": username, "Email": username} | names | _LOCALE
