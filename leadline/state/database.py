"""One database, SQLite or PostgreSQL, behind the same few verbs.

Every write happens inside `Database.begin()`: one transaction, stored whole or not at all. SQLite takes its write lock at
the start of the transaction, so that two threads queue up instead of failing half-way; PostgreSQL takes a lock that does the
same, so that what one thread marks while another stores is never lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

Row = tuple[str | int | None, ...]

T = TypeVar("T")

_CHUNK = 400
_COPY_FROM_ROWS = 100
_SQLITE_BUSY_SECONDS = 30
_TURN_NUMBER = 7_523_111
"""Any number will do as long as every Leadline takes the same one, and another one than migrations."""


class DatabaseUnavailable(Exception):
    """The database cannot be opened or reached; says which and what to check, without its password."""


class Database:
    """An open database. Safe to share between threads; each `begin` takes a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = _driver_url(url)
        self._engine = _create_engine(self.url)

    @property
    def is_postgresql(self) -> bool:
        """Whether this is PostgreSQL rather than SQLite."""
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back when the block raises.

        Raises:
            DatabaseUnavailable: it cannot be reached, or another process holds it for longer than any write takes.
        """
        with ExitStack() as ends:
            try:
                connection = ends.enter_context(self._engine.connect())
                ends.enter_context(connection.begin())
            except OperationalError as error:
                shown = self.url.render_as_string(hide_password=True)
                reason = str(error.orig).strip().splitlines()[0]
                raise DatabaseUnavailable(f"the database {shown} cannot be opened: {reason}") from error
            yield connection

    def session(self) -> Connection:
        """A connection of its own outside any transaction, for what lives as long as a session. The caller closes it."""
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Let every pooled connection go."""
        self._engine.dispose()


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists short enough for one `IN (…)` on either database."""
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def upsert(tx: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows given in the table's column order, replacing those whose key is there already. The last of a key wins."""
    keys = [column.name for column in table.primary_key]
    names = [column.name for column in table.columns]
    places = [names.index(key) for key in keys]
    distinct = list({tuple(row[place] for place in places): row for row in rows}.values())
    if not distinct:
        return
    replaced = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
    action = f"DO UPDATE SET {replaced}" if replaced else "DO NOTHING"
    conflict = f"ON CONFLICT ({', '.join(keys)}) {action}"
    if tx.dialect.name == "postgresql" and len(distinct) >= _COPY_FROM_ROWS:
        _copy(tx, table.name, names, distinct, conflict)
        return
    mark = "%s" if tx.dialect.name == "postgresql" else "?"
    marks = ", ".join(mark for _ in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    # Names come from our own table definitions; every value is bound.
    tx.exec_driver_sql(f"INSERT INTO {table.name} ({quoted}) VALUES ({marks}) {conflict}", distinct)  # noqa: S608


def _copy(tx: Connection, table: str, names: Sequence[str], rows: Sequence[Row], conflict: str) -> None:
    quoted = ", ".join(f'"{name}"' for name in names)
    tx.exec_driver_sql(f"CREATE TEMP TABLE IF NOT EXISTS staged_{table} (LIKE {table}) ON COMMIT DROP")
    tx.exec_driver_sql(f"TRUNCATE staged_{table}")
    driver: Any = tx.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY staged_{table} ({quoted}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    # Names come from our own table definitions; the values were copied above.
    select = f"SELECT {quoted} FROM staged_{table}"  # noqa: S608
    tx.exec_driver_sql(f"INSERT INTO {table} ({quoted}) {select} {conflict}")


def _driver_url(url: str) -> URL:
    """Hosts hand out `postgres://…`; SQLAlchemy wants the driver named."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _create_server_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def take_turns(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TURN_NUMBER})")

    return engine


def _create_engine(url: URL) -> Engine:
    """Errors of either engine leave out the parameters of the statement, which are what people's records say."""
    if url.get_backend_name() != "sqlite":
        return _create_server_engine(url)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": _SQLITE_BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, see below
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
