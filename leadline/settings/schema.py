"""JSON schemas of the configuration files, so that editors complete keys and mark mistakes while an admin types.

The committed files in `config/schema/` are written by `write_schemas`; a test fails when they are stale.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from leadline.registry import UnknownConnector, connector_class, known_types
from leadline.settings.model import ConnectionSettings, WorkspaceSettings
from leadline.words import Words
from scoring.model import Model
from scoring.qualification import Qualification

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_JSON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
}


def schemas() -> dict[str, str]:
    """File name → JSON schema, for every kind of configuration file and each connector that is installed."""
    found = {
        "leadline.json": _schema_of(WorkspaceSettings, "Leadline: main settings"),
        "scoring.json": _schema_of(Model, "Leadline: scoring model"),
        "qualification.json": _schema_of(Qualification, "Leadline: qualification"),
        "words.json": _all_optional(_schema_of(Words, "Leadline: words of one language")),
    }
    for type_name in sorted(known_types()):
        with suppress(UnknownConnector):  # a plug-in that cannot be loaded is reported where a connection names it
            found[f"connection-{type_name}.json"] = _connection_schema(type_name)
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in found.items()}


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write the schemas into `folder`, which is created; returns the files. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in schemas().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return tuple(written)


def _schema_of(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    return {"$schema": _DIALECT, **_tidy(schema), "title": title}


def _all_optional(schema: Any) -> Any:
    """The schema without required keys: what a file of words leaves out is said in English."""
    if isinstance(schema, Mapping):
        return {key: _all_optional(part) for key, part in schema.items() if key != "required"}
    return [_all_optional(part) for part in schema] if isinstance(schema, list) else schema


def _connection_schema(type_name: str) -> dict[str, Any]:
    """The envelope with the connector's own settings in it, which a disabled connection may leave out."""
    envelope = _schema_of(ConnectionSettings, f"Leadline: {type_name} connection")
    settings = _tidy(connector_class(type_name).settings_model.model_json_schema(by_alias=True))
    parts = settings.pop("$defs", {})
    properties = {**envelope["properties"], "type": {"const": type_name}, "settings": settings}
    return {**envelope, "properties": properties, "$defs": {**envelope.get("$defs", {}), **parts}}


def _tidy(schema: Any) -> Any:
    """Without generated titles, and without defaults that are not as an admin would write them."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    tidy = {key: _tidy(part) for key, part in schema.items() if key not in {"title", "default", "properties"}}
    if _is_writable(schema.get("default"), schema):
        tidy["default"] = schema["default"]
    if "properties" in schema:
        tidy["properties"] = {name: _tidy(part) for name, part in schema["properties"].items()}
    return tidy


def _is_writable(default: object, schema: Mapping[str, Any]) -> bool:
    """Whether a default is of the type, and the form, that the setting itself asks for."""
    kind = _JSON_TYPES.get(str(schema.get("type")))
    if kind is None or not isinstance(default, kind) or (isinstance(default, bool) and kind is not bool):
        return False
    return "pattern" not in schema or bool(re.search(schema["pattern"], str(default)))
