"""`airbyte-source-hubspot`: whole reads by list endpoint with associations, later ones by search and associations v4.

Changed means to it: not archived, and modified at the newest time it has seen or later, up to the machine's own time.
Archived deals come in a stream of their own: those archived when the newest it has seen was, or later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.clients.airbyte import Source, Sync
from tests.clients.hubspot_account import KINDS, Editor, holdings
from tests.clients.place import Place
from tests.clients.readings import compare

STREAMS = {kind: kind if kind in ("contacts", "companies", "deals") else f"engagements_{kind}" for kind in KINDS}
ARCHIVED = "deals_archived"


def scenario(place: Place) -> None:
    """Read everything, work in the CRM, read what changed."""
    credentials = {"credentials_title": "Private App Credentials", "access_token": place.twin.ready["token"]}
    source = Source(place, "source-hubspot", {"credentials": credentials, "start_date": "2010-01-01T00:00:00Z"}, "id")
    source.check()
    names = (*STREAMS.values(), ARCHIVED)

    editor = Editor(place.twin)
    editor.archive("deals", holdings(place.twin))
    place.twin.pass_time(timedelta(minutes=10))
    newest_gone = editor.archive("deals", holdings(place.twin))
    before = holdings(place.twin)
    first = source.read(names)
    for kind, name in STREAMS.items():
        place.report.full.append(compare(name, first.ids.get(name, []), before.ids(kind)))
    place.report.full.append(compare(ARCHIVED, first.ids.get(ARCHIVED, []), before.archived["deals"]))

    editor.work(before)
    after = holdings(place.twin)
    second = source.read(names, first)
    for kind, name in STREAMS.items():
        wanted = after.since(kind, _bookmark(first, name))
        place.report.incremental.append(compare(name, second.ids.get(name, []), wanted))
    gone = after.archived["deals"] - before.archived["deals"] | {newest_gone}
    place.report.incremental.append(compare(ARCHIVED, second.ids.get(ARCHIVED, []), gone))


def _bookmark(sync: Sync, stream: str) -> datetime:
    return datetime.fromisoformat(sync.cursor(stream)["updatedAt"])
