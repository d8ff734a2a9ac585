"""The connections of a workspace: one file each, an envelope that is ours and settings that are the connector's."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from pydantic import BaseModel, TypeAdapter, ValidationError

from connectors.contract import Connector, ConnectorSettings
from connectors.errors import Reauthorise
from connectors.secrets import reveal
from leadline.registry import UnknownConnector, connector_class, known_types
from leadline.settings.anatomy import keys_at, secret_refs
from leadline.settings.discretion import is_nameable
from leadline.settings.document import Document
from leadline.settings.explain import explain
from leadline.settings.findings import SettingsFinding, did_you_mean
from leadline.settings.model import ConnectionSettings

DERIVED_FIELDS = frozenset({"person.email", "person.seniority", "person.function", "person.buying_role"})
"""Fields that Leadline fills itself: from the record's frame, the title, and roles in deals."""

_YES_OR_NO: TypeAdapter[bool] = TypeAdapter(bool)
_UNUSED = "write `enabled: false` if this connection is not in use"


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One connection: its name (the file's), envelope, connector class and the connector's own settings."""

    name: str
    envelope: ConnectionSettings
    connector: type[Connector[Any]]
    settings: ConnectorSettings


def is_disabled(document: Document) -> bool:
    """Whether a connection's file says so, in any of the words for false that the setting takes, such as `no` and `off`."""
    try:
        return not _YES_OR_NO.validate_python(document.data.get("enabled", True))
    except ValidationError:
        return False


def read_connection(document: Document, findings: list[SettingsFinding]) -> ConnectionConfig | None:
    """The connection that a file describes; None when it is disabled or wrong. What is wrong is added to `findings`.

    The connector's settings are checked even when the envelope around them is wrong, so that all findings come at once.
    """
    type_name, raw = document.data.get("type"), document.data.get("settings", {})
    if is_disabled(document) or not isinstance(type_name, str):
        _envelope(document, frozenset(), findings)
        return None
    try:
        connector = connector_class(type_name)
    except UnknownConnector as error:
        _envelope(document, frozenset(), findings)
        findings.append(document.finding(["type"], _unknown_type(type_name, error)))
        return None
    envelope = _envelope(document, frozenset(keys_at(connector.settings_model, ())), findings)
    if not isinstance(raw, dict):
        return None
    try:
        settings = connector.settings_model.model_validate(raw)
    except ValidationError as error:
        findings += explain(error, document, connector.settings_model, below=["settings"])
        return None
    findings += (
        replace(finding, message=f"{finding.message}, or {_UNUSED}")
        for finding in missing_secrets(document, settings, ("settings",))
    )
    return ConnectionConfig(Path(document.name).stem, envelope, connector, settings) if envelope else None


def _envelope(
    document: Document, keys_of_settings: frozenset[str], findings: list[SettingsFinding]
) -> ConnectionSettings | None:
    """What stands around the connector's own settings; keys of these that stand beside them are told to move."""
    misplaced = (document.data.keys() & keys_of_settings) - ConnectionSettings.model_fields.keys()
    findings += [document.finding([key], f'the key "{key}" belongs under "settings:"') for key in misplaced]
    try:
        return ConnectionSettings.model_validate({key: document.data[key] for key in document.data.keys() - misplaced})
    except ValidationError as error:
        findings += explain(error, document, ConnectionSettings)
        return None


def mapped_fields(connections: list[ConnectionConfig]) -> frozenset[str] | None:
    """Every field that a person or company can have here; None when some connector does not say what it maps."""
    mapped = [one.connector.mapped_fields(one.settings) for one in connections]
    if not mapped or not all(mapped):
        return None
    return DERIVED_FIELDS.union(*mapped)


def unknown_stages(connection: ConnectionConfig, document: Document, stages: Set[str]) -> Iterator[SettingsFinding]:
    """A finding for every stage that a connection has a value for and the qualification does not know."""
    place = connection.connector.stage_place(connection.settings)
    if place is None:
        return
    for name in place.values.keys() - stages:
        where = ["settings", *place.setting, name]
        yield document.finding(where, f'there is no stage "{name}"{did_you_mean(name, stages)}')


def _unknown_type(type_name: str, error: UnknownConnector) -> str:
    if ":" in type_name:
        module_and_class = all(is_nameable(part) for part in type_name.split(":"))
        return str(error) if module_and_class else "the connector that this names cannot be loaded"
    words = str(error) if is_nameable(type_name) else "there is no connector of this type"
    return words + did_you_mean(type_name, known_types())


def missing_secrets(document: Document, settings: BaseModel, below: tuple[str, ...]) -> Iterator[SettingsFinding]:
    """A finding for every secret that `settings`, found in the document under `below`, refers to and that is not there."""
    for path, ref in secret_refs(settings):
        kind, _, rest = ref.partition(":")
        if kind not in {"env", "file"}:
            continue  # a setting that may be written out, such as a client id
        try:
            reveal(ref)
        except Reauthorise as error:
            yield document.finding([*below, *path], _remedy(kind, rest, error))


def _remedy(kind: str, name: str, error: Reauthorise) -> str:
    if kind == "file":
        return f"{error.what}; correct the path or the file"
    if not is_nameable(name):  # someone may have put the secret itself behind `env:`
        return "no such environment variable is set; write a variable's name after env:, never the secret itself"
    return f"{error.what}; set it"
