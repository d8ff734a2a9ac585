"""Where a pull stands, as text that a fresh process can go on from.

A stream is first walked whole by the list endpoint, then read in windows of its modified date by search, and, where
archived records matter, swept for those. The watermark moves only when a window is read to its end: HubSpot's search is late
and out of order by up to an hour, so the last row seen says nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import msgspec
from msgspec import Struct


class Swept(Struct, frozen=True):
    """The last full look at the archived records: when it began (UTC), and how many pages it took."""

    at: datetime
    pages: int = 0


class Walk(Struct, frozen=True, tag="walk", omit_defaults=True):
    """In the middle of the first whole walk, begun at `start` (UTC): `after` is the next page of `object`."""

    start: datetime
    object: str
    after: str | None = None


class Window(Struct, frozen=True, tag="window", omit_defaults=True):
    """In the middle of the records modified in [since, until) (UTC): `object` is read up to the id `after_id`."""

    since: datetime
    until: datetime
    object: str
    swept: Swept
    after_id: int = 0


class Sweep(Struct, frozen=True, tag="sweep", omit_defaults=True):
    """In the middle of the archived records: those archived since `since` are reported; `pages` are read already."""

    since: datetime
    until: datetime
    object: str
    after: str | None = None
    pages: int = 0


class Rest(Struct, frozen=True, tag="rest"):
    """Everything modified before `watermark` (UTC) is stored."""

    watermark: datetime
    swept: Swept


Position: TypeAlias = Walk | Window | Sweep | Rest

_decoder: msgspec.json.Decoder[Position] = msgspec.json.Decoder(Walk | Window | Sweep | Rest)
_encoder = msgspec.json.Encoder()


def encode(position: Position) -> str:
    """The position as compact JSON."""
    return _encoder.encode(position).decode()


def decode(cursor: str | None) -> Position | None:
    """The position in `cursor`; None for no cursor, or one of another release: walking from the start only repeats."""
    if cursor is None:
        return None
    try:
        return _decoder.decode(cursor)
    except msgspec.DecodeError:
        return None
