"""Companies with a score of their own: which are due to be scored anew, and what was found last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, delete, select, update

from connectors.records import Ref
from leadline.clock import stamp
from leadline.state import tables
from leadline.state.database import chunks, upsert
from scoring.accounts import AccountScore

_decode_score = msgspec.json.Decoder(AccountScore).decode


class Account(Struct, frozen=True, order=True):
    """A company in one connection."""

    connection: str
    ref: Ref


def note(tx: Connection, accounts: Iterable[Account], now: datetime) -> None:
    """These companies' people were scored: the companies are due."""
    wanted = sorted(set(accounts))
    held = load(tx, wanted)
    rows = [
        (one.connection, one.ref.object, one.ref.id, msgspec.json.encode(found).decode() if found else None, stamp(now))
        for one in wanted
        for found in (held.get(one),)
    ]
    upsert(tx, tables.accounts, rows)


def note_changed(tx: Connection, connection: str, companies: Iterable[str], now: datetime) -> None:
    """The people of these companies (`object/id`) may be others now: those that have a score are due."""
    table = tables.accounts
    for chunk in chunks(companies):
        for name, ids in _by_object(chunk).items():
            tx.execute(
                update(table)
                .where(table.c.connection == connection, table.c.object == name, table.c.id.in_(ids))
                .values(due_since=stamp(now))
            )


def due(tx: Connection, limit: int) -> list[Account]:
    """Up to `limit` companies that are to be scored."""
    table = tables.accounts
    rows = tx.execute(
        select(table.c.connection, table.c.object, table.c.id)
        .where(table.c.due_since.is_not(None))
        .order_by(table.c.connection, table.c.object, table.c.id)
        .limit(limit)
    )
    return [Account(row.connection, Ref(row.object, row.id)) for row in rows]


def load(tx: Connection, accounts: Sequence[Account]) -> dict[Account, AccountScore]:
    """What was found last of these companies."""
    table = tables.accounts
    found: dict[Account, AccountScore] = {}
    for connection in sorted({one.connection for one in accounts}):
        refs = [str(one.ref) for one in accounts if one.connection == connection]
        for chunk in chunks(refs):
            for name, ids in _by_object(chunk).items():
                rows = tx.execute(
                    select(table).where(
                        table.c.connection == connection,
                        table.c.object == name,
                        table.c.id.in_(ids),
                        table.c.content.is_not(None),
                    )
                )
                found |= {Account(connection, Ref(name, row.id)): _decode_score(row.content) for row in rows}
    return found


def save(tx: Connection, scored: Mapping[Account, AccountScore]) -> None:
    """Keep what was found; these companies are not due any more."""
    rows = [
        (one.connection, one.ref.object, one.ref.id, msgspec.json.encode(found).decode(), None)
        for one, found in scored.items()
    ]
    upsert(tx, tables.accounts, rows)


def forget(tx: Connection, accounts: Iterable[Account]) -> None:
    """These companies are no more, or have no people and never had a score."""
    table = tables.accounts
    for one in accounts:
        tx.execute(
            delete(table).where(
                table.c.connection == one.connection, table.c.object == one.ref.object, table.c.id == one.ref.id
            )
        )


def _by_object(companies: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for company in companies:
        name, _, number = company.partition("/")
        found.setdefault(name, []).append(number)
    return found
