"""Since when properties hold their values, by HubSpot's own history of them.

`propertiesWithHistory` of a batch read brings the values of a property with their times, the newest first, for 50 records a
call (HubSpot docs: batch read). HubSpot keeps the latest values only, some twenty to forty-five of them (believed): where
all that are left say the same, the oldest of them counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.hubspot import paths
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.mapping import COMPANIES, CONTACTS, FieldTable
from connectors.hubspot.mapping import Reader as ValueReader
from connectors.hubspot.reading import refuse_half
from connectors.hubspot.sources import Sources
from connectors.hubspot.wire import History, HistoryBatch, Version
from connectors.records import Ref

HISTORY_LIMIT = 50
"""Records in a batch read that asks for history; without it there may be 100."""

_PREFIX: Mapping[str, str] = {CONTACTS: "person.", COMPANIES: "company."}


class Histories:
    """Reads the histories of one account's contacts and companies."""

    def __init__(self, client: HubSpotClient, sources: Sources) -> None:
        self._client = client
        self._sources = sources

    def held_since(self, refs: Sequence[Ref], fields: frozenset[str]) -> dict[Ref, dict[str, datetime]]:
        """Since when the fields hold their present values, under their full names; records that are gone are left out."""
        found: dict[Ref, dict[str, datetime]] = {}
        for name, prefix in _PREFIX.items():
            ids = list(dict.fromkeys(ref.id for ref in refs if ref.object == name))
            asked = {field.removeprefix(prefix) for field in fields if field.startswith(prefix)}
            if not ids or not asked:
                continue
            entries = [entry for entry in self._table(name).entries if entry[0] in asked]
            for history in self._histories(name, ids, tuple(dict.fromkeys(prop for _, prop, _ in entries))):
                found[Ref(name, history.id)] = {
                    prefix + field: at
                    for field, prop, read in entries
                    if (at := since(history.properties_with_history.get(prop, ()), read)) is not None
                }
        return found

    def _table(self, name: str) -> FieldTable:
        return self._sources.contact_mapping().table if name == CONTACTS else self._sources.company_mapping().table

    def _histories(self, name: str, ids: Sequence[str], properties: Sequence[str]) -> Iterator[History]:
        """What was merged into another record answers under that record's id, and is left out."""
        for start in range(0, len(ids) if properties else 0, HISTORY_LIMIT):
            some = ids[start : start + HISTORY_LIMIT]
            body = {
                "inputs": [{"id": one} for one in some],
                "properties": [],
                "propertiesWithHistory": list(properties),
            }
            answer = self._client.call(paths.BATCH_READ, HistoryBatch, body=body, object=name)
            refuse_half(answer.errors, name)
            asked = frozenset(some)
            yield from (one for one in answer.results if one.id in asked)


def since(versions: Sequence[Version], read: ValueReader) -> datetime | None:
    """When the present value began, which is that of the newest version: values that we read alike are the same value.

    None where the property is empty, or has no history. Pure.
    """
    newest_first = sorted(versions, key=lambda version: version.timestamp, reverse=True)
    present = read(newest_first[0].value) if newest_first else None
    began_at: datetime | None = None
    for version in newest_first:
        if present is None or read(version.value) != present:
            break
        began_at = version.timestamp.astimezone(UTC)
    return began_at
