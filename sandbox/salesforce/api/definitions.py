"""Custom fields over the Tooling API."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.exchange import Reply
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import Call, Route, json_reply, no_content
from sandbox.salesforce.tooling import CustomField


class DefinitionApi:
    """Handlers below `/tooling/sobjects`."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [
            Route("POST", "/tooling/sobjects/{object}", self.create),
            Route("GET", "/tooling/sobjects/{object}/{id}", self.read),
            Route("PATCH", "/tooling/sobjects/{object}/{id}", self.change),
            Route("DELETE", "/tooling/sobjects/{object}/{id}", self.delete),
        ]

    def create(self, call: Call) -> Reply:
        """A new custom field: 201 with its Tooling id."""
        _check_object(call)
        body = call.json_object()
        full_name, metadata = body.get("FullName"), body.get("Metadata")
        if not isinstance(full_name, str) or not isinstance(metadata, dict):
            message = "Required fields are missing: [FullName, Metadata]"
            raise SalesforceError("REQUIRED_FIELD_MISSING", message, ("FullName", "Metadata"))
        created = self._org.tooling.create_field(full_name, metadata)
        told: dict[str, object] = {"id": created.id, "success": True, "errors": [], "warnings": [], "infos": []}
        return json_reply(told, 201, f"created field {created.full_name}")

    def read(self, call: Call) -> Reply:
        """A custom field with its definition."""
        custom = self._custom(call)
        owner, _, name = custom.full_name.partition(".")
        url = f"{call.base}/tooling/sobjects/CustomField/{custom.id}"
        told: dict[str, object] = {
            "attributes": {"type": "CustomField", "url": url},
            "Id": custom.id,
            "TableEnumOrId": owner,
            "DeveloperName": name.removesuffix("__c"),
            "FullName": custom.full_name,
            "Metadata": self._org.tooling.definition(custom),
        }
        return json_reply(told)

    def change(self, call: Call) -> Reply:
        """Define a custom field anew: 204."""
        custom = self._custom(call)
        metadata = call.json_object().get("Metadata")
        if not isinstance(metadata, Mapping):
            raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]", ("Metadata",))
        self._org.tooling.change_field(custom, metadata)
        return no_content(f"changed field {custom.full_name}")

    def delete(self, call: Call) -> Reply:
        """Delete a custom field: 204."""
        custom = self._custom(call)
        self._org.tooling.delete_field(custom)
        return no_content(f"deleted field {custom.full_name}")

    def _custom(self, call: Call) -> CustomField:
        _check_object(call)
        return self._org.tooling.with_id(call.path["id"])


def _check_object(call: Call) -> None:
    if call.path["object"].lower() != "customfield":
        raise not_found()
