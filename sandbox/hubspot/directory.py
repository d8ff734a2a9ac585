"""Owners and the account itself over the wire; all of it read only here."""

from __future__ import annotations

from typing import Any

from sandbox.exchange import Reply
from sandbox.hubspot.account import PORTAL_ID
from sandbox.hubspot.call import Call, answer
from sandbox.hubspot.people import LONG_AGO, Owner
from sandbox.hubspot.problems import record_not_found
from sandbox.hubspot.times import iso, to_milliseconds


def list_owners(call: Call) -> Reply:
    """GET owners, active or archived, 100 a page unless told; filtered by e-mail."""
    limit = call.number("limit", 100, 1, 500)
    after = call.number("after", 0, 0, 10**15)
    email = call.word("email").lower()
    archived = call.flag("archived")
    found = [
        owner
        for owner in call.account.directory.owners
        if owner.archived == archived and int(owner.id) > after and (not email or owner.email.lower() == email)
    ]
    body: dict[str, Any] = {"results": [_owner(owner) for owner in found[:limit]]}
    if len(found) > limit:
        body["paging"] = call.next_page(found[limit - 1].id)
    return answer(body)


def read_owner(call: Call) -> Reply:
    """GET one owner by `id`, or by `userId` when `idProperty` says so."""
    wanted, archived = call.path["owner"], call.flag("archived")
    by_user = call.word("idProperty", "id") == "userId"
    for owner in call.account.directory.owners:
        mine = str(owner.user_id) if by_user else owner.id
        if mine == wanted and owner.archived == archived:
            return answer(_owner(owner))
    raise record_not_found(wanted)


def _owner(owner: Owner) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": owner.id,
        "email": owner.email,
        "type": "PERSON",
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        "userIdIncludingInactive": owner.user_id,
        "createdAt": LONG_AGO,
        "updatedAt": LONG_AGO,
        "archived": owner.archived,
    }
    return shown if owner.archived else shown | {"userId": owner.user_id}


def usage(call: Call) -> Reply:
    """GET how much of the daily allowance is used (HubSpot docs: account information)."""
    limits = call.account.limits
    result = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": limits.allowance.per_day,
        "currentUsage": limits.used_today,
        "collectedAt": call.stamp(),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(to_milliseconds(limits.resets_at())),
    }
    return answer({"results": [result]})


def details(_call: Call) -> Reply:
    """GET the account's details."""
    return answer(
        {
            "portalId": PORTAL_ID,
            "accountType": "STANDARD",
            "timeZone": "America/New_York",
            "companyCurrency": "USD",
            "additionalCurrencies": [],
            "utcOffset": "-05:00",
            "utcOffsetMilliseconds": -18_000_000,
            "uiDomain": "app-eu1.hubspot.com",
            "dataHostingLocation": "eu1",
        }
    )
