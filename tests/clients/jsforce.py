"""`@jsforce/jsforce-node`: queries in pages, Bulk 2.0 both ways, getUpdated and getDeleted, from an ended session on.

It is not a sync tool: changed means here touched since the first read was over. Of what is in the bin only getDeleted and
a bulk job with `queryAll` speak.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from tests.clients.installations import HERE, node
from tests.clients.place import Place
from tests.clients.readings import compare
from tests.clients.salesforce_org import VERSION, Holdings, holdings

OBJECTS = ("Lead", "Contact", "Account", "Opportunity", "Task", "Event", "Campaign")


def scenario(place: Place) -> None:
    """Read everything, write, read what changed."""
    before = holdings(place.twin)
    first = _run(place, "read", objects=OBJECTS)
    for way in ("rest", "bulk"):
        place.report.full += [compare(f"{name} ({way})", first[way][name], before.live(name)) for name in OBJECTS]

    place.twin.pass_time(timedelta(minutes=10))
    since = place.twin.now().replace(microsecond=0)
    written = _run(place, "work", ids={name: sorted(before.live(name))[:3] for name in ("Contact", "Task", "Account")})
    place.twin.pass_time(timedelta(hours=1))
    after = holdings(place.twin)
    until = place.twin.now()
    second = _run(place, "changed", objects=OBJECTS, since=_text(since), until=_text(until))
    _compare(place, second, after, since)
    for name in ("Lead", "Account", "Contact", "Task"):
        missing = set(written[name]) - set(second["soql"][name])
        assert not missing, f"{name}: written, but not touched: {missing}"
    place.report.incremental.append(compare("Contact (deleted)", second["deleted"], frozenset(written["deleted"])))


def _compare(place: Place, found: Any, after: Holdings, since: datetime) -> None:
    for name in OBJECTS:
        touched = after.since(name, since)
        live = touched & after.live(name)
        place.report.incremental += [
            compare(f"{name} (soql)", found["soql"][name], live),
            compare(f"{name} (getUpdated)", found["updated"][name], live),
            compare(f"{name} (bulk)", found["bulk"][name], touched),
        ]


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _run(place: Place, verb: str, **order: Any) -> Any:
    ready = place.twin.ready
    access = {
        "clientId": ready["client_id"],
        "clientSecret": ready["client_secret"],
        "refreshToken": ready["refresh_token"],
        "proxy": place.tunnel.url,
        "version": VERSION,
    }
    return json.loads(place.start(node(), str(HERE / "js" / "jsforce.js"), verb, json.dumps(access | order)))
