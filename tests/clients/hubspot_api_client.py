"""`@hubspot/api-client`: whole reads by list endpoint, writes in every way it has, changes by search.

Its typed models read every answer, so that a missing or misnamed field fails. It is not a sync tool: changed means here
modified at the newest time the first read had seen, or later; archived deals are asked for by themselves.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.clients.hubspot_account import KINDS, holdings
from tests.clients.installations import HERE, node
from tests.clients.place import Place
from tests.clients.readings import compare


def scenario(place: Place) -> None:
    """Read everything, write, read what changed."""
    before = holdings(place.twin)
    first = _run(place, "read")
    place.report.full = [compare(kind, first["ids"][kind], before.ids(kind)) for kind in KINDS]

    place.twin.pass_time(timedelta(hours=1))
    written = _run(place, "work", ids={kind: sorted(before.ids(kind), key=int)[:4] for kind in KINDS})
    place.report.full.append(compare("notes of a contact", written["linked"], frozenset(written["notes"])))
    place.twin.catch_up()

    after = holdings(place.twin)
    second = _run(place, "changed", bookmarks=first["bookmarks"])
    for kind in KINDS:
        bookmark = datetime.fromtimestamp(first["bookmarks"][kind] / 1000, UTC)
        wanted = after.since(kind, bookmark) | frozenset(written.get(kind, ()))
        place.report.incremental.append(compare(kind, second["ids"][kind], wanted))
    place.report.incremental.append(compare("archived deals", second["archived"], after.archived["deals"]))


def _run(place: Place, verb: str, **order: Any) -> Any:
    access = {"basePath": place.twin.url, "token": place.twin.ready["token"]}
    return json.loads(place.start(node(), str(HERE / "js" / "hubspot_api_client.js"), verb, json.dumps(access | order)))
