"""Schemas of the wire contract as types to decode into, so that holding a whole page takes a fraction of a millisecond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

Schema = Mapping[str, Any]
Strangers = Literal["refused", "welcome"]
"""What becomes of members that a schema does not name: our requests have none, answers may."""

_REFERENCE = "#/components/schemas/"
_INT32 = Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]
_FORMATS: Mapping[tuple[str, str], Any] = {
    ("string", "date-time"): datetime,
    ("string", "uuid"): UUID,
    ("integer", "int32"): _INT32,
}
_TYPES: Mapping[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool}


class Shapes:
    """The types that the schemas of a document stand for, each built once."""

    def __init__(self, schemas: Mapping[str, Schema], strangers: Strangers) -> None:
        self._schemas = schemas
        self._strangers = strangers
        self._known: dict[str, Any] = {}

    def of(self, schema: Schema) -> Any:
        """The type of a schema: decoding into it succeeds for what the schema allows."""
        if "$ref" in schema:
            return self._referred(schema["$ref"].removeprefix(_REFERENCE))
        if "anyOf" in schema:
            return _union([self.of(one) for one in schema["anyOf"]])
        found = self._plain(schema)
        return _union([found, None]) if schema.get("nullable") else found

    def _referred(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self.of({"title": name, **self._schemas[name]})
        return self._known[name]

    def _plain(self, schema: Schema) -> Any:
        if "enum" in schema:
            return Literal[tuple(schema["enum"])]
        match schema.get("type"):
            case "array":
                return list[self.of(schema["items"])]  # type: ignore[misc] # the type is made at run time
            case "object" if schema.get("properties"):
                return self._object(schema)
            case "object":
                return dict[str, self.of(schema.get("additionalProperties", {}))]  # type: ignore[misc] # as above
            case None:
                return Any
            case name:
                return _FORMATS.get((name, schema.get("format", ""))) or _TYPES[name]

    def _object(self, schema: Schema) -> Any:
        """A struct with made-up attribute names, for on the wire a name may be a keyword of Python."""
        required = schema.get("required", ())
        fields: list[Any] = []
        names: dict[str, str] = {}
        for place, (name, member) in enumerate(schema["properties"].items()):
            attribute = f"member_{place}"
            names[attribute] = name
            kind = self.of(member)
            if name in required:
                fields.append((attribute, kind))
            else:
                fields.append((attribute, _union([kind, msgspec.UnsetType]), msgspec.UNSET))
        closed = self._strangers == "refused"
        title = schema.get("title", "inner").replace(".", "_").replace("-", "_")
        return msgspec.defstruct(title, fields, rename=names, forbid_unknown_fields=closed, kw_only=True)


def _union(kinds: Sequence[Any]) -> Any:
    united = kinds[0]
    for kind in kinds[1:]:
        united = united | kind
    return united
