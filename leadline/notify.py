"""Telling people, through any target that Apprise knows: of problems, once when one begins and once when it is over, and of
leads that nobody responded to, once for each step of escalation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import structlog
from apprise import Apprise

from connectors.errors import Reauthorise
from connectors.records import OwnerRecord
from connectors.secrets import reveal
from leadline.clock import Clock
from leadline.followup import Followup
from leadline.state import followups, runs
from leadline.state.database import Database
from leadline.state.records import owners_of
from leadline.state.runs import Problem
from scoring.qualification import Escalation
from scoring.routing import MANAGER, OWNER

Send = Callable[[str, str], bool]
"""Sends a title and a body; False when not every target took it."""
SendTo = Callable[[str, str | None, str, str], bool]
"""Sends to the target behind a reference, for an address, a title and a body; False when it was not taken."""
_ADDRESS = "{email}"


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


class SalesNotifier:
    """Tells of leads that nobody responded to, as `escalate:` asks for. What was not taken is sent again with the next
    `tell`.

    `targets` are references to Apprise URLs by the names that `notify:` uses. In a URL `{email}` stands for the address of
    who is meant; one without it is for everybody of that name.
    """

    def __init__(self, database: Database, targets: Mapping[str, str], steps: Sequence[Escalation], send: SendTo) -> None:
        self._database = database
        self._targets = targets
        self._steps = steps
        self._send = send
        self._failing: set[str] = set()
        self._log: Any = structlog.get_logger()

    def tell(self) -> None:
        """Send one message to each target and address about everything that waits since the last one that was taken."""
        with self._database.begin() as tx:
            rows = followups.untold(tx)
            teams = {name: owners_of(tx, name) for name in sorted({row.connection for row in rows})}
        letters: dict[tuple[str, str | None], list[Followup]] = {}
        for row in rows:
            for name in self._named(row):
                letters.setdefault((name, address_of(name, row, teams[row.connection])), []).append(row)
        refused = {name for (name, address), theirs in letters.items() if not self._tell(name, address, theirs)}
        with self._database.begin() as tx:
            for row in rows:
                if not self._named(row) & refused:
                    followups.mark_told(tx, row, row.escalated)

    def _named(self, row: Followup) -> frozenset[str]:
        """Whom the steps name that were taken and not told of, as far as there is a target for them."""
        steps = self._steps[row.told : row.escalated]
        return frozenset(step.notify for step in steps if step.notify and step.notify in self._targets)

    def _tell(self, name: str, address: str | None, rows: Sequence[Followup]) -> bool:
        taken = self._send(self._targets[name], address, *unanswered(rows))
        if not taken and name not in self._failing:
            fix = f"Check the URL that notify_sales: in leadline.yaml names for {name}."
            self._log.error("nobody could be told of unanswered leads", name=name, fix=fix)
        self._failing = self._failing - {name} if taken else self._failing | {name}
        return taken


def send_to(reference: str, address: str | None, title: str, body: str) -> bool:
    """Send to the Apprise URL behind the reference, in which `{email}` stands for the address. False: it was not taken."""
    targets = Apprise()
    try:
        url = reveal(reference)
    except Reauthorise:
        return False
    if _ADDRESS in url:
        if address is None:
            return False
        url = url.replace(_ADDRESS, quote(address, safe=""))
    return bool(targets.add(url)) and bool(targets.notify(title=title, body=body))


def address_of(name: str, row: Followup, team: Mapping[str, OwnerRecord]) -> str | None:
    """The address of who is meant by the name that `notify:` uses; None for a name that stands for several. Pure."""
    if "@" in name:
        return name
    owner = team.get(row.assignee or "")
    if name == MANAGER:
        owner = team.get(owner.manager_id or "") if owner else None
    return owner.email if owner and name in {OWNER, MANAGER} else None


def unanswered(rows: Sequence[Followup]) -> tuple[str, str]:
    """Title and body of a message about leads that nobody responded to; it names records and owners by their ids. Pure."""
    leads = "1 lead waits" if len(rows) == 1 else f"{len(rows)} leads wait"
    lines = [
        f"{row.record} in {row.connection}: due {row.due_at:%Y-%m-%d %H:%M} UTC, with owner {row.assignee or 'unknown'}"
        + (f" ({row.breach})" if row.breach else "")
        for row in rows
    ]
    return f"Leadline: {leads} for an answer", "\n".join(lines)
