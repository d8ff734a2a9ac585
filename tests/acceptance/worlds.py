"""Opening a world and closing it, with the promises that hold for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.acceptance.private import leaks
from tests.acceptance.world import World


@contextmanager
def opened(folder: Path, as_of: datetime, database_url: str | None = None) -> Iterator[World]:
    """A provisioned world; nothing said in it may tell on anybody, and HubSpot and we keep to its wire contract."""
    world = World(folder, as_of, database_url)
    try:
        world.prepare()
        yield world
        assert leaks(world, world.said()) == []
        world.hubspot.watch.settle()
    finally:
        world.end()
