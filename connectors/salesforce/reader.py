"""What a reader is: one Salesforce object, the columns it needs, and the records it makes of rows."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from connectors.records import Record, Ref, Removed, Sighting
from connectors.salesforce.org import Org
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema


class Reader(ABC):
    """Reads one object. The walk brings rows; the reader asks for nothing but what belongs to those rows.

    `required` objects must be readable; others are left out where the org lacks them. `live` is the SOQL condition that
    rows worth reading in a first walk fulfil. A `follow_up` object only tells of changes to another one and is not read
    in a first walk. `stamp_tells_all`: a row that changes, or what belongs to it, gets a new stamp.
    """

    required: ClassVar[bool] = True
    live: ClassVar[str] = ""
    follow_up: ClassVar[bool] = False
    stamp_tells_all: ClassVar[bool] = True

    def __init__(self, org: Org, name: str) -> None:
        self.org = org
        self.object = name

    @abstractmethod
    def columns(self, schema: Schema) -> tuple[str, ...]:
        """The columns to ask for, besides Id and the stamp; only those that exist."""

    @abstractmethod
    def records(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """The records that live rows stand for."""

    def condition(self, schema: Schema) -> str:
        """A SOQL condition that every row worth reading fulfils."""
        return ""

    def content_columns(self, schema: Schema) -> tuple[str, ...]:
        """The columns that make up content: when they change, the object is read from the beginning."""
        return self.columns(schema)

    def by_id(self, ids: Sequence[str]) -> tuple[Record, ...]:
        """The records with these ids as they are now; those that a first walk would not bring are left out."""
        schema = self.org.schemas.get(self.object)
        conditions = (self.condition(schema), self.live)
        rows = self.org.rows_by(schema, self.columns_of_one(schema), "Id", ids, conditions=conditions)
        return self.records(schema, list(rows))

    def columns_of_one(self, schema: Schema) -> tuple[str, ...]:
        """The columns to ask for when records are few, and the size of a page does not matter."""
        return self.columns(schema)

    def census_columns(self, schema: Schema) -> tuple[str, ...]:
        """The columns that `sightings` needs besides Id and the stamp."""
        return ()

    def sightings(self, schema: Schema, rows: Sequence[Row]) -> tuple[Sighting, ...]:
        """The live rows of which `records` would make something."""
        return tuple(Sighting(Ref(self.object, row.id), row.modified_at) for row in rows)

    def changes(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """As `records`, for rows that changed since the last window, whether live or not."""
        return self.records(schema, rows)

    def removals(self, schema: Schema, rows: Sequence[Row]) -> tuple[Record, ...]:
        """What deleted rows stand for. A row that lost a merge names the row it went into in `MasterRecordId`."""
        return tuple(self.removal(row) for row in rows)

    def removal(self, row: Row) -> Removed:
        """The row is no longer there, or no longer what this reader reads."""
        into = row.ref(self.object, "MasterRecordId")
        return Removed(ref=Ref(self.object, row.id), at=row.modified_at, reason="merged" if into else "archived", into=into)

    def shape(self, schema: Schema) -> str:
        """A fingerprint of the content columns."""
        return f"{zlib.crc32(','.join(self.content_columns(schema)).encode()):08x}"


def readable(readers: Iterable[Reader]) -> Iterator[tuple[Reader, Schema]]:
    """Those of the readers whose object the org has and the user may read.

    Raises:
        Misconfigured: a required object is not among them.
    """
    for reader in readers:
        schema = reader.org.schemas.get(reader.object) if reader.required else reader.org.schemas.find(reader.object)
        if schema is not None:
            yield reader, schema
