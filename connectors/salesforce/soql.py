"""Writing SOQL: values quoted, times in Salesforce's form, windows walked by (modification stamp, id)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from simple_salesforce.format import quote_soql_value

ItemT = TypeVar("ItemT")

IDS_PER_QUERY = 400
"""Quoted ids that fit a GET query: address and headers may have 16,384 bytes (Salesforce docs: API limits)."""


def quote(text: str) -> str:
    """The text as a SOQL string literal, quotes and escapes included."""
    return str(quote_soql_value(text))


def literal(moment: datetime) -> str:
    """The time as a SOQL literal: UTC, milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def one_of(field: str, values: Sequence[str]) -> str:
    """`field IN ('…', …)`; at most `IDS_PER_QUERY` values."""
    return f"{field} IN ({','.join(quote(value) for value in values)})"


def chunks(items: Sequence[ItemT], size: int = IDS_PER_QUERY) -> Iterator[Sequence[ItemT]]:
    """The items in order, `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def select(columns: Sequence[str], source: str, conditions: Sequence[str], *, order: str = "", limit: int = 0) -> str:
    """A SELECT; empty conditions are left out, the others joined by AND. `limit` 0 sets none."""
    parts = [f"SELECT {', '.join(dict.fromkeys(columns))} FROM {source}"]  # noqa: S608 - names come from describes, values go through quote
    if stated := [condition for condition in conditions if condition]:
        parts.append("WHERE " + " AND ".join(stated))
    if order:
        parts.append(f"ORDER BY {order}")
    if limit:
        parts.append(f"LIMIT {limit}")
    return " ".join(parts)


def beyond(stamp: str, at: datetime, row_id: str) -> str:
    """Rows after (`at`, `row_id`) in the order (stamp, Id): ties on one stamp may outnumber a page."""
    moment = literal(at)
    return f"({stamp} > {moment} OR ({stamp} = {moment} AND Id > {quote(row_id)}))"
