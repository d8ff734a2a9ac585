"""The org as the readers and writers of this connector see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.contract import Context
from connectors.errors import ContractBroken
from connectors.salesforce.client import Client
from connectors.salesforce.paths import QUERY, Endpoint
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema, Schemas
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.soql import chunks, one_of, quote, select


@dataclass(frozen=True, slots=True)
class Org:
    """One org: how to call it, what it looks like, how it is set up."""

    settings: SalesforceSettings
    context: Context
    client: Client
    schemas: Schemas

    def rows_by(
        self,
        schema: Schema,
        columns: Sequence[str],
        field: str,
        ids: Sequence[str],
        endpoint: Endpoint = QUERY,
        conditions: Sequence[str] = (),
    ) -> Iterator[Row]:
        """Rows whose `field` is one of `ids`, each once, in order of Id within a chunk of ids. Id and stamp always come."""
        for chunk in chunks(sorted(set(ids))):
            after: str | None = ""
            while after is not None:
                rows, after = self.page(schema, columns, (one_of(field, chunk), *conditions), after, endpoint)
                yield from rows

    def page(
        self, schema: Schema, columns: Sequence[str], conditions: Sequence[str], after: str, endpoint: Endpoint = QUERY
    ) -> tuple[tuple[Row, ...], str | None]:
        """Rows that fulfil the conditions, each once, in order of Id from behind `after` on; and where to go on."""
        size = self.settings.page_size
        beyond = f"Id > {quote(after)}" if after else ""
        wanted = ("Id", schema.stamp, *columns)
        page = self.client.query(select(wanted, schema.name, (*conditions, beyond), order="Id", limit=size), endpoint)
        rows = [Row(values, schema.stamp) for values in page.records]
        more = not page.done or len(rows) >= size
        if more and (not rows or rows[-1].id == after):
            raise ContractBroken(f"Salesforce answers a query on {schema.name} without getting on")
        once = {row.id: row for row in rows}  # a page may hold a row twice
        return tuple(once.values()), rows[-1].id if more else None
