"""YAML files with the place of every key kept, so that a finding can name line and column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarbool import ScalarBoolean

from leadline.settings.findings import SettingsFinding, SettingsInvalid, shown

MAX_BYTES = 1_000_000
MAX_DEPTH = 40


class Document(Struct, frozen=True):
    """A YAML file as plain data, with its marked form for positions. `name` is the file as the admin sees it."""

    name: str
    data: dict[str, Any]
    marked: Any

    def finding(self, path: Sequence[str | int], message: str, *, severity: Any = "error") -> SettingsFinding:
        """A finding at the key or item that `path` leads to, or at the nearest place above it."""
        line, column = position(self.marked, path)
        return SettingsFinding(self.name, line, column, severity, message)


def read_document(path: Path, root: Path) -> Document:
    """Read a YAML mapping.

    Raises:
        SettingsInvalid: unreadable, too large, not YAML, duplicate keys, or not a mapping at the top.
    """
    name = shown(path, root)

    def refuse(line: int, column: int, message: str) -> SettingsInvalid:
        return SettingsInvalid([SettingsFinding(name, line, column, "error", message)])

    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        raise refuse(0, 0, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise refuse(0, 0, f"is not UTF-8 text (byte {error.start})") from error
    if len(raw) > MAX_BYTES:
        raise refuse(0, 0, f"is larger than {MAX_BYTES:,} bytes")
    try:
        marked = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise refuse(line, column, f"not valid YAML: {(error.problem or 'syntax error').splitlines()[0]}") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise refuse(0, 0, f"not valid YAML: {str(error).splitlines()[0]}") from error
    if marked is None:
        marked = CommentedMap()
    if not isinstance(marked, CommentedMap):
        raise refuse(1, 1, "must be a mapping of keys to values")
    try:
        return Document(name, _plain(marked, 0), marked)
    except RecursionError as error:
        raise refuse(1, 1, f"is nested deeper than {MAX_DEPTH} levels") from error


def position(marked: Any, path: Sequence[str | int]) -> tuple[int, int]:
    """Line and column, from 1, of the deepest part of `path` that exists."""
    line, column = 1, 1
    node = marked
    for step in path:
        if isinstance(node, CommentedMap) and step in node:
            # A key that came in through a YAML merge (`<<`) has no place of its own here.
            if step in (node.lc.data or {}):
                line, column = (place + 1 for place in node.lc.key(step))
        elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
            line, column = (place + 1 for place in node.lc.item(step))
        else:
            break
        node = node[step]
    return line, column


def _plain(node: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise RecursionError
    if isinstance(node, CommentedMap):
        return {_plain_key(key): _plain(value, depth + 1) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value, depth + 1) for value in node]
    return _plain_scalar(node)


def _plain_key(key: Any) -> Any:
    return _plain_scalar(key)


def _plain_scalar(node: Any) -> Any:
    if isinstance(node, bool | ScalarBoolean):
        return bool(node)
    for kind in (str, int, float):
        if isinstance(node, kind):
            return kind(node)
    if isinstance(node, datetime | date):
        return node.isoformat()
    return node
