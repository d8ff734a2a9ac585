"""The mark in a task's body by which we know our own tasks again: `[leadline:KEY]` on a line of its own.

HubSpot offers no unique property on tasks that one can rely on, so a key in the body, read back by association, is what
keeps a task from being made twice. Reps' editors turn the body into HTML around it; the mark itself survives that.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

_MARK = re.compile(r"\[leadline:([^\]\s]+)\]")


def marked(body: str, key: str) -> str:
    """The body with the key's mark as its last line."""
    return f"{body.rstrip()}\n\n[leadline:{quote(key, safe=':.-_~')}]"


def key_in(body: str | None) -> str | None:
    """The key of the mark in the body; None if the task is not ours."""
    found = _ours(body or "")
    return unquote(found.group(1)) if found else None


def unmarked(body: str | None) -> str:
    """The body without its mark."""
    text = body or ""
    found = _ours(text)
    return (text if found is None else text[: found.start()] + text[found.end() :]).rstrip()


def with_note(body: str | None, note: str) -> str:
    """The body with a note added, its mark kept last."""
    text, key = f"{unmarked(body)}\n\n{note}".strip(), key_in(body)
    return text if key is None else marked(text, key)


def _ours(body: str) -> re.Match[str] | None:
    """The last mark: ours goes below everything else, and one further up is part of what somebody wrote."""
    return max(_MARK.finditer(body), key=lambda found: found.start(), default=None)
