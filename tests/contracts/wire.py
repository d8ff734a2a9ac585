"""Holds calls against HubSpot's distilled wire contract, where that file lies beside the repository.

Known differences from the live API: `sorts` also takes objects, and a search may leave out `after`, `limit`, `properties`
and `sorts`. From HubSpot's own examples: an association without a label says `null` there. The older path family has the
same bodies under other prefixes (but for v3's own form of associations), and so has the dated successor of
`/oauth/v1/token` (HubSpot changelog).
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from tests.contracts.shapes import Shapes

PLACE = Path(__file__).parents[2].parent / "shared" / "reference" / "hubspot-contract.json"
ABSENT = (
    f"No wire contract at shared/reference/{PLACE.name}: what HubSpot is told and answers is not held against it, and the "
    "tables of errors only against the codes distilled from the reference."
)

_OTHER_PREFIXES = (
    (re.compile(r"^/crm/v3/(objects(?!/[^/]+/[^/]+/associations)|properties|owners|pipelines)(?=/|$)"), r"/crm/\1/2026-03"),
    (re.compile(r"^/crm/v4/(objects|associations)(?=/|$)"), r"/crm/\1/2026-03"),
    (re.compile(r"^/oauth/\d{4}-\d{2}/token$"), "/oauth/v1/token"),
)
_FORM = "application/x-www-form-urlencoded"
_NO_ERROR = 400


class Breach(AssertionError):
    """A request or an answer that HubSpot's contract does not know; says method, path, place and rule."""


@dataclass(frozen=True, slots=True)
class _Operation:
    """One method of one path: what it takes and gives. A status without a shape has no body."""

    name: str
    parameters: frozenset[str]
    takes: Mapping[str, Any]
    gives: Mapping[str, Any]


class WireContract:
    """The contract's operations, found by method and path."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        schemas = copy.deepcopy(document["components"]["schemas"])
        schemas["associations.AssociationSpecWithLabel"]["properties"]["label"]["nullable"] = True
        _loosen_search(schemas["objects.PublicObjectSearchRequest"])
        self._requests = Shapes(schemas, strangers="refused")
        self._answers = Shapes(schemas, strangers="welcome")
        self._responses = document["components"]["responses"]
        self._operations = [
            (template.count("{"), method.upper(), _pattern(template), self._operation(method.upper(), template, operation))
            for template, operations in document["paths"].items()
            for method, operation in operations.items()
            if method != "parameters"
        ]

    def hold_request(self, method: str, path: str, query: Sequence[tuple[str, str]], body: bytes | None) -> None:
        """Raise `Breach` unless HubSpot takes such a request; an empty body is none."""
        operation = self._find(method, path)
        unknown = {name for name, _ in query} - operation.parameters
        if unknown:
            raise Breach(f"{operation.name} takes no query parameter {', '.join(sorted(unknown))}")
        if not operation.takes:
            if body:
                raise Breach(f"{operation.name} takes no body, was sent {body[:80]!r}")
        elif _FORM in operation.takes:
            sent = dict(parse_qsl((body or b"").decode("utf-8", "replace")))
            _hold(lambda: msgspec.convert(sent, operation.takes[_FORM]), f"{operation.name}: the form sent")
        else:
            (shape,) = operation.takes.values()
            _hold(lambda: msgspec.json.decode(body or b"", type=shape), f"{operation.name}: the body sent")

    def hold_answer(self, method: str, path: str, status: int, body: bytes) -> None:
        """Raise `Breach` unless HubSpot gives such an answer. A proxy's refusal is no JSON and has no shape."""
        operation = self._find(method, path)
        shape = operation.gives.get(str(status))
        if str(status) in operation.gives and shape is None:
            if body:
                raise Breach(f"{operation.name}: an answer {status} has no body, got {body[:80]!r}")
            return
        if shape is None:
            if status < _NO_ERROR:
                raise Breach(f"{operation.name} never answers {status}")
            if not body.startswith(b"{"):
                return
            shape = operation.gives["default"]
        _hold(lambda: msgspec.json.decode(body, type=shape), f"{operation.name}: the answer {status}")

    def knows(self, method: str, path: str) -> bool:
        """Whether there is such an operation."""
        return self._fitting(method, path) is not None

    def _find(self, method: str, path: str) -> _Operation:
        found = self._fitting(method, path)
        if found is None:
            raise Breach(f"HubSpot has no {method} {path}")
        return found

    def _fitting(self, method: str, path: str) -> _Operation | None:
        dated = path
        for pattern, replacement in _OTHER_PREFIXES:
            dated = pattern.sub(replacement, dated)
        fitting = [one for one in self._operations if one[1] == method and one[2].fullmatch(dated)]
        return min(fitting, key=lambda one: one[0])[3] if fitting else None

    def _operation(self, method: str, template: str, operation: Mapping[str, Any]) -> _Operation:
        parameters = (one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")
        takes = operation.get("requestBody", {}).get("content", {})
        return _Operation(
            name=f"{method} {template}",
            parameters=frozenset(parameters),
            takes={media: self._requests.of(one["schema"]) for media, one in takes.items()},
            gives={status: self._answer(response) for status, response in operation["responses"].items()},
        )

    def _answer(self, response: Mapping[str, Any]) -> Any:
        if "$ref" in response:
            response = self._responses[response["$ref"].rpartition("/")[2]]
        content = response.get("content") or {}
        return next((self._answers.of(one["schema"]) for one in content.values()), None)


@cache
def load() -> WireContract | None:
    """The contract; None where the file is not there."""
    return WireContract(json.loads(PLACE.read_text(encoding="utf-8"))) if PLACE.is_file() else None


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template))


def _hold(decode: Any, what: str) -> None:
    try:
        decode()
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise Breach(f"{what}: {problem}") from problem


def _loosen_search(search: dict[str, Any]) -> None:
    search["required"] = ["filterGroups"]
    by_property = {
        "type": "object",
        "required": ["propertyName", "direction"],
        "properties": {"propertyName": {"type": "string"}, "direction": {"enum": ["ASCENDING", "DESCENDING"]}},
    }
    search["properties"]["sorts"]["items"] = {"anyOf": [{"type": "string"}, by_property]}
