"""What the senders of one connection share: where they send, what they keep, and when they try again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from connectors.contract import Connector, Gone
from connectors.records import Ref, Removed, Stream
from leadline.clock import Clock
from leadline.retry import Retrier
from leadline.state import delivered, records, removals
from leadline.state.database import Database

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Channel:
    """One connection as those see it who send to it. `settings_hash` stands for the configuration in force.

    `count` hears what was told, as kind, outcome and number.
    """

    connection: str
    connector: Connector[Any]
    database: Database
    retry: Retrier
    clock: Clock
    settings_hash: str
    count: Callable[[str, str, int], None]

    def refused_for(self, tx: Connection, ref: Ref) -> str:
        """What a refusal of this record holds for now."""
        stored = records.load(tx, self.connection, [ref]).get(ref)
        return refused_for(stored.content_hash if stored else "", self.settings_hash)

    def follow(self, tx: Connection, lost: Sequence[Gone], now: datetime) -> None:
        """Let records leave that the CRM says are gone; what one of them went into is looked at and told anew."""
        companies = records.companies_among(tx, self.connection, [one.ref for one in lost])
        for stream in (Stream.CONTACTS, Stream.COMPANIES):
            theirs = [one for one in lost if (one.ref in companies) == (stream is Stream.COMPANIES)]
            removals.expect(tx, self.connection, stream, [_leaving(one, now) for one in theirs])
        delivered.forget(tx, self.connection, [one.into for one in lost if one.into is not None])


def _leaving(lost: Gone, now: datetime) -> Removed:
    return Removed(ref=lost.ref, at=now, reason="merged" if lost.into else "archived", into=lost.into)


def refused_for(content_hash: str, settings_hash: str) -> str:
    """What a refusal holds for: it is not tried again until the record or the settings differ from this."""
    return f"{content_hash}:{settings_hash}"


def try_again_at(attempts: int, named: datetime | None, now: datetime) -> datetime:
    """When what was put off `attempts` times before is sent again: when the CRM says, else ever later, to an hour. Pure."""
    if named is not None and named > now:
        return named
    return now + min(FIRST_WAIT * (1 << min(attempts, 10)), LONGEST_WAIT)
