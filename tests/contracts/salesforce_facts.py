"""What recorded exchanges with Salesforce prove, as facts: keys, JSON types, statuses, and the attributes of fields.

`python -m tests.contracts.salesforce_facts FOLDER` distils the recordings in FOLDER into `data/salesforce_facts.json`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FACTS = Path(__file__).with_name("data") / "salesforce_facts.json"
DESCRIBED = ("Account", "Contact", "Event", "Lead", "Opportunity", "OpportunityContactRole")
NUMBERS = ("length", "byteLength", "precision", "scale", "digits")
NAMES = ("type", "soapType", "compoundFieldName", "relationshipName", "referenceTo")
SWITCHES = (
    *("createable", "updateable", "nillable", "filterable", "sortable", "groupable", "aggregatable", "unique"),
    *("externalId", "idLookup", "caseSensitive", "calculated", "defaultedOnCreate", "polymorphicForeignKey"),
    *("restrictedPicklist", "nameField", "custom", "permissionable"),
)
OBJECT_SWITCHES = (
    *("createable", "updateable", "deletable", "undeletable", "queryable", "replicateable", "retrieveable"),
    *("searchable", "triggerable", "mergeable", "feedEnabled", "layoutable", "mruEnabled"),
)
CHILDREN = frozenset(
    {
        *("Account", "Campaign", "CampaignMember", "Contact", "EmailMessage", "EmailMessageRelation", "Event"),
        *("Lead", "Opportunity", "OpportunityContactRole", "Task", "User"),
        *("AccountHistory", "ContactHistory", "LeadHistory"),
    }
)
Shape = Any
"""A dictionary of shapes, a list with the shape of its entries, or the names of JSON types joined by `|`."""


def shape_of(value: object) -> Shape:
    """The keys and types of a JSON value. Of a record only `attributes` counts: its columns are the client's choice."""
    if isinstance(value, Mapping):
        kept = ("attributes",) if "attributes" in value else tuple(value)
        return {key: shape_of(value[key]) for key in sorted(kept)}
    if isinstance(value, list):
        return [merged([shape_of(entry) for entry in value])] if value else []
    kinds = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
    return kinds[type(value)]


def merged(shapes: list[Shape]) -> Shape:
    """One shape that all of these have; a key that some lack ends in `?`."""
    if all(isinstance(shape, dict) for shape in shapes):
        names = {key.removesuffix("?") for shape in shapes for key in shape}
        found = {}
        for name in sorted(names):
            inner = [shape[key] for shape in shapes for key in (name, f"{name}?") if key in shape]
            always = all(name in shape for shape in shapes)
            found[name if always else f"{name}?"] = merged(inner)
        return found
    if all(isinstance(shape, list) for shape in shapes):
        entries = [shape[0] for shape in shapes if shape]
        return [merged(entries)] if entries else []
    flat = {kind for shape in shapes for kind in (shape.split("|") if isinstance(shape, str) else ["object"])}
    return "|".join(sorted(flat))


def differences(told: object, fact: Shape, place: str = "$") -> Iterator[str]:
    """Where a JSON value has other keys or types than a fact."""
    if isinstance(fact, dict) and isinstance(told, Mapping):
        required = {key for key in fact if not key.endswith("?")}
        optional = {key.removesuffix("?") for key in fact} - required
        names = {"attributes"} if "attributes" in told else set(told)
        yield from (f"{place}.{key} is missing" for key in sorted(required - names))
        yield from (f"{place}.{key} is not known" for key in sorted(names - required - optional))
        for key in sorted(names & (required | optional)):
            yield from differences(told[key], fact[key] if key in fact else fact[f"{key}?"], f"{place}.{key}")
    elif isinstance(fact, list) and isinstance(told, list):
        for number, entry in enumerate(told if fact else []):
            yield from differences(entry, fact[0], f"{place}[{number}]")
    elif not isinstance(fact, str) or (shape_of(told) not in fact.split("|") and fact != "null"):
        yield f"{place} is {shape_of(told)} instead of {fact}"


