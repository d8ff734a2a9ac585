"""Telling people of problems: once when one begins, once when it is over, to any target that Apprise knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from apprise import Apprise

from connectors.errors import Reauthorise
from connectors.secrets import reveal
from leadline.clock import Clock
from leadline.state import runs
from leadline.state.database import Database
from leadline.state.runs import Problem

Send = Callable[[str, str], bool]
"""Sends a title and a body; False when not every target took it."""


def apprise_sender(references: Sequence[str]) -> Send:
    """Sends to the Apprise URLs behind `references` (`env:NAME`, `file:PATH`), which are read anew each time."""

    def send(title: str, body: str) -> bool:
        targets = Apprise()
        try:
            understood = [bool(targets.add(reveal(reference))) for reference in references]
        except Reauthorise:
            return False
        return all(understood) and bool(targets.notify(title=title, body=body))

    return send


class Notifier:
    """Tells what nobody was told yet. What was not taken is sent again with the next `tell`; a crash may repeat it."""

    def __init__(self, database: Database, clock: Clock, send: Send) -> None:
        self._database = database
        self._clock = clock
        self._send = send
        self._failing = False
        self._log: Any = structlog.get_logger()

    def tell(self) -> None:
        """Send one message about everything that began or ended since the last one that was taken."""
        with self._database.begin() as tx:
            begun, over = runs.untold_problems(tx)
        if not begun and not over:
            return
        if not self._send(*message(begun, over)):
            if not self._failing:
                self._log.error(
                    "nobody could be told of problems", fix="Check the URLs that notify: in leadline.yaml names."
                )
            self._failing = True
            return
        self._failing = False
        with self._database.begin() as tx:
            runs.mark_told(tx, begun, over, self._clock.now())


def message(begun: Sequence[Problem], over: Sequence[Problem]) -> tuple[str, str]:
    """Title and body of a message. Pure."""
    counts = [f"{len(begun)} new" if begun else "", f"{len(over)} over" if over else ""]
    lines = [f"{problem.severity}: {problem.what}. {problem.fix}" for problem in begun]
    lines += [f"over: {problem.what}" for problem in over]
    return f"Leadline: problems, {', '.join(filter(None, counts))}", "\n".join(lines)
