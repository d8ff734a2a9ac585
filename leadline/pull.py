"""Pull: read what changed in one connection, page by page, each stored with its cursor in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from msgspec import Struct

from connectors.contract import Connector, Page
from connectors.errors import ConnectorError, Misconfigured
from connectors.records import Stream
from leadline.clock import Clock
from leadline.observe import Observer
from leadline.removals import Removals
from leadline.retry import Retrier
from leadline.state import cursors, records
from leadline.state.database import Database

T = TypeVar("T")

STREAM_ORDER = (Stream.OWNERS, Stream.COMPANIES, Stream.CONTACTS, Stream.DEALS, Stream.ENGAGEMENTS)
"""People before what they did, so that an engagement finds its person."""


class Pulled(Struct, frozen=True):
    """What a pull of one connection read. `skipped` are streams the account does not let us read, with the reason."""

    changed: int
    unchanged: int
    skipped: dict[str, str]


def pull(
    connection: str,
    connector: Connector[Any],
    database: Database,
    retry: Retrier,
    clock: Clock,
    observer: Observer,
    stop_if_asked: Callable[[], None],
) -> Pulled:
    """Read every stream of the connection to its end.

    A stream that the account does not let us read is skipped and named; the others go on.

    Raises:
        ConnectorError: a stream could not be read now; pages stored so far stay, and the next pull goes on from them.
        Misconfigured: the account does not let us read people, without whom there is nothing to do.
    """
    changed = unchanged = 0
    skipped: dict[str, str] = {}
    no_people: Misconfigured | None = None
    removals = Removals(connection, connector, database, retry, clock)
    for stream in STREAM_ORDER:
        if stream not in connector.capabilities.streams:
            continue
        try:
            for page in _pages(connection, connector, stream, database, retry):
                with database.begin() as tx:
                    saved = records.save_page(tx, connection, stream, page, clock.now())
                changed += saved.changed
                unchanged += saved.unchanged
                observer.pulled(connection, stream, len(page.records))
                stop_if_asked()
        except Misconfigured as error:
            skipped[stream.value] = error.what
            no_people = error if stream is Stream.CONTACTS else no_people
        changed += removals.settle(stream, stop_if_asked)
        if stream.value in skipped:
            continue
        with database.begin() as tx:
            cursors.complete_stream(tx, connection, stream, clock.now())
    if no_people is not None:
        raise no_people
    return Pulled(changed, unchanged, skipped)


def _pages(connection: str, connector: Connector[Any], stream: Stream, database: Database, retry: Retrier) -> Iterator[Page]:
    """The stream's pages. After an error the connector starts again from the last stored cursor, with fresh attempts."""

    def begin() -> Iterator[Page]:
        with database.begin() as tx:
            cursor = cursors.cursor_of(tx, connection, stream)
        return connector.pull(stream, cursor)

    return resumed(begin, retry)


def resumed(begin: Callable[[], Iterator[T]], retry: Retrier) -> Iterator[T]:
    """What `begin` yields, begun again after an error that may pass; `begin` knows how far it came."""
    parts: Iterator[T] | None = None

    def next_part() -> T | None:
        nonlocal parts
        if parts is None:
            parts = iter(begin())
        try:
            return next(parts, None)
        except ConnectorError:
            parts = None
            raise

    while (part := retry(next_part)) is not None:
        yield part
