"""`meltano-tap-hubspot`, a Singer tap: whole reads by list endpoint, later ones by search from its bookmark on.

Changed means to it: not archived, and modified at the bookmark or later. The bookmark is the newest time it has seen, so
records of that very moment come again. Deletions it never reports.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.clients.hubspot_account import KINDS, Editor, holdings
from tests.clients.place import Place
from tests.clients.readings import compare


@dataclass(slots=True)
class Sync:
    """What one run of the tap printed."""

    ids: dict[str, list[str]] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)


def scenario(place: Place) -> None:
    """Read everything, work in the CRM, read what changed."""
    config = place.file("config.json", {"access_token": place.twin.ready["token"]})
    tap = place.program("tap-hubspot")
    catalog = json.loads(place.start(tap, "--config", config, "--discover"))
    chosen = place.file("catalog.json", _selected(catalog))

    before = holdings(place.twin)
    first = _sync(place.start(tap, "--config", config, "--catalog", chosen))
    place.report.full = [compare(kind, first.ids.get(kind, []), before.ids(kind)) for kind in KINDS]

    Editor(place.twin).work(before)
    after = holdings(place.twin)
    state = place.file("state.json", first.state)
    second = _sync(place.start(tap, "--config", config, "--catalog", chosen, "--state", state))
    for kind in KINDS:
        bookmark = datetime.fromisoformat(first.state["bookmarks"][kind]["replication_key_value"])
        place.report.incremental.append(compare(kind, second.ids.get(kind, []), after.since(kind, bookmark)))


def _selected(catalog: dict[str, Any]) -> dict[str, Any]:
    """The catalog with the streams of the object types chosen, and all their fields."""
    for stream in catalog["streams"]:
        wanted = stream["tap_stream_id"] in KINDS
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = wanted
    return catalog


def _sync(printed: str) -> Sync:
    sync = Sync()
    for line in printed.splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            sync.ids.setdefault(message["stream"], []).append(message["record"]["id"])
        elif message["type"] == "STATE":
            sync.state = message["value"]
    return sync