def distilled(folder: Path) -> dict[str, Any]:
    """All facts of the recordings in a folder."""
    full = _json(folder / "describe-Lead-full.json")
    return {
        "describes": {name: _described(_json(folder / f"describe-{name}-slim.json")) for name in DESCRIBED},
        "describe_shape": shape_of(full),
        "exchanges": dict(sorted(_exchanges(folder))),
    }


def _described(recorded: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "is": [name for name in OBJECT_SWITCHES if recorded[name]],
        "fields": {field["name"]: field_facts(field) for field in recorded["fields"] if not field["name"].endswith("__c")},
        "children": {
            f"{child['childSObject']}.{child['field']}": [child["relationshipName"], child["cascadeDelete"]]
            for child in recorded["childRelationships"]
            if child["childSObject"] in CHILDREN
        },
    }


def field_facts(field: Mapping[str, Any]) -> dict[str, Any]:
    """What a describe says of a field, without words: what is zero, false or nothing is left out."""
    facts = {name: field[name] for name in (*NAMES, *NUMBERS) if field[name]}
    return facts | {"is": [name for name in SWITCHES if field[name]], "picklist": bool(field["picklistValues"])}


def _exchanges(folder: Path) -> Iterator[tuple[str, Shape]]:
    found: dict[str, list[Shape]] = {}
    for one in _json(folder / "cumulusci-recorded-exchanges.json")["exchanges"]:
        asked, told = one["request"], one["response"]
        path = re.sub(r"^/services/(data|async)/vxx\.0/", "", urlsplit(asked["uri"]).path).strip("/")
        if path.startswith("job/"):
            path = "async/job/{id}/batch/{id}/result"
        _note(found, f"{asked['method']} {path} {told['status']['code']}", told["body"])
    for one in _json(folder / "postman-v64-recorded-responses.json")["operations"]:
        path = re.sub(r"//", "/{id}/", f"{one['path']}/").strip("/").replace("data/v64.0/", "").replace("/64.0", "")
        for status, replies in one["responses"].items():
            for reply in replies:
                _note(found, f"{one['method']} {path} {status}", _body(reply["body"]))
    for key, shapes in found.items():
        yield key, merged(shapes)


def _note(found: dict[str, list[Shape]], key: str, body: Any) -> None:
    """The answers inside a composite are exchanges of their own, by status."""
    if isinstance(body, dict) and "compositeResponse" in body:
        for inner in body["compositeResponse"]:
            found.setdefault(f"{key} with {inner['httpStatusCode']}", []).append(shape_of(inner))
        body = {"compositeResponse": []}
    found.setdefault(key, []).append(shape_of(body))


def _body(recorded: object) -> object:
    """A recorded body; some stand there as text, with arrays cut short by three dots."""
    if isinstance(recorded, str) and recorded.lstrip().startswith(("{", "[")):
        return json.loads(re.sub(r",?\s*\.\.\.(?=\s*\])", "", recorded))
    return recorded


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def written(facts: Mapping[str, Any]) -> str:
    """The facts as JSON with a line for each field, child and exchange."""
    return "{\n" + ",\n".join(_lines(facts, 2)) + "\n}\n"


def _lines(tree: Mapping[str, Any], levels: int) -> Iterable[str]:
    for name, value in tree.items():
        inner = isinstance(value, Mapping) and value and (levels > 0 or name in ("fields", "children"))
        if inner and name != "describe_shape":
            below = 1 if name == "describes" else 0
            yield f"{json.dumps(name)}: {{\n" + ",\n".join(_lines(value, below)) + "\n}"
        else:
            yield f"{json.dumps(name)}: {json.dumps(value)}"


if __name__ == "__main__":
    FACTS.write_text(written(distilled(Path(sys.argv[1]))), encoding="utf-8")
