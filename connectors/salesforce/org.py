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
        self, schema: Schema, columns: Sequence[str], field: str, ids: Sequence[str], endpoint: Endpoint = QUERY
    ) -> Iterator[Row]:
        """Rows whose `field` is one of `ids`, each once, in order of Id within a chunk of ids. Id and stamp always come."""
        wanted = ("Id", schema.stamp, *columns)
        size = self.settings.page_size
        for chunk in chunks(sorted(set(ids))):
            last = ""
            more = True
            while more:
                conditions = (one_of(field, chunk), f"Id > {quote(last)}" if last else "")
                page = self.client.query(select(wanted, schema.name, conditions, order="Id", limit=size), endpoint)
                rows = [Row(values, schema.stamp) for values in page.records]
                yield from {row.id: row for row in rows}.values()  # a page may hold a row twice
                more = not page.done or len(rows) >= size
                if more and (not rows or rows[-1].id == last):
                    raise ContractBroken(f"Salesforce answers a query on {schema.name} without getting on")
                last = rows[-1].id if rows else last
