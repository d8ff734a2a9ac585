"""What is known of each account's calls, kept in the database for every process that calls the account."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import TypeVar

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from connectors.errors import RetryLater
from connectors.ledger import Account
from leadline.clock import Clock, stamp
from leadline.state import tables
from leadline.state.database import Database, DatabaseUnavailable, upsert

T = TypeVar("T")

_READ = select(tables.budgets.c.state).where(tables.budgets.c.connection == bindparam("name"))


class DatabaseLedger:
    """The `Ledger` of one connection. Every change is a short transaction of its own, so callers must not be inside one."""

    def __init__(self, database: Database, connection: str, clock: Clock) -> None:
        self._database = database
        self._connection = connection
        self._clock = clock

    def change(self, step: Callable[[Account], tuple[Account, T]]) -> T:
        """See `Ledger.change`. Without the database nobody knows what others called, so nobody may."""
        try:
            with self._database.begin() as tx:
                before = self._read(tx)
                after, result = step(before)
                if after != before:
                    self._store(tx, after)
                return result
        except (DatabaseUnavailable, SQLAlchemyError) as error:
            what = f"the budget of {self._connection} cannot be looked up: the database does not answer"
            raise RetryLater(what, code="DATABASE") from error

    def _read(self, tx: Connection) -> Account:
        state = tx.execute(_READ, {"name": self._connection}).scalar()
        if not state:
            return Account()
        try:
            return _unpacked(msgspec.json.decode(state, type=Account))
        except msgspec.DecodeError:
            # Another version's words: it is as if nothing were known, which the next answers mend.
            return Account()

    def _store(self, tx: Connection, account: Account) -> None:
        if self._database.is_postgresql:
            # Nobody waits for the disk: of a server that breaks down, the last half second of calls may be forgotten.
            tx.exec_driver_sql("SET LOCAL synchronous_commit = off")
        state = msgspec.json.encode(_packed(account)).decode()
        upsert(tx, tables.budgets, [(self._connection, state, stamp(self._clock.now()))])


def _packed(account: Account) -> Account:
    """Moments as what each is after the one before: a fifth of the text, so that PostgreSQL keeps it within its row."""
    packed = {
        kind: (*moments[:1], *(after - before for before, after in pairwise(moments)))
        for kind, moments in account.answered.items()
    }
    return replace(account, answered=packed)


def _unpacked(account: Account) -> Account:
    return replace(account, answered={kind: tuple(accumulate(steps)) for kind, steps in account.answered.items()})
