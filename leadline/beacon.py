"""The heartbeat where reps and workflows of the CRM can see it: the time of the last good cycle, on one record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Connector, Gone, Outcome, Rejected, RetryAt, Update, Written
from connectors.errors import ConnectorError
from connectors.records import Ref
from leadline.clock import Clock, stamp
from leadline.fields import HEARTBEAT
from leadline.problems import Problems
from leadline.retry import Retrier

EVERY = timedelta(minutes=15)
"""One call in this time is what it costs."""
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def is_due(last_good_at: datetime | None, now: datetime) -> bool:
    """Whether no good cycle ended yet in the quarter of an hour that `now` lies in. Pure."""
    return last_good_at is None or (last_good_at - _EPOCH) // EVERY != (now - _EPOCH) // EVERY


class Beacon:
    """Shows one connection's heartbeat on `record`."""

    def __init__(
        self, connection: str, connector: Connector[Any], record: Ref, retry: Retrier, problems: Problems, clock: Clock
    ) -> None:
        self._connection = connection
        self._connector = connector
        self._record = record
        self._retry = retry
        self._problems = problems
        self._clock = clock

    def show(self, last_good_at: datetime | None) -> None:
        """Write the time, if it is due; what keeps it from being written is a warning, and fails no cycle.

        `last_good_at` is when the good cycle before this one ended (aware UTC).
        """
        now = self._clock.now()
        if not is_due(last_good_at, now):
            return
        problem = f"{self._connection}:heartbeat"
        trouble = self._trouble(Update(self._record, {HEARTBEAT: stamp(now)[:19] + "Z"}))
        if trouble is None:
            self._problems.end(problem)
            return
        what = f"{self._connection}: the heartbeat cannot be written to {self._record}: {trouble}"
        fix = f"Run provision, or name another record under heartbeat in config/connections/{self._connection}.yaml."
        self._problems.open(problem, what, fix, "warning")

    def _trouble(self, update: Update) -> str | None:
        try:
            (outcome,) = self._retry(lambda: self._connector.write([update]))
        except ConnectorError as error:
            return error.what
        return _refusal(outcome)


def _refusal(outcome: Outcome) -> str | None:
    match outcome:
        case Written():
            return None
        case Rejected(reason=reason) | RetryAt(reason=reason):
            return reason
        case Gone():
            return "there is no such record"
