"""For fixtures that start a HubSpot twin: start it under watch, and fail when something broke the contract."""

from __future__ import annotations

import sys
from pathlib import Path


class Watch:
    """One watched twin. `command` starts it; `settle` fails with every breach that was seen."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "contract-breaches.txt"

    def command(self, *arguments: str) -> list[str]:
        """The command line that starts the twin with these arguments."""
        return [sys.executable, "-m", "tests.contracts.hubspot", str(self._file), *arguments]

    def settle(self) -> None:
        """Fail if a request or an answer broke HubSpot's wire contract."""
        if self._file.exists():
            raise AssertionError(f"against HubSpot's wire contract:\n{self._file.read_text(encoding='utf-8')}")
