"""Query jobs: what may be asked in bulk, and the CSV that comes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from sandbox.salesforce.bulk.dialect import Dialect
from sandbox.salesforce.bulk.jobs import JobType
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Value
from sandbox.salesforce.soql.aggregate import is_aggregate
from sandbox.salesforce.soql.binding import Column
from sandbox.salesforce.soql.engine import Caller, Engine
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.problems import QueryError
from sandbox.salesforce.soql.tree import AllFields, Path, Query
from sandbox.salesforce.store import Row

DEFAULT_PAGE = 50_000
_SHRINK_SHARE = 0.25
# Observed by the authors of other clients: these answer plain queries only.
NOT_IN_BULK = frozenset({"taskwhorelation", "eventwhorelation", "recentlyviewed", "taskstatus", "taskpriority"})


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a result as CSV, and the locator of the next page, if there is one."""

    text: str
    records: int
    locator: str | None


@dataclass(slots=True)
class Extract:
    """The task of a query job. Which rows it finds is settled when it is created, what they hold when it ends."""

    source: str
    columns: list[Column]
    dialect: Dialect
    seed: str
    found: Sequence[Row]
    type: JobType = "V2Query"
    lines: list[str] = field(default_factory=list)
    _starts: dict[str, int] = field(default_factory=dict)

    def perform(self, share: float) -> bool:
        """Write the CSV, at the end of the time that it takes."""
        if share < 1:
            return True
        line, gets = self.dialect.line, [column.get for column in self.columns]
        self.lines = [line([cell(get(row)) for get in gets]) for row in self.found[:]]
        self.found = ()
        return True

    def facts(self) -> dict[str, object]:
        """How many records there are to fetch."""
        return {"numberRecordsProcessed": len(self.lines)}

    def page(self, locator: str | None, asked: int) -> Page:
        """Up to `asked` records; the org may give fewer. The same locator and number give the same records again.

        Raises:
            SalesforceError: INVALID_QUERY_LOCATOR for a locator that was not handed out.
        """
        start = 0 if locator is None else self._starts.get(locator)
        if start is None:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        chance = Random(f"{self.seed}:{start}")
        if asked > 1 and chance.random() < _SHRINK_SHARE:
            asked -= int(asked * chance.uniform(0, 0.5))
        lines = self.lines[start : start + asked]
        header = self.dialect.line(".".join(column.names) for column in self.columns)
        return Page(header + "".join(lines), len(lines), self._locator(start + len(lines)))

    def _locator(self, start: int) -> str | None:
        """A name for a place in the result that tells nothing of the place."""
        if start >= len(self.lines):
            return None
        locator = hashlib.blake2b(f"{self.seed}:{start}".encode(), digest_size=9).hexdigest()
        self._starts[locator] = start
        return locator


def extract(text: str, engine: Engine, caller: Caller, now: datetime, dialect: Dialect, seed: str) -> Extract:
    """The task that a query asks for.

    Raises:
        SalesforceError: for what no query may ask (MALFORMED_QUERY and so on) and what this API does not do: API_ERROR
            for children, aggregates, OFFSET, FIELDS() and compound fields, INVALIDENTITY for some objects.
    """
    query = _parsed(text)
    if query.source.lower() in NOT_IN_BULK:
        raise SalesforceError("INVALIDENTITY", f"Entity '{query.source}' is not supported by the Bulk API.")
    paths = _plain_paths(query)
    result = engine.run(text, caller, now)
    if result.shape is None:
        raise _unsupported("Aggregate queries")
    sobject = result.shape.binder.source(query.source, query.source_at)
    columns = [result.shape.binder.column(sobject, path, query.alias) for path in paths]
    if any(column.field.type == "address" for column in columns):
        raise SalesforceError("API_ERROR", "Selecting compound data not supported in Bulk Query")
    return Extract(sobject.name, columns, dialect, seed, result.rows)


def cell(value: Value) -> str:
    """A stored value in CSV; times end in `Z`, where JSON answers end in `+0000`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"{text[:-5]}Z" if _is_stamp(text) else text


def _is_stamp(text: str) -> bool:
    return len(text) == 28 and text.endswith(".000+0000") and text[10] == "T"


def _parsed(text: str) -> Query:
    try:
        return parse(text)
    except QueryError as problem:
        raise problem.against(text) from None


def _plain_paths(query: Query) -> list[Path]:
    if is_aggregate(query):
        raise _unsupported("Aggregate queries")
    if query.offset:
        raise _unsupported("OFFSET")
    return list(_paths(query))


def _paths(query: Query) -> Iterable[Path]:
    for item in query.select:
        if isinstance(item, Query):
            raise _unsupported("Aggregate Relationships")
        if isinstance(item, AllFields):
            raise _unsupported("FIELDS()")
        if not isinstance(item, Path):
            raise _unsupported("TYPEOF and functions")
        yield item


def _unsupported(what: str) -> SalesforceError:
    return SalesforceError("API_ERROR", f"{what} not supported in Bulk Query")
