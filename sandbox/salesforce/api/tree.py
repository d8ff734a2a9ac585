"""`/composite/tree`: records with their children, all created or none (Salesforce docs: sObject tree; shapes as recorded).

At most 200 records, five levels and five types. Results come level by level, as recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.exchange import Reply
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Value
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import Call, Route, json_reply
from sandbox.salesforce.schema import SObject

MAX_RECORDS = 200
MAX_LEVELS = 5
MAX_TYPES = 5


@dataclass(frozen=True, slots=True)
class _Node:
    """One record of the request. `parent` is the reference of the one it hangs on, by `link`."""

    reference: str
    sobject: SObject
    values: dict[str, Value]
    parent: str = ""
    link: str = ""


class TreeApi:
    """Handler of `/composite/tree/{object}`."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [Route("POST", "/composite/tree/{object}", self.create)]

    def create(self, call: Call) -> Reply:
        """Create the records: 201 with their ids; 400 with the errors of one, and nothing created."""
        nodes = self._nodes(self._org.object_named(call.path["object"]), call.json_object())
        ids: dict[str, str] = {}
        with self._org.store.all_or_nothing() as take_back:
            for node in nodes:
                values = node.values | ({node.link: ids[node.parent]} if node.link else {})
                try:
                    ids[node.reference] = self._org.records.create(node.sobject, values, call.writer).id
                except SalesforceError as refusal:
                    take_back()
                    failed = {"referenceId": node.reference, "errors": refusal.in_rows()}
                    return json_reply({"hasErrors": True, "results": [failed]}, 400)
        results = [{"referenceId": reference, "id": record_id} for reference, record_id in ids.items()]
        return json_reply({"hasErrors": False, "results": results}, 201, f"created {len(results)} records")

    def _nodes(self, root: SObject, body: dict[str, Any]) -> list[_Node]:
        """The records, level by level."""
        level: list[tuple[Any, str, str, SObject]] = [(record, "", "", root) for record in _records(body)]
        nodes: list[_Node] = []
        for _ in range(MAX_LEVELS):
            below: list[tuple[Any, str, str, SObject]] = []
            for record, parent, link, sobject in level:
                node, children = self._node(record, parent, link, sobject)
                nodes.append(node)
                below.extend(children)
            level = below
        references = {node.reference for node in nodes}
        if level or len(nodes) > MAX_RECORDS or len({node.sobject for node in nodes}) > MAX_TYPES:
            message = f"no more than {MAX_RECORDS} records, {MAX_LEVELS} levels and {MAX_TYPES} types in one tree"
            raise SalesforceError("LIMIT_EXCEEDED", message)
        if len(references) < len(nodes) or "" in references:
            raise SalesforceError("INVALID_INPUT", "each record needs a referenceId of its own")
        return nodes

    def _node(
        self, record: Any, parent: str, link: str, sobject: SObject
    ) -> tuple[_Node, list[tuple[Any, str, str, SObject]]]:
        attributes = record.get("attributes") if isinstance(record, dict) else None
        if not isinstance(attributes, dict) or str(attributes.get("type", "")).lower() != sobject.name.lower():
            raise SalesforceError("INVALID_INPUT", f"each record here needs attributes with the type {sobject.name}")
        reference = str(attributes.get("referenceId", ""))
        relations = {child.name.lower(): child for child in self._org.schema.children(sobject.name)}
        nested = {name: relations[name.lower()] for name in record if name.lower() in relations}
        children = [
            (inner, reference, relation.field, self._org.schema.named(relation.child))
            for name, relation in nested.items()
            for inner in _records(record[name])
        ]
        plain = {name: value for name, value in record.items() if name not in nested}
        return _Node(reference, sobject, self._org.records.parse(sobject, plain), parent, link), children


def _records(body: Any) -> list[Any]:
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list):
        raise SalesforceError("JSON_PARSER_ERROR", "The request needs an array of records at [line:1, column:1]")
    return records
