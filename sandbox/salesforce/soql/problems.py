"""What is wrong with a query, and where."""

from __future__ import annotations

from sandbox.salesforce.errors import SalesforceError

_CONTEXT_BEFORE = 60
_CONTEXT_AFTER = 30


class QueryError(Exception):
    """A query cannot be run. `at` is the offset of the offending text, `None` where no place can be named."""

    def __init__(self, code: str, message: str, at: int | None = None) -> None:
        super().__init__(code, message, at)
        self.code = code
        self.message = message
        self.at = at

    def against(self, query: str) -> SalesforceError:
        """The error as the org words it: the line, a caret below the place, row and column (both from 1)."""
        if self.at is None:
            return SalesforceError(self.code, self.message)
        at = min(self.at, len(query))
        line_start = query.rfind("\n", 0, at) + 1
        line_end = query.find("\n", at)
        shown_start = max(line_start, at - _CONTEXT_BEFORE)
        shown_end = min(len(query) if line_end < 0 else line_end, at + _CONTEXT_AFTER)
        caret = " " * (at - shown_start) + "^"
        place = f"ERROR at Row:{query.count(chr(10), 0, at) + 1}:Column:{at - line_start + 1}"
        return SalesforceError(self.code, f"\n{query[shown_start:shown_end]}\n{caret}\n{place}\n{self.message}")


def malformed(message: str, at: int | None = None) -> QueryError:
    """A query that does not parse."""
    return QueryError("MALFORMED_QUERY", message, at)


def unexpected(text: str, at: int) -> QueryError:
    """A word or sign where another was due."""
    return malformed(f"unexpected token: '{text or '<EOF>'}'", at)
