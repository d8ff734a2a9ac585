"""Are those whom the configuration names at work where sales is? If not, others get their tasks, and an admin is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from connectors.contract import Finding
from connectors.records import OwnerRecord
from leadline.clock import Clock
from leadline.problems import Problems
from leadline.routing import Team
from leadline.settings.workspace import Workspace
from leadline.state.database import Database
from leadline.state.records import owners_of
from scoring.remarks import Path

PROBLEM = "routing"


def tasks_home(workspace: Workspace, takes_tasks: Collection[str]) -> str | None:
    """The connection in which sales gets tasks: the sales home, or the first that takes any; None if none does."""
    return next((name for name in workspace.preferred_connections() if name in takes_tasks), None)


def strangers(workspace: Workspace, home: str, owners: Mapping[str, OwnerRecord]) -> tuple[Finding, ...]:
    """A finding if there are addresses in the qualification that no active user of the sales home has. Pure.

    Addresses are told by their places, since problems are read where no personal values belong.
    """
    known = Team.of(owners).by_address
    places = [_place(path) for path, address in workspace.qualification.addresses() if address not in known]
    if not places:
        return ()
    what = f"{home} has no active user with the address in {workspace.settings.qualification}.yaml at {'; '.join(places)}"
    fix = "Correct it, or let the user be active again; until then the other rules of the routing say who gets the tasks."
    return (Finding("warning", what, fix),)


class Assignees:
    """Tells a problem while the configuration names somebody whom the sales home does not know."""

    def __init__(self, workspace: Workspace, takes_tasks: Collection[str], database: Database, clock: Clock) -> None:
        self._workspace = workspace
        self._home = tasks_home(workspace, takes_tasks)
        self._database = database
        self._problems = Problems(database, clock)

    def look(self, unread: Collection[str]) -> None:
        """Compare with the owners as they were read last; `unread` are the connections not yet read to their end."""
        home = self._home
        if home is None or home in unread:
            return
        with self._database.begin() as tx:
            owners = owners_of(tx, home)
        found = strangers(self._workspace, home, owners) if owners else ()
        for finding in found:
            self._problems.open(PROBLEM, finding.what, finding.fix, finding.severity)
        if not found:
            self._problems.end(PROBLEM)


def _place(path: Path) -> str:
    """A place in a file in words: `routing, pools, sdr, entry 2`."""
    return ", ".join(f"entry {part + 1}" if isinstance(part, int) else part for part in path)
