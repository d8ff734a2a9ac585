"""One database, SQLite or PostgreSQL, behind the same few verbs.

Every write happens inside `Database.begin()`: one transaction, stored whole or not at all. SQLite takes its write lock at
the start of the transaction, so that two threads queue up instead of failing half-way; PostgreSQL takes a lock that does the
same, so that what one thread marks while another stores is never lost.

Trouble of the database's own (away, locked, its disk full) leaves `begin` as `DatabaseUnavailable`, wherever in the block it
came up: nothing of the block is stored then, and the same block may be run again later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

Row = tuple[str | int | None, ...]

T = TypeVar("T")

_CHUNK = 400
_COPY_FROM_ROWS = 100
_FILE_PATIENCE = {"timeout": 30}
"""SQLite: seconds that a write waits for another process's. `?timeout=5` at the end of the URL says otherwise."""
_SERVER_PATIENCE = {"connect_timeout": 10, "keepalives_idle": 30, "tcp_user_timeout": 30_000}
"""PostgreSQL: a server that went away without a word is known to be away within half a minute (s, s, ms)."""
_SERVER_IMPATIENCE = {
    "idle_in_transaction_session_timeout": 60_000,
    "tcp_keepalives_idle": 30,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
}
"""PostgreSQL: how soon it ends what a frozen or vanished worker left open, for which all others wait (ms, s, s, times)."""
_TAKES_NO_TURN = "takes_no_turn"
TURN_NUMBER = 7_523_111
"""Any number will do as long as every Leadline takes the same one, and another one than migrations."""


