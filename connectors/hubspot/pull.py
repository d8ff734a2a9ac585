"""Pulling a stream: first the whole walk, then windows of the modified date, then the archived records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from connectors.contract import Page
from connectors.errors import ContractBroken, RecordRejected, RetryLater
from connectors.hubspot import paths
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.cursor import Position, Rest, Sweep, Swept, Walk, Window, decode, encode
from connectors.hubspot.mapping import owner_record
from connectors.hubspot.reading import Reader, Rows
from connectors.hubspot.sources import SWEPT, Records, Source
from connectors.hubspot.wire import CrmObject, Owners
from connectors.records import Ref, Removed

_WHOLE = "whole"
"""The cursor of streams that are read whole every time: there is nothing to remember."""

_SWEEP_SPACING = timedelta(minutes=1)
"""Archived records come in no order, so a sweep reads all of them; it waits this long per page before it does so again."""


def owner_pages(client: HubSpotClient) -> Iterator[Page]:
    """All owners, then the archived ones, who may still stand on records."""
    for archived in ("false", "true"):
        after: str | None = None
        while True:
            query = [("limit", "100"), ("archived", archived), *([("after", after)] if after else [])]
            page = client.call(paths.OWNERS, Owners, query=query)
            yield Page(tuple(owner_record(owner) for owner in page.results), _WHOLE)
            following = page.paging.next.after if page.paging and page.paging.next else None
            if following is None:
                break
            after = _advanced(after, following, "owners")


class Pull:
    """One stream's sources read from a position on, one API page at a time."""

    def __init__(
        self, reader: Reader, sources: Sequence[Source], *, overlap: timedelta, now: Callable[[], datetime]
    ) -> None:
        self._reader = reader
        self._sources = {source.selection.object: source for source in sources}
        self._names = tuple(self._sources)
        self._overlap = overlap
        self._now = now

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Every page from the cursor to the next rest. A place in a list that lapsed is given up, once, for its start."""
        position: Position = self._start(decode(cursor))
        restarted = False
        while not isinstance(position, Rest):
            try:
                records, position = self._step(position)
            except RecordRejected as refused:
                if restarted or not isinstance(position, Walk | Sweep) or position.after is None:
                    raise ContractBroken(f"HubSpot refuses to be read: {refused.what}", code=refused.code) from refused
                restarted, position = True, replace(position, after=None)
                continue
            yield Page(records, encode(position))

    def _start(self, stored: Position | None) -> Walk | Window | Sweep:
        now = self._now()
        if isinstance(stored, Rest):
            return Window(since=stored.watermark - self._overlap, until=now, object=self._names[0], swept=stored.swept)
        if stored is None:
            return Walk(start=now, object=self._names[0])
        if stored.object in self._sources:
            return stored
        if isinstance(stored, Window):
            return replace(stored, object=self._names[0], after_id=0)
        return replace(stored, object=self._names[0], after=None)

    def _step(self, position: Walk | Window | Sweep) -> tuple[Records, Position]:
        match position:
            case Walk():
                return self._walk(position)
            case Window():
                return self._window(position)
            case Sweep():
                return self._sweep(position)

    def _walk(self, at: Walk) -> tuple[Records, Position]:
        source = self._sources[at.object]
        rows = self._reader.listed(source.selection, at.after)
        following: Position
        if rows.after is not None:
            following = replace(at, after=_advanced(at.after, rows.after, at.object))
        elif (successor := self._after(at.object)) is not None:
            following = Walk(start=at.start, object=successor)
        else:
            following = Rest(watermark=at.start, swept=Swept(at=at.start))
        return source.records(rows), following

    def _window(self, at: Window) -> tuple[Records, Position]:
        source = self._sources[at.object]
        rows = self._reader.modified(source.selection, at.since, at.until, at.after_id)
        following: Position
        if rows.left > 0:
            following = replace(at, after_id=rows.last_id)
        elif (successor := self._after(at.object)) is not None:
            following = replace(at, object=successor, after_id=0)
        elif self._sweep_is_due(at):
            following = Sweep(since=at.swept.at - self._overlap, until=at.until, object=at.object)
        else:
            following = Rest(watermark=at.until, swept=at.swept)
        return source.records(self._with_associations(source, rows)), following

    def _sweep(self, at: Sweep) -> tuple[Records, Position]:
        rows = self._reader.archived(at.object, at.after)
        pages = at.pages + 1
        following: Position
        if rows.after is not None:
            following = replace(at, after=_advanced(at.after, rows.after, at.object), pages=pages)
        else:
            following = Rest(watermark=at.until, swept=Swept(at=at.until, pages=pages))
        removed = (_removed(row, at.object) for row in rows.objects)
        return tuple(one for one in removed if one.at >= at.since), following

    def _with_associations(self, source: Source, rows: Rows) -> Rows:
        selection = source.selection
        ids = [row.id for row in rows.objects if source.counts(row)] if selection.associations else []
        associated = {to: self._reader.associated(selection.object, to, ids) for to in selection.associations}
        return Rows(rows.objects, associated)

    def _after(self, name: str) -> str | None:
        following = self._names.index(name) + 1
        return self._names[following] if following < len(self._names) else None

    def _sweep_is_due(self, at: Window) -> bool:
        return at.object in SWEPT and at.until >= at.swept.at + _SWEEP_SPACING * max(0, at.swept.pages - 1)


def _removed(row: CrmObject, object_name: str) -> Removed:
    return Removed(ref=Ref(object_name, row.id), at=(row.archived_at or row.updated_at).astimezone(UTC), reason="archived")


def _advanced(asked: str | None, following: str, what: str) -> str:
    if following == asked:
        raise RetryLater(f"HubSpot's list of {what} gave the same page again")
    return following
