"""YAML files as plain data with the place of every key and item, so that a finding can name line and column.

The library only parses: what its nodes become is decided in `convert`, because admins' files bring everything that YAML
allows, and each thing that makes no sense here has to be a finding with a place, several at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from leadline.settings.convert import Fault, Spot, convert
from leadline.settings.discretion import discreet
from leadline.settings.findings import SettingsFinding, SettingsInvalid, shown

MAX_BYTES = 250_000
"""Larger than any sensible configuration; the parser takes about 5 s for it."""

MAX_DEPTH = 40

_PLAIN_WORDS: tuple[tuple[str, str], ...] = (
    (r"'\\t' that cannot start", "tabs cannot indent YAML: use spaces"),
    (r"could not find expected ':'", 'a key needs a colon and a space after it, as in "key: value"'),
    (r"mapping values are not allowed", 'a colon is not expected here; text that holds ": " needs quotes around it'),
    (r"but found another document", 'one file holds one document: remove the line "---" and what follows it'),
    (r"undefined alias", "this alias (*name) has no anchor (&name) above it; text that begins with * needs quotes"),
    (r"end of stream.*|unexpected end of stream", "something is opened here and never closed: a quote or a bracket"),
    (r"expected ',' or '\]'|expected ',' or '\}'", "an opened bracket lacks a comma or its closing bracket"),
    (r"expected <block end>", "the indentation does not fit the lines above"),
    (r"cannot start any token", "text that begins with @, ` or % needs quotes around it"),
    (r"unknown escape", r"a backslash in double quotes needs a second one (\\), or use single quotes"),
)


class Document(Struct, frozen=True):
    """A YAML file as plain data: keys are text as written, dates and times stay text.

    `name` is the file as the admin sees it; `spots` has the place of each key and item.
    """

    name: str
    data: dict[str, Any]
    spots: Spot

    def finding(
        self, path: Sequence[str | int], message: str, *, severity: Literal["error", "warning"] = "error"
    ) -> SettingsFinding:
        """A finding at the key or item that `path` leads to, or at the nearest place above it."""
        line, column = self.position(path)
        return SettingsFinding(self.name, line, column, severity, discreet(message))

    def position(self, path: Sequence[str | int]) -> tuple[int, int]:
        """Line and column, from 1, of the deepest part of `path` that exists.

        Steps that are not in the file are passed over: validators name the variant of a union in their paths.
        """
        spot = self.spots
        for step in path:
            spot = spot.inside.get(str(step), spot)
        return spot.line, spot.column


def read_document(path: Path, root: Path) -> Document:
    """Read a YAML mapping. A file without content is an empty mapping.

    Raises:
        SettingsInvalid: unreadable, too large, not YAML, not a mapping at the top, or with keys twice, tags, values that
            are no plain data.
    """
    name = shown(path, root)
    try:
        text = _text(path)
        node = _compose(text)
        converted = convert(node)
    except _Refused as refused:
        faults: Sequence[Fault] = (refused.fault,)
    else:
        if not converted.faults:
            return Document(name, converted.data, converted.spots)
        faults = converted.faults
    raise SettingsInvalid(SettingsFinding(name, at.line, at.column, "error", discreet(at.message)) for at in faults)


class _Refused(Exception):
    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(line, column, message)


def _text(path: Path) -> str:
    try:
        if not path.exists():
            raise _Refused(0, 0, "there is no such file")
        if not path.is_file():
            raise _Refused(0, 0, "is not a file")
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _Refused(0, 0, f"cannot be read ({error.strerror})") from None
    if len(raw) > MAX_BYTES:
        raise _Refused(0, 0, f"is larger than {MAX_BYTES:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _place(raw[: error.start].decode("utf-8-sig", "replace"))
        raise _Refused(line, column, "is not UTF-8 text; save the file as UTF-8") from None


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _compose(text: str) -> Any:
    for number, written in enumerate(text.splitlines(), start=1):
        if written.startswith("%"):
            raise _Refused(number, 1, "YAML directives (lines that begin with %) are not used here: remove this line")
        if written.strip() and not written.lstrip().startswith("#"):
            break
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False
    try:
        return yaml.compose(text)
    except MaxDepthExceededError as error:
        raise _at_mark(error, f"is nested deeper than {MAX_DEPTH} levels") from None
    except MarkedYAMLError as error:
        raise _at_mark(error, _in_plain_words(error)) from None
    except ReaderError as error:
        line, column = _place(text[: error.position])
        raise _Refused(line, column, "holds a character that YAML does not allow") from None
    except RecursionError:
        raise _Refused(1, 1, f"is nested deeper than {MAX_DEPTH} levels") from None
    except Exception as error:  # noqa: BLE001 - the parser's own slips on strange input must not stop the other findings
        raise _Refused(1, 1, f"cannot be read as YAML ({type(error).__name__})") from None


def _at_mark(error: MarkedYAMLError, message: str) -> _Refused:
    """Where the mistake is: for something never closed or without a colon, where it began."""
    began = re.search(r"could not find expected ':'|end of stream|expected ',' or", str(error.problem))
    mark = (error.context_mark if began else None) or error.problem_mark or error.context_mark
    return _Refused(mark.line + 1, mark.column + 1, message) if mark else _Refused(1, 1, message)


def _in_plain_words(error: MarkedYAMLError) -> str:
    problem = str(error.problem or error.context or "")
    for pattern, words in _PLAIN_WORDS:
        if re.search(pattern, problem):
            return f"not valid YAML: {words}"
    return f"not valid YAML: {problem.splitlines()[0]}" if problem else "not valid YAML"
