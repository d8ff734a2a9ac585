"""Taking up an edited configuration while the daemon runs; a broken edit leaves the last good one in force."""

from __future__ import annotations

from pathlib import Path

from leadline.problems import Problems
from leadline.settings.findings import SettingsInvalid, errors_only
from leadline.settings.workspace import Workspace, load_workspace

PROBLEM = "configuration"
FIX = "Correct it; it is taken up by itself. `python -m leadline check` lists everything that is wrong."

Fingerprint = tuple[tuple[str, int, int], ...]


class ConfigWatch:
    """Watches the folder that `workspace` was read from. Used by one thread at a time."""

    def __init__(self, folder: Path, workspace: Workspace, problems: Problems) -> None:
        self._folder = folder
        self._hash = workspace.hash
        self._problems = problems
        self._judged = self._last = fingerprint(folder)
        problems.end(PROBLEM)

    def look(self) -> Workspace | None:
        """The edited configuration, once its files have come to rest and have no errors; else None.

        What is wrong with a broken edit becomes a problem, until the files are right again.
        """
        present = fingerprint(self._folder)
        at_rest, self._last = present == self._last, present
        return self.read() if at_rest and present != self._judged else None

    def read(self) -> Workspace | None:
        """As `look`, but reads the files whether or not they seem to have changed."""
        present = fingerprint(self._folder)
        try:
            found = load_workspace(self._folder)
        except SettingsInvalid as invalid:
            self._problems.open(PROBLEM, _told(invalid), FIX)
            self._judged = present
            return None
        self._problems.end(PROBLEM)
        # Only now: what cannot be told, because the database is away, is looked at again.
        self._judged = present
        return None if found.hash == self._hash else found


def fingerprint(folder: Path) -> Fingerprint:
    """Name, time and size of every file an admin edits below `folder`; files that vanish meanwhile are left out."""
    found: list[tuple[str, int, int]] = []
    for pattern in ("*.yaml", "*/*.yaml", "lists/*.csv"):
        for path in folder.glob(pattern):
            try:
                facts = path.stat()
            except OSError:
                continue
            found.append((str(path), facts.st_mtime_ns, facts.st_size))
    return tuple(sorted(found))


def _told(invalid: SettingsInvalid) -> str:
    errors = errors_only(invalid.findings)
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"the edited configuration is not used: {errors[0]}{more}"
