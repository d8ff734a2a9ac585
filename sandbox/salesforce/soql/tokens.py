"""Cutting a query into words, literals and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sandbox.salesforce.soql.problems import malformed

Kind = Literal["name", "string", "number", "date", "datetime", "sign", "end"]

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d(?![\dT]))
    |(?P<number>[+-]?(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?(?![\w-]))
    |(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<sign><=|>=|!=|<>|[=<>(),:])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
MAX_LITERAL_CHARS = 4000


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a query. A string keeps its escapes: only the operator tells what `\\%` means."""

    kind: Kind
    text: str
    at: int

    @property
    def upper(self) -> str:
        """The text for comparing with keywords; a string literal is never a keyword."""
        return "" if self.kind == "string" else self.text.upper()


def tokens_of(query: str) -> list[Token]:
    """All tokens, closed by one of kind `end`.

    Raises:
        QueryError: at a character that starts no token, such as an unclosed quote.
    """
    found: list[Token] = []
    at = 0
    while at < len(query):
        matched = _TOKEN.match(query, at)
        if matched is None:
            raise malformed(f"line 1:{at} no viable alternative at character '{query[at]}'", at)
        kind = matched.lastgroup
        if kind != "space":
            text = matched.group()
            if kind == "string":
                text = text[1:-1]
                if len(text) > MAX_LITERAL_CHARS:
                    raise malformed("string literal is longer than 4000 characters", at)
            found.append(Token(kind, text, at))  # type: ignore[arg-type]  # the groups are named after the kinds
        at = matched.end()
    found.append(Token("end", "", len(query)))
    return found


def unescaped(text: str, at: int) -> str:
    """The text that a string literal stands for.

    Raises:
        QueryError: for a backslash before a character that needs none.
    """

    def plain(matched: re.Match[str]) -> str:
        mark = matched.group(1)
        if mark[0] == "u" and len(mark) == 5:
            return chr(int(mark[1:], 16))
        if mark not in _ESCAPES:
            raise malformed(f"Illegal character escape '\\{mark}'", at)
        return _ESCAPES[mark]

    return _ESCAPE.sub(plain, text)


def like_pattern(text: str, at: int) -> re.Pattern[str]:
    """The whole-value pattern of a LIKE: `%` is any run of characters, `_` is one, case does not matter."""
    parts: list[str] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\" and position + 1 < len(text):
            follower = text[position + 1]
            width = 6 if follower == "u" else 2
            literal = follower if follower in "%_" else unescaped(text[position : position + width], at)
            parts.append(re.escape(literal))
            position += width
            continue
        parts.append(".*" if char == "%" else "." if char == "_" else re.escape(char))
        position += 1
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
