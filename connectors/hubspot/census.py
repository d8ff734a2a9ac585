"""What a nightly audit asks: who is there, and what became of those who are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

import msgspec
from msgspec import Struct

from connectors.contract import Sighted
from connectors.errors import ContractBroken, RecordRejected
from connectors.hubspot.mapping import MERGED, merged_into
from connectors.hubspot.pull import advanced, archived
from connectors.hubspot.reading import ARCHIVED, BATCH_LIMIT, Located, Reader, Rows, Selection
from connectors.hubspot.sources import Sources
from connectors.hubspot.wire import CrmObject
from connectors.records import EngagementRecord, Ref, Removed, Sighting, Stream

_LEAST = ("hs_object_id",)
"""Without any name HubSpot sends its favourites, which are personal."""


class _Place(Struct, frozen=True, omit_defaults=True):
    """Where a census goes on: `after` is the next page of `object`; no object is the end."""

    object: str | None
    after: str | None = None


def census(reader: Reader, sources: Sources, stream: Stream, cursor: str | None) -> Iterator[Sighted]:
    """The live records of a stream, a page of the list endpoint at a time.

    Raises:
        RetryLater, Reauthorise, Misconfigured, ContractBroken: as `HubSpotClient.call`.
    """
    names = (*sources.objects(stream), None)
    place = _Place(names[0]) if cursor is None else msgspec.json.decode(cursor, type=_Place)
    place = place if place.object in names else _Place(names[0])
    restarted = False
    while place.object is not None:
        name = place.object
        selection = sources.source(name).selection if stream is Stream.ENGAGEMENTS else Selection(name, _LEAST)
        try:
            rows = reader.listed(selection, place.after)
        except RecordRejected as refused:
            if restarted or place.after is None:
                raise ContractBroken(f"HubSpot refuses to be read: {refused.what}", code=refused.code) from refused
            # A place in a list can lapse; seeing somebody twice does no harm.
            restarted, place = True, _Place(name)
            continue
        following = names[names.index(name) + 1]
        place = _Place(name, advanced(place.after, rows.after, name)) if rows.after else _Place(following)
        yield Sighted(_sighted(sources, stream, name, rows), msgspec.json.encode(place).decode())


def _sighted(sources: Sources, stream: Stream, name: str, rows: Rows) -> tuple[Sighting, ...]:
    if stream is not Stream.ENGAGEMENTS:
        return tuple(Sighting(Ref(name, row.id), row.updated_at.astimezone(UTC)) for row in rows.objects)
    records = sources.source(name).records(rows)
    return tuple(Sighting(one.ref, one.modified_at) for one in records if isinstance(one, EngagementRecord))


class Whereabouts:
    """Finds out what became of records. Merged, archived and erased are told by what HubSpot says, never by its silence."""

    def __init__(self, reader: Reader, now: Callable[[], datetime]) -> None:
        self._reader = reader
        self._now = now

    def of(self, refs: Sequence[Ref]) -> tuple[Removed, ...]:
        """Those of the records that are not live, all of one object or of several.

        Raises:
            RetryLater, Reauthorise, Misconfigured, ContractBroken: as `HubSpotClient.call`; nothing is concluded then.
        """
        by_object: dict[str, list[str]] = {}
        for ref in dict.fromkeys(refs):
            by_object.setdefault(ref.object, []).append(ref.id)
        return tuple(
            chain.from_iterable(
                self._of_object(name, ids[start : start + BATCH_LIMIT])
                for name, ids in by_object.items()
                for start in range(0, len(ids), BATCH_LIMIT)
            )
        )

    def _of_object(self, name: str, ids: Sequence[str]) -> Iterator[Removed]:
        selection = Selection(name, (MERGED[name],) if name in MERGED else _LEAST)
        live = self._reader.located(selection, ids)
        there = {row.id for row in live.objects}
        told = {one: gone for one, gone in _merged(name, live).items() if one not in there}
        unseen = [one for one in ids if one not in there and one not in told]
        binned = self._reader.located(selection, unseen, query=ARCHIVED)
        told |= _merged(name, binned) | {row.id: archived(row, name) for row in binned.objects}
        yield from (told[one] for one in ids if one in told and one not in there)
        lost = [one for one in unseen if one not in told]
        # Asked once more for live ones: a record restored between the two answers was in neither, and is not erased.
        absent = live.absent & binned.absent & self._reader.located(selection, lost).absent
        for one in lost:
            found = None if one in absent else self._alone(selection, one)
            if found is None:
                yield Removed(ref=Ref(name, one), at=self._now(), reason="privacy")
            elif found.id != one:
                at, into = found.updated_at.astimezone(UTC), Ref(name, found.id)
                yield Removed(ref=Ref(name, one), at=at, reason="merged", into=into)
            elif found.archived:
                yield archived(found, name)

    def _alone(self, selection: Selection, record_id: str) -> CrmObject | None:
        """A record that a batch neither showed nor denied, asked for by itself: live, in the bin, and live again."""
        return (
            self._reader.one(selection, record_id)
            or self._reader.one(selection, record_id, query=ARCHIVED)
            or self._reader.one(selection, record_id)
        )


def _merged(name: str, located: Located) -> dict[str, Removed]:
    return {gone.ref.id: gone for row in located.objects for gone in merged_into(name, row)}
