"""Requests to the HubSpot twin that are nearly right: every route, its bodies, and what can be wrong with them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from sandbox.hubspot.routes import OLD_ASSOCIATIONS, ROUTES

FIRST, SECOND, GONE = "9501", "9502", "9503"
"""Ids of two contacts (and companies, deals) that are there, and one that is archived."""

_SPEC = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}
_LINK = {"from": {"id": FIRST}, "to": {"id": SECOND}, "types": [_SPEC], "type": "contact_to_company"}
_RECORD = {
    "id": FIRST,
    "properties": {"email": "new@acme.example", "budget_amount": "5", "hubspot_owner_id": "7101", "lifecyclestage": "lead"},
    "associations": [{"to": {"id": FIRST}, "types": [_SPEC]}],
    "objectWriteTraceId": "one",
}
_PROPERTY = {
    "name": "colour",
    "label": "Colour",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "contactinformation",
    "options": [{"label": "Red", "value": "red", "displayOrder": 0, "hidden": False, "description": ""}],
    "hasUniqueValue": False,
    "displayOrder": 1,
    "calculationFormula": "",
}
_STAGE = {"label": "Open", "displayOrder": 1, "metadata": {"probability": "0.5", "isClosed": "false"}}
_FILTERS = [
    {"propertyName": "lastmodifieddate", "operator": "BETWEEN", "value": "1", "highValue": "1795338000000"},
    {"propertyName": "hs_object_id", "operator": "GT", "value": "1"},
    {"propertyName": "email", "operator": "IN", "values": ["a@acme.example"]},
    {"propertyName": "budget_amount", "operator": "GTE", "value": "1"},
    {"propertyName": "associations.company", "operator": "EQ", "value": FIRST},
]
_SEARCH = {
    "filterGroups": [{"filters": _FILTERS}, {"filters": _FILTERS[:1]}],
    "sorts": [{"propertyName": "createdate", "direction": "DESCENDING"}],
    "properties": ["email"],
    "query": "ann",
    "limit": 5,
    "after": "0",
}
_BATCH = {
    "inputs": [_RECORD, {**_RECORD, "id": SECOND, "idProperty": "email"}],
    "properties": ["email"],
    "propertiesWithHistory": ["email"],
    "idProperty": "email",
}
_ASKED = {"inputs": [{"id": FIRST, "after": "0"}, {"id": SECOND}]}
_BODIES: tuple[tuple[str, Any], ...] = (
    ("objects/{kind}/search", _SEARCH),
    ("objects/{kind}/merge", {"primaryObjectId": FIRST, "objectIdToMerge": SECOND}),
    ("objects/{kind}/gdpr-delete", {"objectId": FIRST, "idProperty": "email"}),
    ("objects/{kind}/batch", _BATCH),
    ("objects/{kind}/{id}/associations", [_SPEC]),
    ("objects", _RECORD),
    ("associations/{kind}/{to}/batch/read", _ASKED),
    ("associations/{kind}/{to}/batch/archive", {"inputs": [{"from": {"id": FIRST}, "to": [{"id": SECOND}]}]}),
    ("associations/{kind}/{to}/batch", {"inputs": [_LINK]}),
    ("associations", {"name": "chef", "label": "Chef", "inverseLabel": "Guest", "associationTypeId": 279}),
    ("properties/{kind}/batch/create", {"inputs": [_PROPERTY]}),
    ("properties/{kind}/batch", {"inputs": [{"name": "email"}], "archived": False}),
    ("properties/{kind}/groups", {"name": "ours", "label": "Ours", "displayOrder": 1}),
    ("properties", _PROPERTY),
    ("property-validations", {"ruleArguments": ["1", "5"], "shouldApplyNormalization": False}),
    ("pipelines/{kind}/{pipeline}/stages", _STAGE),
    ("pipelines", {"label": "New", "displayOrder": 1, "stages": [_STAGE]}),
    ("oauth", "grant_type=refresh_token&client_id=a&client_secret=b&refresh_token=c&token=d"),
)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "HEAD", "OPTIONS", "BREW"]
_KINDS = ["contacts", "contact", "0-1", "companies", "deals", "tasks", "leads", "emails", "widgets", "2-1", "%00", "é"]
_NAMES = ["email", "hs_object_id", "default", "closedwon", "FORMAT", "contactinformation", "1", "279", "no such", "%2F", "~"]
_ODD = ["0", "-1", "٣", "²", "9" * 40]
_IDS = [FIRST, SECOND, GONE, "00009501", "9" * 18, "abc", "9501.0", "%F0%9F%98%80", "%FF", " ", *_ODD]
_VALUES = ["", "5", "true", "maybe", "email", "email,,email", "hs_object_id", "nan", "é", "%00", "%zz", *_ODD]
_RIGHT = {
    "{property}": "email",
    "{group}": "contactinformation",
    "{pipeline}": "default",
    "{stage}": "closedwon",
    "{rule}": "FORMAT",
    "{type}": "279",
}
_PARAMETERS = [
    "limit",
    "after",
    "archived",
    "properties",
    "propertiesWithHistory",
    "associations",
    "idProperty",
    "email",
    "userId",
    "validateReferencesBeforeDelete",
    "%FF",
    "",
]
_TEXTS = ["", "x", "nan", "1e999", "\x00", "\ud800", "x" * 70_000, *_ODD]
_JUNK: list[Any] = [None, True, 0, -1, 10**30, 1.5, [], {}, [[]], [None], {"": {}}, *_TEXTS]
_DEEP = [b"[" * 20_000, b'{"a":' * 20_000]
_RAW = [b"", b"{", b"null", b"[]", b'"x"', b"1", b"1e999", b"\xff\xfe{}", b"{}", b'{"inputs":[]}', *_DEEP]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it goes out; `target` is percent-encoded."""

    method: str
    target: str
    body: bytes


