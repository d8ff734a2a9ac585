"""`query`, `queryAll` and their further pages, for records and for the Tooling API."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.exchange import Reply
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ids import IdMint
from sandbox.salesforce.org import Org
from sandbox.salesforce.routes import Call, Route, json_reply
from sandbox.salesforce.soql.engine import Caller, Engine, Result

PAGE_MAX = 2000
PAGE_MIN = 200
CURSOR_SECONDS = 2 * 86_400
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class _Cursor:
    """A query in progress. Only the starts that were handed out can be asked for."""

    result: Result
    user_id: str
    page_size: int
    opened_seconds: float
    starts: set[int] = field(default_factory=set)


class QueryApi:
    """Handlers for queries. Cursors live two days (Salesforce docs: query cursor limits)."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._cursors: dict[str, _Cursor] = {}
        self._mint = IdMint()

    def routes(self) -> list[Route]:
        """The table of this family."""
        return [
            Route("GET", "/query", self.query),
            Route("GET", "/query/{locator}", self.more),
            Route("GET", "/queryAll", self.query_all),
            Route("GET", "/queryAll/{locator}", self.more),
            Route("GET", "/tooling/query", self.tooling),
        ]

    def query(self, call: Call) -> Reply:
        """Records that are not deleted."""
        return self._first_page(call, self._run(call, self._org.engine, Caller(call.user_id)))

    def query_all(self, call: Call) -> Reply:
        """Records including deleted ones."""
        return self._first_page(call, self._run(call, self._org.engine, Caller(call.user_id, sees_deleted=True)))

    def tooling(self, call: Call) -> Reply:
        """Definitions of fields and objects."""
        result = self._run(call, self._org.tooling.engine, Caller(call.user_id))
        records = result.page(0, PAGE_MAX, f"{call.base}/tooling")
        return json_reply(
            {
                "size": len(records),
                "totalSize": result.total,
                "done": True,
                "queryLocator": None,
                "entityTypeName": result.object,
                "records": records,
            }
        )

    def _run(self, call: Call, engine: Engine, caller: Caller) -> Result:
        text = call.parameter("q")
        if not text:
            raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
        return engine.run(text, caller, call.request.at)

    def _first_page(self, call: Call, result: Result) -> Reply:
        size = self._page_size(call, result)
        if result.length <= size:
            return json_reply(_page(result, 0, size, call.base))
        locator = self._mint.mint("01g")[:15]
        cursor = _Cursor(result, call.user_id, size, self._org.clock.seconds(), {0})
        self._cursors[locator] = cursor
        return self._page(locator, cursor, 0, call.base)

    def _page_size(self, call: Call, result: Result) -> int:
        """What the client asked for within 200 to 2,000; two long-text custom columns make it 200."""
        matched = _BATCH_SIZE.search(call.header("Sforce-Query-Options"))
        asked = int(matched[1]) if matched else PAGE_MAX
        return PAGE_MIN if result.long_text_columns > 1 else min(max(asked, PAGE_MIN), PAGE_MAX)

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
        return self._page(locator, cursor, int(start), call.base)

    def _page(self, locator: str, cursor: _Cursor, start: int, base: str) -> Reply:
        body = _page(cursor.result, start, cursor.page_size, base)
        following = start + cursor.page_size
        if following < cursor.result.length:
            cursor.starts.add(following)
            body = {
                "totalSize": body["totalSize"],
                "done": False,
                "nextRecordsUrl": f"{base}/query/{locator}-{following}",
                "records": body["records"],
            }
        return json_reply(body)


def _page(result: Result, start: int, size: int, base: str) -> dict[str, object]:
    return {"totalSize": result.total, "done": True, "records": result.page(start, size, base)}
