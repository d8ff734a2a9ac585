"""`airbyte-source-salesforce`: REST for objects with compound fields, Bulk 2.0 for the others, or Bulk 2.0 for all.

Both by `queryAll`, so what is in the bin comes as well. Changed means to it: `SystemModstamp` ten minutes before the end
of the last run or later, up to the machine's own time; deletions come as records with `IsDeleted`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from tests.clients.airbyte import Source, Sync
from tests.clients.place import Place
from tests.clients.readings import compare
from tests.clients.salesforce_org import OBJECTS, Editor, holdings

LOOKBACK = timedelta(minutes=10)
"""How far before the end of the last run it looks, unless told otherwise."""
FIRST_DAY = "2015-01-01T00:00:00Z"


def _scenario(place: Place, *, force_use_bulk_api: bool) -> None:
    """Read everything, work in the org, read what changed."""
    names = ("client_id", "client_secret", "refresh_token")
    settings = {"start_date": FIRST_DAY, "stream_slice_step": "P7300D", "force_use_bulk_api": force_use_bulk_api}
    source = Source(place, "source-salesforce", {name: place.twin.ready[name] for name in names} | settings, "Id")
    source.check()

    before = holdings(place.twin)
    first = source.read(OBJECTS)
    place.report.full = [compare(name, first.ids.get(name, []), before.all(name)) for name in OBJECTS]

    Editor(place.twin).work(before)
    after = holdings(place.twin)
    second = source.read(OBJECTS, first)
    for name in OBJECTS:
        wanted = after.since(name, _end(first, name) - LOOKBACK)
        place.report.incremental.append(compare(name, second.ids.get(name, []), wanted))


standard = partial(_scenario, force_use_bulk_api=False)
bulk_only = partial(_scenario, force_use_bulk_api=True)


def _end(sync: Sync, stream: str) -> datetime:
    """Where the run ended, as its state says."""
    return datetime.fromisoformat(sync.cursor(stream)["slices"][-1]["end"])
