"""Ingest jobs: rows of CSV become writes, each judged by the org's own rules, and every row's fate is kept."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from sandbox.salesforce.bulk.dialect import Dialect
from sandbox.salesforce.bulk.headers import Headings
from sandbox.salesforce.bulk.jobs import JobType
from sandbox.salesforce.bulk.problems import JobFailedError
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field, Value
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Writer, checked_id
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Row

CHUNK = 200
SLICE = 4000
"""Rows that one request of somebody else may have to wait for."""
Cells = list[str]
Fate = TypeVar("Fate")


@dataclass(frozen=True, slots=True)
class Done:
    """A row that was written."""

    cells: Cells
    record_id: str
    created: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not."""

    cells: Cells
    record_id: str
    refusal: SalesforceError


@dataclass(slots=True)
class Load:
    """The task of an ingest job. `key` is what an upsert finds its records by; `data` is None until it is uploaded."""

    org: Org
    sobject: SObject
    operation: str
    key: Field | None
    dialect: Dialect
    writer: Writer
    seed: str
    type: JobType = "V2Ingest"
    data: bytes | None = None
    header: Cells = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    headings: Headings | None = None
    rows: list[Cells] = field(default_factory=list)
    tried: int = 0
    broken: str | None = None

    def perform(self, share: float) -> bool:
        """Write rows, batch by batch, until this share of them was tried; what was written before a failure stays written.

        Raises:
            JobFailedError: for line endings, headers or a row that cannot be read.
        """
        if self.headings is None:
            self.headings = self._begin()
        goal = len(self.rows) if share >= 1 else int(len(self.rows) * share) // CHUNK * CHUNK
        stop = min(goal, self.tried + SLICE)
        while self.tried < stop:
            chunk = self.rows[self.tried : self.tried + CHUNK]
            self._write(self.headings, chunk)
            self.tried += len(chunk)
        if self.tried < goal:
            return False
        if self.broken is not None and share >= 1:
            raise JobFailedError(f"InvalidBatch : Failed to parse CSV record : {self.broken}")
        return True

    def facts(self) -> dict[str, object]:
        """How many rows were tried, and how many of these failed."""
        return {"numberRecordsProcessed": self.tried, "numberRecordsFailed": len(self.refused)}

    def successes(self) -> str:
        """The CSV of rows written, in an order of its own."""
        rows = self._mixed(self.done)
        lines = ((row.record_id, "true" if row.created else "false", *row.cells) for row in rows)
        return self._csv(("sf__Id", "sf__Created", *self.header), lines)

    def failures(self) -> str:
        """The CSV of rows refused, with the reasons, in an order of its own."""
        rows = self._mixed(self.refused)
        lines = ((row.record_id, _reason(row.refusal), *row.cells) for row in rows)
        return self._csv(("sf__Id", "sf__Error", *self.header), lines)

    def leftovers(self) -> str:
        """The CSV of rows that were never tried."""
        return self._csv(self.header, self.rows[self.tried :])

    def _begin(self) -> Headings:
        text = self._text()
        self.dialect.check_line_endings(text)
        self.rows = list(self._lines(text))
        if not self.header:
            raise JobFailedError("InvalidBatch : The uploaded data has no header")
        headings = Headings(self.header, self.sobject, self.org, self.writer.user_id)
        if self.operation == "delete" and [name.lower() for name in self.header] != ["id"]:
            raise JobFailedError("InvalidBatch : The 'delete' batch must contain only ids")
        self.data = b""
        return headings

    def _csv(self, header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
        return self.dialect.line(header) + "".join(self.dialect.line(row) for row in rows)

    def _mixed(self, rows: list[Fate]) -> list[Fate]:
        """The same rows in another order than they came in (believed: none is promised)."""
        mixed = list(rows)
        Random(self.seed).shuffle(mixed)
        return mixed if mixed != rows else mixed[::-1]

    def _text(self) -> str:
        if not self.data:
            raise JobFailedError("InvalidBatch : No data was uploaded")
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            raise JobFailedError("ClientInputError : The uploaded data is not UTF-8") from None

    def _lines(self, text: str) -> Iterator[Cells]:
        """The rows up to the first that cannot be read; nothing after it is."""
        try:
            lines = self.dialect.rows(text)
            self.header = next(lines, [])
            for cells in lines:
                if len(cells) != len(self.header):
                    raise csv.Error(f"{len(cells)} values for {len(self.header)} columns")
                yield cells
        except csv.Error as problem:
            self.broken = str(problem)

    def _write(self, headings: Headings, chunk: Iterable[Cells]) -> None:
        """A batch of rows; those that name the same record within it are refused, each of them (believed)."""
        rows = [(cells, *self._read(headings, cells)) for cells in chunk]
        keys = Counter(self._key_of(values) for _, values, _ in rows)
        write = _WRITERS[self.operation]
        for cells, values, wrong in rows:
            named = values.get("Id")
            try:
                if wrong is not None:
                    raise wrong
                key = self._key_of(values)
                if key is not None and keys[key] > 1:
                    raise SalesforceError("DUPLICATE_VALUE", f"Duplicate external id specified: {key}")
                row, created = write(self, values)
                self.done.append(Done(cells, row.id, created))
            except SalesforceError as refusal:
                self.refused.append(Refused(cells, named if isinstance(named, str) else "", refusal))

    def _read(self, headings: Headings, cells: Cells) -> tuple[dict[str, Value], SalesforceError | None]:
        try:
            return self.org.records.parse(self.sobject, headings.values(cells)), None
        except SalesforceError as wrong:
            unreadable = wrong.code == "JSON_PARSER_ERROR"
            return {}, SalesforceError("INVALID_TYPE_ON_FIELD_IN_RECORD", wrong.message) if unreadable else wrong

    def _key_of(self, values: Mapping[str, Value]) -> str | None:
        """What a row names its record by, where it changes one."""
        name = "Id" if self.key is None else self.key.name
        value = values.get(name)
        return None if value is None or self.operation == "insert" else str(value).lower()

    def insert(self, values: Mapping[str, Value]) -> tuple[Row, bool]:
        """A new record."""
        return self.org.records.create(self.sobject, values, self.writer), True

    def update(self, values: Mapping[str, Value]) -> tuple[Row, bool]:
        """Change the record with the id in the row."""
        row = self._named(values)
        self.org.records.update(row, values, self.writer)
        return row, False

    def delete(self, values: Mapping[str, Value]) -> tuple[Row, bool]:
        """Put the record with the id in the row into the recycle bin."""
        row = self._named(values)
        self.org.records.delete(row, self.writer)
        return row, False

    def upsert(self, values: Mapping[str, Value]) -> tuple[Row, bool]:
        """Change the record with the key in the row, or make it."""
        key = self.key
        if key is None or key.name == "Id":
            return self.update(values) if values.get("Id") else self.insert(values)
        value = values.get(key.name)
        if value is None:
            raise SalesforceError("MISSING_ARGUMENT", f"{key.name} not specified", (key.name,))
        rows = self.org.store.matching(self.sobject.name, key, value)
        if len(rows) > 1:
            ids = ", ".join(row.id for row in rows)
            message = f"{key.label}: more than one record found for external id field: [{ids}]"
            raise SalesforceError("DUPLICATE_EXTERNAL_ID", message, (key.name,))
        if not rows:
            return self.insert(values)
        self.org.records.update(rows[0], values, self.writer)
        return rows[0], False

    def _named(self, values: Mapping[str, Value]) -> Row:
        record_id = values.get("Id")
        if not isinstance(record_id, str):
            raise SalesforceError("MISSING_ARGUMENT", f"Id not specified in an {self.operation} call", ("Id",))
        row = self.org.store.find(checked_id(self.sobject, record_id))
        if row is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ("Id",))
        return row


def _reason(refusal: SalesforceError) -> str:
    """A refusal in the form of `sf__Error`: code, sentence, fields; several follow each other (believed)."""
    fields = ",".join(refusal.fields)
    first = f"{refusal.code}:{refusal.message}:{fields} --" if fields else f"{refusal.code}:{refusal.message}:--"
    return ";".join([first, *map(_reason, refusal.also)])


_WRITERS: dict[str, Callable[[Load, Mapping[str, Value]], tuple[Row, bool]]] = {
    "insert": Load.insert,
    "update": Load.update,
    "upsert": Load.upsert,
    "delete": Load.delete,
}
OPERATIONS = frozenset(_WRITERS)
