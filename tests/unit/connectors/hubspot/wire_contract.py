"""Holds calls against HubSpot's distilled wire contract, where that file lies beside the repository.

Two known differences from the live API: `sorts` also takes objects, and a search may leave out `after`, `limit`,
`properties` and `sorts`. A third is taken from HubSpot's own examples: an association without a label says `null` there.
The older path family has the same bodies under other prefixes.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator

PLACE = Path(__file__).parents[4].parent / "shared" / "reference" / "hubspot-contract.json"

_DATED = (
    (re.compile(r"^/crm/v3/(objects|properties|owners|pipelines)(?=/|$)"), r"/crm/\1/2026-03"),
    (re.compile(r"^/crm/v4/associations(?=/|$)"), "/crm/associations/2026-03"),
)


class WireContract:
    """The contract's operations, found by method and path."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._components = copy.deepcopy(document["components"])
        self._components["schemas"]["associations.AssociationSpecWithLabel"]["properties"]["label"]["nullable"] = True
        self._strict = _strict(self._components)
        _loosen_search(self._strict)
        self._paths = document["paths"]

    def hold_request(self, method: str, path: str, query: Sequence[tuple[str, str]], sent: Mapping[str, Any] | None) -> None:
        """Fail unless HubSpot takes such a request."""
        operation = self._operation(method, path)
        declared = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"}
        unknown = {name for name, _ in query} - declared
        assert not unknown, f"{method} {path} takes no {sorted(unknown)}"
        if sent is not None:
            _check(self._strict, operation["requestBody"]["content"], sent, f"request of {method} {path}")

    def hold_answer(self, method: str, path: str, status: int, got: bytes | str) -> None:
        """Fail unless HubSpot gives such an answer. Refusals have one shape, which is read leniently."""
        answer = self._operation(method, path)["responses"].get(str(status))
        if answer is not None and answer["content"]:
            _check(self._components, answer["content"], json.loads(got), f"answer {status} to {method} {path}")

    def _operation(self, method: str, path: str) -> Any:
        dated = path
        for pattern, replacement in _DATED:
            dated = pattern.sub(replacement, dated)
        fitting = [
            (template.count("{"), operations[method.lower()])
            for template, operations in self._paths.items()
            if method.lower() in operations and _pattern(template).fullmatch(dated)
        ]
        assert fitting, f"HubSpot has no {method} {path}"
        return min(fitting, key=lambda one: one[0])[1]


def load() -> WireContract | None:
    """The contract; None, with a word about it, where the file is not there."""
    if not PLACE.is_file():
        print(f"no HubSpot contract at {PLACE.name}: calls are not held against it")  # noqa: T201 - meant to be read
        return None
    return WireContract(json.loads(PLACE.read_text(encoding="utf-8")))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", template))


def _check(components: Mapping[str, Any], content: Mapping[str, Any], value: Any, what: str) -> None:
    schema = {**next(iter(content.values()))["schema"], "components": components}
    faults = [f"{error.json_path}: {error.message[:200]}" for error in OAS30Validator(schema).iter_errors(value)]
    assert not faults, f"{what}: {faults[:3]}"


def _strict(components: Mapping[str, Any]) -> dict[str, Any]:
    strict: dict[str, Any] = copy.deepcopy(dict(components))
    for schema in strict["schemas"].values():
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return strict


def _loosen_search(components: Mapping[str, Any]) -> None:
    search = components["schemas"]["objects.PublicObjectSearchRequest"]
    search["required"] = ["filterGroups"]
    by_property = {
        "type": "object",
        "required": ["propertyName", "direction"],
        "properties": {"propertyName": {"type": "string"}, "direction": {"enum": ["ASCENDING", "DESCENDING"]}},
    }
    search["properties"]["sorts"]["items"] = {"anyOf": [{"type": "string"}, by_property]}
