"""Dating: ask a CRM's own history since when the values hold that evidence is dated by.

After the pages are stored, and before anybody is scored, so that a budget stated a year ago is not taken for a new one on
the day of going live. What was asked is noted for each record, so a process killed in between goes on where it was, and
values that do not change are never asked about again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.contract import Connector
from connectors.records import Stream
from leadline.clock import Clock
from leadline.retry import Retrier
from leadline.state import dates
from leadline.state.database import Database
from leadline.state.dates import Undated
from scoring.qualification import Qualification

BATCH = 400
"""How many records one question is about: one query of Salesforce takes as many ids, one call of HubSpot 50."""
LOOKED_AT = 2_000
"""How many records are looked at for questions together, since most have nothing to ask about."""
MOST_AT_ONCE = 10_000
"""How many records one cycle asks about once a connection is at work: raised hands are waiting behind them."""

_OF_COMPANY = "company_"
_PREFIX = {Stream.COMPANIES: "company.", Stream.CONTACTS: "person."}


def fields_to_date(qualification: Qualification) -> Mapping[Stream, frozenset[str]]:
    """The fields of companies and of people by which some evidence is dated, under the names that records have them by.

    What a person's record says of its company (a Salesforce Lead's `company_employees`) dates the company's field too.
    """
    named = {
        evidence.dated_by
        for element in qualification.elements.values()
        for evidence in element.evidence
        if evidence.dated_by is not None
    }
    of = {
        stream: {name.removeprefix(prefix) for name in named if name.startswith(prefix)}
        for stream, prefix in _PREFIX.items()
    }
    of[Stream.CONTACTS] |= {_OF_COMPANY + name for name in of[Stream.COMPANIES]}
    return {stream: frozenset(names) for stream, names in of.items() if names}


class Dater:
    """Dates the values of one connection's records."""

    def __init__(
        self,
        connection: str,
        connector: Connector[Any],
        qualification: Qualification,
        database: Database,
        retry: Retrier,
        clock: Clock,
    ) -> None:
        self._connection = connection
        self._connector = connector
        self._wanted = fields_to_date(qualification) if connector.capabilities.dates else {}
        self._database = database
        self._retry = retry
        self._clock = clock

    def date(self, stop_if_asked: Callable[[], None], most: int | None = None) -> int:
        """Ask about every value that may have a date which we do not know; returns about how many records.

        After `most` records the others wait for the next call.

        Raises:
            ConnectorError: the CRM could not be asked now; what was told so far is kept.
        """
        asked = 0
        for stream, wanted in self._wanted.items():
            while most is None or asked < most:
                with self._database.begin() as tx:
                    some = dates.undated(tx, self._connection, stream, wanted, LOOKED_AT)
                    dates.keep(tx, (one for one in some if not one.fields), wanted, {}, self._clock.now())
                if not some:
                    break
                asking = [one for one in some if one.fields]
                for start in range(0, len(asking), BATCH):
                    self._ask(asking[start : start + BATCH], stream, wanted)
                    stop_if_asked()
                asked += len(asking)
                stop_if_asked()
        return asked

    def _ask(self, asking: Sequence[Undated], stream: Stream, wanted: frozenset[str]) -> None:
        prefix = _PREFIX[stream]
        refs = [one.ref for one in asking]
        fields = frozenset(prefix + name for one in asking for name in one.fields)
        found = self._retry(lambda: self._connector.held_since(refs, fields))
        told = {ref: {name.removeprefix(prefix): at for name, at in since.items()} for ref, since in found.items()}
        with self._database.begin() as tx:
            dates.keep(tx, asking, wanted, told, self._clock.now())
