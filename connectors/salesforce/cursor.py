"""Where a pull stands: the watermark between windows, and the place inside the window that is being walked."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import msgspec

from connectors.errors import ContractBroken

ShapeT = TypeVar("ShapeT")


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """A Bulk query job: begun then (aware UTC), its results read up to `locator` (None: from their beginning)."""

    id: str
    started_at: datetime
    locator: str | None = None


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """The walk's next row: in `step`, after (`at`, `id`); without the id, from `at` on; without both, at the beginning.

    `until` ends a part of the step that is `part_seconds` long and small enough for one query (both None: there are no
    parts). With a `job`, the rest of the step comes from it. `paged`: Bulk is out of the question for this step.
    """

    step: str
    at: datetime | None = None
    id: str | None = None
    until: datetime | None = None
    part_seconds: float | None = None
    job: Job | None = None
    paged: bool = False


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a pull needs to go on in another process.

    `watermark`: everything that changed before it is stored (aware UTC; None: nothing yet). `until`, `place` and `begun`:
    the end of the window under way, where the walk is, and its shapes, frozen when it began; empty between windows.
    `shapes`: for each object a fingerprint of the mapped columns that the last complete window began with; an object whose
    columns have changed since is read from the beginning, so that a newly mapped field is filled for old records as well.
    """

    watermark: datetime | None = None
    until: datetime | None = None
    place: Place | None = None
    shapes: dict[str, str] = {}
    begun: dict[str, str] = {}


def read(text: str | None) -> Cursor:
    """The cursor behind the text; None is the very first one.

    Raises:
        ContractBroken: the text is not a cursor of this connector.
    """
    return Cursor() if text is None else _decoded(text, Cursor)


def read_place(text: str | None) -> Place | None:
    """The place behind the text of a census; None is its beginning. Raises as `read`."""
    return None if text is None else _decoded(text, Place)


def write(cursor: Cursor | Place) -> str:
    """The cursor as compact JSON."""
    return msgspec.json.encode(cursor).decode()


def _decoded(text: str, shape: type[ShapeT]) -> ShapeT:
    try:
        return msgspec.json.decode(text, type=shape)
    except msgspec.DecodeError:
        raise ContractBroken("the stored cursor is not one of the Salesforce connector") from None
