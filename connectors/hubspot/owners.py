"""Owners: few, and without a modified date, so they are read whole, now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec

from connectors.contract import Page
from connectors.hubspot import paths
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.mapping import owner_record
from connectors.hubspot.pull import advanced
from connectors.hubspot.wire import Owners

_SPACING = timedelta(minutes=10)


class _Read(msgspec.Struct, frozen=True, omit_defaults=True):
    """When the owners were last read to the end (UTC); None in the middle of it."""

    read_at: datetime | None = None


def owner_pages(client: HubSpotClient, cursor: str | None, now: Callable[[], datetime]) -> Iterator[Page]:
    """All owners, then the archived ones, who may still stand on records; nothing if they were read minutes ago."""
    started_at = now()
    last = _last_read(cursor)
    if last is not None and started_at - _SPACING < last <= started_at:
        return
    for archived in ("false", "true"):
        after: str | None = None
        while True:
            query = [("limit", "100"), ("archived", archived), *([("after", after)] if after else [])]
            page = client.call(paths.OWNERS, Owners, query=query)
            following = page.paging.next.after if page.paging and page.paging.next else None
            is_end = following is None and archived == "true"
            read = _Read(started_at if is_end else None)
            yield Page(tuple(owner_record(owner) for owner in page.results), msgspec.json.encode(read).decode())
            if following is None:
                break
            after = advanced(after, following, "owners")


def _last_read(cursor: str | None) -> datetime | None:
    try:
        return msgspec.json.decode(cursor, type=_Read).read_at if cursor else None
    except msgspec.DecodeError:
        return None
