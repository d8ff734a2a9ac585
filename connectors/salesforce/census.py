"""The whole of the org as it is now, for audits: who is there, what they are, and what became of those who are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from connectors.contract import Sighted
from connectors.records import Record, Ref, Removed
from connectors.salesforce import cursor as cursors
from connectors.salesforce.bulk import Bulk
from connectors.salesforce.cursor import Place
from connectors.salesforce.org import Org
from connectors.salesforce.paths import QUERY, QUERY_ALL
from connectors.salesforce.reader import Reader, readable
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import select

_END = Place("")


class Census:
    """Counts, lists and looks up the rows of readers that are no follow-ups."""

    def __init__(self, org: Org, readers: Iterable[Reader]) -> None:
        self._org = org
        self._readers = {reader.object: reader for reader in readers if not reader.follow_up}
        self._bulk = Bulk(org)

    def count(self, readers: Sequence[Reader]) -> int:
        """Rows that a first walk asks for."""
        found = readable(reader for reader in readers if not reader.follow_up)
        return sum(self._count(reader, schema) for reader, schema in found)

    def sightings(self, readers: Sequence[Reader], cursor: str | None) -> Iterator[Sighted]:
        """Every row of which a first walk would make a record."""
        found = list(readable(reader for reader in readers if not reader.follow_up))
        starts = [*(Place(reader.object) for reader, _ in found), _END]
        place = cursors.read_place(cursor) or starts[0]
        for (reader, schema), following in zip(found, starts[1:], strict=True):
            while place.step == reader.object:
                rows, then = self._part(reader, schema, place)
                place = then or following
                yield Sighted(reader.sightings(schema, rows), cursors.write(place))

    def fetch(self, refs: Sequence[Ref]) -> tuple[Record, ...]:
        """The records with these ids as a first walk would bring them now."""
        return tuple(record for reader, ids in self._asked(refs) for record in reader.by_id(ids))

    def whereabouts(self, refs: Sequence[Ref]) -> tuple[Removed, ...]:
        """What became of records that are no longer read.

        A row in the recycle bin is archived, or merged into the row that its `MasterRecordId` names. A row that is there
        and not what the reader reads any more (a response taken back) is taken back. A converted Lead is there, and so is an
        archived activity. Of what has left the bin, after 15 days or at once, Salesforce keeps nothing and gives no reason:
        an erasure cannot be told from a clean-up, nor from a record that the user may not see any more. As we must not keep
        people whom the CRM no longer shows us, all of these count as `privacy`, by an answer that came in whole.

        Raises:
            Misconfigured: the object may not be read at all, which says nothing of its rows.
        """
        return tuple(removed for reader, ids in self._asked(refs) for removed in self._lost(reader, ids))

    def _asked(self, refs: Sequence[Ref]) -> Iterator[tuple[Reader, list[str]]]:
        for name, reader in self._readers.items():
            if ids := [ref.id for ref in refs if ref.object == name]:
                yield reader, ids

    def _lost(self, reader: Reader, ids: Sequence[str]) -> Iterator[Removed]:
        schema = self._org.schemas.get(reader.object)
        columns = (*schema.only("IsDeleted", "MasterRecordId"), *reader.columns(schema))
        rows = {row.id: row for row in self._org.rows_by(schema, columns, "Id", ids, QUERY_ALL)}
        present = [row for row in rows.values() if not row.flag("IsDeleted")]
        yield from (reader.removal(row) for row in rows.values() if row.flag("IsDeleted"))
        yield from (record for record in reader.changes(schema, present) if isinstance(record, Removed))
        now = self._org.context.now()
        yield from (Removed(ref=Ref(reader.object, one), at=now, reason="privacy") for one in ids if one not in rows)

    def _count(self, reader: Reader, schema: Schema) -> int:
        return self._org.client.query(select(("COUNT()",), reader.object, _conditions(reader, schema))).total

    def _part(self, reader: Reader, schema: Schema, place: Place) -> tuple[Sequence[Row], Place | None]:
        """Some rows, and where to go on: by pages in order of Id, which no edit moves, or by a job if there are many."""
        conditions = _conditions(reader, schema)
        columns = reader.census_columns(schema)
        wanted = ("Id", schema.stamp, *columns)
        if place.job is not None:
            results = self._bulk.results(place.job, schema, wanted)
            if results is None:
                return (), Place(place.step, paged=True)
            return results.rows, replace(place, job=results.following) if results.following else None
        if not place.paged and self._count(reader, schema) > self._org.settings.bulk_above:
            job = self._bulk.start(select(wanted, schema.name, conditions), QUERY)
            return (), Place(place.step, job=job, paged=job is None)
        rows, after = self._org.page(schema, columns, conditions, place.id or "")
        return rows, Place(place.step, id=after, paged=True) if after else None


def _conditions(reader: Reader, schema: Schema) -> tuple[str, ...]:
    return (reader.condition(schema), reader.live)
