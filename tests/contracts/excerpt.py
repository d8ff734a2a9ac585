"""A few operations in the form of the wire contract, for trying what holds calls against it without the file itself."""

from __future__ import annotations

from typing import Any


def _at(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/objects.{name}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _object(required: str, **members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": members}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


TEXT: dict[str, Any] = {"type": "string"}
MOMENT: dict[str, Any] = {"type": "string", "format": "date-time"}
VALUES: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string", "nullable": True}}
OPERATORS: dict[str, Any] = {"type": "string", "enum": ["EQ", "GT"]}
REFUSED: dict[str, Any] = {"default": {"$ref": "#/components/responses/Error"}}
SCHEMAS: dict[str, Any] = {
    "objects.Error": _object(
        "category message correlationId", category=TEXT, message=TEXT, correlationId={"type": "string", "format": "uuid"}
    ),
    "objects.Row": _object(
        "id properties createdAt archived", id=TEXT, properties=VALUES, createdAt=MOMENT, archived={"type": "boolean"}
    ),
    "objects.Rows": _object("results", results=_list(_at("Row")), paging=_at("Paging")),
    "objects.Paging": _object("", next=_object("after", after=TEXT)),
    "objects.New": _object("properties", properties={"type": "object", "additionalProperties": TEXT}),
    "objects.Filter": _object("propertyName operator", propertyName=TEXT, operator=OPERATORS, value=TEXT),
    "objects.Group": _object("filters", filters=_list(_at("Filter"))),
    "objects.PublicObjectSearchRequest": _object(
        "filterGroups sorts limit",
        filterGroups=_list(_at("Group")),
        sorts=_list(TEXT),
        limit={"type": "integer", "format": "int32"},
    ),
    "associations.AssociationSpecWithLabel": _object("label", label=TEXT),
}
EXCERPT: dict[str, Any] = {
    "components": {"schemas": SCHEMAS, "responses": {"Error": {"content": {"*/*": {"schema": _at("Error")}}}}},
    "paths": {
        "/crm/objects/{version}/{objectType}": {
            "get": {
                "parameters": [{"in": "query", "name": "after"}],
                "responses": {"200": _json(_at("Rows")), **REFUSED},
            },
            "post": {"requestBody": _json(_at("New")), "responses": {"201": _json(_at("Row")), **REFUSED}},
        },
        "/crm/objects/{version}/{objectType}/search": {
            "post": {"requestBody": _json(_at("PublicObjectSearchRequest")), "responses": {"200": _json(_at("Rows"))}},
        },
        "/crm/objects/{version}/{objectType}/{objectId}": {
            "get": {"responses": {"200": _json(_at("Row")), **REFUSED}},
            "delete": {"responses": {"204": {}, **REFUSED}},
        },
    },
}
