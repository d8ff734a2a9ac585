"""Query jobs of Bulk API 2.0: begun, asked after from call to call, and their CSV read as the rows that REST would send.

Whatever is wrong with a job, REST answers the same question: a refusal here is no error, it means "not this way".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from connectors.errors import ContractBroken, Misconfigured, RecordRejected, RetryLater
from connectors.salesforce.client import Reply
from connectors.salesforce.cursor import Job
from connectors.salesforce.org import Org
from connectors.salesforce.paths import JOB_CREATE, JOB_READ, JOB_RESULTS, QUERY_ALL, Endpoint, Request
from connectors.salesforce.rows import Row
from connectors.salesforce.schema import Schema

SHORTEST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(seconds=60)
GIVEN_UP_AFTER = timedelta(hours=1)
"""A job that runs for longer is waiting behind others: pages over REST are faster."""

OTHER_VERSION = "API_VERSION_MISMATCH"
"""Results are only given in the API version of their job; the admin has changed it since."""

_RUNNING = frozenset({"UploadComplete", "InProgress"})
_NO_MORE = "null"

csv.field_size_limit(2**27)  # the default is shorter than a long rich-text field in UTF-8


class _State(msgspec.Struct, frozen=True):
    id: str
    state: str


@dataclass(frozen=True, slots=True)
class Results:
    """Some rows of a job, in no order, and the job to go on with; None when these were the last."""

    rows: tuple[Row, ...]
    following: Job | None


class Bulk:
    """Query jobs of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def start(self, soql: str, endpoint: Endpoint) -> Job | None:
        """A job for the query, which has no order and no limit; None where Bulk does not do it: not every object is its."""
        operation = "queryAll" if endpoint is QUERY_ALL else "query"
        form = {"contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF"}
        try:
            made = self._org.client.ask(Request(JOB_CREATE, payload={"operation": operation, "query": soql, **form}), _State)
        except (Misconfigured, RecordRejected, ContractBroken):
            return None
        return Job(made.id, self._org.context.now())

    def results(self, job: Job, schema: Schema, columns: Sequence[str]) -> Results | None:
        """The next rows of the job; None when it came to nothing, is forgotten, or holds other columns than these.

        Raises:
            RetryLater: the job is not done; it says when to ask again.
        """
        try:
            if job.locator is None and not self._is_done(job, schema):
                return None
            params = {"maxRecords": str(self._org.settings.bulk_page_size)}
            if job.locator is not None:
                params["locator"] = job.locator
            return _results(job, self._org.client.reply(Request(JOB_RESULTS, {"id": job.id}, params)), schema, columns)
        except (Misconfigured, RecordRejected, ContractBroken):
            return None
        except RetryLater as error:
            if error.code != OTHER_VERSION:
                raise
            return None

    def _is_done(self, job: Job, schema: Schema) -> bool:
        """Whether the results are there; False when they will never be."""
        state = self._org.client.ask(Request(JOB_READ, {"id": job.id}), _State).state
        now = self._org.context.now()
        age = now - job.started_at
        if state in _RUNNING and age < GIVEN_UP_AFTER:
            wait = min(max(age, SHORTEST_WAIT), LONGEST_WAIT)  # twice as long with each question
            raise RetryLater(f"Salesforce is still gathering the rows of {schema.name} (Bulk API job)", at=now + wait)
        return state == "JobComplete"


def _results(job: Job, reply: Reply, schema: Schema, columns: Sequence[str]) -> Results:
    locator = reply.headers.get("Sforce-Locator", _NO_MORE)
    try:
        rows = tuple(Row(values, schema.stamp) for values in csv_rows(reply.content, schema, columns))
    except (csv.Error, UnicodeDecodeError):
        rows = ()
    if str(len(rows)) != reply.headers.get("Sforce-NumberOfRecords"):
        raise RetryLater(f"Salesforce's answer with rows of {schema.name} is cut off or not CSV")
    following = None if locator == _NO_MORE else msgspec.structs.replace(job, locator=locator)
    return Results(rows, following)


def csv_rows(content: bytes, schema: Schema, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The records of a result, each value of the type that it has in the JSON of REST: empty is None, parents are nested.

    Raises:
        ContractBroken: the columns are not the ones asked for.
        csv.Error, UnicodeDecodeError: the text ends within a record, or is none.
    """
    lines = csv.reader(io.StringIO(content.decode().replace("\x00", ""), newline=""), strict=True)
    header = next(lines, [])
    if [name.lower() for name in header] != [name.lower() for name in columns]:
        raise ContractBroken(f"a Bulk API job on {schema.name} holds other columns than were asked for")
    fields = [(name.split("."), _reader(schema, name)) for name in columns]
    for cells in lines:
        if len(cells) != len(columns):
            raise csv.Error("a record with other columns than the header's")
        values: dict[str, Any] = {}
        for ((*parents, name), read), cell in zip(fields, cells, strict=True):
            target = values
            for parent in parents:
                target = target.setdefault(parent, {})
            target[name] = read(cell) if cell else None
        yield values


def _reader(schema: Schema, name: str) -> Callable[[str], Any]:
    field = schema.field(name)
    return str if field is None else _READERS.get(field.type, str)


def _whole(cell: str) -> int | str:
    try:
        return int(cell)
    except ValueError:
        return cell


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _flag(cell: str) -> bool:
    return cell.lower() == "true"


_READERS: Mapping[str, Callable[[str], Any]] = {
    "boolean": _flag,
    "int": _whole,
    "long": _whole,
    "double": _number,
    "currency": _number,
    "percent": _number,
}
