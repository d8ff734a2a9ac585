"""Plain text for reps: what strangers wrote into forms is made one harmless line, and lines are kept short.

A CRM may show a task's body as HTML and take a mark in it for its own; a value can forge neither, nor a line of ours.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from unicodedata import category

from connectors.records import Scalar

LINE_LENGTH = 100
VALUE_LENGTH = 80

_INDENT = "    "
"""Goes before what is left of a long line, which therefore never begins like one of ours."""
_JOINERS = frozenset("\u200c\u200d")
"""Invisible, but part of words in some scripts, and of emoji."""
_NO_MARKUP = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")"})
_SEVERAL_BLANKS = re.compile(r"\s+")


def value(raw: Scalar | Sequence[str], limit: int = VALUE_LENGTH) -> str:
    """A value of a record on one line, without control, invisible or direction marks, and without markup."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, float | int):
        return f"{raw:,.10g}"
    text = raw if isinstance(raw, str) else ", ".join(raw or ())
    visible = "".join(_visible(text))
    return cut(_SEVERAL_BLANKS.sub(" ", visible).strip().translate(_NO_MARKUP), limit)


def words(raw: Scalar | Sequence[str], limit: int = VALUE_LENGTH) -> str:
    """As `value`, with the underscores of choices as blanks."""
    return value(raw, limit).replace("_", " ")


def lines(text: Iterable[str]) -> str:
    """The lines, each broken before it gets long; what is broken off is indented."""
    return "\n".join(
        part
        for line in text
        for part in textwrap.wrap(
            line, LINE_LENGTH, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False
        )
    )


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis where something is missing; no letter loses its accents."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (_belongs_to_the_one_before(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return f"{text[:end].rstrip()}…"


def _visible(text: str) -> Iterator[str]:
    for character in text:
        kind = category(character)
        if kind in {"Cc", "Zl", "Zp"}:
            yield " "
        elif kind not in {"Cf", "Cs", "Co"} or character in _JOINERS:
            yield character


def _belongs_to_the_one_before(character: str) -> bool:
    return category(character).startswith("M") or character in _JOINERS or "\U0001f3fb" <= character <= "\U0001f3ff"
