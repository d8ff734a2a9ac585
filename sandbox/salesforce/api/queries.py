"""`query`, `queryAll` and their further pages, for records and for the Tooling API."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random

from sandbox.exchange import Reply
from sandbox.salesforce.api.query_columns import columns
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ids import IdMint
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import Call, Route, json_reply
from sandbox.salesforce.soql.engine import Caller, Engine, Result
from sandbox.salesforce.soql.shape import Children

PAGE_MAX = 2000
PAGE_MIN = 200
CURSOR_SECONDS = 2 * 86_400
CELLS_PER_PAGE = 200_000
"""Wide rows make small pages (Salesforce docs: query batch size; the number is made up)."""
_SHORT_SHARE = 0.1
_RECORDS, _TOOLING = "query", "tooling/query"
_FURTHER = re.compile(r"/query(?:All)?/(\w+)-\d+/?$", re.IGNORECASE)
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class _Cursor:
    """A query in progress. Only the starts that were handed out can be asked for."""

    result: Result
    user_id: str
    page_size: int
    opened_seconds: float
    seed: str
    family: str
    starts: set[int] = field(default_factory=lambda: {0})

    def end_of_page(self, start: int) -> int:
        """Where the page from `start` on ends. Some are shorter than asked for, and child rows count; asked again, the
        page ends at the same row."""
        size = min(self.page_size, self.result.length - start)
        chance = Random(f"{self.seed}:{start}")
        if size > PAGE_MIN and chance.random() < _SHORT_SHARE:
            size = chance.randint(PAGE_MIN, size)
        return start + self._parents(start, size)

    def _parents(self, start: int, size: int) -> int:
        """How many of `size` rows from `start` on fill a page with their children; one at least."""
        shape = self.result.shape
        children = [] if shape is None else [step for _, step in shape.steps if isinstance(step, Children)]
        if not children:
            return size
        counted = 0
        for number, row in enumerate(self.result.rows[start : start + size]):
            counted += 1 + sum(len(child.by_parent.get(row.id, ())) for child in children)
            if counted > self.page_size:
                return max(1, number)
        return size


class QueryApi:
    """Handlers for queries. Cursors live two days (Salesforce docs: query cursor limits), unless the org loses one."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._cursors: dict[str, _Cursor] = {}
        self._mint = IdMint()
        self._opened = 0

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [
            Route("GET", "/query", self.query),
            Route("GET", "/query/{locator}", self.more),
            Route("GET", "/queryAll", self.query_all),
            Route("GET", "/queryAll/{locator}", self.more),
            Route("GET", "/tooling/query", self.tooling),
            Route("GET", "/tooling/query/{locator}", self.more),
        ]

    def query(self, call: Call) -> Reply:
        """Records that are not deleted."""
        return self._answer(call, Caller(call.user_id))

    def query_all(self, call: Call) -> Reply:
        """Records including deleted ones."""
        return self._answer(call, Caller(call.user_id, sees_deleted=True))

    def tooling(self, call: Call) -> Reply:
        """Definitions of fields and objects."""
        return self._first_page(call, self._run(call, self._org.tooling.engine, Caller(call.user_id)), _TOOLING)

    def _answer(self, call: Call, caller: Caller) -> Reply:
        result = self._run(call, self._org.engine, caller)
        if (call.parameter("columns") or "").lower() == "true":
            return json_reply(columns(call.parameter("q") or "", result, self._org.schema.named(result.object)))
        return self._first_page(call, result, _RECORDS)

    def _run(self, call: Call, engine: Engine, caller: Caller) -> Result:
        text = call.parameter("q")
        if not text:
            raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
        return engine.run(text, caller, call.request.at)

    def _first_page(self, call: Call, result: Result, family: str) -> Reply:
        self._opened += 1
        cursor = _Cursor(
            result=result,
            user_id=call.user_id,
            page_size=page_size(call.header("Sforce-Query-Options"), result),
            opened_seconds=self._org.clock.seconds(),
            seed=f"{self._org.seed}:{self._opened}",
            family=family,
        )
        locator = ""
        if cursor.end_of_page(0) < result.length:
            locator = self._mint.mint("01g")[:15]
            self._cursors[locator] = cursor
        return _page(locator, cursor, 0, call.base)

    def more(self, call: Call) -> Reply:
        """The page that a `nextRecordsUrl` stands for; asking for it again gives it again."""
        locator, _, start = call.path["locator"].rpartition("-")
        cursor = self._cursors.get(locator)
        if cursor is None or not start.isdigit() or int(start) not in cursor.starts:
            raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
        if cursor.user_id != call.user_id:
            raise SalesforceError("QUERY_LOCATOR_NOT_FOUND", "query locator not found")
        if self._org.clock.seconds() - cursor.opened_seconds > CURSOR_SECONDS:
            raise SalesforceError("QUERY_LOCATOR_EXPIRED", "query locator expired")
        return _page(locator, cursor, int(start), call.base)

    def lose(self, path: str) -> bool:
        """End the locator that a path names, as an org may at any time. False: it names none."""
        found = _FURTHER.search(path)
        return found is not None and self._cursors.pop(found[1], None) is not None


def page_size(options: str, result: Result) -> int:
    """The most rows of a page: what `Sforce-Query-Options` asks for within 200 to 2,000, and less for wide rows.

    Two long-text custom columns make it 200 (Salesforce docs: query options).
    """
    matched = _BATCH_SIZE.search(options)
    asked = int(matched[1]) if matched else PAGE_MAX
    if result.long_text_columns > 1:
        return PAGE_MIN
    columns = 1 if result.shape is None else max(1, len(result.shape.steps))
    return max(1, min(max(asked, PAGE_MIN), PAGE_MAX, CELLS_PER_PAGE // columns))


def _page(locator: str, cursor: _Cursor, start: int, base: str) -> Reply:
    result, following = cursor.result, cursor.end_of_page(start)
    done = following >= result.length
    further: dict[str, object] = {}
    if not done:
        cursor.starts.add(following)
        further["nextRecordsUrl"] = f"{base}/{cursor.family}/{locator}-{following}"
    if cursor.family == _RECORDS:
        records = result.page(start, following - start, base)
        return json_reply({"totalSize": result.total, "done": done, **further, "records": records})
    records = result.page(start, following - start, f"{base}/tooling")
    named = {"queryLocator": None, "entityTypeName": result.object}
    return json_reply(
        {"size": len(records), "totalSize": result.total, "done": done, **further, **named, "records": records}
    )
