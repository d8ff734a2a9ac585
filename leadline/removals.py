"""Removals: records leave when their CRM says so, unless it is the mass of a stream, which waits for a person's word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.contract import Connector
from connectors.errors import Misconfigured
from connectors.records import Removed, Stream
from leadline.clock import Clock
from leadline.fuses import STREAM_AT_LEAST, too_many_gone
from leadline.problems import Problems
from leadline.retry import Retrier
from leadline.state import fuses, removals
from leadline.state.database import Database
from leadline.state.departures import leave

BATCH = 100
"""How many records one question and one transaction take."""


class Removals:
    """Settles what is on one connection's list of removals."""

    def __init__(self, connection: str, connector: Connector[Any], database: Database, retry: Retrier, clock: Clock) -> None:
        self._connection = connection
        self._connector = connector
        self._database = database
        self._retry = retry
        self._clock = clock
        self._problems = Problems(database, clock)

    def settle(self, stream: Stream, stop_if_asked: Callable[[], None]) -> int:
        """Let the listed records of the stream leave, and erase those that were erased; returns how many did.

        What an audit did not see is asked for first, and stays if it is there. When more than half of a stream would
        leave, nothing does, not even for privacy: credentials of another account must not empty this one.

        Raises:
            ConnectorError: the CRM could not be asked now; what has not left yet stays on the list.
        """
        if self._must_wait(stream):
            return 0
        count, erased = 0, False
        while True:
            with self._database.begin() as tx:
                next_ones = removals.leaving(tx, self._connection, stream, BATCH)
            if not next_ones.told and not next_ones.unseen:
                break
            try:
                found = self._whereabouts(next_ones)
            except Misconfigured:
                break  # The pull and the audit say what may not be read; what nobody knows of stays on the list.
            with self._database.begin() as tx:
                # What came back while we asked is off the list by now.
                still = removals.leaving(tx, self._connection, stream, BATCH)
                settled = still.refs & next_ones.refs
                going = [one for one in (*next_ones.told, *found) if one.ref in settled]
                count += leave(tx, self._connection, stream, going, self._clock.now())
                removals.take_off(tx, self._connection, settled)
            erased = erased or any(one.reason == "privacy" for one in going)
            stop_if_asked()
        if erased:
            self._database.drain()
        return count

    def _whereabouts(self, next_ones: removals.Leaving) -> tuple[Removed, ...]:
        if not next_ones.unseen:
            return ()
        return self._retry(lambda: self._connector.whereabouts(next_ones.unseen))

    def _must_wait(self, stream: Stream) -> bool:
        """Whether this is the mass of the stream and nobody let it go. A problem is open as long as it waits."""
        kind = fuses.vanished(stream)
        problem = f"{self._connection}:fuse:{kind}"
        with self._database.begin() as tx:
            listed = removals.listed(tx, self._connection, stream)
            blown = fuses.is_blown(tx, self._connection, kind)
            if listed * 2 <= STREAM_AT_LEAST and not blown:
                return False
            share = removals.share(tx, self._connection, stream)
            why = too_many_gone(share.leaving, share.live, stream.value)
            if why is None:
                fuses.mend(tx, self._connection, kind)
                waits = False
            else:
                waits = fuses.blow(tx, self._connection, kind, why, share.leaving, self._clock.now()).holds
        if waits:
            fix = (
                "Look whether they are gone in the CRM. If so, run: python -m leadline approve. If not, correct the "
                f"credentials or rights of {self._connection}, then run: python -m leadline audit {self._connection}"
            )
            self._problems.open(problem, f"{self._connection}: {why}; none leaves", fix)
        elif blown:
            self._problems.end(problem)
        return waits
