"""Secrets by reference only: `env:NAME` or `file:PATH`. A literal in a settings file is refused, and never printed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from connectors.errors import Reauthorise


def _must_be_reference(value: str) -> str:
    kind, _, rest = value.partition(":")
    if kind not in {"env", "file"} or not rest.strip():
        raise ValueError("a secret must be a reference, never the value itself: write env:NAME or file:PATH")
    return value


class SecretMark:
    """Marks settings fields that hold a secret's reference, so that they can be found and checked before anything runs."""


SECRET_MARK = SecretMark()

SecretRef = Annotated[str, AfterValidator(_must_be_reference), SECRET_MARK]
"""Where a secret is found. The secret itself is read when it is needed, so that a rotated one is picked up."""


_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_PATH = re.compile(r"(?:~|\.{0,2}|[A-Za-z]:|[\w. -]+)(?:[/\\][\w. -]+)+")


def reveal(ref: str) -> str:
    """The secret behind `env:NAME` or `file:PATH` (surrounding white space removed).

    Raises:
        Reauthorise: it is not set, empty or unreadable; the message names the reference, never the value, even
            where somebody wrote the value for a name.
    """
    kind, _, rest = ref.partition(":")
    if kind == "env":
        value = os.environ.get(rest, "").strip()
        if not value:
            raise Reauthorise(f"the environment variable{_named(_VARIABLE, rest)} is not set")
        return value
    path = _named(_PATH, rest)
    try:
        value = Path(rest).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Reauthorise(f"the secret file{path} cannot be read ({type(error).__name__})") from error
    if not value:
        raise Reauthorise(f"the secret file{path} is empty")
    return value


def _named(names: re.Pattern[str], text: str) -> str:
    """The name, to follow a word, if it is a plain one: a secret may stand where its name should."""
    return f" {text}" if names.fullmatch(text) else " that the reference names"
