"""What is wrong with the configuration, as values: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from msgspec import Struct


class SettingsFinding(Struct, frozen=True, order=True):
    """One thing to correct. `line` and `column` count from 1, as editors do; 0 means the whole file."""

    file: str
    line: int
    column: int
    severity: Literal["error", "warning"]
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.severity}: {self.message}"


class SettingsInvalid(Exception):
    """The configuration cannot be used. Carries every finding, warnings included, in the order of files and lines."""

    def __init__(self, findings: Iterable[SettingsFinding]) -> None:
        self.findings = tuple(sorted(findings))
        errors = sum(1 for finding in self.findings if finding.severity == "error")
        super().__init__(f"{errors} error{'s' if errors != 1 else ''} in the configuration")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A clause that names the nearest known word, or lists the known ones when they are few; empty if neither helps."""
    words = sorted(known)
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f', did you mean "{near[0]}"?'
    if 0 < len(words) <= 12:
        return f"; allowed here: {', '.join(words)}"
    return ""


def shown(path: Path, root: Path) -> str:
    """A path as the admin sees it: from the workspace's root where it lies below it."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return str(path)


def errors_only(findings: Sequence[SettingsFinding]) -> tuple[SettingsFinding, ...]:
    """The findings that stop the daemon."""
    return tuple(finding for finding in findings if finding.severity == "error")
