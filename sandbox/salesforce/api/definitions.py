"""Creating custom fields over the Tooling API."""

from __future__ import annotations

from sandbox.exchange import Reply
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import Call, Route, json_reply


class DefinitionApi:
    """Handlers below `/tooling/sobjects`."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [Route("POST", "/tooling/sobjects/{object}", self.create)]

    def create(self, call: Call) -> Reply:
        """A new custom field: 201 with its Tooling id."""
        if call.path["object"].lower() != "customfield":
            raise not_found()
        created = self._org.tooling.create_field(call.json_object())
        body: dict[str, object] = {"id": created.id, "success": True, "errors": [], "warnings": [], "infos": []}
        return json_reply(body, 201, f"created field {created.full_name}")
