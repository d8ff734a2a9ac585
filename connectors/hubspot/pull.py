"""Pulling a stream, object by object: the whole walk once, then windows of the modified date and the archived records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from connectors.contract import Page
from connectors.errors import ContractBroken, Misconfigured, RecordRejected, RetryLater
from connectors.hubspot import windows
from connectors.hubspot.cursor import Cursor, Place, Standing, Sweep, Swept, Walk, Window, decode, encode
from connectors.hubspot.reading import Reader
from connectors.hubspot.sources import SWEPT, Records, Source
from connectors.hubspot.wire import CrmObject
from connectors.records import Ref, Removed


class Pull:
    """One stream's sources read from a cursor on, one API page at a time."""

    def __init__(
        self, reader: Reader, sources: Sequence[Source], *, overlap: timedelta, now: Callable[[], datetime]
    ) -> None:
        self._reader = reader
        self._sources = {source.selection.object: source for source in sources}
        self._names = tuple(self._sources)
        self._overlap = overlap
        self._now = now

    def pages(self, stored: str | None) -> Iterator[Page]:
        """Every page of the pull that `stored` is in the middle of, or of the next one.

        Raises:
            Misconfigured: some objects may not be read; all others are, and the last cursor is good.
            RetryLater, Reauthorise, ContractBroken: as `HubSpotClient.call`.
        """
        cursor = self._resumed(decode(stored))
        skipped, restarted = cursor.skipped, False
        while (place := cursor.place) is not None:
            records: Records = ()
            try:
                records, cursor = self._step(cursor, place)
            except RecordRejected as refused:
                if restarted or isinstance(place, Window) or place.after is None:
                    raise ContractBroken(f"HubSpot refuses to be read: {refused.what}", code=refused.code) from refused
                # A place in a list can lapse; it is given up, once, for the list's start.
                restarted, cursor = True, replace(cursor, place=replace(place, after=None))
            except Misconfigured as refused:
                if len(self._names) == 1:
                    raise
                cursor = self._without(cursor, place.object, refused)
            skipped = cursor.skipped
            yield Page(records, encode(cursor if cursor.place else replace(cursor, skipped={})))
        if skipped:
            raise Misconfigured("; ".join(f"{name} are left out: {reason}" for name, reason in skipped.items()))

    def _resumed(self, cursor: Cursor) -> Cursor:
        place = cursor.place
        source = self._sources.get(place.object) if place else None
        standings = {name: standing for name, standing in cursor.standings.items() if name in self._sources}
        cursor = replace(cursor, standings=standings, skipped=cursor.skipped if source else {})
        if place is None or source is None:
            return self._entering(cursor, self._names[0])
        stays = place.shape == source.shape if isinstance(place, Walk) else place.object in standings
        return cursor if stays else self._entering(cursor, place.object)

    def _entering(self, cursor: Cursor, name: str) -> Cursor:
        """At the beginning of an object: a window, or a walk where nothing of today's shape was read."""
        now, shape = self._now(), self._sources[name].shape
        standing = cursor.standings.get(name)
        if standing is None or standing.shape != shape or windows.clock_went_back(standing, now, self._overlap):
            return replace(cursor, place=Walk(object=name, start=now, shape=shape))
        return replace(cursor, place=windows.fresh_window(name, standing, now))

    def _leaving(self, cursor: Cursor, name: str) -> Cursor:
        following = self._names.index(name) + 1
        if following == len(self._names):
            return replace(cursor, place=None)
        return self._entering(cursor, self._names[following])

    def _without(self, cursor: Cursor, name: str, refused: Misconfigured) -> Cursor:
        """Past an object that may not be read. Its standing stays: once it may be, nothing is missing."""
        return self._leaving(replace(cursor, skipped={**cursor.skipped, name: refused.what}), name)

    def _step(self, cursor: Cursor, place: Place) -> tuple[Records, Cursor]:
        match place:
            case Walk():
                return self._walk(cursor, place)
            case Window():
                return self._window(cursor, place)
            case Sweep():
                return self._sweep(cursor, place)

    def _walk(self, cursor: Cursor, at: Walk) -> tuple[Records, Cursor]:
        source = self._sources[at.object]
        rows = self._reader.listed(source.selection, at.after)
        records = source.records(rows)
        if rows.after is not None:
            return records, replace(cursor, place=replace(at, after=advanced(at.after, rows.after, at.object)))
        before = cursor.standings.get(at.object)
        swept = before.swept if before and before.swept.at <= at.start else Swept(at=at.start)
        standing = Standing(fresh=at.start, settled=at.start - windows.HORIZON, shape=at.shape, swept=swept)
        return records, self._leaving(_standing(cursor, at.object, standing), at.object)

    def _window(self, cursor: Cursor, at: Window) -> tuple[Records, Cursor]:
        source, standing = self._sources[at.object], cursor.standings[at.object]
        found = self._reader.modified(source.selection, at.since, at.to, at.after_id)
        smaller = windows.narrowed(at, found.total, standing, self._overlap)
        smaller = smaller or windows.split(at, found.objects, found.total, in_order=found.in_order)
        if smaller is not None:
            return (), replace(cursor, place=smaller)
        records = source.records(source.rows(self._reader, self._reader.completed(source.selection, found)))
        following = windows.following_part(at) if found.is_last else replace(at, after_id=found.last_id)
        if following is not None:
            return records, replace(cursor, place=following)
        standing = windows.read_whole(at, standing)
        return records, self._after_window(_standing(cursor, at.object, standing), at.object, standing)

    def _after_window(self, cursor: Cursor, name: str, standing: Standing) -> Cursor:
        if (settling := windows.settling_window(name, standing)) is not None:
            return replace(cursor, place=settling)
        now = self._now()
        if name in SWEPT and windows.sweep_is_due(standing, now):
            return replace(cursor, place=Sweep(object=name, since=standing.swept.at - windows.HORIZON, start=now))
        return self._leaving(cursor, name)

    def _sweep(self, cursor: Cursor, at: Sweep) -> tuple[Records, Cursor]:
        rows = self._reader.archived(at.object, at.after)
        removed = tuple(one for row in rows.objects if (one := archived(row, at.object)).at >= at.since)
        if rows.after is not None:
            after = advanced(at.after, rows.after, at.object)
            return removed, replace(cursor, place=replace(at, after=after, pages=at.pages + 1))
        standing = replace(cursor.standings[at.object], swept=Swept(at=at.start, pages=at.pages + 1))
        return removed, self._leaving(_standing(cursor, at.object, standing), at.object)


def archived(row: CrmObject, object_name: str) -> Removed:
    """The record as one that is in the bin."""
    return Removed(ref=Ref(object_name, row.id), at=(row.archived_at or row.updated_at).astimezone(UTC), reason="archived")


def advanced(asked: str | None, following: str, what: str) -> str:
    """Where a list's next page begins. Raises `RetryLater` when the answer leads to itself."""
    if following == asked:
        raise RetryLater(f"HubSpot's list of {what} gave the same page again")
    return following


def _standing(cursor: Cursor, name: str, standing: Standing) -> Cursor:
    return replace(cursor, standings={**cursor.standings, name: standing})
