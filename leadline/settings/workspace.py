"""The whole configuration, read, checked and frozen. All findings come at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from connectors.contract import Connector, ConnectorSettings
from connectors.errors import Reauthorise
from connectors.secrets import SECRET_MARK, reveal
from leadline.registry import UnknownConnector, connector_class, known_types
from leadline.settings.document import Document, read_document
from leadline.settings.explain import explain
from leadline.settings.findings import (
    SettingsFinding,
    SettingsInvalid,
    did_you_mean,
    errors_only,
    shown,
)
from leadline.settings.lists import read_lists
from leadline.settings.model import ConnectionSettings, WorkspaceSettings
from scoring.lint import Remark, review
from scoring.lists import Lists
from scoring.model import Model, parse_model
from scoring.qualification import Qualification, parse_qualification, review_qualification

ModelT = TypeVar("ModelT", bound=BaseModel)

EVENT_TYPES = frozenset(
    {
        "page_view",
        "form_submission",
        "email_open",
        "email_click",
        "email_reply",
        "email_bounce",
        "unsubscribe",
        "meeting",
        "call",
        "webinar",
        "campaign_response",
        "content_download",
        "video_view",
        "trial_start",
        "demo_request",
        "chat",
        "social",
    }
)


@dataclass(frozen=True, slots=True)
class ConnectionConfig:
    """One connection: its name (the file's), envelope, connector class and the connector's own settings."""

    name: str
    envelope: ConnectionSettings
    connector: type[Connector[Any]]
    settings: ConnectorSettings


@dataclass(frozen=True, slots=True)
class Workspace:
    """A configuration without errors. `hash` changes with its meaning; `warnings` are worth a look."""

    settings: WorkspaceSettings
    connections: tuple[ConnectionConfig, ...]
    model: Model
    qualification: Qualification
    lists: Lists
    hash: str
    warnings: tuple[SettingsFinding, ...]

    def preferred_connections(self) -> tuple[str, ...]:
        """Connection names, the sales home first: whose fields win, and where a person in several CRMs gets tasks."""
        names = [connection.name for connection in self.connections]
        return tuple(sorted(names, key=lambda name: (name != self.settings.sales_home, name)))


def load_workspace(folder: Path) -> Workspace:
    """Read `folder` (usually `config/`).

    Raises:
        SettingsInvalid: with every finding, when at least one is an error.
    """
    return _Loader(folder).load()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = folder.parent
        self._findings: list[SettingsFinding] = []
        self._digest = blake2b(digest_size=12)

    def load(self) -> Workspace:
        if not self._folder.is_dir():
            message = "there is no such folder; run from the checkout or name it with --config"
            raise SettingsInvalid([SettingsFinding(str(self._folder), 0, 0, "error", message)])
        main = self._read(self._folder / "leadline.yaml")
        settings = self._parse(WorkspaceSettings, main) if main else None
        connections = self._connections()
        lists, list_findings = read_lists(self._folder / "lists", self._root)
        self._findings += list_findings
        self._hash_of({name: sorted(values) for name, values in lists.values.items()})
        effective = settings or WorkspaceSettings()
        model = self._model(effective, main, lists, _mapped_fields(connections))
        qualification = self._qualification(effective, main, lists)
        if settings and main:
            self._check_sales_home(settings, main, connections)
        if errors_only(self._findings) or not (settings and model and qualification):
            raise SettingsInvalid(self._findings)
        return Workspace(
            settings=settings,
            connections=tuple(connections),
            model=model,
            qualification=qualification,
            lists=lists,
            hash=self._digest.hexdigest(),
            warnings=tuple(sorted(self._findings)),
        )

    def _read(self, path: Path) -> Document | None:
        try:
            document = read_document(path, self._root)
        except SettingsInvalid as invalid:
            self._findings += invalid.findings
            return None
        self._hash_of(document.data)
        return document

    def _hash_of(self, data: Any) -> None:
        self._digest.update(json.dumps(data, default=str).encode())

    def _parse(self, model: type[ModelT], document: Document) -> ModelT | None:
        try:
            return model.model_validate(document.data)
        except ValidationError as error:
            self._findings += explain(error, document, model)
            return None

    def _connections(self) -> list[ConnectionConfig]:
        folder = self._folder / "connections"
        paths = sorted(folder.glob("*.yaml"))
        found = [config for path in paths if (config := self._connection(path))]
        if not paths:
            message = "no connection is configured: add a file such as hubspot.yaml here"
            self._findings.append(SettingsFinding(shown(folder, self._root), 0, 0, "error", message))
        return found

    def _connection(self, path: Path) -> ConnectionConfig | None:
        document = self._read(path)
        envelope = self._parse(ConnectionSettings, document) if document else None
        if document is None or envelope is None or not envelope.enabled:
            return None
        try:
            connector = connector_class(envelope.type)
        except UnknownConnector as error:
            hint = did_you_mean(envelope.type, known_types()) if ":" not in envelope.type else ""
            self._findings.append(document.finding(["type"], f"{error}{hint}"))
            return None
        try:
            settings = connector.settings_model.model_validate(envelope.settings)
        except ValidationError as error:
            self._findings += explain(error, document, connector.settings_model, below=["settings"])
            return None
        self._check_secrets(document, settings)
        return ConnectionConfig(path.stem, envelope, connector, settings)

    def _check_secrets(self, document: Document, settings: ConnectorSettings) -> None:
        for path, ref in secret_refs(settings):
            try:
                reveal(ref)
            except Reauthorise as error:
                message = f"{error.what}; set it, or write `enabled: false` if this connection is not in use"
                self._findings.append(document.finding(["settings", *path], message))

    def _named_file(self, main: Document | None, key: str, folder: Path, name: str) -> Path | None:
        path = folder / f"{name}.yaml"
        if path.is_file():
            return path
        known = [other.stem for other in folder.glob("*.yaml") if other.stem != "leadline"]
        message = f"there is no {shown(path, self._root)}{did_you_mean(name, known)}"
        if main:
            self._findings.append(main.finding([key], message))
        return None

    def _model(
        self, settings: WorkspaceSettings, main: Document | None, lists: Lists, fields: frozenset[str] | None
    ) -> Model | None:
        path = self._named_file(main, "scoring", self._folder / "scoring", settings.scoring)
        document = self._read(path) if path else None
        if document is None:
            return None
        try:
            model = parse_model(document.data)
        except ValidationError as error:
            self._findings += explain(error, document, Model)
            return None
        remarks = review(model, lists=lists.values.keys(), fields=fields, event_types=EVENT_TYPES)
        self._findings += remark_findings(document, remarks)
        return model

    def _qualification(self, settings: WorkspaceSettings, main: Document | None, lists: Lists) -> Qualification | None:
        path = self._named_file(main, "qualification", self._folder, settings.qualification)
        document = self._read(path) if path else None
        if document is None:
            return None
        try:
            qualification = parse_qualification(document.data)
        except ValidationError as error:
            self._findings += explain(error, document, Qualification)
            return None
        remarks = review_qualification(qualification, lists=lists.values.keys())
        self._findings += remark_findings(document, remarks)
        return qualification

    def _check_sales_home(self, settings: WorkspaceSettings, main: Document, connections: list[ConnectionConfig]) -> None:
        names = [connection.name for connection in connections]
        if settings.sales_home is not None and settings.sales_home not in names:
            hint = did_you_mean(settings.sales_home, names)
            message = f'there is no enabled connection "{settings.sales_home}"{hint}'
            self._findings.append(main.finding(["sales_home"], message))


def secret_refs(settings: BaseModel, below: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Path and reference of every secret in a settings value, however deep."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from secret_refs(value, (*below, name))
        elif isinstance(value, str) and (SECRET_MARK in field.metadata or _has_mark(field.annotation)):
            yield (*below, name), value


def _has_mark(annotation: Any) -> bool:
    marks: tuple[Any, ...] = getattr(annotation, "__metadata__", ())
    return SECRET_MARK in marks or (get_origin(annotation) is not None and any(map(_has_mark, get_args(annotation))))


def remark_findings(document: Document, remarks: Iterable[Remark]) -> list[SettingsFinding]:
    """What the scoring core remarks about a file, at its place in the file."""
    findings = []
    for remark in remarks:
        hint = f'; did you mean "{remark.suggestion}"?' if remark.suggestion else ""
        findings.append(document.finding(remark.path, f"{remark.message}{hint}", severity=remark.severity))
    return findings


def _mapped_fields(connections: list[ConnectionConfig]) -> frozenset[str] | None:
    """Every field that some connection maps; None while there is no connection to ask."""
    if not connections:
        return None
    mapped: Mapping[str, frozenset[str]] = {
        connection.name: connection.connector.mapped_fields(connection.settings) for connection in connections
    }
    derived = {"person.email", "person.seniority", "person.function"}
    return frozenset().union(derived, *mapped.values())
