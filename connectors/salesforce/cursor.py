"""Where a pull stands: the watermark between windows, and the place inside the window that is being walked."""

from __future__ import annotations

from datetime import datetime

import msgspec

from connectors.errors import ContractBroken


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """The walk's next row: in `step`, after (`at`, `id`); without them, at the step's beginning."""

    step: str
    at: datetime | None = None
    id: str | None = None


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a pull needs to go on in another process.

    `watermark`: everything that changed before it is stored (aware UTC; None: nothing yet). `until` and `place`: the end of
    the window under way, frozen when it began, and where the walk is; both None between windows. `shapes`: for each step
    a fingerprint of the mapped columns at the last complete window; a step whose columns have changed is read from the
    beginning, so that a newly mapped field is filled for old records as well.
    """

    watermark: datetime | None = None
    until: datetime | None = None
    place: Place | None = None
    shapes: dict[str, str] = {}


def read(text: str | None) -> Cursor:
    """The cursor behind the text; None is the very first one.

    Raises:
        ContractBroken: the text is not a cursor of this connector.
    """
    if text is None:
        return Cursor()
    try:
        return msgspec.json.decode(text, type=Cursor)
    except msgspec.DecodeError:
        raise ContractBroken("the stored cursor is not one of the Salesforce connector") from None


def write(cursor: Cursor) -> str:
    """The cursor as compact JSON."""
    return msgspec.json.encode(cursor).decode()
