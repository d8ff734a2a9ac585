"""The whole configuration, read, checked and frozen. All findings come at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from leadline.settings.connections import (
    ConnectionConfig,
    is_disabled,
    mapped_fields,
    missing_secrets,
    read_connection,
    unknown_stages,
)
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
from leadline.settings.model import WorkspaceSettings
from leadline.settings.rules import EVENT_TYPES, Surroundings, read_model, read_qualification, remark_findings, unheard
from leadline.words import ENGLISH, Words, completed, lacking
from scoring.lists import Lists
from scoring.model import Model
from scoring.qualification import Qualification

__all__ = ["EVENT_TYPES", "ConnectionConfig", "Workspace", "load_workspace", "remark_findings"]


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
    words: Words = ENGLISH

    def preferred_connections(self) -> tuple[str, ...]:
        """Connection names, the sales home first: whose fields win, and where a person in several CRMs gets tasks."""
        names = [connection.name for connection in self.connections]
        return tuple(sorted(names, key=lambda name: (name != self.settings.sales_home, name)))


def load_workspace(folder: Path) -> Workspace:
    """Read `folder` (usually `config/`).

    Raises:
        SettingsInvalid: with every finding, when at least one is an error.
    """
    if not folder.is_dir():
        message = "there is no such folder; run from the checkout or name it with --config"
        raise SettingsInvalid([SettingsFinding(str(folder), 0, 0, "error", message)])
    return _Loader(folder).load()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = folder.parent
        self._findings: list[SettingsFinding] = []
        self._in_use: list[str] = []
        self._connection_files: dict[str, Document] = {}
        self._digest = blake2b(digest_size=12)

    def load(self) -> Workspace:
        main = self._read(self._folder / "leadline.yaml")
        settings = self._settings(main) if main else None
        connections = self._connections()
        lists, list_findings = read_lists(self._folder / "lists", self._root)
        self._findings += list_findings
        self._hash_of("lists", {name: sorted(values) for name, values in lists.values.items()})
        around = Surroundings(lists.values.keys(), self._mapped(connections))
        names = settings or _names_in(main)
        document = self._named(main, "scoring", self._folder / "scoring", names.scoring)
        model = read_model(document, around, self._findings) if document else None
        document = self._named(main, "qualification", self._folder, names.qualification)
        qualification = read_qualification(document, around, model, self._findings) if document else None
        if qualification:
            stages = {stage.id for stage in qualification.stages}
            for connection in connections:
                self._findings += unknown_stages(connection, self._connection_files[connection.name], stages)
        words = self._words(main, names.language)
        if settings and main:
            self._check_sales_home(settings, main)
            self._check_calendars(settings, main)
            if document and qualification:
                self._findings += unheard(document, qualification, main, settings.notify_sales)
            self._findings += missing_secrets(main, settings, ())
        if errors_only(self._findings) or not (settings and model and qualification and words):
            raise SettingsInvalid(self._findings)
        return Workspace(
            settings=settings,
            connections=tuple(connections),
            model=model,
            qualification=qualification,
            lists=lists,
            hash=self._digest.hexdigest(),
            warnings=tuple(sorted(self._findings)),
            words=words,
        )

    def _read(self, path: Path) -> Document | None:
        try:
            document = read_document(path, self._root)
        except SettingsInvalid as invalid:
            self._findings += invalid.findings
            return None
        self._hash_of(document.name, document.data)
        return document

    def _hash_of(self, name: str, data: Any) -> None:
        self._digest.update(json.dumps([name, data], sort_keys=True).encode())

    def _settings(self, main: Document) -> WorkspaceSettings | None:
        try:
            return WorkspaceSettings.model_validate(main.data)
        except ValidationError as error:
            self._findings += explain(error, main, WorkspaceSettings)
            return None

    def _connections(self) -> list[ConnectionConfig]:
        """The connections that can be used. `_in_use` gets the names of those that are wanted, right or wrong."""
        folder = self._folder / "connections"
        found = []
        for path in sorted(folder.glob("*.yaml")):
            document = self._read_filled(path)
            if document is None or not is_disabled(document):
                self._in_use.append(path.stem)
            connection = read_connection(document, self._findings) if document else None
            if connection is not None and document is not None:
                found.append(connection)
                self._connection_files[connection.name] = document
        place = shown(folder, self._root)
        if not any(folder.glob("*.yaml")):
            message = "no connection is configured: add a file such as hubspot.yaml here"
            self._findings.append(SettingsFinding(place, 0, 0, "error", message))
        elif not self._in_use:
            message = "every connection is disabled, so nothing will be read or written"
            self._findings.append(SettingsFinding(place, 0, 0, "warning", message))
        return found

    def _mapped(self, connections: list[ConnectionConfig]) -> frozenset[str] | None:
        """The fields that exist here, once every connection that is wanted can be asked."""
        return mapped_fields(connections) if len(connections) == len(self._in_use) else None

    def _read_filled(self, path: Path) -> Document | None:
        """A file that makes no sense without content."""
        document = self._read(path)
        if document is not None and not document.data:
            self._findings.append(document.finding((), "this file is empty"))
            return None
        return document

    def _named(self, main: Document | None, key: str, folder: Path, name: str) -> Document | None:
        """The file called `name`, which the main file's `key` names."""
        path = folder / f"{name}.yaml"
        if path.is_file():
            return self._read_filled(path)
        known = {other.stem for other in folder.glob("*.yaml")} - {"leadline"}
        message = f"there is no {shown(path, self._root)}{did_you_mean(name, known)}"
        if main:
            self._findings.append(main.finding([key], message))
        return None

    def _words(self, main: Document | None, language: str) -> Words | None:
        """The words of a language; its file may leave some out, which is a warning. English needs none."""
        folder = self._folder / "words"
        if language == "en" and not (folder / "en.yaml").is_file():
            return ENGLISH
        document = self._named(main, "language", folder, language)
        if document is None:
            return None
        for path, keys in lacking(document.data).items() if language != "en" else ():
            message = f"said in English, since it is not here: {', '.join(keys)}"
            self._findings.append(document.finding(path, message, severity="warning"))
        try:
            return Words.model_validate(completed(document.data))
        except ValidationError as error:
            self._findings += explain(error, document, Words)
            return None

    def _check_sales_home(self, settings: WorkspaceSettings, main: Document) -> None:
        home = settings.sales_home
        if home is not None and home not in self._in_use:
            message = f'there is no enabled connection "{home}"{did_you_mean(home, self._in_use)}'
            self._findings.append(main.finding(["sales_home"], message))

    def _check_calendars(self, settings: WorkspaceSettings, main: Document) -> None:
        for owner, name in zip(main.data.get("owners", ()), settings.owners.values(), strict=False):
            if name not in settings.calendars:
                message = f'there is no calendar "{name}"{did_you_mean(name, settings.calendars)}'
                self._findings.append(main.finding(["owners", owner], message))


def _names_in(main: Document | None) -> WorkspaceSettings:
    """The names of the other files, as far as a main file with mistakes tells them, so that those are checked too."""
    said = {key: main.data[key] for key in ("scoring", "qualification", "language") if key in main.data} if main else {}
    try:
        return WorkspaceSettings.model_validate(said)
    except ValidationError:
        return WorkspaceSettings()
