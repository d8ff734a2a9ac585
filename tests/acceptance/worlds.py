"""Opening a world and closing it, with the promise that holds for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.acceptance.private import leaks
from tests.acceptance.world import World


@contextmanager
def opened(folder: Path, as_of: datetime, database_url: str | None = None) -> Iterator[World]:
    """A provisioned world; at its end nothing that was said in it may have told on anybody."""
    world = World(folder, as_of, database_url)
    try:
        world.prepare()
        yield world
        assert leaks(world, world.said()) == []
    finally:
        world.end()
