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

from leadline.state.database import Database

_LEASE_NUMBER = 7_523_112
"""Any number will do as long as every Leadline takes the same one, and another one than migrations and turns."""


class Lease(ABC):
    """The right to work on one database. Any thread may use it, one at a time."""

    @abstractmethod
    def take(self) -> bool:
        """Take it, or make sure that it is still held; False when another process has it or the database is away."""

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

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()


class _SessionLease(Lease):
    """A lock that lives as long as one connection to the server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session: Connection | None = None

    def take(self) -> bool:
        try:
            if self._session is None:
                self._session = self._database.session()
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :n AND pid = pg_backend_pid()"
            if self._session.execute(text(held), {"n": _LEASE_NUMBER}).scalar_one():
                return True
            taken = self._session.execute(text("SELECT pg_try_advisory_lock(:n)"), {"n": _LEASE_NUMBER}).scalar_one()
        except SQLAlchemyError:
            self.release()
            return False
        return bool(taken)

    def release(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        with suppress(SQLAlchemyError):
            session.execute(text("SELECT pg_advisory_unlock_all()"))
        # Not given back to the pool: if the words above did not arrive, the lock ends with the connection.
        session.invalidate()
        session.close()
