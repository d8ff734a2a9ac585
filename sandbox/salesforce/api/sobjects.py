"""Single records: describe, create, read, update, delete, and upsert by external id."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from sandbox.exchange import Reply
from sandbox.salesforce.describe import describe, object_json
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.fields import Field, Value
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import check_alive
from sandbox.salesforce.routes import Call, Route, json_reply, no_content
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Row


class SObjectApi:
    """Handlers below `/sobjects`."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [
            Route("GET", "/sobjects", self.all_objects),
            Route("GET", "/sobjects/{object}", self.basic),
            Route("POST", "/sobjects/{object}", self.create),
            Route("GET", "/sobjects/{object}/describe", self.describe),
            Route("GET", "/sobjects/{object}/{id}", self.read),
            Route("PATCH", "/sobjects/{object}/{id}", self.update),
            Route("DELETE", "/sobjects/{object}/{id}", self.delete),
            Route("GET", "/sobjects/{object}/{field}/{value}", self.read_external),
            Route("PATCH", "/sobjects/{object}/{field}/{value}", self.upsert),
            Route("DELETE", "/sobjects/{object}/{field}/{value}", self.delete_external),
        ]

    def all_objects(self, call: Call) -> Reply:
        """The global describe."""
        objects = [object_json(sobject, call.base) for sobject in self._org.schema]
        return json_reply({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})

    def basic(self, call: Call) -> Reply:
        """What an object is, and nothing of what was seen recently."""
        sobject = self._object(call)
        return json_reply({"objectDescribe": object_json(sobject, call.base), "recentItems": []})

    def describe(self, call: Call) -> Reply:
        """The full describe; 304 when nothing changed since the time the client names."""
        sobject = self._object(call)
        changed = self._org.access.changed_at
        headers = (("Last-Modified", format_datetime(changed, usegmt=True)),)
        since = _http_time(call.header("If-Modified-Since"))
        if since is not None and since >= changed:
            return Reply(304, headers=headers)
        body = describe(sobject, self._org.schema, self._org.access, call.user_id, call.base)
        return json_reply(body, headers=headers)

    def create(self, call: Call) -> Reply:
        """A new record: 201 with its id."""
        sobject = self._object(call)
        parsed = self._org.records.parse(sobject, call.json_object())
        row = self._org.records.create(sobject, parsed, call.writer)
        return self._created(row, call, {})

    def read(self, call: Call) -> Reply:
        """A record with all the fields that the user sees, or those named by `fields`."""
        sobject = self._object(call)
        return json_reply(self._shown(self._row(sobject, call.path["id"]), sobject, call))

    def update(self, call: Call) -> Reply:
        """Change a record: 204."""
        sobject = self._object(call)
        parsed = self._org.records.parse(sobject, call.json_object())
        if "Id" in parsed:
            message = "The Id field should not be specified in the sobject data."
            raise SalesforceError("INVALID_FIELD", message, ("Id",))
        row = self._row(sobject, call.path["id"])
        self._org.records.update(row, parsed, call.writer)
        return no_content(f"updated {row.object} {row.id}")

    def delete(self, call: Call) -> Reply:
        """Delete a record: 204."""
        row = self._row(self._object(call), call.path["id"])
        self._org.records.delete(row, call.writer)
        return no_content(f"deleted {row.object} {row.id}")

    def read_external(self, call: Call) -> Reply:
        """A record by its external id; 300 with the choices when several have it."""
        sobject = self._object(call)
        rows = self._matching(sobject, call)
        if len(rows) > 1:
            return self._choices(rows, call)
        if not rows:
            raise not_found()
        return json_reply(self._shown(rows[0], sobject, call))

    def upsert(self, call: Call) -> Reply:
        """Update the record with this external id (200) or create it (201); 300 when several have it."""
        sobject = self._object(call)
        field = self.external_field(sobject, call.path["field"], call.user_id)
        parsed = self._org.records.parse(sobject, call.json_object())
        if field.name in parsed:
            message = f"The {field.name} field should not be specified in the sobject data."
            raise SalesforceError("INVALID_FIELD", message, (field.name,))
        rows = self._matching(sobject, call)
        if len(rows) > 1:
            return self._choices(rows, call)
        if rows:
            self._org.records.update(rows[0], parsed, call.writer)
            body = {"id": rows[0].id, "success": True, "errors": [], "created": False}
            return json_reply(body, effect=f"updated {rows[0].object} {rows[0].id}")
        if (call.parameter("updateOnly") or "").lower() == "true" or field.name == "Id":
            raise not_found()
        values = parsed | {field.name: call.path["value"]}
        return self._created(self._org.records.create(sobject, values, call.writer), call, {"created": True})

    def delete_external(self, call: Call) -> Reply:
        """Delete the record with this external id."""
        rows = self._matching(self._object(call), call)
        if len(rows) > 1:
            return self._choices(rows, call)
        if not rows:
            raise not_found()
        self._org.records.delete(rows[0], call.writer)
        return no_content(f"deleted {rows[0].object} {rows[0].id}")

    def external_field(self, sobject: SObject, name: str, user_id: str) -> Field:
        """A field that records may be addressed by: an external id, an id-lookup field, or Id.

        Raises:
            SalesforceError: NOT_FOUND.
        """
        field = sobject.field(name)
        addressable = field is not None and (field.external_id or field.id_lookup)
        if field is None or not addressable or not self._org.access.readable(user_id, sobject, field):
            message = f"Provided external ID field does not exist or is not accessible: {name}"
            raise SalesforceError("NOT_FOUND", message)
        return field

    def matching(self, sobject: SObject, field: Field, value: Value) -> list[Row]:
        """The living records that an external id stands for."""
        if field.name != "Id":
            return self._org.store.matching(sobject.name, field, value)
        row = self._org.store.find(value)
        return [row] if row is not None and row.object == sobject.name and not row.deleted else []

    def _matching(self, sobject: SObject, call: Call) -> list[Row]:
        field = self.external_field(sobject, call.path["field"], call.user_id)
        return self.matching(sobject, field, call.path["value"])

    def _object(self, call: Call) -> SObject:
        return self._org.object_named(call.path["object"])

    def _row(self, sobject: SObject, text: str) -> Row:
        if long_id(text) is None:
            message = f"Provided external ID field does not exist or is not accessible: {text}"
            raise SalesforceError("NOT_FOUND", message)
        row = self._org.store.find(text)
        if row is None or row.object != sobject.name:
            raise not_found()
        check_alive(row)
        return row

    def _shown(self, row: Row, sobject: SObject, call: Call) -> dict[str, object]:
        asked = call.parameter("fields")
        fields = self._org.access.fields(call.user_id, sobject)
        if asked is not None:
            by_name = {field.name.lower(): field for field in fields}
            wanted = [name.strip() for name in asked.split(",")]
            unknown = next((name for name in wanted if name.lower() not in by_name), None)
            if unknown is not None:
                message = f"No such column '{unknown}' on sobject of type {sobject.name}"
                raise SalesforceError("INVALID_FIELD", message)
            fields = [by_name[name.lower()] for name in wanted]
        url = f"{call.base}/sobjects/{row.object}/{row.id}"
        shown: dict[str, object] = {"attributes": {"type": row.object, "url": url}}
        return shown | {field.name: row.values.get(field.name) for field in fields}

    def _created(self, row: Row, call: Call, extra: dict[str, object]) -> Reply:
        url = f"{call.base}/sobjects/{row.object}/{row.id}"
        body: dict[str, object] = {"id": row.id, "success": True, "errors": [], **extra}
        return json_reply(body, 201, f"created {row.object} {row.id}", (("Location", url),))

    def _choices(self, rows: list[Row], call: Call) -> Reply:
        return json_reply([f"{call.base}/sobjects/{row.object}/{row.id}" for row in rows], 300)


def _http_time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
