"""sObject collections: up to 200 records a call, one result per record, in the order of the input.

A well-formed request is answered with 200 whatever became of its records (Salesforce docs: sObject collections).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sandbox.exchange import Reply
from sandbox.salesforce.api.sobjects import SObjectApi
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.fields import Value
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import checked_id
from sandbox.salesforce.routes import Call, Route, json_reply
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Row

MAX_RECORDS = 200
MAX_TYPE_RUNS = 10
Json = dict[str, object]
_ROLLED_BACK = SalesforceError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


@dataclass(frozen=True, slots=True)
class _Item:
    """One record of the request, read but not judged. `wrong` is what is wrong with it as such."""

    sobject: SObject | None
    parsed: dict[str, Value]
    wrong: SalesforceError | None = None


class CollectionsApi:
    """Handlers below `/composite/sobjects`."""

    def __init__(self, org: Org, singles: SObjectApi) -> None:
        self._org = org
        self._singles = singles

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [
            Route("POST", "/composite/sobjects", self.create),
            Route("PATCH", "/composite/sobjects", self.update),
            Route("DELETE", "/composite/sobjects", self.delete),
            Route("GET", "/composite/sobjects/{object}", self.retrieve),
            Route("PATCH", "/composite/sobjects/{object}/{field}", self.upsert),
        ]

    def create(self, call: Call) -> Reply:
        """Create records."""

        def one(item: _Item) -> Json:
            row = self._org.records.create(_known(item), item.parsed, call.writer)
            return {"id": row.id, "success": True, "errors": []}

        return self._each(call, one, "created")

    def update(self, call: Call) -> Reply:
        """Change records by id; the same id twice is an error the second time."""
        seen: set[str] = set()

        def one(item: _Item) -> Json:
            row = self._target(_known(item), item.parsed.get("Id"))
            if row.id in seen:
                raise SalesforceError("DUPLICATE_VALUE", f"duplicate id in the list: {row.id}", ("Id",))
            seen.add(row.id)
            self._org.records.update(row, item.parsed, call.writer)
            return {"id": row.id, "success": True, "errors": []}

        return self._each(call, one, "updated")

    def upsert(self, call: Call) -> Reply:
        """Create or change records of one object by an external id."""
        sobject = self._org.object_named(call.path["object"])
        field = self._singles.external_field(sobject, call.path["field"], call.user_id)

        def one(item: _Item) -> Json:
            if _known(item) is not sobject:
                message = "all records of an upsert must be of the type in the path"
                raise SalesforceError("INVALID_TYPE", message)
            key = item.parsed.get(field.name)
            rows = [] if key is None else self._singles.matching(sobject, field, key)
            if len(rows) > 1:
                ids = ", ".join(row.id for row in rows)
                message = f"{field.label}: more than one record found for external id field: [{ids}]"
                raise SalesforceError("DUPLICATE_EXTERNAL_ID", message, (field.name,))
            values = {name: value for name, value in item.parsed.items() if name != "Id"}
            if rows:
                self._org.records.update(rows[0], values, call.writer)
                return {"id": rows[0].id, "success": True, "errors": [], "created": False}
            if field.name == "Id" and key is not None:
                raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            if key is None and field.name != "Id":
                raise SalesforceError("MISSING_ARGUMENT", f"{field.name} not specified", (field.name,))
            row = self._org.records.create(sobject, values, call.writer)
            return {"id": row.id, "success": True, "errors": [], "created": True}

        return self._each(call, one, "upserted")

    def delete(self, call: Call) -> Reply:
        """Delete records by the ids in the query."""
        ids = [part.strip() for part in (call.parameter("ids") or "").split(",") if part.strip()]
        _check_size(len(ids))
        items = [_Item(self._org.schema.of_id(text), {"Id": text}) for text in ids]

        def one(item: _Item) -> Json:
            if item.sobject is None:
                raise SalesforceError("MALFORMED_ID", f"bad id {item.parsed['Id']}", ("Id",))
            row = self._target(item.sobject, item.parsed["Id"])
            self._org.records.delete(row, call.writer)
            return {"id": row.id, "success": True, "errors": []}

        strict = (call.parameter("allOrNone") or "").lower() == "true"
        results = self._all_or_none(items, one) if strict else self._each_alone(items, one)
        return _answer(results, "deleted")

    def retrieve(self, call: Call) -> Reply:
        """Read records by id; one that is not there is null in its place."""
        sobject = self._org.object_named(call.path["object"])
        ids = [part.strip() for part in (call.parameter("ids") or "").split(",") if part.strip()]
        names = [part.strip() for part in (call.parameter("fields") or "").split(",") if part.strip()]
        fields = [sobject.field(name) for name in names]
        shown = [f for f in fields if f is not None and self._org.access.readable(call.user_id, sobject, f)]
        if len(shown) < len(names):
            raise SalesforceError("INVALID_FIELD", f"No such column on sobject of type {sobject.name}")
        found = [self._org.store.find(text) for text in ids]
        return json_reply(
            [
                None
                if row is None or row.object != sobject.name or row.deleted
                else {"attributes": {"type": row.object, "url": f"{call.base}/sobjects/{row.object}/{row.id}"}}
                | {field.name: row.values.get(field.name) for field in shown}
                for row in found
            ]
        )

    def _each(self, call: Call, one: Callable[[_Item], Json], verb: str) -> Reply:
        """Do one thing to each record. Values of the wrong JSON type fail the request before anything is done."""
        body = call.json_object()
        items = self._items(body)
        strict = body.get("allOrNone") is True
        results = self._all_or_none(items, one) if strict else self._each_alone(items, one)
        return _answer(results, verb)

    def _items(self, body: dict[str, Any]) -> list[_Item]:
        records = body.get("records")
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise SalesforceError("JSON_PARSER_ERROR", "The request needs an array of records at [line:1, column:1]")
        _check_size(len(records))
        items = [self._item(record) for record in records]
        runs = sum(1 for _ in groupby(items, key=lambda item: item.sobject))
        if runs > MAX_TYPE_RUNS:
            message = "Cannot have more than 10 chunks in a single operation. Please rearrange the data."
            raise SalesforceError("EXCEEDED_MAX_TYPES_LIMIT", message)
        return items

    def _item(self, record: dict[str, Any]) -> _Item:
        attributes = record.get("attributes")
        name = attributes.get("type") if isinstance(attributes, dict) else None
        if not isinstance(name, str):
            message = "Each record needs an attributes entry with its type"
            return _Item(None, {}, SalesforceError("INVALID_TYPE", message))
        sobject = self._org.schema.find(name)
        if sobject is None:
            return _Item(None, {}, SalesforceError("INVALID_TYPE", f"sObject type '{name}' is not supported."))
        return _Item(sobject, self._org.records.parse(sobject, record))

    def _target(self, sobject: SObject, record_id: Value) -> Row:
        if not isinstance(record_id, str) or not record_id:
            raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call", ("Id",))
        row = self._org.store.find(checked_id(sobject, record_id))
        if row is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        return row

    def _each_alone(self, items: list[_Item], one: Callable[[_Item], Json]) -> list[Json]:
        """A bad record fails alone; a locked one fails the batch (Salesforce docs: UNABLE_TO_LOCK_ROW)."""
        with self._org.store.all_or_nothing() as take_back:
            results = [_result(item, one) for item in items]
            locked = next((result for result in results if _is_locked(result)), None)
            if locked is None:
                return results
            take_back()
        return [locked] * len(results)

    def _all_or_none(self, items: list[_Item], one: Callable[[_Item], Json]) -> list[Json]:
        with self._org.store.all_or_nothing() as take_back:
            results = [_result(item, one) for item in items]
            if all(result["success"] for result in results):
                return results
            take_back()
        return [_failure(_ROLLED_BACK) if result["success"] else result for result in results]


def _known(item: _Item) -> SObject:
    if item.wrong is not None:
        raise item.wrong
    if item.sobject is None:
        raise not_found()
    return item.sobject


def _check_size(count: int) -> None:
    if count > MAX_RECORDS:
        message = "record limit reached. cannot submit more than 200 records into this call"
        raise SalesforceError("EXCEEDED_ID_LIMIT", message)


def _result(item: _Item, one: Callable[[_Item], Json]) -> Json:
    try:
        return one(item)
    except SalesforceError as refusal:
        return _failure(refusal)


def _failure(refusal: SalesforceError) -> Json:
    return {"success": False, "errors": refusal.in_rows()}


def _is_locked(result: Json) -> bool:
    errors = result["errors"]
    return isinstance(errors, list) and any(error["statusCode"] == "UNABLE_TO_LOCK_ROW" for error in errors)


def _answer(results: list[Json], verb: str) -> Reply:
    done = sum(result["success"] is True for result in results)
    return json_reply(results, effect=f"{verb} {done} of {len(results)}" if done else "")
