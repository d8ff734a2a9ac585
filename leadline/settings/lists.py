"""The CSV lists of a workspace: one value a row in the first column, under a header."""

from __future__ import annotations

import csv
from pathlib import Path

from leadline.settings.findings import SettingsFinding, shown
from scoring.lists import Lists

MAX_CELL = 4_000


def read_lists(folder: Path, root: Path) -> tuple[Lists, list[SettingsFinding]]:
    """Every `*.csv` in the folder, named after its file, and what is wrong with those that cannot be used."""
    values: dict[str, list[str]] = {}
    findings: list[SettingsFinding] = []
    for path in sorted(folder.glob("*.csv")):
        try:
            values[path.stem] = _read(path)
        except _Unusable as error:
            values[path.stem] = []
            findings.append(SettingsFinding(shown(path, root), error.line, min(error.line, 1), "error", error.what))
    return Lists.of(values), findings


class _Unusable(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line
        self.what = what


def _read(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _Unusable(0, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise _Unusable(0, f"is not UTF-8 text (byte {error.start})") from error
    rows = csv.reader(text.splitlines())
    try:
        _check_header(next(rows, []))
        values = [row[0] for row in rows if row and row[0].strip()]
    except csv.Error as error:
        raise _Unusable(rows.line_num, f"is not CSV: {error}") from error
    if any(len(value) > MAX_CELL for value in values):
        raise _Unusable(0, f"has a value of more than {MAX_CELL:,} characters")
    return values


def _check_header(header: list[str]) -> None:
    if not header or not header[0].strip():
        raise _Unusable(1, "the first row must be a header, such as: domain")
    if "." in header[0] or "@" in header[0]:
        raise _Unusable(1, f'the first row must be a header such as "domain", but "{header[0]}" looks like a value')
