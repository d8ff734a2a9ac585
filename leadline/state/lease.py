"""One worker at a time on one database.

The right to work is a lock that ends with the process, however it ends: no clock, no expiry, nothing to clean up. On
PostgreSQL it is an advisory lock of a session, on SQLite a lock on a file beside the database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress

from filelock import FileLock, Timeout
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from leadline.state.database import Database, DatabaseUnavailable

LEASE_NUMBER = 7_523_112
"""Any number will do as long as every Leadline takes the same one, and another one than migrations and turns."""


class Lease(ABC):
    """The right to work on one database. Any thread may use it, one at a time."""

    @abstractmethod
    def take(self) -> bool:
        """Take it, or make sure that it is still held; False when another process has it.

        Raises:
            DatabaseUnavailable: that cannot be known now.
        """

    @abstractmethod
    def guard(self, database: Database) -> None:
        """Let `database`, another way to the same one, begin no transaction unless this lease is held at that moment.

        A worker that lost it may not know yet, while the one that took over is at work already.
        """

    @abstractmethod
    def release(self) -> None:
        """Give it up; harmless when it is not held."""


def lease_on(database: Database) -> Lease:
    """The lease of a database, not taken yet."""
    if database.is_postgresql:
        return _SessionLease(database)
    name = database.url.database
    return _FileLease(None if name in {None, "", ":memory:"} else f"{name}.lock")


class _FileLease(Lease):
    """A file that only one process can lock; a database in memory has no other process."""

    def __init__(self, path: str | None) -> None:
        self._lock = None if path is None else FileLock(path, timeout=0, thread_local=False)

    def take(self) -> bool:
        if self._lock is None or self._lock.is_locked:
            return True
        try:
            self._lock.acquire()
        except Timeout:
            return False
        return True

    def guard(self, database: Database) -> None:
        """Nothing to do: a file's lock is lost with the process only."""

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()


class _SessionLease(Lease):
    """A lock that lives as long as one connection to the server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session: Connection | None = None
        self._holder = 0

    def take(self) -> bool:
        try:
            with self._database.trouble_told():
                if self._session is None:
                    self._session = self._database.session()
                    self._holder = int(self._session.execute(text("SELECT pg_backend_pid()")).scalar_one())
                if _is_held(self._session, self._holder):
                    return True
                attempt = text("SELECT pg_try_advisory_lock(:n)")
                return bool(self._session.execute(attempt, {"n": LEASE_NUMBER}).scalar_one())
        except DatabaseUnavailable:
            self.release()
            raise

    def guard(self, database: Database) -> None:
        def may_work(tx: Connection) -> None:
            if not _is_held(tx, self._holder):
                raise DatabaseUnavailable(
                    "the right to work at the database was lost with its connection",
                    "Nothing: this worker takes it up again, or leaves the work to the one that has it.",
                )

        database.only_if(may_work)

    def release(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        with suppress(SQLAlchemyError):
            session.execute(text("SELECT pg_advisory_unlock_all()"))
        # Not given back to the pool: if the words above did not arrive, the lock ends with the connection.
        session.invalidate()
        session.close()


def _is_held(connection: Connection, holder: int) -> bool:
    """Whether the server knows the lease as this session's."""
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :n AND pid = :pid AND granted"
    return bool(connection.execute(text(held), {"n": LEASE_NUMBER, "pid": holder}).scalar_one())
