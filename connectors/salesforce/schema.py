"""What the org's objects look like to the integration user: describes, kept for a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Lock

import msgspec

from connectors.contract import Context
from connectors.errors import Misconfigured, RecordRejected
from connectors.salesforce.client import Client
from connectors.salesforce.paths import DESCRIBE, Request

DESCRIBE_LIFE = timedelta(days=1)
STAMPS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")
LONG_TEXT_FROM = 256
"""A `textarea` of at least this length is a long-text field; two of them selected cap a page at 200 rows."""


class Field(msgspec.Struct, frozen=True):
    """One field as a describe states it. Names are Salesforce's own spelling."""

    name: str
    type: str
    length: int = 0
    scale: int = 0
    custom: bool = False
    filterable: bool = True
    createable: bool = False
    updateable: bool = False

    @property
    def long_text(self) -> bool:
        """Whether it counts against the page size of queries."""
        return self.type == "textarea" and self.length >= LONG_TEXT_FROM


class _Describe(msgspec.Struct, frozen=True):
    name: str
    fields: tuple[Field, ...]


class Schema:
    """One object: only the fields that the user may read. Field names are found without regard to case."""

    def __init__(self, name: str, fields: tuple[Field, ...], described_at: datetime) -> None:
        self.name = name
        self.described_at = described_at
        self._fields = {field.name.lower(): field for field in fields}

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def field(self, name: str) -> Field | None:
        """The field of this name, or None if it does not exist or may not be read."""
        return self._fields.get(name.lower())

    def only(self, *names: str) -> tuple[str, ...]:
        """Those of the names that exist, in Salesforce's spelling."""
        return tuple(field.name for name in names if (field := self.field(name)) is not None)

    @property
    def stamp(self) -> str:
        """The field that tells when a row last changed.

        SystemModstamp moves for users and system processes; where it is not filterable, the next best serves (Salesforce
        docs: System Fields).
        """
        for name in STAMPS:
            if (field := self.field(name)) is not None and field.filterable:
                return field.name
        raise Misconfigured(f"{self.name} has no readable modification time ({', '.join(STAMPS)})")


class Schemas:
    """The org's describes, asked for once a day and after a field was refused. Safe for several threads."""

    def __init__(self, client: Client, context: Context) -> None:
        self._client = client
        self._context = context
        self._known: dict[str, Schema | None] = {}
        self._asked_at: dict[str, datetime] = {}
        self._lock = Lock()

    def find(self, name: str) -> Schema | None:
        """The object, or None if the org lacks it or the user may not see it."""
        with self._lock:
            now = self._context.now()
            if name not in self._asked_at or now - self._asked_at[name] >= DESCRIBE_LIFE:
                self._known[name] = self._describe(name, now)
                self._asked_at[name] = now
            return self._known[name]

    def get(self, name: str) -> Schema:
        """The object.

        Raises:
            Misconfigured: the org lacks it or the user may not see it.
        """
        if (schema := self.find(name)) is None:
            raise Misconfigured(f"the integration user may not read {name}; grant object access in a permission set")
        return schema

    def forget(self) -> None:
        """Ask anew next time: a field was refused, or new ones were created."""
        with self._lock:
            self._asked_at.clear()

    def _describe(self, name: str, now: datetime) -> Schema | None:
        try:
            described = self._client.ask(Request(DESCRIBE, {"object": name}), _Describe)
        except (RecordRejected, Misconfigured) as error:
            if error.code in {"NOT_FOUND", "INVALID_TYPE"}:
                return None
            raise
        return Schema(described.name, described.fields, now)
