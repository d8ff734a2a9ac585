"""Where a pull stands, as text that a fresh process can go on from.

Each object of a stream is first walked whole by the list endpoint, then read in windows of its modified date by search, and,
where archived records matter, swept for those. A standing moves only when a window is read to its end: HubSpot's search is
late and out of order by up to an hour, so the last row seen says nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct


class Swept(Struct, frozen=True):
    """The last full look at the archived records: when it began (UTC), and how many pages it took."""

    at: datetime
    pages: int = 0


class Standing(Struct, frozen=True):
    """What is stored of one object. Times are UTC.

    `fresh`: changes before it were read soon after they were made. `settled`: changes before it were read when they were an
    hour old, so none of them is missed. `shape`: a fingerprint of the fields that were read; where it differs from today's,
    the object is walked again, so that a newly mapped field is filled for old records as well.
    """

    fresh: datetime
    settled: datetime
    shape: str
    swept: Swept


class Walk(Struct, frozen=True, tag="walk", omit_defaults=True):
    """In the middle of all records of an object: begun at `start` (UTC) for this `shape`, `after` is the next page."""

    object: str
    start: datetime
    shape: str
    after: str | None = None


class Window(Struct, frozen=True, tag="window", omit_defaults=True):
    """In the middle of the records modified in [begins, until) (UTC), frozen when it began.

    It is read in parts: all before `since` is read, [since, to) is being read and has been up to the id `after_id`.
    """

    kind: Literal["fresh", "settling"]
    object: str
    begins: datetime
    until: datetime
    since: datetime
    to: datetime
    after_id: int = 0

    @classmethod
    def whole(cls, kind: Literal["fresh", "settling"], object_name: str, begins: datetime, until: datetime) -> Window:
        """At the beginning of a window, in one part."""
        return cls(kind=kind, object=object_name, begins=begins, until=until, since=begins, to=until)


class Sweep(Struct, frozen=True, tag="sweep", omit_defaults=True):
    """In the middle of the archived records: begun at `start`, reports those archived since `since` (UTC)."""

    object: str
    since: datetime
    start: datetime
    after: str | None = None
    pages: int = 0


Place: TypeAlias = Walk | Window | Sweep


class Cursor(Struct, frozen=True, omit_defaults=True):
    """The standing of each object, and the place of the pull under way; None between pulls.

    `skipped` are the objects that this pull was not allowed to read, with the reason.
    """

    standings: dict[str, Standing] = {}
    place: Place | None = None
    skipped: dict[str, str] = {}


_decoder = msgspec.json.Decoder(Cursor)
_encoder = msgspec.json.Encoder()


def encode(cursor: Cursor) -> str:
    """The cursor as compact JSON."""
    return _encoder.encode(cursor).decode()


def decode(text: str | None) -> Cursor:
    """The cursor in the text; the very first one for None and for another release's: walking from the start only repeats."""
    if text is None:
        return Cursor()
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError:
        return Cursor()