@st.composite
def requests(draw: st.DrawFn) -> Asked:
    """A request to some route that is right in most places."""
    method, route, _ = draw(st.sampled_from([*ROUTES, *OLD_ASSOCIATIONS]))
    if draw(st.integers(0, 9)) == 0:
        method = draw(st.sampled_from(_METHODS))
    target = draw(_targets(route))
    if draw(st.integers(0, 2)) == 0:
        pairs = draw(st.lists(st.tuples(st.sampled_from(_PARAMETERS), st.sampled_from(_VALUES)), max_size=3))
        target += "?" + "&".join(f"{name}={value}" for name, value in pairs)
    return Asked(method, target, draw(_bodies(route)))


@st.composite
def _targets(draw: st.DrawFn, route: str) -> str:
    family, _, rest = route.partition("/")
    kinds = ["deals", *_KINDS] if family == "pipelines" else _KINDS
    version = draw(st.sampled_from(["2026-03"] * 5 + ["2026-09", "v3", "v4", "v1", "2024-01"]))
    filled = []
    for segment in rest.split("/"):
        among = {"{kind}": kinds, "{to}": ["companies", *_KINDS], "{id}": _IDS, "{to_id}": _IDS, "{owner}": ["7101", *_IDS]}
        usual = among.get(segment, [segment])
        if segment.startswith("{") and segment not in among:
            usual = [_RIGHT[segment], *_NAMES, *_IDS]
        # The first ones are right; most often a segment is.
        filled.append(draw(st.sampled_from(usual[:1] if draw(st.integers(0, 4)) else usual)))
    if family == "legacy-properties":
        return f"/properties/v2/{'/'.join(filled)}"
    prefix = "" if family in ("oauth", "account-info") else "/crm"
    return "/".join([prefix, family, version, *filled]).rstrip("/")


@st.composite
def _bodies(draw: st.DrawFn, route: str) -> bytes:
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(_RAW))
    body: Any = next((body for start, body in _BODIES if route.startswith(start)), {})
    if isinstance(body, str):
        return body.encode()
    body = copy.deepcopy(body)
    for _ in range(draw(st.integers(0, 2))):
        places = [*_places(body)]
        if places:
            holder, key = draw(st.sampled_from(places))
            holder[key] = copy.deepcopy(draw(st.sampled_from(_JUNK)))
    return json.dumps(body).encode()


def _places(body: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a body where something stands, with what holds it."""
    if isinstance(body, dict | list):
        keys = [*body] if isinstance(body, dict) else range(len(body))
        for key in keys:
            yield body, key
            yield from _places(body[key])
