"""Cursors between two pulls, for connectors that know no other properties than those of `shapes.CONTACT_PROPERTIES`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from connectors.hubspot.cursor import Cursor, Standing, Swept, encode
from connectors.hubspot.engagements import ACTIVITIES
from connectors.hubspot.mapping import CONTACTS, DEALS, ContactMapping, fingerprint
from tests.unit.connectors.hubspot.conftest import NOW

YESTERDAY = NOW - timedelta(days=1)
CONTACT_TYPES = {"email": "string", "lastmodifieddate": "datetime"}
SHAPES: Mapping[str, str] = {
    CONTACTS: ContactMapping.of({}, CONTACT_TYPES, prefix="leadline", conversions={}).shape(),
    DEALS: fingerprint(("dealstage",)),
    **{name: fingerprint(activity.properties) for name, activity in ACTIVITIES.items()},
}


def standing(name: str, at: datetime = YESTERDAY, swept: Swept | None = None, settled: datetime | None = None) -> Standing:
    """Everything of the object was read at that time."""
    hour_before = at - timedelta(hours=1)
    return Standing(fresh=at, settled=settled or hour_before, shape=SHAPES[name], swept=swept or Swept(at))


def rested(*standings: tuple[str, Standing]) -> str:
    """A cursor with these standings and nothing under way."""
    return encode(Cursor(standings=dict(standings)))
