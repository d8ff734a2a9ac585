"""The CSV lists of a workspace: one value a row in the first column, under a header."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from leadline.settings.findings import SettingsFinding, shown
from scoring.lists import Lists

MAX_BYTES = 20_000_000
MAX_CELL = 4_000


def read_lists(folder: Path, root: Path) -> tuple[Lists, list[SettingsFinding]]:
    """Every `*.csv` in the folder, named after its file, and what is wrong with those that cannot be used.

    A list that cannot be used is there, but empty, so that rules that name it are not reported as well.
    """
    values: dict[str, list[str]] = {}
    findings: list[SettingsFinding] = []
    for path in sorted(folder.glob("*.csv")):
        try:
            values[path.stem] = _read(path)
        except _Unusable as error:
            values[path.stem] = []
            findings.append(SettingsFinding(shown(path, root), error.line, min(error.line, 1), "error", error.what))
    return Lists.of(values), findings


_TOO_LONG = f"the value is longer than {MAX_CELL:,} characters; is a quote not closed?"


class _Unusable(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def _read(path: Path) -> list[str]:
    rows = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        _check_header(next(rows, []))
        values = []
        for row in rows:
            if row and len(row[0]) > MAX_CELL:
                raise _Unusable(rows.line_num, _TOO_LONG)
            if row and row[0].strip():
                values.append(row[0])
    except csv.Error as error:
        too_long = "field limit" in str(error)
        raise _Unusable(rows.line_num, _TOO_LONG if too_long else f"is not CSV: {error}") from None
    return values


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise _Unusable(0, "is not a file")
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _Unusable(0, f"cannot be read ({error.strerror})") from None
    if len(raw) > MAX_BYTES:
        raise _Unusable(0, f"is larger than {MAX_BYTES:,} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _Unusable(line, "is not UTF-8 text; save the file as CSV UTF-8") from None


def _check_header(header: list[str]) -> None:
    first = header[0].strip() if header else ""
    if not first:
        raise _Unusable(1, "the first row must be a header, such as: domain")
    if ";" in first or "\t" in first:
        raise _Unusable(1, "columns must be separated by commas, not by semicolons or tabs")
    if "." in first or "@" in first:
        raise _Unusable(1, 'the first row must be a header such as "domain", but it looks like a value')