class DatabaseUnavailable(Exception):
    """The database cannot be used now; says which and why, without its password. `fix` is what a person can do."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


class Database:
    """An open database. Safe to share between threads; each `begin` takes a connection of its own."""

    def __init__(self, url: str) -> None:
        self.url = _driver_url(url)
        self._engine = _create_engine(self.url)
        self._conditions: tuple[Callable[[Connection], None], ...] = ()

    @property
    def is_postgresql(self) -> bool:
        """Whether this is PostgreSQL rather than SQLite."""
        return self._engine.dialect.name == "postgresql"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: committed at the end of the block, rolled back when the block raises.

        Raises:
            DatabaseUnavailable: it cannot be reached, is held by another process for longer than any write takes, has no
                room left, or the right to work at it is lost. Nothing of the block is stored.
        """
        with self.trouble_told(), self._engine.connect() as connection, connection.begin():
            for may_work in self._conditions:
                may_work(connection)
            yield connection

    @property
    def is_file(self) -> bool:
        """Whether it is a file: not a server, and not in the memory of this process."""
        return not self.is_postgresql and self.url.database not in {None, "", ":memory:"}

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that takes no turn, for reading what is committed while somebody else has it.

        Raises:
            DatabaseUnavailable: it cannot be reached.
        """
        with self.trouble_told(), self._engine.connect() as connection:
            reading = connection.execution_options(**{_TAKES_NO_TURN: True})
            with reading.begin():
                yield reading

    def only_if(self, may_work: Callable[[Connection], None]) -> None:
        """From now on let `may_work` look at each new transaction; it raises when there must be none."""
        self._conditions = (*self._conditions, may_work)

    def session(self) -> Connection:
        """A connection of its own outside any transaction, for what lives as long as a session. The caller closes it.

        Raises:
            DatabaseUnavailable: it cannot be reached.
        """
        with self.trouble_told():
            return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def trouble_told(self) -> Iterator[None]:
        """Turn trouble of the database's own, that comes up in the block, into `DatabaseUnavailable`."""
        driver: Any = self._engine.dialect.loaded_dbapi
        try:
            yield
        except (DBAPIError, driver.Error) as error:
            # What copies rows talks to the driver itself, past SQLAlchemy.
            trouble = _trouble(error.orig if isinstance(error, DBAPIError) else error, driver)
            if trouble is None:
                raise
            reason, fix = trouble
            shown = self.url.render_as_string(hide_password=True)
            raise DatabaseUnavailable(f"the database {shown} cannot be used: {reason}", fix) from error

    def drain(self) -> None:
        """Leave nothing erased in SQLite's write-ahead log, unless somebody reads at this moment: then the next one does.

        PostgreSQL looks after its own.
        """
        if self.is_postgresql:
            return
        with self.trouble_told():
            raw = self._engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                raw.close()

    def close(self) -> None:
        """Let every pooled connection go."""
        self._engine.dispose()


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists short enough for one `IN (…)` on either database."""
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk


def by_place(keys: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, list[str]]]:
    """Keys as `connection = … AND object = … AND id IN (…)` wants them: given whole keys, SQLite reads all of a table."""
    places: dict[tuple[str, str], list[str]] = {}
    for connection, name, number in keys:
        places.setdefault((connection, name), []).append(number)
    for (connection, name), numbers in places.items():
        yield from ((connection, name, chunk) for chunk in chunks(numbers))


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


_LOOK = "Check DATABASE_URL and that the database is up."
_MAKE_ROOM = "Make room on its disk. What was stored before is whole, and the work goes on when there is room."
_LET_GO = "End the other process that holds it: a shell, a backup, a copy."
_CHECK_FILE = "Check the file and its disk: who may write there, whether it is whole. A copy of a good day can replace it."
_SQLITE_TROUBLE = {
    sqlite3.SQLITE_BUSY: ("another process holds it", _LET_GO),
    sqlite3.SQLITE_LOCKED: ("another process holds it", _LET_GO),
    sqlite3.SQLITE_FULL: ("its disk is full", _MAKE_ROOM),
    sqlite3.SQLITE_READONLY: ("it may not be written to", _CHECK_FILE),
    sqlite3.SQLITE_IOERR: ("its disk fails", _CHECK_FILE),
    sqlite3.SQLITE_CORRUPT: ("its file is damaged", _CHECK_FILE),
    sqlite3.SQLITE_NOTADB: ("its file is no database", _CHECK_FILE),
    sqlite3.SQLITE_CANTOPEN: ("its file cannot be opened", _LOOK),
    sqlite3.SQLITE_PROTOCOL: ("another process holds it", _LET_GO),
}
_POSTGRESQL_DISK_FULL = "53100"


def _trouble(error: BaseException | None, driver: Any) -> tuple[str, str] | None:
    """What is the matter with a database, and what to do, from its driver's error; None when the statement is to blame."""
    if isinstance(error, sqlite3.Error):
        return _SQLITE_TROUBLE.get(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF)
    if not isinstance(error, (driver.OperationalError, driver.InterfaceError)):
        return None
    if getattr(error, "sqlstate", None) == _POSTGRESQL_DISK_FULL:
        return "its disk is full", _MAKE_ROOM
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "the connection is gone", _LOOK


def _driver_url(url: str) -> URL:
    """Hosts hand out `postgres://…`; SQLAlchemy wants the driver named."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _unless_named(url: URL, patience: Mapping[str, int]) -> dict[str, int]:
    return {name: value for name, value in patience.items() if name not in url.query}


def _create_server_engine(url: URL) -> Engine:
    engine = create_engine(url, connect_args=_unless_named(url, _SERVER_PATIENCE), pool_pre_ping=True, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def be_impatient(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name, value in _SERVER_IMPATIENCE.items():
                cursor.execute(f"SET {name} = {value}")
        connection.autocommit = False

    @event.listens_for(engine, "begin")
    def take_turns(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT" or _TAKES_NO_TURN in options:
            return
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN_NUMBER})")

    return engine


def _create_engine(url: URL) -> Engine:
    """Errors of either engine leave out the parameters of the statement, which are what people's records say."""
    if url.get_backend_name() != "sqlite":
        return _create_server_engine(url)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args=_unless_named(url, _FILE_PATIENCE), hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, see below
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")  # what was erased for privacy must not stay in the file

    @event.listens_for(engine, "begin")
    def begin_immediate(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if _TAKES_NO_TURN in connection.get_execution_options() else "BEGIN IMMEDIATE")

    return engine
